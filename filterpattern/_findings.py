"""What lint finds."""

from __future__ import annotations

from dataclasses import dataclass

from filterpattern._caret import draw, place, printable
from filterpattern._rules import LINT_RULES


@dataclass(frozen=True)
class Finding:
    """One thing about a pattern. `start` and `end` are offsets into `text` (end excluded).

    `code` names a rule of `LINT_RULES`, `why` is one sentence about this case, `fix` what to write instead; it is empty
    where that is not certain.
    """

    code: str
    text: str
    start: int
    end: int
    why: str
    fix: str = ""

    @property
    def severity(self) -> str:
        """`error` where CloudWatch refuses the pattern, `warning` where it accepts something else than was meant."""
        return LINT_RULES[self.code].severity

    def __str__(self) -> str:
        where = f" at {place(self.text, self.start)}\n{draw(self.text, self.start, self.end, note=self.fix)}"
        return f"{self.severity} {self.code}: {printable(self.why)}" + (where if self.text else self._fix_line())

    def _fix_line(self) -> str:
        return f"\n  {printable(self.fix)}" if self.fix else ""
