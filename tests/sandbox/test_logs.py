"""Log events and patterns: metric filters that count, FilterLogEvents that selects, TestMetricFilter that answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox_story import Story

EVENTS = [
    {"eventName": "StopLogging", "userIdentity": {"type": "IAMUser"}, "size": 3},
    {"eventName": "StartLogging", "userIdentity": {"type": "Root"}, "size": 4},
    {"eventName": "CreateUser", "userIdentity": {"type": "Root"}, "tags": ["a"]},
]


@pytest.fixture
def group(story: Story) -> Story:
    """A log group with a stream."""
    story.make_log_group()
    story.aws("logs").create_log_stream(logGroupName=story.group, logStreamName="s")
    return story


def put(story: Story, *messages: Any) -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [
        {"timestamp": now + number, "message": message if isinstance(message, str) else json.dumps(message)}
        for number, message in enumerate(messages)
    ]
    story.aws("logs").put_log_events(logGroupName=story.group, logStreamName="s", logEvents=events)


def total(story: Story, metric: str = "Matches", dimensions: dict[str, str] | None = None) -> dict[str, float]:
    """Sum and number of a metric's data."""
    now = datetime.now(UTC)
    points = story.aws("cloudwatch").get_metric_statistics(
        Namespace="n",
        MetricName=metric,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Sum", "SampleCount"],
        Dimensions=[{"Name": name, "Value": value} for name, value in (dimensions or {}).items()],
    )["Datapoints"]
    return {"sum": sum(one["Sum"] for one in points), "count": sum(one["SampleCount"] for one in points)}


def make_filter(story: Story, pattern: str, name: str = "f", **transformation: Any) -> None:
    story.aws("logs").put_metric_filter(
        logGroupName=story.group,
        filterName=name,
        filterPattern=pattern,
        metricTransformations=[{"metricName": "Matches", "metricNamespace": "n", "metricValue": "1"} | transformation],
    )


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ('{ $.eventName = "StopLogging" }', 1),
        ('{ ($.eventName = "StopLogging") || ($.eventName = "StartLogging") }', 2),
        ('{ $.userIdentity.type = "Root" && $.size NOT EXISTS }', 1),
        ('{ $.eventName = "stoplogging" }', 0),
        ("{ $.eventName = %^St% }", 2),
        ("%Create[A-Z]%", 1),
        ("StopLogging", 1),
        ("stoplogging", 0),
        ("?StopLogging ?CreateUser", 2),
        ("Root -StartLogging", 1),
        ("", 3),
    ],
)
def test_a_filter_counts_what_its_pattern_matches(group: Story, pattern: str, count: int) -> None:
    make_filter(group, pattern)
    put(group, *EVENTS)
    assert total(group)["sum"] == count


def test_a_filter_counts_only_what_comes_after_it(group: Story) -> None:
    put(group, EVENTS[0])
    make_filter(group, '{ $.eventName = "StopLogging" }')
    put(group, EVENTS[0])
    assert total(group)["sum"] == 1


def test_a_changed_and_a_deleted_filter(group: Story) -> None:
    make_filter(group, '{ $.eventName = "StopLogging" }')
    put(group, *EVENTS)
    make_filter(group, '{ $.eventName = "CreateUser" }')
    put(group, EVENTS[0])
    assert total(group)["sum"] == 1
    group.aws("logs").delete_metric_filter(logGroupName=group.group, filterName="f")
    put(group, EVENTS[2])
    assert total(group)["sum"] == 1


def test_more_filters_than_a_page(group: Story) -> None:
    for number in range(60):
        make_filter(group, '{ $.eventName = "StopLogging" }', name=f"f{number:02}")
    put(group, EVENTS[0])
    assert total(group)["sum"] == 60


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [
        ({"metricValue": "5"}, {"sum": 15, "count": 3}),
        ({"metricValue": "$.size"}, {"sum": 7, "count": 2}),
        ({"metricValue": "$.eventName"}, {"sum": 0, "count": 0}),
    ],
)
def test_values_of_a_filter(group: Story, transformation: dict[str, Any], expected: dict[str, float]) -> None:
    make_filter(group, '{ $.eventName = "*" }', **transformation)
    put(group, *EVENTS)
    assert total(group) == expected


def test_a_default_value_is_reported_when_nothing_matches(group: Story) -> None:
    make_filter(group, '{ $.eventName = "Never" }', defaultValue=0.0)
    put(group, *EVENTS)
    put(group, *EVENTS)
    assert total(group)["sum"] == 0
    assert 1 <= total(group)["count"] <= 2  # once a minute, and a minute may have ended in between


