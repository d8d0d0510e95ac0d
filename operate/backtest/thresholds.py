"""Which threshold the past suggests for a watch, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from operate.backtest.alarms import Windows

ENOUGH_DAYS = 7
"""Below a week the days of the week cannot be told apart, and no threshold is suggested."""
ENOUGH_DAYS_TO_LOWER = 14
ALARMS_A_WEEK = 1.0
"""What one watch may cost the people who are woken, unless they say otherwise."""
LEAST_BURST = 5
"""Events in one period below which a higher threshold would only hide them."""
WORTH_LOWERING = 0.5
"""What a lower threshold must be of the present one: a little less is not worth a change."""
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


@dataclass(frozen=True)
class Suggestion:
    """A threshold and its reasons. `threshold` is None where the past suggests nothing, and `why` then says why not."""

    threshold: int | None
    why: str


def suggest(windows: Windows, *, threshold: int, severity: str, days: int, a_week: float = ALARMS_A_WEEK) -> Suggestion:
    """The least round threshold at which a watch would have raised at most `a_week` alarms a week.

    `days` is how long the past is. Nothing is suggested that would amount to switching an alarm off: a critical watch
    keeps what it has, and so does one whose events come singly, because no threshold can tell those apart. There noise
    is a matter of suppressions. A lower threshold is suggested too: it finds more, and would have woken nobody.
    """
    if days < ENOUGH_DAYS:
        days_say = "1 day says" if days == 1 else f"{days} days say"
        return Suggestion(None, f"{days_say} too little about a week; {ENOUGH_DAYS} are needed")
    if severity == "critical":
        return Suggestion(None, f"critical, so every event counts: the threshold stays {threshold:,}")
    busiest = windows.busiest
    if busiest is None:
        return Suggestion(None, f"nothing matched in {days} days, so {threshold:,} wakes nobody; nor would less")
    allowed = a_week * days / 7
    best = next(each for each in round_numbers() if windows.unrest(each) <= allowed or each > busiest.after)
    peak = f"the most in one period was {busiest.after:,} ({busiest.at:%Y-%m-%d %H:%M} UTC)"
    now, then = len(windows.alarms(threshold)), len(windows.alarms(best))
    if best > threshold and busiest.after < LEAST_BURST:
        why = f"it would have fired {_times(now)} in {days} days, but {peak}: no threshold tells such events apart"
        return Suggestion(None, f"{why}, so it stays {threshold:,}; look at the callers instead")
    if best > threshold:
        usual = f"99 of 100 busy minutes had at most {windows.quantile(0.99):,}"
        aim = f"at most {a_week:g} a week is the aim"
        return Suggestion(best, f"{_times(then)} in {days} days instead of {_times(now)}; {aim}; {usual}, {peak}")
    if best <= threshold * WORTH_LOWERING and days >= ENOUGH_DAYS_TO_LOWER:
        more = "no more often" if then == now else f"{_times(then)} in {days} days, now {_times(now)}"
        return Suggestion(best, f"a lower threshold finds more and would have fired {more}; {peak}")
    return Suggestion(None, f"{threshold:,} is right: {_times(now)} in {days} days; {peak}")


def round_numbers() -> Iterator[int]:
    """1, 2, 3 … 10, 12, 15 … 80, 100, 120 … without end: a threshold that people remember."""
    yield from _STEPS
    tens = 10
    while True:
        yield from (step * tens for step in _STEPS[7:])
        tens *= 10


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count:,} times")
