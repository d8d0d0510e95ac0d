"""Machines that are told: what their subscriptions say, where secrets stay secret, what keeps the undelivered."""

import json
from typing import Any

import pytest

from settings import Settings
from settings.subscribers import Retry
from tests.support.recorded_program import Registration, run_program
from tests.support.reference_stacks import recorded, secrets, stack_file, wire_config
from tests.support.sdk_schema import SECRET_SIGNATURE

ALERTS = "arn:aws:sns:eu-west-1:111122223333:alerts-1a2b3c4"
LAST_RESORT = "arn:aws:sns:eu-west-1:111122223333:last-resort-1a2b3c4"
URL = "https://events.example.com/integration/0123456789abcdef0123456789abcdef/enqueue"


def subscription(label: str) -> Registration:
    return recorded("channels").one("TopicSubscription", label)


def inputs(label: str) -> dict[str, Any]:
    return {key: value for key, value in subscription(label).inputs.items() if key not in ("region", "topic")}


def dead_letters(topic: str, protocol: str) -> Registration:
    (found,) = (each for each in recorded("channels").of("Queue") if each.name.startswith(f"{topic}-{protocol}-"))
    return found


def arn_of(queue: Registration) -> str:
    return f"arn:aws:sqs:eu-west-1:111122223333:{queue.name}-1a2b3c4"


def test_each_protocol_is_subscribed_as_sns_wants_it() -> None:
    sqs = "arn:aws:sqs:us-east-1:111122223333:siem"
    function = "arn:aws:lambda:eu-west-1:444455556666:function:ticket:live"
    assert inputs("alerts-sqs-us-east-1-111122223333-siem") == {
        "protocol": "sqs",
        "endpoint": sqs,
        "rawMessageDelivery": True,
        "redrivePolicy": json.dumps({"deadLetterTargetArn": arn_of(dead_letters("alerts", "sqs"))}),
    }
    assert inputs("alerts-lambda-eu-west-1-444455556666-function-ticket-live") == {
        "protocol": "lambda",
        "endpoint": function,
    }
    assert inputs("alerts-http-collector.example.com/trailwarden") == {
        "protocol": "http",
        "endpoint": "http://collector.example.com/trailwarden",
        "rawMessageDelivery": True,
    }


def test_a_secret_url_stays_secret_and_names_nothing() -> None:
    for topic in ("alerts", "last-resort"):
        endpoint = subscription(f"{topic}-https-webhookUrl").inputs["endpoint"]
        assert endpoint.keys() >= {SECRET_SIGNATURE}
        assert endpoint["value"] == URL
    recording = recorded("channels")
    elsewhere = [
        (each.urn, key)
        for each in recording.registrations
        for key, value in each.inputs.items()
        if "0123456789abcdef" in each.urn or ("0123456789abcdef" in repr(value) and key != "endpoint")
    ]
    assert not elsewhere
    assert "0123456789abcdef" not in repr(recording.exports)


