"""The two topics, and who is subscribed to them."""

import json
from typing import Any

import pytest

from tests.support.recorded_program import run_program
from tests.support.reference_stacks import STACKS, recorded, wire_config

GIVEN_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_topics() -> None:
    topics = {
        each.name: {key: value for key, value in each.inputs.items() if key != "tags"}
        for each in recorded("full").of("Topic")
    }
    common = {"region": "eu-west-1", "kmsMasterKeyId": "arn:aws:kms:eu-west-1:111122223333:key/alerts-key-1a2b3c4"}
    assert topics == {
        "signals": common,
        "alerts": {**common, "displayName": "trailwarden full"},
        "last-resort": {"region": "eu-west-1", "displayName": "trailwarden full"},
    }


def test_people_are_subscribed_to_alerts_and_the_guardian_to_signals() -> None:
    subscriptions = {
        (each.inputs["topic"].rpartition(":")[2], each.inputs["protocol"], each.inputs["endpoint"])
        for each in recorded("full").of("TopicSubscription")
    }
    assert subscriptions == {
        ("alerts-1a2b3c4", "email", "security@example.com"),
        ("alerts-1a2b3c4", "email", "oncall@example.com"),
        ("alerts-1a2b3c4", "email-json", "robot@example.com"),
        ("signals-1a2b3c4", "lambda", "arn:aws:lambda:eu-west-1:111122223333:function:guardian-1a2b3c4"),
        ("last-resort-1a2b3c4", "email", "security@example.com"),
        ("last-resort-1a2b3c4", "email", "oncall@example.com"),
        ("last-resort-1a2b3c4", "sms", "+15555550123"),
        ("last-resort-1a2b3c4", "sqs", "arn:aws:sqs:eu-west-1:111122223333:last-resort-1a2b3c4"),
    }


def test_one_more_person_touches_nobody_else() -> None:
    more = run_program(wire_config("least", emails=["new@example.com", "security@example.com"]), stack="least")
    assert more.identities - recorded("least").identities == {
        ("aws:sns/topicSubscription:TopicSubscription", f"{topic}-email-new@example.com")
        for topic in ("alerts", "last-resort")
    }
    assert recorded("least").identities <= more.identities


@pytest.mark.parametrize("stack", STACKS)
def test_every_topic_but_the_last_resort_is_encrypted_with_a_customer_key(stack: str) -> None:
    """AWS's own key for SNS cannot be used by alarms, and ours may be what has failed."""
    for each in recorded(stack).of("Topic"):
        if each.name == "last-resort":
            assert "kmsMasterKeyId" not in each.inputs
            continue
        if stack == "given":
            assert each.inputs["kmsMasterKeyId"] == GIVEN_KEY
            continue
        key = recorded(stack).one("Trail").inputs["kmsKeyId"] if each.name == "delivery" else ":key/alerts-key-"
        assert key in each.inputs["kmsMasterKeyId"], each.urn


def test_a_given_key_is_used_wherever_ours_would_be() -> None:
    """Topics, the guardian's right to publish, and its log; nothing makes a key for them."""
    recording = recorded("given")
    assert {each.name for each in recording.of("Key")} == {"trail-key"}
    (reports,) = (
        each
        for each in json.loads(recording.one("RolePolicy", "guardian").inputs["policy"])["Statement"]
        if each["Sid"] == "ReportEncrypted"
    )
    assert reports["Resource"] == GIVEN_KEY
    assert recording.one("LogGroup", "guardian").inputs["kmsKeyId"] == GIVEN_KEY


ALERTS = "arn:aws:sns:eu-west-1:111122223333:alerts-1a2b3c4"
FRIEND, ROBOT = "arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:role/alert-sender"


def statements(kind: str, name: str) -> dict[str, dict[str, Any]]:
    return {
        each["Sid"]: each for each in json.loads(recorded("channels").one(kind, name).inputs["policy"])["Statement"]
    }


def test_others_are_let_in_by_name_and_to_the_alerts_alone() -> None:
    allowed = statements("TopicPolicy", "alerts")
    assert allowed["OthersPublish"] == {
        "Sid": "OthersPublish",
        "Effect": "Allow",
        "Principal": {"AWS": [FRIEND, ROBOT]},
        "Action": "sns:Publish",
        "Resource": ALERTS,
    }
    assert (allowed["OthersSubscribe"]["Principal"], allowed["OthersSubscribe"]["Action"]) == (
        {"AWS": [FRIEND]},
        "sns:Subscribe",
    )
    for topic in ("signals", "last-resort"):
        assert statements("TopicPolicy", topic).keys() == {"AccountOwnsTopic", "AlarmsPublish"}
    # Publishing to an encrypted topic needs its key too, and through SNS only.
    assert statements("Key", "alerts-key")["OthersPublishEncrypted"] == {
        "Sid": "OthersPublishEncrypted",
        "Effect": "Allow",
        "Principal": {"AWS": [FRIEND, ROBOT]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}},
    }


def test_deliveries_are_logged_into_groups_of_our_own() -> None:
    role = "arn:aws:iam::111122223333:role/alerts-delivery-1a2b3c4"
    inputs = recorded("channels").one("Topic", "alerts").inputs
    for protocol in ("http", "lambda", "sqs"):
        assert inputs[f"{protocol}SuccessFeedbackRoleArn"] == inputs[f"{protocol}FailureFeedbackRoleArn"] == role
        assert inputs[f"{protocol}SuccessFeedbackSampleRate"] == 100
    groups = {
        each.inputs["name"]: each.inputs
        for each in recorded("channels").of("LogGroup")
        if each.name.startswith("alerts-delivery")
    }
    group = "sns/eu-west-1/111122223333/alerts-1a2b3c4"  # SNS chooses these names
    assert groups.keys() == {group, f"{group}/Failure"}
    for each in groups.values():
        assert (each["retentionInDays"], ":key/alerts-key-" in each["kmsKeyId"]) == (365, True)
    arn = f"arn:aws:logs:eu-west-1:111122223333:log-group:{group}"
    assert statements("RolePolicy", "alerts-delivery")["LogDeliveries"] == {
        "Sid": "LogDeliveries",
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [arn, f"{arn}:log-stream:*", f"{arn}/Failure", f"{arn}/Failure:log-stream:*"],
    }
    assert not [key for key in recorded("channels").one("Topic", "last-resort").inputs if "Feedback" in key]


def test_without_a_share_of_successes_only_failures_are_logged() -> None:
    inputs = recorded("given").one("Topic", "alerts").inputs
    assert {key for key in inputs if "Feedback" in key} == {
        f"{protocol}FailureFeedbackRoleArn" for protocol in ("http", "lambda", "sqs")
    }
