"""What is counted, in bounded memory, and that parts add up to the whole."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import filterpattern
from operate.backtest.bursts import work_out_bursts
from operate.backtest.counts import Counts, count_events
from operate.backtest.heavy import Heavy
from operate.backtest.identity import UNBOUND, identity_of
from operate.backtest.suppressions import suggest
from operate.backtest.watching import Watching
from settings.burst import Burst
from settings.suppressing import binding_problem
from tests.support.past import events, record


def count(records: list[dict], patterns: dict[str, str], **more: Any) -> Counts:
    counts = Counts()
    count_events([(each, None) for each in records], Watching(patterns, **more), counts)
    return counts


@given(st.lists(st.integers(0, 30), max_size=300), st.integers(1, 8))
def test_what_is_frequent_is_never_forgotten(keys: list[int], limit: int) -> None:
    heavy, exact = Heavy[int](limit), Counter(keys)
    for key in keys:
        heavy.add(key)
    assert heavy.short <= len(keys) / limit
    for key, times in exact.items():
        assert times - heavy.short <= heavy[key] <= times
    assert len(heavy) <= 2 * limit
    if len(exact) <= limit:
        assert dict(heavy.top()) == exact


@given(st.lists(st.integers(0, 12), max_size=80), st.integers(0, 80))
def test_merged_summaries_keep_the_bound(keys: list[int], cut: int) -> None:
    one, other = Heavy[int](4), Heavy[int](4)
    for key in keys[:cut]:
        one.add(key)
    for key in keys[cut:]:
        other.add(key)
    one.merge(other)
    exact = Counter(keys)
    assert all(times - one.short <= one[key] <= times for key, times in exact.items())


ROLE = record("s3-head-bucket-denied")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trail-stop-logging", "user mallory"),
        ("signin-root", UNBOUND.name),
        ("s3-head-bucket-denied", "role AWSServiceRoleForConfig through config.amazonaws.com"),
        ("kms-rotate-key-by-aws", UNBOUND.name),
    ],
)
def test_who_can_be_bound_to_a_pattern(name: str, expected: str) -> None:
    assert identity_of(record(name)).name == expected


@pytest.mark.parametrize("broken", [{}, {"userIdentity": "x"}, {"userIdentity": {"type": 4, "arn": []}}])
def test_a_strange_caller_is_nobody(broken: dict) -> None:
    assert identity_of(broken) is UNBOUND


DENIED = '{ $.errorCode = "AccessDenied*" }'


def days_of(base: dict, numbers: range, *, times: int = 1, **change: object) -> list[dict]:
    """The same event on each of some days of March 2026."""
    return [
        {**base, **change, "eventTime": f"2026-03-{day:02}T09:{minute:02}:00Z"}
        for day in numbers
        for minute in range(times)
    ]


def test_a_regular_caller_is_suggested_as_a_suppression_that_matches_it_and_nobody_else() -> None:
    other = record("iam-list-users-denied", errorCode="AccessDenied")
    records = [*days_of(ROLE, range(1, 15), times=9), *days_of(other, range(3, 4), times=20)]
    (found,) = suggest(count(records, {"denied": DENIED}).watches["denied"], severity="medium", days=14)
    assert (found.name, found.events, found.days) == (identity_of(ROLE).name, 126, 14)
    assert found.share == pytest.approx(126 / 146)
    pattern = filterpattern.compile(found.pattern)
    assert [pattern.matches(each) for each in records] == [True] * 126 + [False] * 20
    assert not pattern.matches({**ROLE, "eventName": "PutBucketPolicy"}), "bound to what it was seen to do"
    assert filterpattern.lint(found.pattern) == []
    assert binding_problem(found.pattern) is None, "the settings take it"


@pytest.mark.parametrize(
    ("records", "severity"),
    [
        (days_of(ROLE, range(1, 15)), "critical"),
        (days_of(ROLE, range(1, 3), times=30), "medium"),  # two days are no rule
        (days_of(ROLE, range(1, 6), times=30), "medium"),  # nor are five of fourteen
        (days_of(record("iam-list-users-denied", errorCode="AccessDenied"), range(1, 11)), "medium"),  # a user's key
        (days_of(record("signin-root", errorCode="AccessDenied"), range(1, 15)), "medium"),  # root is never noise
        (  # somebody who tries every door is no machine with one task
            [
                {**each, "eventName": f"Describe{number}"}
                for number, each in enumerate(days_of(ROLE, range(1, 15), times=3))
            ],
            "medium",
        ),
        (days_of(ROLE, range(1, 15), eventName="*"), "medium"),  # a star would match everything
    ],
    ids=["critical", "twice", "seldom", "user", "root", "various", "star"],
)
def test_nothing_is_suggested_that_would_hide_somebody(records: list[dict], severity: str) -> None:
    counted = count(records, {"denied": DENIED}).watches["denied"]
    assert counted.minutes.total == len(records)
    assert suggest(counted, severity=severity, days=14) == []


def test_parts_add_up_to_the_whole() -> None:
    records, patterns = list(events(600, days=9)), {"denied": DENIED, "all": "{ $.eventName = * }"}
    whole, merged = count(records, patterns), Counts()
    for start in range(0, 600, 70):
        merged.merge(count(records[start : start + 70], patterns))
    assert merged.days == whole.days
    assert merged.events == 600
    assert merged.addresses.top() == whole.addresses.top()
    for name, counted in whole.watches.items():
        ours = merged.watches[name]
        assert list(ours.minutes.series()) == list(counted.minutes.series())
        assert ours.minutes.by_day() == counted.minutes.by_day()
        assert (ours.callers.top(), ours.origins.top()) == (counted.callers.top(), counted.origins.top())
        assert ours.days == counted.days


def test_what_lies_outside_the_range_or_has_no_time_is_counted_apart() -> None:
    records = [
        *days_of(ROLE, range(1, 8)),
        {**ROLE, "eventTime": "2026-13-40T00:00:00Z"},
        {**ROLE, "eventTime": "yesterday"},
        {key: value for key, value in ROLE.items() if key != "eventTime"},
    ]
    counts = count(records, {"denied": DENIED}, first="2026-03-02T00:00:00Z", last="2026-03-05T00:00:00Z")
    assert (counts.events, counts.outside, counts.timeless) == (3, 5, 2)
    assert counts.watches["denied"].minutes.total == 3


def test_patterns_on_text_see_the_message() -> None:
    counts = count([ROLE, record("sts-get-caller-identity")], {"text": '"HeadBucket"', "json": DENIED})
    assert {name: each.minutes.total for name, each in counts.watches.items()} == {"text": 1, "json": 1}


def test_what_is_suppressed_is_counted_beside_and_never_where_a_loud_watch_sees_it() -> None:
    records = [*days_of(ROLE, range(1, 5)), *days_of(record("iam-list-users-denied"), range(5, 7))]
    patterns = {"denied": '{ $.errorCode = "*" }', "buckets": '{ $.eventSource = "s3.amazonaws.com" }'}
    known = {"config": '{ $.userIdentity.sessionContext.sessionIssuer.userName = "AWSServiceRoleForConfig" }'}
    counts = count(records, patterns, suppressions=known)
    assert {name: each.suppressed.total for name, each in counts.watches.items()} == {"denied": 4, "buckets": 4}
    assert counts.watches["denied"].minutes.total == 6, "the filter and the alarm see them all the same"
    counts = count(records, patterns, suppressions=known, loud=frozenset({"buckets"}))
    assert {name: each.suppressed.total for name, each in counts.watches.items()} == {"denied": 0, "buckets": 0}


def calls(address: str, *times: str) -> list[dict]:
    return [
        record("sts-get-caller-identity", sourceIPAddress=address, eventTime=f"2026-03-{each}:00Z") for each in times
    ]


def test_bursts_of_single_addresses() -> None:
    records = [
        *calls("203.0.113.9", *["02T09:00"] * 40, *["02T09:04"] * 10, *["02T09:05"] * 50, *["09T23:59"] * 60),
        *calls("2001:db8::1", *["02T09:07"] * 45, *["03T00:00"] * 30),
        *calls("config.amazonaws.com", *["02T09:00"] * 500),
        *calls("AWS Internal", *["02T09:00"] * 500),
    ]
    found = work_out_bursts(Burst(threshold=45), count(records, {}), days=14, a_week=1)
    assert [(each.address, each.at, each.calls) for each in found.slots] == [
        ("203.0.113.9", "2026-03-09T23:55Z", 60),
        ("203.0.113.9", "2026-03-02T09:00Z", 50),
        ("203.0.113.9", "2026-03-02T09:05Z", 50),
        ("2001:db8::1", "2026-03-02T09:05Z", 45),
        ("2001:db8::1", "2026-03-03T00:00Z", 30),
    ]
    assert found.alarms == 2, "09:00 and 09:05 are one alarm that stays on"
    assert found.is_exact
    assert found.suggested == 40, "at 30 it would have fired three times in two weeks"
    quick = work_out_bursts(Burst(), count(records, {}), days=3, a_week=1)
    assert (quick.alarms, quick.suggested) == (0, None)
