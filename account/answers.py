"""The three answers to a question about an account: found, nothing there, could not look.

"None" and "we were not let look" must never be mistaken for each other: a missing permission would otherwise read as a
stopped trail, or as a healthy one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")
S = TypeVar("S")

Why = Literal["denied", "expired", "no credentials", "region off", "unreachable", "throttled", "failed"]


@dataclass(frozen=True)
class Found(Generic[T]):
    """AWS answered, and this is it. A list is whole: every page was read."""

    value: T


@dataclass(frozen=True)
class Nothing:
    """AWS answered that there is none. `what` names what was asked for."""

    what: str


@dataclass(frozen=True, kw_only=True)
class CouldNotLook:
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


def mapped(answer: Answer[T], make: Callable[[T], S]) -> Answer[S]:
    """The answer with its value changed; the other two as they are."""
    return Found(make(answer.value)) if isinstance(answer, Found) else answer


def short_principal(arn: str) -> str:
    """`arn:aws:sts::111122223333:assumed-role/auditor/ann` → `role auditor`; what is no such ARN stays whole."""
    resource = arn.split(":", 5)[5] if arn.count(":") >= 5 else ""
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role" and rest:
        return f"role {rest.split('/')[0]}"
    if kind in ("user", "role") and rest:
        return f"{kind} {rest.rpartition('/')[2]}"
    return "root" if resource == "root" else arn
