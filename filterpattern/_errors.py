"""What `compile` raises."""

from __future__ import annotations

from filterpattern._caret import draw, place, printable


class PatternError(ValueError):
    """CloudWatch would refuse this pattern, or we do not know what it would do with it.

    `problem` says what is wrong, `text` is the whole pattern, `position` a 0-based offset into it (`end` is one past
    the last character concerned), `fix` says what to write instead and may be empty, `code` is the lint rule's name.
    """

    def __init__(
        self, problem: str, *, text: str, position: int, fix: str = "", code: str = "syntax", end: int | None = None
    ) -> None:
        self.problem, self.text, self.position, self.fix, self.code = problem, text, position, fix, code
        self.end = max(position + 1, end or 0)
        drawing = draw(text, position, self.end, note=fix)
        super().__init__(f"{printable(problem)} at {place(text, position)}\n{drawing}")

    def __reduce__(self) -> tuple[object, ...]:
        # An exception is otherwise copied and unpickled from its message alone, which the keywords above refuse.
        return _rebuild, (self.problem, self.text, self.position, self.fix, self.code, self.end)


def _rebuild(problem: str, text: str, position: int, fix: str, code: str, end: int) -> PatternError:
    return PatternError(problem, text=text, position=position, fix=fix, code=code, end=end)
