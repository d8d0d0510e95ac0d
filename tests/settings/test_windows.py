"""When a mute holds: its expression, its duration, and the windows that they make."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.problems import CheckError
from settings.windows import MAX_DURATION, MIN_DURATION, Window, Windows, parse_duration, parse_schedule
from tests.support.effort import examples


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def windows(expression: str, duration: str = "PT4H", *, zone: str = "UTC", **dates: datetime) -> Windows:
    return Windows(parse_schedule(expression), parse_duration(duration), ZoneInfo(zone), **dates)


REFUSED = {
    "cron(0 2 ? * SUN *)": "has 6 fields, and cron has five here; the six fields of EventBridge",
    "cron(0 2 * *)": "has 4 fields",
    "cron(*/5 * * * *)": "has */5 in it",
    "cron(60 * * * *)": "has 60 in it, which is no value here; allowed: *, 0 to 59",
    "cron(0 24 * * *)": "allowed: *, 0 to 23",
    "cron(0 0 0 * *)": "allowed: *, 1 to 31",
    "cron(0 0 1 13 *)": "allowed: *, 1 to 12, JAN to DEC",
    "cron(5-1 * * * *)": "has 5-1 in it",
    "cron(0 0 * * 1)": "AWS does not say which day is number 1; allowed: names: SUN, MON",
    "cron(0 0 1 * MON)": "both a day of the month and a day of the week",
    "cron(0 0 30 FEB *)": "never comes",
    "at(2026-12-24)": "is no moment",
    "at(2026-12-24T22:00:00)": "is no moment; allowed: at(2026-12-24T22:00)",
    "at(2026-02-30T22:00)": "is no moment",
    "rate(1 day)": "is no schedule; allowed: cron(MINUTE HOUR",
    "0 2 * * *": "is no schedule",
    "": "is no schedule",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_expressions_that_aws_would_refuse_or_leaves_open(expression: str) -> None:
    with pytest.raises(CheckError) as error:
        parse_schedule(expression)
    assert REFUSED[expression] in str(error.value)


@pytest.mark.parametrize(
    ("text", "means"),
    [("PT1M", MIN_DURATION), ("P15D", MAX_DURATION), ("P2DT12H", timedelta(days=2.5)), ("PT90M", timedelta(hours=1.5))],
)
def test_durations(text: str, means: timedelta) -> None:
    assert parse_duration(text) == means


@pytest.mark.parametrize("text", ["PT0M", "P15DT1M", "P2W", "PT30S", "P", "PT", "P1DT", "4h", "PT1.5H", ""])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(CheckError, match="PT1M to P15D") as error:
        parse_duration(text)
    assert ("did you mean P14D" in str(error.value)) is (text == "P2W")


SUNDAY = utc("2026-11-22T00:00")
CASES = {
    "each Sunday": (windows("cron(0 2 * * SUN)"), ["2026-11-22T02:00", "2026-11-29T02:00"]),
    "names, ranges and commas": (
        windows("cron(0,30 2-3 * nov mon,Wed-thu)", "PT5M"),
        [f"2026-11-{day}T0{hour}:{minute}" for day in (23, 25, 26) for hour in (2, 3) for minute in ("00", "30")],
    ),
    "by the clocks of a zone": (windows("cron(0 2 * * SUN)", zone="Asia/Tokyo"), ["2026-11-28T17:00"]),
    "once": (windows("at(2026-11-24T22:00)", zone="America/New_York"), ["2026-11-25T03:00"]),
    "not before it starts": (windows("cron(0 2 * * *)", start=utc("2026-11-28T02:00")), ["2026-11-28T02:00"]),
    "not after it ends": (windows("cron(0 2 * * *)", until=utc("2026-11-23T02:00")), ["2026-11-22T02:00"]),
}


@pytest.mark.parametrize("case", CASES)
def test_windows_of_a_week(case: str) -> None:
    one, starts = CASES[case]
    last = SUNDAY + timedelta(days=7, hours=3) if case == "each Sunday" else SUNDAY + timedelta(days=6, hours=23)
    assert [window.start for window in one.between(SUNDAY, last) if window.start >= SUNDAY] == [
        utc(at) for at in starts
    ]


def test_a_window_ends_with_its_duration_and_with_the_rule() -> None:
    rule = windows("cron(0 2 * * *)", until=utc("2026-11-23T03:30"))
    assert rule.at(utc("2026-11-22T05:59")) == Window(utc("2026-11-22T02:00"), utc("2026-11-22T06:00"))
    assert rule.at(utc("2026-11-22T06:00")) is None
    assert rule.at(utc("2026-11-23T03:00")) == Window(utc("2026-11-23T02:00"), utc("2026-11-23T03:30"))
    assert [rule.is_over(utc(at)) for at in ("2026-11-23T03:29", "2026-11-23T03:30")] == [False, True]
    once = windows("at(2026-11-23T02:00)")
    assert [once.is_over(utc(at)) for at in ("2026-11-23T05:59", "2026-11-23T06:00")] == [False, True]


@pytest.mark.parametrize(
    ("night", "start"),
    [("2026-03-29", "2026-03-29T01:30"), ("2026-10-25", "2026-10-25T00:30")],
    ids=["an hour that is left out", "an hour that comes twice"],
)
def test_the_nights_on_which_clocks_are_changed_have_one_window(night: str, start: str) -> None:
    rule = windows("cron(30 2 * * *)", "PT10M", zone="Europe/Berlin")
    day = utc(f"{night}T00:00")
    assert [window.start for window in rule.between(day, day + timedelta(hours=20))] == [utc(start)]


@pytest.mark.parametrize(
    ("expression", "duration", "is_endless"),
    [
        ("cron(* * * * *)", "PT1M", True),
        ("cron(0 0 * * *)", "P1D", True),
        ("cron(0 0 * * *)", "PT23H59M", False),
        ("cron(0 0 * * MON-FRI)", "P3D", True),
        ("cron(0 0 * * MON-FRI)", "P2D", False),
        ("cron(0 0 * JAN *)", "P15D", False),
        ("at(2026-11-24T22:00)", "P15D", False),
    ],
)
def test_a_rule_that_mutes_without_a_pause(expression: str, duration: str, is_endless: bool) -> None:
    assert windows(expression, duration).never_pauses() is is_endless


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    span = st.tuples(value, value).map(lambda ends: f"{min(ends)}-{max(ends)}")
    return st.one_of(st.just("*"), st.lists(st.one_of(value.map(str), span), min_size=1, max_size=2).map(",".join))


@settings(max_examples=examples(20))
@given(
    minute=_field(0, 59),
    hour=_field(0, 23),
    day=_field(1, 31),
    month=_field(10, 12),
    length=st.integers(1, 3000),
    now=st.integers(0, 40 * 24 * 60),
)
def test_a_moment_is_muted_if_a_window_began_shortly_before(
    minute: str, hour: str, day: str, month: str, length: int, now: int
) -> None:
    """Compared with looking at every minute before it."""
    cron = parse_schedule(f"cron({minute} {hour} {day} {month} *)")
    assert not isinstance(cron, datetime)
    moment = utc("2026-11-01T00:00") + timedelta(minutes=now, seconds=30)
    minutes = (moment - timedelta(minutes=back, seconds=30) for back in range(length))
    began = any(
        each.minute in cron.minutes and each.hour in cron.hours and each.day in cron.days and each.month in cron.months
        for each in minutes
    )
    assert (Windows(cron, timedelta(minutes=length)).at(moment) is not None) is began
