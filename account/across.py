"""What several regions, or several questions, answered together: what was seen, and where we were blind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from account.answers import Answer, CouldNotLook, Found

T = TypeVar("T")


@dataclass(frozen=True)
class Across(Generic[T]):
    """No `found` with some `blind` does not mean that there are none."""

    found: tuple[T, ...] = ()
    blind: tuple[CouldNotLook, ...] = ()

    @classmethod
    def of(cls, answers: Iterable[Answer[tuple[T, ...]]]) -> Across[T]:
        """The parts of several lists put together, in order."""
        found: list[T] = []
        blind: list[CouldNotLook] = []
        for answer in answers:
            if isinstance(answer, Found):
                found += answer.value
            elif isinstance(answer, CouldNotLook):
                blind.append(answer)
        return cls(tuple(found), tuple(blind))
