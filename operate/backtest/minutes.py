"""Events by minute. Memory grows with the number of days, not with the number of events."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import date

MINUTES_A_DAY = 1440
_EPOCH = date(1970, 1, 1).toordinal()
_KIND = "I"


class Minutes:
    """How many events each minute had; a day without any takes no room."""

    __slots__ = ("_days",)

    def __init__(self) -> None:
        self._days: dict[str, array[int]] = {}

    def add(self, day: str, minute: int, count: int = 1) -> None:
        """Count events of one minute (0 to 1439) of a day (`2026-03-02`)."""
        of_day = self._days.get(day)
        if of_day is None:
            of_day = self._days[day] = array(_KIND, bytes(array(_KIND).itemsize * MINUTES_A_DAY))
        of_day[minute] += count

    def merge(self, other: Minutes) -> None:
        """Add what another one counted."""
        for day, theirs in other._days.items():
            ours = self._days.get(day)
            if ours is None:
                self._days[day] = theirs
            else:
                self._days[day] = array(_KIND, map(int.__add__, ours, theirs))

    @property
    def total(self) -> int:
        """All events."""
        return sum(map(sum, self._days.values()))

    def by_day(self) -> dict[str, int]:
        """Events of each day that had any, in order."""
        return {day: sum(self._days[day]) for day in sorted(self._days)}

    def series(self) -> Iterator[tuple[int, int]]:
        """(minute since 1970, events) of each minute that had any, in order."""
        for day in sorted(self._days):
            first = (date.fromisoformat(day).toordinal() - _EPOCH) * MINUTES_A_DAY
            for minute, count in enumerate(self._days[day]):
                if count:
                    yield first + minute, count
