"""Many calls from any single address: what the past says about that alarm's threshold."""

from __future__ import annotations

from dataclasses import dataclass

from operate.backtest.counts import Counts
from operate.backtest.thresholds import ENOUGH_DAYS, round_numbers
from settings.burst import Burst

SHOWN = 10


@dataclass(frozen=True)
class Slot:
    """The calls of one address in one slot of time; `at` is when it began, as `2026-03-02T09:30Z`."""

    address: str
    at: str
    calls: int


@dataclass(frozen=True)
class Bursts:
    """What the alarm on any single address would have seen."""

    burst: Burst
    slots: tuple[Slot, ...]
    """The busiest, the greatest first."""
    alarms: int
    """Slots in which some address reached the threshold; neighbours count as one alarm."""
    is_exact: bool
    suggested: int | None
    why: str


def work_out_bursts(burst: Burst, counts: Counts, *, days: int, a_week: float) -> Bursts:
    """The busiest slots, and the least round threshold that would have fired at most `a_week` times a week.

    Slots lie side by side, where the alarm's period moves from minute to minute: a burst that a border cuts in two
    counts as two smaller ones here.
    """
    minutes = burst.period // 60
    ranked = counts.bursts.top()
    most = ranked[0][1] if ranked else 0
    fired = _alarms(ranked, burst.threshold)
    slots = tuple(Slot(address, _at(day, slot * minutes), calls) for (address, day, slot), calls in ranked[:SHOWN])
    suggested, why = None, f"{days} days say too little; {ENOUGH_DAYS} are needed"
    if days >= ENOUGH_DAYS:
        allowed = a_week * days / 7
        best = next(each for each in round_numbers() if each > most or _alarms(ranked, each) <= allowed)
        suggested = best if best != burst.threshold else None
        then = f"at {best:,} it would have fired {_alarms(ranked, best):,} times in {days} days"
        why = f"{then}, at {burst.threshold:,} {fired:,} times; the most was {most:,}"
    return Bursts(burst, slots, fired, counts.bursts.is_exact, suggested, why)


def _alarms(ranked: list[tuple[tuple[str, str, int], int]], threshold: int) -> int:
    """How often the alarm goes on: slots in which any address has enough calls, those that touch counted once."""
    busy = {(day, slot) for (_, day, slot), calls in ranked if calls >= threshold}
    return sum((day, slot - 1) not in busy for day, slot in busy)


def _at(day: str, minute: int) -> str:
    return f"{day}T{minute // 60:02}:{minute % 60:02}Z"
