"""Which alarms would have fired: the sums an alarm looks at, and when they cross a threshold."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Rise:
    """A minute in which the sum went up: from `before`, a minute earlier, to `after`."""

    minute: int
    """Minutes since 1970."""
    before: int
    after: int

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        return datetime.fromtimestamp(self.minute * 60, UTC)


class Windows:
    """The sums of a watch's alarm over the past, one for each minute in which something happened.

    CloudWatch looks at an alarm every minute, over the period that ends there (CloudWatch User Guide, "Using Amazon
    CloudWatch alarms"), and acts only when its state changes. With missing data not breaching and one period of one, an
    alarm with threshold t fires in a minute whose sum is at least t where that of the minute before was less. So one
    pass over the minutes answers for every threshold.
    """

    def __init__(self, series: Iterable[tuple[int, int]], *, period: int) -> None:
        """`series` is (minute since 1970, events), in order and without empty minutes; `period` is in seconds."""
        width = self.width = period // 60
        """Minutes in a period."""
        self.rises: list[Rise] = []
        self.sums: list[int] = []
        """The sum of each busy minute, the least first."""
        inside: deque[tuple[int, int]] = deque()
        total = 0
        for minute, count in series:
            before = total
            while inside and inside[0][0] < minute - width:  # what the window of the minute before still saw stays
                before -= inside.popleft()[1]
            total = before
            while inside and inside[0][0] <= minute - width:
                total -= inside.popleft()[1]
            inside.append((minute, count))
            total += count
            if total > before:
                self.rises.append(Rise(minute, before, total))
            self.sums.append(total)
        self.sums.sort()

    def alarms(self, threshold: int) -> list[Rise]:
        """The times at which an alarm with this threshold goes to ALARM."""
        return [rise for rise in self.rises if rise.before < threshold <= rise.after]

    def quantile(self, share: float) -> int:
        """The sum that this share of the busy minutes does not exceed; 0 without any."""
        if not self.sums:
            return 0
        return self.sums[min(int(share * len(self.sums)), len(self.sums) - 1)]

    def at_least(self, threshold: int) -> int:
        """In how many busy minutes the sum was at least this, and the alarm therefore in ALARM."""
        return len(self.sums) - bisect_left(self.sums, threshold)

    def unrest(self, threshold: int) -> float:
        """The alarms, or the whole periods in ALARM if those are more: an alarm that never ends fires only once."""
        return max(len(self.alarms(threshold)), self.at_least(threshold) / self.width)

    def told(self, threshold: int, suppressed: Mapping[int, int]) -> int:
        """How many of the alarms have an event that is not among the `suppressed` (minute since 1970 → events)."""
        windows = (
            (range(rise.minute - self.width + 1, rise.minute + 1), rise.after) for rise in self.alarms(threshold)
        )
        return sum(sum(suppressed.get(minute, 0) for minute in window) < events for window, events in windows)

    @property
    def busiest(self) -> Rise | None:
        """The first minute with the greatest sum."""
        return max(self.rises, key=lambda rise: (rise.after, -rise.minute), default=None)