def test_dimensions_come_from_the_event(group: Story) -> None:
    make_filter(group, '{ $.eventName = "*" }', dimensions={"Type": "$.userIdentity.type", "Size": "$.size"})
    put(group, *EVENTS)
    assert total(group, dimensions={"Type": "Root", "Size": "4"})["sum"] == 1
    assert total(group, dimensions={"Type": "IAMUser", "Size": "3"})["sum"] == 1
    metrics = group.aws("cloudwatch").list_metrics(Namespace="n")["Metrics"]
    assert len(metrics) == 2  # the third event has no size, so it counts nowhere


def test_incoming_events_are_a_metric_too(group: Story) -> None:
    put(group, *EVENTS)
    found = group.aws("cloudwatch").list_metrics(Namespace="AWS/Logs")["Metrics"]
    assert {(one["MetricName"], one["Dimensions"][0]["Value"]) for one in found} == {
        ("IncomingLogEvents", group.group),
        ("IncomingBytes", group.group),
    }


def test_a_group_has_room_for_a_hundred_filters(group: Story) -> None:
    for number in range(100):
        make_filter(group, "x", name=f"f{number:02}")
    with pytest.raises(ClientError, match="LimitExceededException"):
        make_filter(group, "x", name="one-too-many")
    make_filter(group, "y", name="f00")  # to change one is no new one


def test_a_group_has_room_for_five_filters_with_regular_expressions(group: Story) -> None:
    for number in range(5):
        make_filter(group, "%x%", name=f"f{number}")
    with pytest.raises(ClientError, match="LimitExceededException"):
        make_filter(group, "{ $.a = %x% }", name="one-too-many")
    make_filter(group, '{ $.a = "x" }', name="without")
    make_filter(group, "%y%", name="f0")


def test_a_filter_of_no_group(group: Story) -> None:
    group.name = "nothing"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        make_filter(group, "x")


def test_odd_messages_match_nothing_and_stop_nothing(group: Story) -> None:
    make_filter(group, '{ $.eventName = "StopLogging" }', metricValue="$.size")
    put(group, "not json", "[]", "7", '{"eventName": {"a": 1}}', EVENTS[0])
    assert total(group) == {"sum": 3, "count": 1}


# -- FilterLogEvents


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ('{ $.eventName = "StopLogging" }', ["StopLogging"]),
        ('{ $.userIdentity.type = "Root" }', ["StartLogging", "CreateUser"]),
        ("%Logging%", ["StopLogging", "StartLogging"]),
        ("StopLogging", ["StopLogging"]),
        ("stoplogging", []),
        ('{ $.eventName = "Never" }', []),
        (None, ["StopLogging", "StartLogging", "CreateUser"]),
    ],
)
def test_filter_log_events(group: Story, pattern: str | None, names: list[str]) -> None:
    put(group, *EVENTS)
    chosen = {} if pattern is None else {"filterPattern": pattern}
    found = group.aws("logs").filter_log_events(logGroupName=group.group, **chosen)["events"]
    assert [json.loads(one["message"])["eventName"] for one in found] == names
    assert {one["logStreamName"] for one in found} <= {"s"}


def test_filter_log_events_refuses_a_bad_pattern(group: Story) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        group.aws("logs").filter_log_events(logGroupName=group.group, filterPattern="{ $.a = }")


def test_filter_log_events_of_no_group(group: Story) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        group.aws("logs").filter_log_events(logGroupName="/none", filterPattern='{ $.a = "b" }')


# -- TestMetricFilter


def test_test_metric_filter_numbers_what_matches(group: Story) -> None:
    messages = [json.dumps(one) for one in EVENTS]
    answer = group.aws("logs").test_metric_filter(
        filterPattern='{ $.userIdentity.type = "Root" }', logEventMessages=messages
    )
    assert [(one["eventNumber"], one["eventMessage"]) for one in answer["matches"]] == [
        (2, messages[1]),
        (3, messages[2]),
    ]


@pytest.mark.parametrize(
    ("pattern", "messages", "words"),
    [
        ("{ $.a = }", ["{}"], "Invalid metric filter pattern"),
        ('{ $.a = "b" }', ["{}"] * 51, "between 1 and 50"),
    ],
)
def test_test_metric_filter_refuses(group: Story, pattern: str, messages: list[str], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        group.aws("logs").test_metric_filter(filterPattern=pattern, logEventMessages=messages)
