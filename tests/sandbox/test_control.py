"""The sandbox's own endpoints, and what it keeps closed."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from sandbox import SandboxClient, SandboxError
from tests.support.sandbox_story import Story


def ask(
    sandbox: SandboxClient,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and JSON body of a bare HTTP request."""
    request = urllib.request.Request(f"{sandbox.endpoint_url}{path}", data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def test_health(sandbox: SandboxClient) -> None:
    status, answer = ask(sandbox, "/_trailwarden/health")
    now = answer.pop("now")
    assert (status, answer) == (200, {"status": "ok", "account": "000000000000"})
    assert abs(now - time.time()) < 60
    sandbox.advance_clock(3600)
    assert abs(ask(sandbox, "/_trailwarden/health")[1]["now"] - time.time() - 3600) < 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_ministack/health"),
        ("GET", "/_ministack/ready"),
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/sqs/messages"),
        ("GET", "/_ministack"),
        ("GET", "/_localstack/health"),
        ("GET", "/health"),
        ("GET", "/_aws/anything"),
    ],
)
def test_the_emulators_own_endpoints_are_closed(sandbox: SandboxClient, method: str, path: str) -> None:
    sandbox.aws("sns").create_topic(Name="still-here")
    assert ask(sandbox, path, method=method, body=b"{}" if method == "POST" else None)[0] == 404
    assert len(sandbox.aws("sns").list_topics()["Topics"]) == 1


@pytest.mark.parametrize("path", ["/_trailwarden/health", "/_trailwarden/mail", "/"])
@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com:4566", "localhost.example.com", "10.0.0.1", ""])
def test_a_name_that_is_not_loopback_is_refused(sandbox: SandboxClient, path: str, host: str) -> None:
    assert ask(sandbox, path, headers={"Host": host})[0] in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:4566", "127.0.0.1", "[::1]:4566", "bucket.localhost:4566"])
def test_names_of_loopback_are_served(sandbox: SandboxClient, host: str) -> None:
    assert ask(sandbox, "/_trailwarden/health", headers={"Host": host})[0] == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_trailwarden/nope"), ("POST", "/_trailwarden/mail"), ("GET", "/_trailwarden/")]
)
def test_an_unknown_endpoint_names_the_known_ones(sandbox: SandboxClient, method: str, path: str) -> None:
    status, answer = ask(sandbox, path, method=method, body=b"" if method == "POST" else None)
    assert status == 404
    assert "GET /_trailwarden/mail" in answer["error"]


RECORD = {
    "eventVersion": "1.08",
    "userIdentity": {"type": "IAMUser", "userName": "mallory"},
    "eventTime": "2026-11-21T03:12:09Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "us-east-1",
    "eventType": "AwsConsoleSignIn",
    "responseElements": {"ConsoleLogin": "Failure"},
}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"{", "not JSON"),
        (b"7", "must be a record"),
        (b'{"Records": 7}', "must be a record"),
        (b"[7]", "record 1 is no JSON object"),
        (
            json.dumps([RECORD, {"eventName": "x"}]).encode(),
            "record 2 lacks eventSource, eventTime, eventType, awsRegion",
        ),
        (json.dumps([RECORD | {"eventTime": "soon"}]).encode(), "record 1: eventTime"),
        (json.dumps([RECORD | {"awsRegion": 7}]).encode(), "record 1 lacks awsRegion"),
        (b"[" * 100_000, "nested too deeply"),
        (json.dumps([RECORD | {"eventType": "Odd"}]).encode(), "record 1: eventType"),
        (json.dumps([RECORD | {"awsRegion": "../../etc"}]).encode(), "record 1: awsRegion"),
        (json.dumps([RECORD | {"recipientAccountId": "me"}]).encode(), "record 1: recipientAccountId"),
        (json.dumps([RECORD | {"recipientAccountId": None}]).encode(), "record 1: recipientAccountId"),
    ],
)
def test_emit_says_what_is_wrong_with_a_record(sandbox: SandboxClient, body: bytes, complaint: str) -> None:
    status, answer = ask(sandbox, "/_trailwarden/emit", method="POST", body=body)
    assert status == 400
    assert complaint in answer["error"]


def test_emit_without_a_trail_reaches_none(sandbox: SandboxClient) -> None:
    assert sandbox.emit([RECORD, RECORD]) == {"delivered": 0}


@pytest.mark.parametrize("shape", [lambda one: [one, one], lambda one: {"Records": [one, one]}, lambda one: one])
def test_emitted_records_reach_the_log_group(story: Story, shape: Any) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    sent = shape(RECORD)
    count = 1 if sent is RECORD else 2
    assert story.client.emit(sent) == {"delivered": count}
    found = story.records(eventName="ConsoleLogin")
    assert len(found) == count
    assert found[0]["userIdentity"] == RECORD["userIdentity"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b'{"advance": -1}', "at least 0"),
        (b'{"advance": "1"}', "a number"),
        (b"{}", "a number"),
        (b"[]", "JSON object"),
        (b'{"advance": NaN}', "a number"),
        (b'{"advance": Infinity}', "a number"),
        (b'{"advance": true}', "a number"),
    ],
)
def test_the_clock_is_only_turned_forward(sandbox: SandboxClient, body: bytes, complaint: str) -> None:
    status, answer = ask(sandbox, "/_trailwarden/clock", method="POST", body=body)
    assert status == 400
    assert complaint in answer["error"]


