"""Planned changes: what came while alarms were muted is not mailed, and the week's summary counts it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from explainer import windows as deployed
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings.windows import Windows, offsets, parse_duration, parse_schedule
from tests.support.effort import examples
from tests.support.explainer_world import ANY, SWEEP, World, many, record
from tests.support.guardian_world import refusal

POLICY = "iam-policy-changes"
TIMES: Any = {"DIGEST_HOUR": "6", "DIGEST_WEEKDAY": "6"}  # Sundays
START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # a Saturday; the world begins at 3:12
END = START + timedelta(hours=1)
SUNDAY_MORNING = datetime(2026, 11, 22, 6, 1, tzinfo=UTC)
REASON = "the old roles are taken away"


def mute(*sets: str, schedule: str = "at(2026-11-21T03:00)", duration: str = "PT1H", **more: Any) -> dict[str, Any]:
    """A planned change as the deployment writes it."""
    windows = Windows(parse_schedule(schedule), parse_duration(duration), **more)
    return {"name": "migration", "reason": REASON, "sets": list(sets), "windows": windows.document()}


def world(*mutes: Mapping[str, Any], **changes: Any) -> World:
    return World(mutes=mutes or [mute(POLICY, "office")], **changes)


def event(number: int, at: datetime, **changed: Any) -> dict[str, Any]:
    return record(event_id=f"{number:08d}-0000-4000-8000-000000000000", at=at, **changed)


def by(number: int, at: datetime, who: str) -> dict[str, Any]:
    """A call by somebody else: news in any case."""
    made = event(number, at)
    return {**made, "userIdentity": {**made["userIdentity"], "userName": who}}


# -- while an alarm is muted


def test_what_comes_in_the_window_to_an_alarm_that_rang_before_it_is_not_mailed() -> None:
    told = world(mute(POLICY, schedule="at(2026-11-21T03:30)", duration="PT30M"))
    told.happens(record())
    told.deliver(told.rings(POLICY))
    assert len(told.subjects) == 1
    for minute in (35, 45, 50):
        told.happens(by(minute, START + timedelta(minutes=minute), f"bob-{minute}"))
    told.hands.at = START + timedelta(minutes=59)
    told.sweep(after_s=0)
    assert len(told.subjects) == 1
    told.happens(by(61, END + timedelta(minutes=1), "carol"))
    told.hands.at = END + timedelta(minutes=5)
    told.sweep(after_s=0)
    assert len(told.subjects) == 2
    assert "carol called PutUserPolicy" in told.published[1]["Message"]
    assert "bob" not in told.published[1]["Message"]


def test_the_same_without_a_mute_is_mailed() -> None:
    told = world(mute("office"))
    told.happens(record())
    told.deliver(told.rings(POLICY))
    told.happens(by(45, START + timedelta(minutes=45), "bob"))
    told.hands.at = START + timedelta(minutes=59)
    told.sweep(after_s=0)
    assert len(told.subjects) == 2


# -- when the window ends


def acts_at_the_end(told: World, name: str, *, rang_at: datetime, value: float = 1.0) -> dict[str, Any]:
    """CloudWatch acts for an alarm that was muted and still rings."""
    message = told.rings(name, value, at=rang_at)
    told.hands.at = END + timedelta(seconds=2)
    return told.deliver(message)


def test_an_alarm_that_still_rings_then_is_told_with_what_keeps_it_ringing() -> None:
    told = world()
    told.happens(by(1, START + timedelta(minutes=20), "bob"))
    told.happens(by(2, END - timedelta(minutes=8), "carol"), by(3, END - timedelta(minutes=2), "dave"))
    acts_at_the_end(told, POLICY, rang_at=START + timedelta(minutes=21))
    assert told.subjects == ["[high] IAM policy changes: PutUserPolicy by dave - 111122223333 us-east-1"]
    assert told.row("Rang") == (
        "at 2026-11-21 03:21:00 UTC, while migration muted it; it still rang at 04:00:00 UTC, when that ended"
    )
    assert "1 came while a planned change muted the alarm" in told.row("Not here")
    assert "bob" not in told.body
    told.sweep()
    assert len(told.subjects) == 1


def test_counts_of_the_last_period_are_told_and_those_before_are_not() -> None:
    told = world()
    calls = [event(n, START + timedelta(minutes=20, seconds=n), awsRegion="eu-west-1") for n in range(40)]
    calls += [event(100 + n, END - timedelta(seconds=200 - n), awsRegion="eu-west-1") for n in range(35)]
    told.happens(*calls)
    acts_at_the_end(told, "office", rang_at=START + timedelta(minutes=21), value=40.0)
    assert len(told.subjects) == 1
    assert "35 events by mallory" in told.body


def test_nothing_is_mailed_of_an_alarm_that_only_has_not_noticed_that_it_is_quiet() -> None:
    told = world()
    told.happens(by(1, START + timedelta(minutes=20), "bob"))
    did = acts_at_the_end(told, POLICY, rang_at=START + timedelta(minutes=21))
    assert (told.subjects, did["did"]) == ([], "left out on purpose")
    told.happens(by(2, END + timedelta(minutes=3), "carol"))
    told.sweep()
    assert ["carol" in each for each in told.subjects] == [True]


def test_an_alarm_on_any_address_tells_the_address_of_the_last_period() -> None:
    told = world(mute("any-address"), watches=[*World().watches, ANY])
    told.happens(
        *(event(n, START + timedelta(minutes=20), sourceIPAddress="203.0.113.5") for n in range(40)),
        *(event(50 + n, END - timedelta(minutes=1), sourceIPAddress="198.51.100.9") for n in range(40)),
    )
    acts_at_the_end(told, "any-address", rang_at=START + timedelta(minutes=21), value=40.0)
    assert "198.51.100.9" in told.subjects[0]
    assert "203.0.113.5" not in told.body


def test_an_alarm_that_acts_in_the_window_is_told_whole_for_nobody_mutes_it() -> None:
    """Somebody took the rule away, or it was never made."""
    told = world()
    told.happens(by(1, START + timedelta(minutes=20), "bob"))
    told.hands.at = START + timedelta(minutes=22)
    told.deliver(told.rings(POLICY))
    assert ["bob" in each for each in told.subjects] == [True]


def test_what_a_louder_set_finds_too_is_told_by_its_own_alarm() -> None:
    told = world(mute("office"))
    told.happens(*many(35, awsRegion="eu-west-1"))
    told.hands.at = START + timedelta(minutes=16)
    told.deliver(told.rings(POLICY, 35.0))
    assert ["35 events" in each or "IAM policy changes" in each for each in told.subjects] == [True]


# -- the summary of the week


def look(told: World, at: datetime = SUNDAY_MORNING) -> None:
    told.hands.at = at
    told.deliver(SWEEP, **TIMES)


def test_the_week_says_which_mute_held_how_much_of_which_sets_back() -> None:
    told = world(mute(POLICY, "office", schedule="cron(0 3 * * FRI,SAT)", duration="PT1H"))
    told.happens(*(event(n, START + timedelta(minutes=n), awsRegion="eu-west-1") for n in range(10, 15)))
    told.happens(event(90, START - timedelta(minutes=1)), event(91, END))  # outside of the window
    told.rings(POLICY, 5.0, at=START + timedelta(minutes=15))
    told.quiet(POLICY)
    told.rings(POLICY, 1.0, at=START + timedelta(minutes=40))
    told.rings("office", 30.0, at=END + timedelta(minutes=9))  # not muted
    told.published.clear()
    look(told)
    assert told.subjects == ["[low] Week to 2026-11-21: 10 events muted by 1 planned change - 111122223333 eu-west-1"]
    assert "migration: 10 events while alarms were muted" in told.body
    assert told.row("Reason") == REASON
    assert told.row("Muted") == "2 times, 2 h in all"
    assert told.row("Sets") == f"{POLICY} 5 · office 5"
    assert told.row("Rang") == f"{POLICY} 2"
    assert "mailed then" in told.row("Note")


def test_suppressed_and_muted_stand_in_one_mail() -> None:
    pattern = '{ $.userIdentity.userName = "mallory" }'
    held = {"name": "red-team", "pattern": pattern, "reason": "an exercise", "until": None}
    told = world(mute("office"), suppressions=[held])
    told.happens(event(1, START + timedelta(minutes=10), sourceIPAddress="203.0.113.77"))
    told.deliver(told.rings(POLICY), **TIMES)
    look(told)
    assert told.subjects == [
        "[low] Week to 2026-11-21: 1 event suppressed, 1 event muted - 111122223333 eu-west-1",
    ]
    assert "red-team: 1 event\n" in told.body
    assert "migration: 1 event while alarms were muted\n" in told.body


@pytest.mark.parametrize(
    ("mutes", "asks"),
    [([mute(POLICY)], True), ([mute(POLICY, schedule="at(2026-12-24T03:00)")], False), ([], False)],
    ids=["nothing came", "no window in this week", "no planned change"],
)
def test_a_week_in_which_nothing_was_muted_has_no_mail(mutes: list[Any], asks: bool) -> None:
    told = World(mutes=mutes)
    told.happens(event(1, START - timedelta(minutes=5)))
    look(told)
    assert told.subjects == []
    assert ("GetMetricData" in told.calls) is asks


@pytest.mark.parametrize("operation", ["GetMetricData", "DescribeAlarmHistory"])
def test_a_refusal_is_said_in_the_mail(operation: str) -> None:
    told = world(mute(POLICY))
    told.happens(event(1, START + timedelta(minutes=10)))
    told.rings(POLICY, 1.0, at=START + timedelta(minutes=15))
    told.refuse[operation] = [refusal("AccessDeniedException", operation)]
    look(told)
    assert told.row("Missing").startswith("CloudWatch could not be asked for everything")


# -- the windows, which the function works out without a list of time zones

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo")


@hypothesis_settings(max_examples=examples(25))
@given(
    schedule=st.sampled_from(
        [
            "cron(0 2 * * SUN)",
            "cron(30 2 * * *)",
            "cron(0,45 0-3 25-31 MAR,OCT,NOV *)",
            "cron(15 23 * JAN-APR,OCT-DEC MON-FRI)",
            "at(2027-03-28T02:30)",
            "at(2026-11-01T01:30)",
        ]
    ),
    zone=st.sampled_from(ZONES),
    duration=st.sampled_from(["PT1M", "PT4H", "P2DT12H", "P15D"]),
    day=st.integers(0, 900),
    start=st.none() | st.integers(0, 600),
    until=st.none() | st.integers(100, 900),
)
def test_the_function_finds_the_same_windows_as_the_deployment(
    schedule: str, zone: str, duration: str, day: int, start: int | None, until: int | None
) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rule = Windows(
        parse_schedule(schedule),
        parse_duration(duration),
        zone=ZoneInfo(zone),
        start=None if start is None else begin + timedelta(days=start),
        until=None if until is None else begin + timedelta(days=until),
    )
    there = deployed.Windows.of(rule.document())
    first = begin + timedelta(days=day)
    last = first + timedelta(days=8)
    assert [tuple(each) for each in there.between(first, last)] == [
        (each.start, each.end) for each in rule.between(first, last)
    ]


@pytest.mark.parametrize(
    ("moment", "zone", "begins"),
    [
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),  # comes twice: the first
        ("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30"),  # is left out: as if clocks had not changed yet
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        ("2027-03-14T02:30", "America/New_York", "2027-03-14T07:30"),
        ("2027-04-04T01:45", "Australia/Lord_Howe", "2027-04-03T14:45"),
    ],
)
def test_moments_that_come_twice_or_not_at_all(moment: str, zone: str, begins: str) -> None:
    rule = Windows(parse_schedule(f"at({moment})"), parse_duration("PT1H"), zone=ZoneInfo(zone))
    start = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    around = (start - timedelta(days=1), start + timedelta(days=1))
    assert [each.start for each in rule.between(*around)] == [start]
    assert [each.start for each in deployed.Windows.of(rule.document()).between(*around)] == [start]


@pytest.mark.parametrize("zone", ZONES)
def test_when_clocks_change_is_known_to_the_minute(zone: str) -> None:
    table = offsets(ZoneInfo(zone))
    assert len(table) == 1 or len(table) > 25
    for since, offset in table[1:]:
        before, after = (datetime.fromtimestamp(since + shift, ZoneInfo(zone)).utcoffset() for shift in (-1, 0))
        assert after == timedelta(seconds=offset) != before
