"""FilterLogEvents in pages, and logs that are late, throttled or slow because somebody asked for it."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.log_troubles import LogTroubles, Troubles
from tests.support.sandbox_story import Story, archive, policy

PATTERN = '{ $.kind = "a" }'
SEARCH = f"""
import json, time
import boto3

def handle(event, context):
    began = time.monotonic()
    found = boto3.client("logs").filter_log_events(logGroupName=event["group"], filterPattern={PATTERN!r})
    return {{"took": time.monotonic() - began, "events": len(found["events"])}}
"""


@pytest.fixture
def group(story: Story) -> Iterator[Story]:
    """A log group with a stream; afterwards all is well again."""
    story.make_log_group()
    story.aws("logs").create_log_stream(logGroupName=story.group, logStreamName="s")
    yield story
    story.client.set_log_troubles()


def put(story: Story, kinds: str, *, apart_ms: int = 1) -> None:
    """A log event for each letter."""
    now_ms = int(story.client.health()["now"] * 1000)
    events = [
        {"timestamp": now_ms + number * apart_ms, "message": json.dumps({"kind": kind, "number": number})}
        for number, kind in enumerate(kinds)
    ]
    story.aws("logs").put_log_events(logGroupName=story.group, logStreamName="s", logEvents=events)


def pages(story: Story, **asked: Any) -> list[list[int]]:
    """The numbers of the events that the pattern finds, page by page."""
    paginator = story.aws("logs").get_paginator("filter_log_events")
    found = paginator.paginate(logGroupName=story.group, filterPattern=PATTERN, **asked)
    return [[json.loads(event["message"])["number"] for event in page["events"]] for page in found]


@pytest.mark.parametrize("apart_ms", [0, 1])
@pytest.mark.parametrize(
    ("troubles", "asked", "expected"),
    [
        ({}, {}, [[0, 1, 4, 5, 6]]),
        ({}, {"limit": 3}, [[0, 1], [4, 5], [6]]),
        ({"page_events": 2}, {}, [[0, 1], [], [4, 5], [6]]),
        ({"page_events": 4}, {"limit": 5}, [[0, 1], [4, 5, 6]]),
        ({"empty_pages": 2}, {}, [[], [], [0, 1, 4, 5, 6], []]),
        ({"empty_pages": 1, "page_events": 3}, {}, [[], [0, 1], [], [4, 5], [], [6], []]),
    ],
)
def test_pages(
    group: Story, apart_ms: int, troubles: dict[str, int], asked: dict[str, int], expected: list[list[int]]
) -> None:
    """Events of one millisecond come once, too."""
    put(group, "aabbaaa", apart_ms=apart_ms)
    group.client.set_log_troubles(**troubles)
    assert pages(group, **asked) == expected


def test_a_token_of_somebody_else_is_refused(group: Story) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*nextToken is invalid"):
        group.aws("logs").filter_log_events(logGroupName=group.group, nextToken="f/1/2/3")


def test_what_is_counted_at_once_is_found_late(group: Story) -> None:
    metric = {"metricName": "Matches", "metricNamespace": "n", "metricValue": "1"}
    group.aws("logs").put_metric_filter(
        logGroupName=group.group, filterName="f", filterPattern=PATTERN, metricTransformations=[metric]
    )
    group.client.set_log_troubles(found_late_s=240)
    put(group, "ab")
    now = datetime.now(UTC)
    counted = group.aws("cloudwatch").get_metric_statistics(
        Namespace="n", MetricName="Matches", StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1),
        Period=7200, Statistics=["Sum"],
    )  # fmt: skip
    assert counted["Datapoints"][0]["Sum"] == 1
    assert pages(group) == [[]]
    group.client.advance_clock(200)
    assert pages(group) == [[]]
    group.client.advance_clock(41)
    assert pages(group) == [[0]]


def test_so_many_calls_are_throttled_and_so_long(group: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)  # between the two tries that a call of boto3 makes here

    def code() -> str:
        try:
            pages(group)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return ""

    assert group.client.set_log_troubles(throttled_calls=2)["throttled_calls"] == 2
    assert [code() for _ in range(2)] == ["ThrottlingException", ""]
    assert group.client.set_log_troubles(throttled_s=60)["throttled_s"] == pytest.approx(60, abs=5)
    assert [code() for _ in range(3)] == ["ThrottlingException"] * 3
    group.client.advance_clock(61)
    assert code() == ""


def test_a_slow_call_of_a_function_lasts_until_the_clock_has_gone_on(group: Story) -> None:
    """Whoever sits at the keyboard does not wait: nobody would be there to turn the clock."""
    put(group, "ab")
    trust = policy({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role = group.aws("iam").create_role(RoleName="searcher", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    may = policy({"Action": "logs:FilterLogEvents", "Resource": "*"})
    group.aws("iam").put_role_policy(RoleName="searcher", PolicyName="may", PolicyDocument=may)
    functions = group.aws("lambda")
    functions.create_function(
        FunctionName="searcher",
        Runtime="python3.13",
        Handler="index.handle",
        Role=role,
        Code={"ZipFile": archive(SEARCH)},
        Timeout=60,
    )
    group.client.set_log_troubles(slow_s=600)
    assert pages(group) == [[0]]
    event = json.dumps({"group": group.group})
    functions.invoke(FunctionName="searcher", InvocationType="Event", Payload=event)
    assert group.client.settle() == 1
    assert group.client.wake_next() == pytest.approx(600, abs=30)
    assert group.client.settle() == 0
    group.client.set_log_troubles()
    told = json.loads(functions.invoke(FunctionName="searcher", Payload=event)["Payload"].read())
    assert told["events"] == 1
    assert told["took"] < 600


def test_records_come_late_to_the_log_group_and_at_once_to_rules(story: Story) -> None:
    story.make()
    story.client.confirm()
    story.client.set_log_troubles(delivered_late_s=240)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    story.client.settle()
    assert "restarted" in [each["subject"] for each in story.client.mail()]

    def logged() -> list[tuple[str, int]]:
        events = story.aws("logs").filter_log_events(logGroupName=story.group)["events"]
        return [(json.loads(event["message"])["eventName"], event["timestamp"]) for event in events]

    assert "StopLogging" not in [name for name, _at in logged()]
    now = story.client.advance_clock(400)
    at_ms = dict(logged())["StopLogging"]
    assert at_ms / 1000 == pytest.approx(now - 160, abs=30)  # it came when it was due, though the clock went further


def test_nothing_is_wrong_after_a_reset(group: Story) -> None:
    given = {"delivered_late_s": 1, "found_late_s": 2, "throttled_calls": 3, "slow_s": 5, "empty_pages": 6}
    held = group.client.set_log_troubles(**given)
    assert held == {**given, "throttled_s": 0, "page_events": 0}
    group.client.reset()
    group.make_log_group()
    assert pages(group) == [[]]
    assert not any(group.client.set_log_troubles().values())


def test_who_is_throttled_waits_for_the_clock_between_two_tries() -> None:
    clock = Clock()
    troubles = LogTroubles(clock)

    def long() -> float:
        return struct.unpack("<dd", (clock.folder / "ahead").read_bytes())[1]

    troubles.set(Troubles(throttled_s=60))
    assert long() < 0.4  # the explainer's first wait
    troubles.set(Troubles(slow_s=60))
    assert long() == 5
