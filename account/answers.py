"""The three answers to a question about an account: found, nothing there, could not look.

"None" and "we were not let look" must never be mistaken for each other: a missing permission would otherwise read as a
stopped trail, or as a healthy one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar

T = TypeVar("T")
S = TypeVar("S")

Why = Literal["denied", "expired", "no credentials", "region off", "unreachable", "throttled", "failed"]


@dataclass(frozen=True)
class Found(Generic[T]):
    """AWS answered, and this is it. A list is whole: every page was read."""

    value: T

    def map(self, make: Callable[[T], S], /) -> Found[S]:
        """The answer with its value changed."""
        return Found(make(self.value))

    def then(self, ask: Callable[[T], Answer[S]], /) -> Answer[S]:
        """The answer to a second question, which needs the first one's value."""
        return ask(self.value)


class _Without:
    """An answer without a value: whatever was to be done with one, it stays as it is."""

    def map(self, _: Callable[[Any], object], /) -> Self:
        """The same answer."""
        return self

    def then(self, _: Callable[[Any], object], /) -> Self:
        """The same answer."""
        return self


@dataclass(frozen=True)
class Nothing(_Without):
    """AWS answered that there is none. `what` names what was asked for."""

    what: str


@dataclass(frozen=True, kw_only=True)
class CouldNotLook(_Without):
    """No answer. `action` is the IAM action that the question needs, `who` was not allowed it (empty if unknown).

    `reason` is what AWS or the network said, in one line; `fix` what a person can do about it.
    """

    what: str
    action: str
    where: str
    why: Why
    reason: str
    who: str = ""
    fix: str = ""

    def __str__(self) -> str:
        """One line: `kms:GetKeyPolicy denied for role auditor`."""
        if self.why == "denied":
            return f"{self.action} denied" + (f" for {short_principal(self.who)}" if self.who else "")
        return f"{self.action}: {self.reason}"


Answer: TypeAlias = Found[T] | Nothing | CouldNotLook


def found_or(answer: Answer[T], otherwise: S) -> T | S:
    """The value that was found, else `otherwise`. Only where being blind and finding nothing lead to the same."""
    return answer.value if isinstance(answer, Found) else otherwise


def whole(answers: Iterable[Answer[T]]) -> Answer[tuple[T, ...]]:
    """All that was found, or the first reason why it is not all. What went away meanwhile is not missed."""
    found: list[T] = []
    for answer in answers:
        if isinstance(answer, CouldNotLook):
            return answer
        if isinstance(answer, Found):
            found.append(answer.value)
    return Found(tuple(found))


def short_principal(arn: str) -> str:
    """`arn:aws:sts::111122223333:assumed-role/auditor/ann` → `role auditor`; what is no such ARN stays whole."""
    resource = arn.split(":", 5)[5] if arn.count(":") >= 5 else ""
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role" and rest:
        return f"role {rest.split('/')[0]}"
    if kind in ("user", "role") and rest:
        return f"{kind} {rest.rpartition('/')[2]}"
    return "root" if resource == "root" else arn
