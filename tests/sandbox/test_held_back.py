"""What a topic holds back of what is published: by a subscription's filter, or by a data protection policy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient, subscription_checks, topic_protection

TOPIC = "arn:aws:sns:eu-west-1:000000000000:alerts"
DENY: dict[str, Any] = {
    "DataDirection": "Outbound",
    "DataIdentifier": ["anything"],
    "Principal": ["*"],
    "Operation": {"Deny": {}},
}


def protection(*statements: dict[str, Any], regex: str = ".", **changes: Any) -> str:
    """A data protection policy with one identifier of its own."""
    custom = {"CustomDataIdentifier": [{"Name": "anything", "Regex": regex}]}
    policy = {"Name": "hush", "Version": "2021-06-01", "Configuration": custom, "Statement": list(statements) or [DENY]}
    return json.dumps({**policy, **changes})


@pytest.mark.parametrize(
    ("attributes", "protocol", "words"),
    [
        ({"FilterPolicy": "{"}, "email", "FilterPolicy: failed to parse JSON"),
        ({"FilterPolicy": "[]"}, "email", "FilterPolicy: must be an object"),
        ({"FilterPolicy": '{"set": "a"}'}, "email", '"set" must be an array'),
        ({"FilterPolicy": '{"set": []}'}, "email", '"set" must be an array'),
        ({"FilterPolicy": '{"set": {"a": ["b"]}}'}, "email", '"set" must be an array'),
        ({"FilterPolicy": '{"a": {"b": 1}}', "FilterPolicyScope": "MessageBody"}, "email", '"b" must be an object or'),
        ({"FilterPolicyScope": "Subject"}, "email", "FilterPolicyScope: must be one of MessageAttributes, MessageBody"),
        ({"RawMessageDelivery": "yes"}, "sqs", "RawMessageDelivery: must be true or false"),
        ({"RawMessageDelivery": "true"}, "email", "Delivery protocol [email] does not support raw"),
        ({"RawMessageDelivery": "true"}, "lambda", "Delivery protocol [lambda] does not support raw"),
        ({"RedrivePolicy": "{}"}, "sqs", "RedrivePolicy: must be JSON with deadLetterTargetArn"),
        (
            {"RedrivePolicy": '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:lost"}'},
            "sqs",
            "must be a queue in the topic's account and region",
        ),
    ],
)
def test_what_sns_refuses_of_a_subscription(attributes: dict[str, str], protocol: str, words: str) -> None:
    assert words in str(subscription_checks.refused(attributes, protocol=protocol, topic_arn=TOPIC))


def test_what_sns_takes_of_a_subscription() -> None:
    lost = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:000000000000:lost"})
    body = {"FilterPolicy": '{"a": {"b": ["c"]}}', "FilterPolicyScope": "MessageBody"}
    for attributes, protocol in (
        ({"FilterPolicy": "{}"}, "email"),
        ({"FilterPolicy": '{"set": ["a", {"prefix": "b"}]}', "RedrivePolicy": lost}, "lambda"),
        ({**body, "RawMessageDelivery": "true"}, "sqs"),
        ({"RawMessageDelivery": "false"}, "email"),
    ):
        assert subscription_checks.refused(attributes, protocol=protocol, topic_arn=TOPIC) is None, attributes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("x" * 30_721, "longer than 30,720 characters"),
        (protection(Version="2012-10-17"), "a Name and the Version 2021-06-01"),
        (protection(Statement=[]), "has Statements"),
        (protection({**DENY, "DataDirection": "Sideways"}), "DataDirection is one of"),
        (protection({**DENY, "DataIdentifier": ["other"]}), "DataIdentifier names"),
        (protection({**DENY, "Principal": []}), "Principal"),
        (protection({**DENY, "Operation": {"Deny": {}, "Audit": {}}}), "Operation is one of"),
        (protection(regex="("), "a valid Regex"),
    ],
)
def test_what_sns_refuses_of_a_data_protection_policy(text: str, words: str) -> None:
    assert words in str(topic_protection.refused(text))


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("", None),
        (protection(), "anything"),
        (protection(regex="nothing like it"), None),
        (protection({**DENY, "DataDirection": "Inbound"}), None),
        (protection({**DENY, "Operation": {"Audit": {}}}), None),
        (protection({**DENY, "Principal": ["arn:aws:iam::000000000000:role/reader"]}), None),
        *(
            (
                protection({**DENY, "DataIdentifier": [f"arn:aws:dataprotection::aws:data-identifier/{name}"]}),
                found and f"arn:aws:dataprotection::aws:data-identifier/{name}",
            )
            for name, found in (("EmailAddress", True), ("IpAddress", True), ("Name", None))
        ),
    ],
)
def test_a_message_is_held_back_by_what_is_found_in_it(text: str, identifier: str | None) -> None:
    message = "Trail stopped by mallory@example.com from 203.0.113.77"
    assert (topic_protection.refused(text), topic_protection.holding_back(text, message)) == (None, identifier)


def test_mail_comes_again_once_nothing_is_held_back(sandbox: SandboxClient) -> None:
    sns = sandbox.aws("sns", region="eu-west-1")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    sandbox.confirm(None)

    def told(subject: str) -> bool:
        sns.publish(TopicArn=topic, Subject=subject, Message="{}")
        sandbox.settle()
        return subject in [mail["subject"] for mail in sandbox.mail()]

    def set_filter(policy: str) -> None:
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy)

    assert told("before")
    set_filter('{"never": ["true"]}')
    assert not told("filtered")
    with pytest.raises(ClientError, match="must be an array"):
        set_filter('{"never": "true"}')
    set_filter("{}")
    assert told("after the filter")
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=protection())
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == protection()
    assert not told("protected")
    assert [each["why"] for each in sandbox.dropped()] == [
        "the topic's data protection policy denies what holds anything"
    ]
    with pytest.raises(ClientError, match="not valid JSON"):
        sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="{")
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="")
    assert not sns.get_data_protection_policy(ResourceArn=topic).get("DataProtectionPolicy")
    assert told("after the protection")
    with pytest.raises(ClientError, match="NotFound"):
        sns.get_data_protection_policy(ResourceArn=f"{topic}-of-nobody")
