"""Counting what occurs often in bounded memory, however many different things occur."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Heavy(Generic[Key]):
    """Counts of the most frequent keys (the summary of Misra and Gries, 1982).

    Up to `limit` different keys the counts are exact. With more of them, what is rare is forgotten and `short` says by
    how much any count may be too low; it never exceeds the number of counted things over `limit`. Two summaries merge.
    """

    __slots__ = ("_counts", "limit", "short")

    def __init__(self, limit: int) -> None:
        self._counts: dict[Key, int] = {}
        self.limit = limit
        self.short = 0

    def add(self, key: Key, count: int = 1) -> None:
        """Count one key."""
        counts = self._counts
        counts[key] = counts.get(key, 0) + count
        if len(counts) > 2 * self.limit:
            self._forget()

    def update(self, counted: Mapping[Key, int]) -> None:
        """Count many keys at once; `counted` should not be much longer than the limit."""
        counts = self._counts
        for key, count in counted.items():
            counts[key] = counts.get(key, 0) + count
        if len(counts) > 2 * self.limit:
            self._forget()

    def merge(self, other: Heavy[Key]) -> None:
        """Add what another summary counted."""
        self.short += other.short
        self.update(other._counts)

    def top(self, number: int | None = None) -> list[tuple[Key, int]]:
        """(key, count), the most frequent first; equal counts in the order of their texts, so that output is stable."""
        ranked = sorted(self._counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        return ranked[:number]

    @property
    def is_exact(self) -> bool:
        """Whether nothing was forgotten."""
        return self.short == 0

    def __len__(self) -> int:
        return len(self._counts)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._counts)

    def __getitem__(self, key: Key) -> int:
        return self._counts.get(key, 0)

    def _forget(self) -> None:
        """Take the count of the first key that is one too many from all, and drop what is left with nothing."""
        cut = sorted(self._counts.values(), reverse=True)[self.limit]
        self._counts = {key: count - cut for key, count in self._counts.items() if count > cut}
        self.short += cut