@pytest.mark.parametrize(
    ("endpoint", "body", "complaint"),
    [
        ("wake", b'{"alarms": 1}', "true or false"),
        ("quotas", b"{}", '"on": true or false'),
        ("quotas", b'{"on": 1}', '"on": true or false'),
        ("quotas", b'{"on": true, "flood": {"seconds": 5}}', '"by": key'),
        ("quotas", b'{"on": true, "flood": {"seconds": -5, "by": "AKIA"}}', '"seconds": number'),
        ("quotas", b'{"on": true, "flood": {"seconds": NaN, "by": "AKIA"}}', '"seconds": number'),
        ("quotas", b'{"on": true, "flood": 5}', '"flood": null or'),
        ("logs", b'{"late_s": 1}', "late_s is none of delivered_late_s, found_late_s, "),
        (
            "logs",
            b'{"slow_s": "1", "empty_pages": 1.5}',
            "slow_s must be a number of at least 0; empty_pages must be",
        ),
        ("logs", b'{"throttled_calls": true}', "throttled_calls must be a whole number"),
        ("logs", b'{"found_late_s": -1}', "at least 0"),
        ("logs", b'{"found_late_s": Infinity}', "at least 0"),
    ],
)
def test_a_wrong_body_is_told_what_it_should_be(
    sandbox: SandboxClient, endpoint: str, body: bytes, complaint: str
) -> None:
    status, answer = ask(sandbox, f"/_trailwarden/{endpoint}", method="POST", body=body)
    assert status == 400
    assert complaint in answer["error"]


def test_quotas_are_off_until_asked_for_and_again_after_a_reset(sandbox: SandboxClient) -> None:
    trails = sandbox.aws("cloudtrail")

    def change() -> str:
        with pytest.raises(trails.exceptions.ClientError) as refused:
            trails.stop_logging(Name="nobodys")
        return refused.value.response["Error"]["Code"]

    assert change() == "TrailNotFoundException"
    until = sandbox.set_quotas(on=True, flood_s=600, by="AKIASOMEBODYELSE")["flooded_until"]
    assert until > sandbox.health()["now"]
    assert change() == "ThrottlingException"
    sandbox.reset()
    assert change() == "TrailNotFoundException"


def test_a_refusal_is_an_error_of_the_client(sandbox: SandboxClient) -> None:
    with pytest.raises(SandboxError, match=r"refused: record 1 lacks eventSource"):
        sandbox.emit([{"eventName": "x"}])


def test_reset_brings_back_the_start(story: Story) -> None:
    story.make()
    story.client.confirm()
    story.aws("sns").publish(TopicArn=story.alerts_arn, Subject="s", Message="m")
    assert story.client.mail()
    now = story.client.advance_clock(3600)
    story.client.reset()
    assert story.client.mail() == []
    assert story.client.dropped() == []
    assert story.client.subscriptions() == []
    assert story.aws("cloudtrail").describe_trails()["trailList"] == []
    assert story.client.advance_clock(0) < now
    assert story.aws("iam").get_role(RoleName="deployer")["Role"]["RoleName"] == "deployer"


def test_the_deployer_is_taken_by_root_and_by_nobody_else(story: Story) -> None:
    arn = "arn:aws:iam::000000000000:role/deployer"
    session = story.aws("sts").assume_role(RoleArn=arn, RoleSessionName="pulumi")["Credentials"]
    keys = {"key": session["AccessKeyId"], "secret": session["SecretAccessKey"], "token": session["SessionToken"]}
    deployer = story.aws("sts", **keys).get_caller_identity()["Arn"]
    assert deployer == "arn:aws:sts::000000000000:assumed-role/deployer/pulumi"
    story.aws("sns", **keys).create_topic(Name="made")
    users = story.aws("iam", **keys)
    with pytest.raises(users.exceptions.ClientError, match="AccessDenied"):
        users.create_user(UserName="backdoor")
    mallory = story.aws("sts", **story.user(actions="cloudtrail:*"))
    with pytest.raises(mallory.exceptions.ClientError, match="AccessDenied"):
        mallory.assume_role(RoleArn=arn, RoleSessionName="pulumi")


SLOW = "import time\ndef handle(event, context):\n    time.sleep(0.5)\n    print('DONE')\n"


@pytest.mark.parametrize("way", ["rule", "topic", "event", "call"])
def test_settle_waits_for_functions(story: Story, way: str) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_topic()
    story.make_function(SLOW)
    story.make_trail()
    story.make_rule()
    name = "guarded-guardian"
    match way:
        case "rule":
            story.aws("cloudtrail").stop_logging(Name=story.name)
        case "topic":
            story.aws("sns").subscribe(TopicArn=story.alerts_arn, Protocol="lambda", Endpoint=story.function_arn)
            story.aws("sns").publish(TopicArn=story.alerts_arn, Message="m")
        case "event":
            story.aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
        case _:
            story.aws("lambda").invoke(FunctionName=name, Payload=b"{}")
    story.client.settle()
    lines = story.aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert any("DONE" in line["message"] for line in lines)


def test_a_failed_function_does_not_keep_the_sandbox_from_settling(story: Story) -> None:
    story.make_function("def handle(event, context):\n    raise ValueError('no')\n")
    story.aws("lambda").invoke(FunctionName="guarded-guardian", InvocationType="Event", Payload=b"{}")
    waiting = [story.client.settle() for _ in range(2)]
    lines = story.aws("logs").filter_log_events(logGroupName="/aws/lambda/guarded-guardian")["events"]
    assert any("ValueError" in line["message"] for line in lines), "it ran, and failed"
    assert waiting == [0, 0]
