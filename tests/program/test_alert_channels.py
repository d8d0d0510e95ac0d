"""The two topics, and who is subscribed to them."""

import pytest

from tests.support.recorded_program import run_program
from tests.support.reference_stacks import STACKS, recorded, wire_config


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
        key = recorded(stack).one("Trail").inputs["kmsKeyId"] if each.name == "delivery" else ":key/alerts-key-"
        assert key in each.inputs["kmsMasterKeyId"], each.urn
