"""What the past says about each watch: worked out once, then shown on a screen, as JSON or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from operate.backtest import suppressions, thresholds
from operate.backtest.alarms import Rise, Windows
from operate.backtest.bursts import Bursts, work_out_bursts
from operate.backtest.choice import Choice
from operate.backtest.counts import Counts, WatchCounts
from operate.backtest.suppressions import Suppression
from operate.backtest.thresholds import Suggestion
from settings import Watch

SHOWN = 5
"""Callers and addresses that are named for each watch."""
SHOWN_ADDRESSES = 20
QUANTILES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Row:
    """One watch and its past."""

    watch: Watch
    matched: int
    by_day: Mapping[str, int]
    windows: Windows
    alarms: tuple[Rise, ...]
    suppressed: int
    """Matching events that a suppression of the stack leaves out of the mails."""
    mails: int
    """Mails that the alarms would have sent, to all addresses together: none where every event is suppressed."""
    callers: tuple[tuple[str, int], ...]
    addresses: tuple[tuple[str, int], ...]
    is_exact: bool
    """Whether callers and addresses were counted without forgetting any."""
    suggestion: Suggestion
    suppressions: tuple[Suppression, ...]

    @property
    def minutes_in_alarm(self) -> int:
        """Busy minutes in which the alarm was on."""
        return self.windows.at_least(self.watch.threshold)


@dataclass(frozen=True)
class Result:
    """The whole answer. `first` and `last` are the days of the first and last event, None without any."""

    source: str
    stack: str | None
    counts: Counts
    rows: tuple[Row, ...]
    left_out: Mapping[str, str]
    addresses: int
    """Mail addresses that an alarm reaches."""
    first: date | None
    last: date | None
    bursts: Bursts | None
    """The alarm on any single address; None where the source does not tell addresses by time."""

    @property
    def days(self) -> int:
        """Days from the first event to the last, both included."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0

    def per_day(self, count: int) -> float:
        """So many in all, for each day."""
        return count / self.days if self.days else 0.0


def work_out(choice: Choice, counts: Counts, *, source: str, stack: str | None, a_week: float) -> Result:
    """Alarms, mails and suggestions from what was counted. `a_week` is how many alarms a watch may raise a week."""
    seen = sorted(counts.days)
    first, last = (date.fromisoformat(seen[0]), date.fromisoformat(seen[-1])) if seen else (None, None)
    days = (last - first).days + 1 if first and last else 0
    rows = [
        _row(watch, counts.watches.get(watch.name) or WatchCounts(), choice.addresses, days=days, a_week=a_week)
        for watch in choice.watches
    ]
    bursts = work_out_bursts(choice.burst, counts, days=days, a_week=a_week) if len(counts.bursts) else None
    return Result(source, stack, counts, tuple(rows), choice.left_out, choice.addresses, first, last, bursts)


def _row(watch: Watch, counts: WatchCounts, addresses: int, *, days: int, a_week: float) -> Row:
    windows = Windows(counts.minutes.series(), period=watch.period)
    alarms = windows.alarms(watch.threshold)
    return Row(
        watch=watch,
        matched=counts.minutes.total,
        by_day=counts.minutes.by_day(),
        windows=windows,
        alarms=tuple(alarms),
        suppressed=counts.suppressed.total,
        mails=windows.told(watch.threshold, dict(counts.suppressed.series())) * addresses,
        callers=tuple(counts.callers.top(SHOWN)),
        addresses=tuple(counts.addresses.top(SHOWN)),
        is_exact=counts.callers.is_exact and counts.addresses.is_exact and counts.origins.is_exact,
        suggestion=thresholds.suggest(
            windows, threshold=watch.threshold, severity=watch.severity, days=days, a_week=a_week
        ),
        suppressions=tuple(suppressions.suggest(counts, severity=watch.severity, days=days)),
    )
