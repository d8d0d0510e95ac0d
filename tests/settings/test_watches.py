"""From what a stack decides to what is watched."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

import filterpattern
from catalog import EVENT_SETS
from settings import VERSION, Settings, Watch, recommended_sets
from settings.checks import available_event_sets
from settings.facts import FACTS
from settings.limits import (
    MAX_ALARM_DESCRIPTION,
    MAX_ALARM_NAME,
    MAX_DISPLAY_NAME,
    MAX_METRIC_NAME,
    MAX_PERIOD_S,
    MAX_STACK_NAME,
    MAX_THRESHOLD,
    MAX_TITLE,
    MAX_WATCH_NAME,
    METRIC_TEXT,
)
from settings.regions import GLOBAL_REGION
from settings.watches import camel_case, in_words
from tests.support.answers_strategy import answers
from tests.support.effort import examples

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


def watches(**changes: Any) -> tuple[Watch, ...]:
    return Settings.parse({**GOOD, **changes}, stack="prod", source="test").watches


def watch(**changes: Any) -> Watch:
    (only,) = watches(**{"eventSets": {}, **changes})
    return only


def test_an_event_set_is_as_the_catalogue_says() -> None:
    entry = EVENT_SETS["trail-changes"]
    assert watch(eventSets=["trail-changes"]) == Watch(
        name="trail-changes",
        title=entry.title,
        why=entry.why,
        kind="event-set",
        pattern=entry.pattern,
        severity="critical",
        threshold=1,
        period=300,
        metric="CloudTrailEventCount",
        namespace="trailwarden/prod",
        alarm_name=None,
        stack="prod",
    )


def test_the_description_is_readable_on_a_telephone() -> None:
    entry = EVENT_SETS["trail-changes"]
    assert watch(eventSets=["trail-changes"]).description == (
        f"[critical] {entry.title}. {entry.why} Raised by at least 1 matching event in 5 minutes. "
        f"Stack prod, trailwarden {VERSION}."
    )


def test_what_a_stack_changes_about_an_event_set() -> None:
    changed = watch(
        eventSets={
            "trail-changes": {
                "threshold": 1500,
                "period": 7200,
                "severity": "low",
                "alarmName": "CloudTrail Changes",
                "metricName": "Changes",
            }
        }
    )
    assert (changed.threshold, changed.period, changed.severity) == (1500, 7200, "low")
    assert (changed.alarm_name, changed.metric, changed.namespace) == (
        "CloudTrail Changes",
        "Changes",
        "trailwarden/prod",
    )
    assert changed.description.startswith("[low] ")
    assert "Raised by at least 1,500 matching events in 2 hours." in changed.description
    assert changed.pattern == EVENT_SETS["trail-changes"].pattern


def test_a_custom_set() -> None:
    pattern = '{ $.eventName = "GetSecretValue" }'
    plain = watch(customSets={"secret-reads": {"pattern": pattern}})
    assert (plain.kind, plain.pattern, plain.title, plain.severity) == ("custom", pattern, "secret-reads", "medium")
    assert (plain.threshold, plain.period, plain.metric, plain.alarm_name) == (1, 300, "SecretReads", None)
    changed = watch(
        customSets={
            "secret-reads": {
                "pattern": pattern,
                "title": "A secret was read",
                "severity": "high",
                "threshold": 5,
                "period": 60,
                "alarmName": "secrets",
                "metricName": "Reads",
            }
        }
    )
    assert (changed.title, changed.severity, changed.threshold, changed.period) == ("A secret was read", "high", 5, 60)
    assert (changed.alarm_name, changed.metric) == ("secrets", "Reads")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventName = "StopLogging" }', lambda event: event["eventName"] == "StopLogging"),
        ('{ $.eventName = "NobodyCallsThis" }', lambda event: False),
        ('{ $.eventName = "*" }', lambda event: True),
    ],
)
def test_a_custom_set_is_tried_on_the_samples_of_the_catalogue(
    pattern: str, expected: Callable[[dict[str, Any]], bool]
) -> None:
    own = watch(eventSets=[], customSets={"own": {"pattern": pattern}})
    events = [sample.event for entry in EVENT_SETS.values() for sample in entry.samples]
    assert own.matching_samples == (sum(map(expected, events)), len(events))
    assert watch(eventSets=["trail-changes"]).matching_samples == (0, 0)


def test_a_source_ip_has_the_defaults_of_the_demo() -> None:
    """R4.13, R4.16: at least 30 calls in 5 minutes from one address."""
    source = watch(sourceIps=[{"name": "office", "cidr": "203.0.113.77"}])
    assert (source.kind, source.pattern) == ("source-ip", '{ $.sourceIPAddress = "203.0.113.77" }')
    assert (source.threshold, source.period, source.severity, source.metric) == (30, 300, "medium", "SourceIpOffice")
    assert source.title == "Many calls from office"
    assert "203.0.113.77" in source.description
    changed = watch(
        sourceIps=[
            {
                "name": "office",
                "cidr": "203.0.113.0/24",
                "threshold": 33,
                "period": 600,
                "severity": "high",
                "alarmName": "SourceIPAddress",
                "metricName": "IPAddress",
            }
        ],
        alerts={"metricNamespace": "Demo"},
    )
    assert (changed.threshold, changed.period, changed.severity) == (33, 600, "high")
    assert (changed.alarm_name, changed.metric, changed.namespace) == ("SourceIPAddress", "IPAddress", "Demo")


def test_calls_from_outside() -> None:
    outside = watch(sourceIps=[{"name": "home", "cidr": ["203.0.113.0/24", "198.51.100.0/24"], "match": "outside"}])
    pattern = filterpattern.compile(outside.pattern_with({}))
    for address, matches in [("203.0.113.9", False), ("198.51.100.1", False), ("192.0.2.1", True)]:
        assert pattern.matches({"sourceIPAddress": address}) is matches
    assert not pattern.matches({"sourceIPAddress": "cloudformation.amazonaws.com"})
    assert outside.title == "Many calls from outside the range home"
    assert "from outside 203.0.113.0/24, 198.51.100.0/24" in outside.description


def test_the_order_is_that_of_the_catalogue_then_of_the_file() -> None:
    names = list(EVENT_SETS)
    assert names.index("trail-changes") < names.index("iam-changes")
    ordered = watches(
        eventSets=["iam-changes", "trail-changes"],
        customSets={"z": {"pattern": "{ $.a = 1 }"}, "b": {"pattern": "{ $.a = 1 }"}},
        sourceIps=[{"name": "y", "cidr": "192.0.2.1"}, {"name": "a", "cidr": "192.0.2.2"}],
    )
    assert [each.name for each in ordered] == ["trail-changes", "iam-changes", "z", "b", "y", "a"]


@pytest.mark.parametrize(
    ("prefix", "name", "expected"),
    [
        (None, None, None),
        ("acme-", None, "acme-trail-changes"),
        ("acme-", "CloudTrail Changes", "CloudTrail Changes"),
        (None, "CloudTrail Changes", "CloudTrail Changes"),
    ],
)
def test_alarm_names(prefix: str | None, name: str | None, expected: str | None) -> None:
    alerts = {"alarmPrefix": prefix} if prefix else {}
    overrides = {"alarmName": name} if name else {}
    assert watch(eventSets={"trail-changes": overrides}, alerts=alerts).alarm_name == expected


@pytest.mark.parametrize(
    ("home", "regions", "elsewhere"),
    [
        ("eu-west-1", ["eu-west-1"], "eu-central-1"),
        ("eu-west-1", ["eu-west-1", "us-east-1", "ap-south-1"], "us-west-2"),
        ("us-gov-east-1", ["us-gov-east-1"], "us-gov-east-9"),
    ],
)
def test_the_regions_of_the_stack_decide_what_is_outside(home: str, regions: list[str], elsewhere: str) -> None:
    outside = watch(homeRegion=home, regions=regions, eventSets=["out-of-region"])
    pattern = filterpattern.compile(outside.pattern_with({}))
    event = {"eventSource": "ec2.amazonaws.com", "readOnly": False, "eventType": "AwsApiCall"}
    global_region = GLOBAL_REGION["aws-us-gov" if "gov" in home else "aws"]
    for region in [*regions, global_region]:
        assert not pattern.matches({**event, "awsRegion": region}), region
    assert pattern.matches({**event, "awsRegion": elsewhere})


def test_the_order_of_regions_does_not_change_a_pattern() -> None:
    orders = [["eu-west-1", "eu-west-2"], ["eu-west-2", "eu-west-1"]]
    one, other = (watch(regions=regions, eventSets=["out-of-region"]) for regions in orders)
    assert one.pattern == other.pattern


def test_what_is_recommended_can_be_watched_as_it_is() -> None:
    assert [each.name for each in watches()] == [name for name in EVENT_SETS if name in recommended_sets()]
    assert set(recommended_sets()) <= set(available_event_sets())


def test_the_senders_name_fits_however_long_the_stacks_is() -> None:
    long = Settings.parse(GOOD, stack=MAX_STACK_NAME * "s", source="test")
    assert len(long.display_name) == MAX_DISPLAY_NAME
    assert Settings.parse(GOOD, stack="prod", source="test").display_name == "trailwarden prod"


def test_the_longest_names_and_texts_fit_the_limits_of_aws() -> None:
    longest = "x" * MAX_WATCH_NAME
    blocks = [f"2001:db{number:x}:aaaa:bbbb:cccc:dddd:eeee:ffff/128" for number in range(8, 16)]
    data = {
        **GOOD,
        "eventSets": list(available_event_sets()),
        "customSets": {longest: {"pattern": "{ $.a = 1 }", "title": "é" * MAX_TITLE, "threshold": MAX_THRESHOLD}},
        "sourceIps": [{"name": "y" * MAX_WATCH_NAME, "cidr": blocks, "period": MAX_PERIOD_S}],
        "alerts": {"alarmPrefix": "p" * (MAX_ALARM_NAME - MAX_WATCH_NAME)},
        "trail": {"name": "audit"},
    }
    for each in Settings.parse(data, stack="s" * MAX_STACK_NAME, source="test").watches:
        assert len(each.name) <= MAX_WATCH_NAME
        assert len(each.alarm_name or "") <= MAX_ALARM_NAME
        assert len(each.metric) <= MAX_METRIC_NAME
        assert METRIC_TEXT.fullmatch(each.metric)
        assert len(each.description) <= MAX_ALARM_DESCRIPTION


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_every_watch_is_complete_and_unique(data: dict[str, Any]) -> None:
    settings = Settings.parse(data, stack="prod", source="test")
    assert settings.watches is settings.watches
    for each in settings.watches:
        known = {fact: [f"{fact.replace('_', '-')}-1a2b3c4"] for fact in FACTS}
        assert filterpattern.compile(each.pattern_with(known))
        assert (each.pattern is None) == bool(each.lacks)
        assert each.namespace == settings.metric_namespace
        assert each.threshold >= 1
        assert each.period % 60 == 0
        assert 0 < len(each.description) <= MAX_ALARM_DESCRIPTION
        assert each.description.isprintable()
        assert each.alarm_name is None or len(each.alarm_name) <= MAX_ALARM_NAME
    for names in (
        [each.name for each in settings.watches],
        [each.metric for each in settings.watches],
        [each.alarm_name for each in settings.watches if each.alarm_name],
    ):
        assert len(set(names)) == len(names)


def test_only_the_first_blocks_are_told() -> None:
    blocks = [f"192.0.2.{number}" for number in range(7)]
    text = watch(sourceIps=[{"name": "many", "cidr": blocks}]).description
    assert "from 192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 2 more are unusual" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (60, "1 minute"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86_400, "1 day"),
        (172_800, "2 days"),
        (90, "90 seconds"),
        (1, "1 second"),
    ],
)
def test_periods_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(("name", "metric"), [("source-ip-office", "SourceIpOffice"), ("a", "A"), ("a-1", "A1")])
def test_metric_names(name: str, metric: str) -> None:
    assert camel_case(name) == metric


@pytest.mark.parametrize(
    "trail",
    [
        {"mode": "create", "organization": True},
        {
            "mode": "adopt",
            "trails": ["org"],
            "baseline": {
                "org": {
                    "logGroup": "logs",
                    "deliveryRole": "arn:aws:iam::111122223333:role/delivery",
                    "bucket": "acme-logs",
                    "organization": True,
                }
            },
        },
    ],
    ids=lambda trail: trail["mode"],
)
def test_where_a_trail_records_an_organization_its_trust_is_watched(trail: dict[str, Any]) -> None:
    """Elsewhere such calls never happen, and the alarm would cost for nothing."""
    here = {**GOOD, "trail": trail}
    own = json.loads(json.dumps(here).replace('"organization": true', '"organization": false'))
    more = set(Settings.parse(here, stack="prod", source="test").event_sets)
    assert more - set(Settings.parse(own, stack="prod", source="test").event_sets) == {"organization-trust"}
    named = Settings.parse({**here, "eventSets": ["trail-changes"]}, stack="prod", source="test")
    assert list(named.event_sets) == ["trail-changes"]
