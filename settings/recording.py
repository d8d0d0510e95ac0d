"""What a trail records, and which event sets can then never fire. The catalogue's sample events say which those are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from catalog import EVENT_SETS

HALVES: Final = {"all": {"read", "write"}, "write": {"write"}, "read": {"read"}, "none": set[str]()}
"""The halves of management events that each word for them stands for: calls that only read, and all others."""

WAIVED: Final = {"read": "management-reads", "write": "management-writes"}
"""What the guardian's floor calls the demand for a half, by the half."""


@dataclass(frozen=True)
class Blinded:
    """Event sets for which a trail records too little: `wholly` never fire, `partly` miss some of their events."""

    wholly: tuple[str, ...]
    partly: tuple[str, ...]


def blinded(event_sets: Iterable[str], *, management: str) -> Blinded:
    """What becomes of these event sets on a trail that records such management events (a key of HALVES)."""
    recorded = HALVES[management]
    wholly: list[str] = []
    partly: list[str] = []
    for name in event_sets:
        needed = _halves_of(name)
        if not needed & recorded:
            wholly.append(name)
        elif not needed <= recorded:
            partly.append(name)
    return Blinded(tuple(wholly), tuple(partly))


def _halves_of(name: str) -> set[str]:
    """Which halves an event set looks for, by the samples that it matches. All of them are management events."""
    return {
        "read" if sample.event.get("readOnly") else "write" for sample in EVENT_SETS[name].samples if sample.matches
    }