def test_the_delivery_policy_is_the_stacks_own() -> None:
    assert json.loads(inputs("alerts-https-webhookUrl")["deliveryPolicy"]) == {
        "healthyRetryPolicy": {
            "minDelayTarget": 5,
            "maxDelayTarget": 300,
            "numRetries": 10,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "numMaxDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "throttlePolicy": {"maxReceivesPerSecond": 5},
    }
    assert "deliveryPolicy" not in inputs("alerts-http-collector.example.com/trailwarden")


@pytest.mark.parametrize(
    ("topic", "protocol", "source"),
    [("alerts", "sqs", ALERTS), ("alerts", "https", ALERTS), ("last-resort", "https", LAST_RESORT)],
)
def test_what_is_not_delivered_is_kept_encrypted_for_its_topic_and_rings(
    topic: str, protocol: str, source: str
) -> None:
    queue = dead_letters(topic, protocol)
    assert (queue.inputs["sqsManagedSseEnabled"], queue.inputs["messageRetentionSeconds"]) == (True, 14 * 24 * 3600)
    policy = json.loads(recorded("channels").one("QueuePolicy", queue.name).inputs["policy"])
    assert policy["Statement"] == [
        {
            "Sid": "TopicKeepsUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn_of(queue),
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
    ]
    (alarm,) = (
        each
        for each in recorded("channels").of("MetricAlarm")
        if each.inputs.get("dimensions") == {"QueueName": f"{queue.name}-1a2b3c4"}
    )
    assert alarm.name.startswith("watch-lost-")
    assert alarm.inputs["alarmActions"] == [LAST_RESORT]
    assert (alarm.inputs["threshold"], alarm.inputs["treatMissingData"]) == (1, "notBreaching")
    assert f"did not get a message of the topic {topic}." in alarm.inputs["alarmDescription"]


def test_without_the_option_nothing_is_kept() -> None:
    assert len(recorded("channels").of("Queue")) == len(recorded("least").of("Queue")) + 3


def test_names_fit_with_the_longest_prefix() -> None:
    prefix = "a" * 205
    recording = run_program(
        wire_config("channels", alerts={"alarmPrefix": prefix}), secrets=secrets("channels"), stack="channels"
    )
    names = [each.inputs["name"] for each in recording.of("MetricAlarm")]
    assert max(map(len, names)) <= 255
    assert len(set(names)) == len(names)
    assert all(len(each.name) + 8 <= 80 for each in recording.of("Queue"))


NEXT_STEPS = [
    (
        "aws lambda add-permission --region eu-west-1 --function-name "
        "arn:aws:lambda:eu-west-1:444455556666:function:ticket:live --statement-id trailwarden-channels-alerts "
        f"--action lambda:InvokeFunction --principal sns.amazonaws.com --source-arn {ALERTS}"
    ),
    "arn:aws:lambda:eu-west-1:444455556666:function:ticket:live is in another account, so its owner must confirm",
    "Add to the policy of the queue arn:aws:sqs:us-east-1:111122223333:siem:",
    f"posted a SubscriptionConfirmation of {ALERTS} to the secret webhookUrl;",
    f"posted a SubscriptionConfirmation of {LAST_RESORT} to the secret webhookUrl;",
]


@pytest.mark.parametrize("text", NEXT_STEPS)
def test_next_steps_say_what_others_have_to_allow(text: str) -> None:
    assert any(text in step for step in recorded("channels").exports["nextSteps"])


def test_a_queue_of_the_same_account_is_not_told_to_confirm() -> None:
    assert not [step for step in recorded("channels").exports["nextSteps"] if "siem is in another account" in step]


def test_who_gets_what() -> None:
    settings = Settings.from_stack_file(stack_file("channels"))
    assert [each.protocol for each in settings.recipients("alerts")] == [
        "email",
        "email-json",
        "sqs",
        "lambda",
        "https",
        "http",
    ]
    assert [each.protocol for each in settings.recipients("last-resort")] == ["email", "email-json", "sms", "https"]


@pytest.mark.parametrize(
    ("retry", "longest"),
    [
        ({}, 60),
        ({"numRetries": 0}, 0),
        ({"numRetries": 10, "numNoDelayRetries": 10}, 0),
        ({"numRetries": 4, "minDelayTarget": 10, "maxDelayTarget": 100, "numMinDelayRetries": 4}, 40),
        ({"numRetries": 4, "minDelayTarget": 10, "maxDelayTarget": 100, "numMaxDelayRetries": 4}, 400),
        ({"numRetries": 4, "minDelayTarget": 10, "maxDelayTarget": 100}, 220),
        ({"numRetries": 4, "minDelayTarget": 10, "maxDelayTarget": 100, "backoffFunction": "exponential"}, 400),
    ],
)
def test_how_long_retries_take_at_most(retry: dict[str, Any], longest: int) -> None:
    assert Retry.model_validate(retry).longest_s == longest


def test_a_filter_is_on_the_alerts_only_and_lets_through_what_has_no_set() -> None:
    stack, label = recorded("explained"), "sqs-eu-west-1-111122223333-pager"
    assert json.loads(stack.one("TopicSubscription", f"alerts-{label}").inputs["filterPolicy"]) == {
        "severity": ["critical", "high"],
        "set": ["root-account-use", "guardian", {"exists": False}],
        "region": ["eu-west-1", "us-east-1"],
    }
    chosen = [each.name for each in stack.of("TopicSubscription") if "filterPolicy" in each.inputs]
    assert chosen == [f"alerts-{label}"]
    assert stack.one("TopicSubscription", f"last-resort-{label}").inputs["protocol"] == "sqs"
