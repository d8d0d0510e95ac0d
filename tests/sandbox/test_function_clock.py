"""Functions live by the sandbox's clock: what they read, when they wake, and what people wait for meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import ACCOUNT, Story, archive, policy, wait_for

HOME = "eu-west-1"
CODE = """
import datetime, time, threading
from datetime import UTC, datetime as Moment, timedelta
import boto3

def handle(event, context):
    began = time.monotonic()
    left_ms = context.get_remaining_time_in_millis()
    if event.get("sleep"):
        time.sleep(event["sleep"])
    now = Moment.now(UTC)
    parsed = boto3.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]["date"]
    return {
        "time": time.time(),
        "now": now.timestamp(),
        "today": datetime.datetime.today().timestamp(),
        "slept": time.monotonic() - began,
        "passed_ms": left_ms - context.get_remaining_time_in_millis(),
        "are_moments": [isinstance(each, Moment) for each in (now, now - timedelta(days=1), Moment(2026, 1, 2))],
        "name": type(now).__name__ + " " + now.isoformat()[:4],
    }
"""


@pytest.fixture
def functions(sandbox: SandboxClient) -> Iterator[Any]:
    """A client of Lambda, and the function `clocked` whose role may do nothing."""
    trust = policy({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    sandbox.aws("iam").create_role(RoleName="clocked", AssumeRolePolicyDocument=trust)
    client = sandbox.aws("lambda", region=HOME)
    client.create_function(
        FunctionName="clocked",
        Runtime="python3.13",
        Handler="index.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/clocked",
        Code={"ZipFile": archive(CODE)},
        Timeout=120,
    )
    yield client
    sandbox.advance_clock(3600)  # nothing of this test sleeps on into the next


def told(functions: Any, **event: Any) -> dict[str, Any]:
    answer = functions.invoke(FunctionName="clocked", Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())


def test_all_clocks_of_a_function_are_the_sandboxs(sandbox: SandboxClient, functions: Any) -> None:
    for advanced in (0, 7200):  # the second in a process that is already there
        now = sandbox.advance_clock(advanced)
        seen = told(functions)
        for clock in ("time", "now", "today"):
            assert now <= seen[clock] < now + 60, clock
        assert seen["are_moments"] == [True, True, True]
        assert seen["name"] == f"datetime {time.gmtime(now).tm_year}"


def test_its_calls_are_signed_by_a_clock_that_is_hours_ahead_and_taken(sandbox: SandboxClient, functions: Any) -> None:
    sandbox.advance_clock(10 * 3600)
    assert told(functions)["slept"] < 60  # GetCallerIdentity was answered


@pytest.mark.parametrize(("ahead_min", "taken"), [(0, True), (30, False), (60, True)])
def test_signatures_are_taken_at_two_times_and_at_no_other(
    story: Story, monkeypatch: pytest.MonkeyPatch, ahead_min: int, taken: bool
) -> None:
    """The machine's, by which clients sign, and the sandbox's."""
    trails = story.aws("cloudtrail", **story.user())
    story.client.advance_clock(3600)
    moment = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=ahead_min)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: moment)
    if taken:
        assert trails.describe_trails()["trailList"] == []
    else:
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            trails.describe_trails()


def test_a_function_that_waits_wakes_when_the_clock_is_turned(sandbox: SandboxClient, functions: Any) -> None:
    began = time.monotonic()
    functions.invoke(FunctionName="clocked", Payload=json.dumps({"sleep": 60}), InvocationType="Event")
    assert sandbox.settle() == 1  # it waits for the clock, and nothing else happens until then
    sandbox.advance_clock(59)
    assert wait_for("the last second", lambda: sandbox.settle() == 0) is True  # about to wake: that is work
    assert time.monotonic() - began < 30


def test_a_wait_is_as_long_as_the_function_was_told(sandbox: SandboxClient, functions: Any) -> None:
    """It sees the turned clock pass, not the machine's: 60 s by its own, and by what Lambda leaves it."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(told, functions, sleep=60)
        wait_for("the function to sleep", lambda: sandbox.settle() == 1)
        sandbox.advance_clock(30)
        assert sandbox.settle() == 1
        sandbox.advance_clock(31)
        seen = answer.result(timeout=30)
    assert 60 <= seen["slept"] < 75
    assert 60_000 <= seen["passed_ms"] < 75_000


def test_a_short_wait_is_work(sandbox: SandboxClient, functions: Any) -> None:
    functions.invoke(FunctionName="clocked", Payload=json.dumps({"sleep": 1.5}), InvocationType="Event")
    began = time.monotonic()
    assert sandbox.settle() == 0
    assert time.monotonic() - began > 1


def test_trails_and_parameters_have_the_same_time(sandbox: SandboxClient) -> None:
    now = sandbox.advance_clock(7200)
    ssm = sandbox.aws("ssm", region=HOME)
    ssm.put_parameter(Name="/a", Value="b", Type="String")
    assert now <= ssm.get_parameter(Name="/a")["Parameter"]["LastModifiedDate"].timestamp() + 1 < now + 60


def test_those_that_wait_wake_in_their_order(sandbox: SandboxClient, functions: Any) -> None:
    """The clock is turned to the first moment only, however many more wait."""
    for seconds in (60, 30):
        functions.invoke(FunctionName="clocked", Payload=json.dumps({"sleep": seconds}), InvocationType="Event")
        sandbox.settle()
    assert sandbox.settle() == 2
    first = sandbox.wake_next()
    assert first is not None
    assert 20 < first <= 30
    assert sandbox.settle() == 1
    second = sandbox.wake_next()
    assert second is not None
    assert 20 < second <= 31
    assert sandbox.settle() == 0
    assert sandbox.wake_next() is None


def test_mails_have_the_same_time(story: Story) -> None:
    story.make_topic()
    story.client.confirm(None)
    now = story.client.advance_clock(7200)
    story.aws("sns").publish(TopicArn=story.alerts_arn, Message="m")
    (mail,) = story.client.mail()
    assert now <= datetime.fromisoformat(mail["at"]).timestamp() < now + 60
