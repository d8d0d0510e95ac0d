"""Which alarms would have fired: sums over a moving period, and a change of state for each alarm."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operate.backtest.alarms import Windows
from operate.backtest.thresholds import round_numbers, suggest


def minutes(*counts: int) -> list[tuple[int, int]]:
    """A series that begins at minute 0, without its empty minutes."""
    return [(minute, count) for minute, count in enumerate(counts) if count]


def alarms_minute_by_minute(counts: Sequence[int], *, threshold: int, width: int) -> list[int]:
    """The plain way: look at every minute, as CloudWatch does."""
    found, was_on = [], False
    for minute in range(len(counts) + width):
        window = counts[max(minute - width + 1, 0) : minute + 1]
        is_on = sum(window) >= threshold
        if is_on and not was_on:
            found.append(minute)
        was_on = is_on
    return found


@pytest.mark.parametrize(
    ("counts", "threshold", "fired"),
    [
        ((1,), 1, [0]),
        ((1, 1, 1, 1, 1, 1, 1), 1, [0]),  # it stays in ALARM and acts once
        ((1, 0, 0, 0, 0, 0, 1), 1, [0, 6]),  # it was OK again in minute 5
        ((1, 0, 0, 0, 1), 1, [0]),  # the window of minute 4 still holds minute 0
        ((1, 0, 0, 0, 0, 1), 1, [0]),  # one event leaves as the next comes: never OK in between
        ((3, 3, 4), 10, [2]),
        ((3, 3, 0, 0, 0, 4), 10, []),
        ((0, 0, 0, 30), 30, [3]),
        ((29,), 30, []),
    ],
)
def test_an_alarm_acts_when_its_state_changes(counts: tuple[int, ...], threshold: int, fired: list[int]) -> None:
    windows = Windows(minutes(*counts), period=300)
    assert [alarm.minute for alarm in windows.alarms(threshold)] == fired
    assert alarms_minute_by_minute(counts, threshold=threshold, width=5) == fired


@given(
    st.lists(st.integers(0, 4) | st.just(0), max_size=60),
    st.integers(1, 12),
    st.sampled_from([60, 120, 300, 900]),
)
def test_one_pass_answers_as_looking_at_every_minute_does(counts: list[int], threshold: int, period: int) -> None:
    windows = Windows(minutes(*counts), period=period)
    width = period // 60
    fired = [alarm.minute for alarm in windows.alarms(threshold)]
    assert fired == alarms_minute_by_minute(counts, threshold=threshold, width=width)
    sums = [sum(counts[max(at - width + 1, 0) : at + 1]) for at, count in enumerate(counts) if count]
    assert windows.at_least(threshold) == sum(each >= threshold for each in sums)
    assert (windows.busiest.after if windows.busiest else 0) == max(sums, default=0)
    assert windows.quantile(0.99) <= windows.quantile(1.0) == max(sums, default=0)


def burst(count: int, *, every: int, times: int) -> list[tuple[int, int]]:
    """So many events at once, again and again: `every` minutes."""
    return [(number * every, count) for number in range(times)]


def test_round_numbers_are_round_and_go_on() -> None:
    numbers = [number for number, _ in zip(round_numbers(), range(40), strict=False)]
    assert numbers[:20] == [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150]
    assert numbers == sorted(set(numbers))


DAY = 1440


@pytest.mark.parametrize(
    ("series", "severity", "threshold", "days", "suggested", "words"),
    [
        # twelve denials every day, and once two hundred: the day's noise is left out, the storm is not
        ([*burst(12, every=DAY, times=29), (29 * DAY, 200)], "medium", 10, 30, 15, "once in 30 days instead of 30"),
        (burst(12, every=7 * DAY, times=4), "medium", 1, 28, None, "1 is right: 4 times in 28 days"),
        (burst(3, every=7 * DAY, times=4), "medium", 10, 28, 1, "a lower threshold finds more"),
        (burst(3, every=7 * DAY, times=2), "medium", 10, 13, None, "10 is right"),  # too short a time to lower
        (burst(8, every=DAY, times=28), "medium", 12, 28, None, "12 is right"),  # 10 would do, and is no gain
        (burst(1, every=DAY, times=28), "high", 1, 28, None, "no threshold tells such events apart"),
        (burst(50, every=DAY, times=28), "critical", 1, 28, None, "every event counts"),
        (burst(50, every=DAY, times=3), "medium", 1, 3, None, "3 days say too little"),
        ([], "medium", 10, 28, None, "nothing matched in 28 days"),
    ],
)
def test_a_threshold_is_suggested_with_its_reason(
    series: list[tuple[int, int]], severity: str, threshold: int, days: int, suggested: int | None, words: str
) -> None:
    windows = Windows(series, period=300)
    found = suggest(windows, threshold=threshold, severity=severity, days=days)
    assert found.threshold == suggested
    assert words in found.why


def test_an_alarm_that_never_ends_is_not_taken_for_a_quiet_one() -> None:
    """Noise without a pause raises one alarm at threshold 1, and hides everything after it."""
    windows = Windows([(minute, 2) for minute in range(14 * DAY)], period=300)
    assert len(windows.alarms(1)) == 1
    found = suggest(windows, threshold=1, severity="low", days=14)
    assert found.threshold is not None
    assert found.threshold > 10


@pytest.mark.parametrize(
    ("suppressed", "told"),
    [({}, 2), ({0: 10}, 1), ({0: 10, 20: 4}, 0), ({0: 9, 20: 4}, 1), ({0: 10, 20: 3}, 1), ({100: 99}, 2)],
)
def test_one_event_that_is_not_suppressed_is_enough_for_a_mail(suppressed: dict[int, int], told: int) -> None:
    windows = Windows([(0, 10), (20, 4), (22, 6)], period=300)
    assert len(windows.alarms(4)) == 2
    assert windows.told(4, suppressed) == told
