"""What `check` says: one line for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from account import CouldNotLook, Verdict
from exits import Exit
from operate.checking.catalogue import CHECKS

State = Literal["holds", "fails", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One check of one thing.

    `what` is a whole sentence about what was seen. `fix` says what to do, and is empty where the check holds.
    `evidence` says what proves it: who did it and when, or AWS's own words.
    """

    check: str
    state: State
    what: str
    where: str
    resource: str = ""
    fix: str = ""
    evidence: str = ""

    @property
    def area(self) -> str:
        """What the check is about: the first word of its id."""
        return self.check.partition(".")[0]


@dataclass
class Findings:
    """Collects lines. Each method says one thing about `resource` (an ARN or a name) in the region `where`."""

    where: str
    found: list[Line] = field(default_factory=list)

    def expect(
        self,
        check: str,
        is_so: bool,
        *,
        good: str,
        bad: str,
        fix: str,
        resource: str = "",
        evidence: str = "",
        where: str | None = None,
    ) -> bool:
        """A plain yes or no; answers it."""
        if is_so:
            self._add(check, "holds", good, resource=resource, where=where)
        else:
            self._add(check, "fails", bad, resource=resource, fix=fix, evidence=evidence, where=where)
        return is_so

    def agree(
        self,
        check: str,
        faults: Sequence[str],
        *,
        good: str,
        bad: str,
        fix: str,
        resource: str = "",
        where: str | None = None,
    ) -> bool:
        """Nothing is at fault, or each fault is told as evidence; answers whether nothing is."""
        said = "; ".join(faults)
        return self.expect(
            check, not faults, good=good, bad=bad, fix=fix, resource=resource, evidence=said, where=where
        )

    def fails(
        self, check: str, what: str, *, fix: str, resource: str = "", evidence: str = "", where: str | None = None
    ) -> None:
        """Something is wrong."""
        self._add(check, "fails", what, resource=resource, fix=fix, evidence=evidence, where=where)

    def blind(self, check: str, what: str, why: CouldNotLook, *, resource: str = "", where: str | None = None) -> None:
        """We were not let look. `what` names the thing, such as `key alias/trailwarden`."""
        self._add(check, "unknown", f"{what} could not be looked at", resource, why.fix, str(why), where or why.where)

    def unsure(self, check: str, what: str, why: str, *, fix: str, resource: str = "") -> None:
        """We looked, and what we saw does not say."""
        self._add(check, "unknown", what, resource=resource, evidence=why, fix=fix)

    def judged(self, check: str, verdict: Verdict, *, good: str, bad: str, fix: str, resource: str = "") -> None:
        """What a policy says: allowed, not allowed, or not to be told."""
        if verdict.outcome == "cannot tell":
            look = "read the policy; trailwarden does not know everything that it is written with"
            self.unsure(check, f"{good}: that cannot be told", verdict.why, fix=look, resource=resource)
        else:
            self.expect(check, verdict.is_allowed, good=good, bad=bad, fix=fix, resource=resource, evidence=verdict.why)

    def _add(
        self,
        check: str,
        state: State,
        what: str,
        resource: str = "",
        fix: str = "",
        evidence: str = "",
        where: str | None = None,
    ) -> None:
        assert check in CHECKS, check
        self.found.append(
            Line(
                check=check,
                state=state,
                what=what,
                where=self.where if where is None else where,
                resource=resource,
                fix=fix,
                evidence=evidence,
            )
        )

    def __iter__(self) -> Iterator[Line]:
        return iter(self.found)


def exit_code(lines: Iterable[Line]) -> Exit:
    """1 if something is wrong, else 2 if something could not be looked at, else 0."""
    states = {line.state for line in lines}
    return Exit.FOUND if "fails" in states else Exit.NO_ANSWER if "unknown" in states else Exit.OK
