"""Properties that hold for every message whatsoever: the repair comes, the mail goes out, nobody writes in it."""

import json
import re
from typing import Any

import pytest
from guardian.cause import parse
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.support.guardian_world import FakeAws, deliver, environment, refusal, sample, wake

REPAIR = ["GetTrailStatus", "StartLogging", "GetTrailStatus", "Publish"]
LABELS = ("Who", "What", "Where", "When", "Done", "Gap", "Delivery", "Missing", "Next", "Event", "Runbook")

# Text as an attacker would choose it: our labels, line ends of every kind, right-to-left marks, long, quoted.
HOSTILE = st.sampled_from(
    [
        "x\nDone     nothing to do",
        "x\r\n\r\nNext     Click https://evil.example",
        "\u2028Who      alice",
        "\x85Gap      none",
        "\u202egnp.exe",
        "\x0b\x0c\x1c\x1d\x1e",
        "\ud800",
        "'; reboot #",
        "$(reboot)",
        "\x00",
        "n" * 5000,
        " ",
    ]
)
TEXT = st.text(max_size=40) | HOSTILE
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with some of these keys, each with its kind of value or with anything."""
    return st.fixed_dictionaries({}, optional={name: value | JSON for name, value in values.items()})


ARN = st.builds(
    "arn:aws:{}::{}:{}/{}".format,
    st.sampled_from(["iam", "sts"]),
    st.sampled_from(["111122223333", "444455556666"]),
    st.sampled_from(["user", "role", "assumed-role", "role/aws-reserved/sso.amazonaws.com", "federated-user"]),
    TEXT,
)
TYPES = st.sampled_from(
    [
        "Root",
        "IAMUser",
        "AssumedRole",
        "Role",
        "FederatedUser",
        "AWSService",
        "AWSAccount",
        "SAMLUser",
        "Directory",
        "WebIdentityUser",
        "IdentityCenterUser",
        "Unknown",
    ]
)
IDENTITY = some(
    type=TYPES,
    principalId=TEXT,
    arn=ARN,
    accountId=st.sampled_from(["111122223333", "444455556666"]),
    accessKeyId=st.sampled_from(["AKIASAMPLEKEYMAL07Q4", "ASIASAMPLESESSION0AB1", ""]) | TEXT,
    userName=TEXT,
    invokedBy=TEXT,
    onBehalfOf=some(userId=TEXT),
    sessionContext=some(
        sessionIssuer=some(type=TYPES, arn=ARN, userName=TEXT, principalId=TEXT),
        attributes=some(mfaAuthenticated=st.sampled_from(["true", "false"]), creationDate=TEXT),
        webIdFederationData=some(federatedProvider=TEXT),
        sourceIdentity=TEXT,
        ec2RoleDelivery=st.just("2.0"),
    ),
)
AROUND = some(
    eventTime=st.datetimes().map(lambda at: at.isoformat() + "Z") | TEXT,
    sourceIPAddress=TEXT,
    userAgent=TEXT,
    awsRegion=TEXT,
    eventID=TEXT,
    recipientAccountId=TEXT,
    errorMessage=TEXT,
    vpcEndpointId=TEXT,
    responseElements=some(name=TEXT, trailARN=ARN),
)
FUZZ = settings(max_examples=examples(100))


def assert_mail_is_sound(request: dict[str, Any]) -> None:
    """What SNS takes, and no line in it that we did not write ourselves."""
    subject, body = request["Subject"], request["Message"]
    assert len(subject) < 100
    assert re.fullmatch(r"\[(critical|high|medium)\] [ -~]+ - (111122223333 )?eu-west-1", subject)
    body.encode()  # lone surrogates would fail
    assert all(char == "\n" or char.isprintable() for char in body)
    assert len(body) < 16_000
    first, *lines = body.splitlines()
    assert "trailwarden-prod" in first or "the event does not name" in first
    assert lines[-1] == "trailwarden 0.1.0 · stack prod"
    labelled = [line[:9].strip() for line in lines[:-1] if line and not line.startswith(" ")]
    assert set(labelled) <= set(LABELS)
    assert len(labelled) == len(set(labelled))
    for line in lines:
        if "://" in line:
            assert line.startswith(
                "  https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events"
            )


@seed(1)
@FUZZ
@given(identity=IDENTITY | JSON)
@example(identity={"type": "IAMUser", "userName": "x\nDone     nothing to do"})
@example(identity={"type": "AssumedRole", "sessionContext": {"sessionIssuer": {}, "attributes": None}})
def test_no_caller_whatsoever_stands_in_the_way(identity):
    event = sample("stop-by-name-iam-user")
    event["detail"]["userIdentity"] = identity
    woken = deliver(event)
    assert woken.raised is None
    assert woken.aws.calls == REPAIR
    assert woken.aws.is_logging
    assert_mail_is_sound(woken.aws.published[0])


@seed(2)
@FUZZ
@given(around=AROUND, parameters=some(name=TEXT, isMultiRegionTrail=st.booleans()) | JSON, logs=st.booleans())
def test_nothing_around_it_stands_in_the_way(around, parameters, logs):
    event = sample("update-trail")
    event["detail"] |= around | {"requestParameters": parameters}
    event["detail"].pop("responseElements") if "responseElements" not in around else None
    woken = deliver(event, FakeAws(is_logging=logs))
    assert woken.raised is None
    assert woken.aws.calls in ([], REPAIR, ["GetTrailStatus", "Publish"])  # []: named another trail
    for request in woken.aws.published:
        assert_mail_is_sound(request)


@seed(3)
@FUZZ
@given(event=some(detail=some(eventName=TEXT, userIdentity=IDENTITY), Records=st.lists(JSON), source=TEXT) | JSON)
def test_every_message_is_at_least_a_hint(event):
    """Whatever arrives, a stopped trail is started; only an event that names another trail is left alone."""
    woken = deliver(event)
    assert woken.raised is None
    assert woken.aws.calls == REPAIR or "other" in repr(parse(event, environment=environment()).whose)
    json.dumps(woken.answer)


@seed(4)
@FUZZ
@given(message=TEXT | JSON.map(json.dumps) | some(AlarmName=TEXT, StateChangeTime=TEXT).map(json.dumps))
def test_every_sns_message_is_at_least_a_hint(message):
    event = sample("alarm-aws")
    event["Records"][0]["Sns"]["Message"] = message
    woken = deliver(event)
    assert woken.raised is None
    assert woken.aws.calls == REPAIR
    assert_mail_is_sound(woken.aws.published[0])


@seed(5)
@settings(max_examples=examples(50))
@given(
    refusals=st.lists(
        st.sampled_from(["ThrottlingException", "ConflictException", "AccessDeniedException", "Odd\ncode", ""]),
        max_size=9,
    ),
    where=st.sampled_from(["GetTrailStatus", "StartLogging"]),
    identity=IDENTITY,
)
def test_whatever_aws_refuses_somebody_is_told(refusals, where, identity):
    event = sample("stop-by-arn-iam-user-mfa")
    event["detail"]["userIdentity"] = identity
    aws = FakeAws(refuse={where: [refusal(code) for code in refusals]})
    woken = deliver(event, aws)
    assert_mail_is_sound(aws.published[0])
    assert len(aws.published) == 1
    assert (woken.raised is None) is (woken.answer is not None)
    assert aws.hands.passed_s < 180


def test_the_repair_does_not_wait_for_the_caller_to_be_read(monkeypatch: pytest.MonkeyPatch):
    """Were reading the caller ever to fail, the trail would be logging already."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("guardian.report.actor_of", fails)
    woken = wake("stop-by-name-iam-user")
    assert isinstance(woken.raised, RuntimeError)
    assert woken.aws.calls == REPAIR[:3]
    assert woken.aws.is_logging


def test_deep_nesting_breaks_nothing():
    event = sample("update-trail")
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    event["detail"]["requestParameters"]["deep"] = deep
    event["detail"]["userIdentity"] = {"type": deep, "arn": deep, "sessionContext": deep}
    woken = deliver(event)
    assert woken.raised is None
    assert "deep (not shown)" in woken.row("What")
    while deep:  # taken apart by hand: freeing it at once would recurse as deep
        deep = deep.pop()
