"""The alarm on many calls from any single address: the mail names the address, who used it and what for."""

from datetime import timedelta
from typing import Any

import pytest
from explainer.burst import busiest, pattern_of

import filterpattern
from tests.support.explainer_world import ANY, OFFICE, WATCHES, World, many, record
from tests.support.guardian_world import refusal

NAME = "any-address"
THERE: Any = {"sourceIPAddress": "198.51.100.9"}


def world(**changes: Any) -> World:
    return World(watches=[*WATCHES, ANY], **changes)


def numbered(records: list[dict[str, Any]], head: str) -> list[dict[str, Any]]:
    """The same with ids of their own."""
    return [{**each, "eventID": f"{head}{each['eventID'][1:]}"} for each in records]


def test_the_mail_names_the_address_who_used_it_and_what_for():
    told = world()
    told.happens(*numbered(many(19, "DescribeInstances"), "1"))
    told.happens(*numbered(many(8, "ListBuckets", errorCode="AccessDenied"), "2"))
    told.happens(*numbered(many(6, "GetCallerIdentity"), "3"))
    told.happens(*numbered(many(7, "ListUsers", **THERE), "4"))  # another address, and few
    told.deliver(told.rings(NAME, 33))
    assert told.subjects == ["[medium] 33 calls from 203.0.113.77 in 5 min (threshold 30) - 111122223333 us-east-1"]
    assert told.body.startswith("Many calls from one address: 33 events by mallory.\n")
    assert told.row("Who").startswith("mallory (IAM user, no MFA)")
    assert told.row("Calls") == "DescribeInstances 19 · ListBuckets 8 · GetCallerIdentity 6"
    assert told.row("Errors") == "AccessDenied 8"
    assert told.row("From") == "203.0.113.77"
    assert told.row("Where") == "us-east-1 · account 111122223333"
    assert "198.51.100.9" not in told.body
    attributes = told.published[0]["MessageAttributes"]
    assert (attributes["set"]["StringValue"], attributes["severity"]["StringValue"]) == (NAME, "medium")


def test_several_addresses_at_once_are_one_mail():
    told = world()
    told.happens(*many(40), *numbered(many(35, **THERE), "1"))
    told.deliver(told.rings(NAME, 40))
    assert told.subjects == ["[medium] 75 calls from 2 addresses in 5 min (threshold 30) - 111122223333 us-east-1"]
    assert told.row("From") == "203.0.113.77 40 · 198.51.100.9 35"


def test_it_is_told_once_and_its_end():
    told = world()
    told.happens(*many(33))
    message = told.rings(NAME, 33)
    told.deliver(message)
    told.deliver(message)
    told.quiet(NAME)
    for _ in range(3):
        told.sweep()
    assert [subject.partition(" ")[2][:7] for subject in told.subjects] == ["33 call", "Cleared"]


def test_what_goes_on_is_told_when_it_is_new():
    told = world()
    told.happens(*many(33))
    told.deliver(told.rings(NAME, 33))
    later = told.hands.at + timedelta(seconds=60)
    told.happens(*[{**each, "eventTime": f"{later:%Y-%m-%dT%H:%M:%SZ}"} for each in numbered(many(31, **THERE), "5")])
    told.sweep()
    assert len(told.subjects) == 2
    assert told.subjects[1].startswith("[medium] More: 31 calls from 198.51.100.9")


def test_a_log_that_is_late_is_followed_up():
    told = world(late_s=400)
    told.happens(*many(33))
    told.deliver(told.rings(NAME, 33))
    told.sweep()
    told.sweep()
    assert [subject.split(" - ")[0] for subject in told.subjects] == [
        "[medium] Many calls from one address: details follow",
        "[medium] Details: 33 calls from 203.0.113.77 in 5 min (threshold 30)",
    ]


@pytest.mark.parametrize("operation", ["GetInsightRuleReport", "FilterLogEvents"])
def test_what_cannot_be_read_is_said_and_people_are_told(operation: str):
    told = world(refuse={operation: [refusal("AccessDeniedException", operation)]})
    told.happens(*many(33))
    told.deliver(told.rings(NAME, 33))
    assert told.subjects[0].startswith("[medium] Many calls from one address: details follow")
    assert "AccessDenied" in told.row("Missing")


def test_a_rule_of_another_trail_is_left_to_its_explainer():
    """Two trails in one region share the topic: one mail for each alarm, not two."""
    told = world()
    told.happens(*many(33))
    told.watches = [*WATCHES, {**ANY, "metric": "any-address-prod-other"}]
    message = told.rings(NAME, 33)
    told.deliver(message, OTHER_RULES="any-address-prod,another")
    assert told.subjects == []
    told.deliver(message)
    assert len(told.subjects) == 1
    assert "it counts nothing that this stack watches" in told.body


def test_few_calls_after_it_rang_are_no_burst():
    told = world()
    told.happens(*many(33))
    told.deliver(told.rings(NAME, 33))
    later = f"{told.hands.at + timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"
    told.happens(*({**each, "eventTime": later} for each in numbered(many(3, **THERE), "5")))
    for _ in range(5):
        told.sweep()
    assert len(told.subjects) == 1


def test_an_alarm_set_by_hand_says_so_whoever_made_some_calls():
    told = world()
    told.happens(*many(3))
    told.deliver(told.rings(NAME, None))
    assert told.subjects == ["[medium] Many calls from one address: rang without an event - 111122223333 eu-west-1"]


REPORTS: list[tuple[list[dict[str, Any]], tuple[str, ...]]] = [
    ([], ()),
    ([{"Keys": ["203.0.113.7"], "ApproximateAggregateValue": 29.0}], ("203.0.113.7",)),  # approximate
    (
        [
            {"Keys": ["203.0.113.7"], "ApproximateAggregateValue": 90.0, "Datapoints": [{"ApproximateValue": 29.0}]},
            {"Keys": ["2001:db8::1"], "ApproximateAggregateValue": 40.0, "Datapoints": [{"ApproximateValue": 30.0}]},
        ],
        ("2001:db8::1",),  # slow and long is no burst
    ),
    ([{"Keys": ['1") || ($.eventName = "*'], "ApproximateAggregateValue": 99.0}], ()),
    ([{"ApproximateAggregateValue": 99.0}, {"Keys": ["1.2.3.4"], "ApproximateAggregateValue": 30}], ("1.2.3.4",)),
]


@pytest.mark.parametrize(("contributors", "found"), REPORTS)
def test_which_addresses_a_report_names(contributors: list[dict[str, Any]], found: tuple[str, ...]):
    assert busiest({"Contributors": contributors}, threshold=30, is_certain=True) == found
    if found:
        matches = filterpattern.compile(pattern_of(found)).matches
        assert matches(record(sourceIPAddress=found[0]))
        assert not matches(record(sourceIPAddress="192.0.2.1"))


def test_its_watch_is_no_metric_of_the_stack():
    """A metric called like the rule, in our namespace, is not the rule."""
    told = world()
    alarm = told.alarms[told.alarm("office")]
    alarm["MetricName"] = ANY["metric"]
    told.happens(*many(33))
    told.deliver(told.rings(OFFICE["name"], 33))
    assert "it counts nothing that this stack watches" in told.body
