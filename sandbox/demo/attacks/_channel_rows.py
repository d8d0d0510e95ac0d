"""Attacks on the ways to people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ._range import Range
from ._row import SWEEP, Row


def _break_topic_policy(at: Range) -> None:
    topic = at.outputs["alertsTopicArn"]
    at.kept["policy"] = at.aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    policy = json.loads(at.kept["policy"])
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic})
    at.mallory("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))


def _is_open(at: Range) -> bool:
    topic = at.outputs["alertsTopicArn"]
    policy = at.aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    return json.loads(policy) == json.loads(at.kept["policy"])


def _unsubscribe(at: Range) -> None:
    found = at.sandbox.subscriptions()
    people = [one for one in found if one["protocol"] == "email" and one["topic"] == at.outputs["alertsTopicArn"]]
    at.kept["address"] = people[0]["endpoint"]
    for one in people:
        at.mallory("sns").unsubscribe(SubscriptionArn=one["arn"])


def _is_asked_again(at: Range) -> bool:
    return any(
        one["endpoint"] == at.kept["address"] and one["topic"] == at.outputs["alertsTopicArn"] and not one["confirmed"]
        for one in at.sandbox.subscriptions()
    )


def _confirm(at: Range) -> None:
    at.sandbox.confirm(None)


def _filter_people(at: Range) -> None:
    """Nothing is unsubscribed, and no message fits."""
    for one in at.sandbox.subscriptions():
        if one["protocol"] == "email" and one["topic"] == at.outputs["alertsTopicArn"]:
            _filter(at, one["arn"])


def _filter_guardian(at: Range) -> None:
    """The guardian no longer hears of alarms."""
    for one in at.sandbox.subscriptions():
        if one["protocol"] == "lambda":
            _filter(at, one["arn"])


def _filter(at: Range, arn: str) -> None:
    at.kept.setdefault("filtered", []).append(arn)
    nothing = json.dumps({"never": ["true"]})
    at.mallory("sns").set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=nothing
    )


def _unfilter(at: Range) -> None:
    for arn in at.kept["filtered"]:
        at.aws("sns").set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}"
        )


def _protect_from_people(at: Range) -> None:
    """To the topic every text is sensitive."""
    deny = {
        "DataDirection": "Outbound",
        "DataIdentifier": ["anything"],
        "Principal": ["*"],
        "Operation": {"Deny": {}},
    }
    policy = {
        "Name": "hush",
        "Version": "2021-06-01",
        "Configuration": {"CustomDataIdentifier": [{"Name": "anything", "Regex": "."}]},
        "Statement": [deny],
    }
    topic = at.outputs["alertsTopicArn"]
    at.mallory("sns").put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=json.dumps(policy))


def _is_unprotected(at: Range) -> bool:
    answer = at.aws("sns").get_data_protection_policy(ResourceArn=at.outputs["alertsTopicArn"])
    return not answer.get("DataProtectionPolicy")


def rows() -> Iterator[Row]:
    """Attacks on the alerts topic and on who is subscribed to it."""
    yield Row(
        name="topic-policy-broken",
        title="alerts topic's policy broken: nobody may publish",
        attack=_break_topic_policy,
        told=("[critical] Topic alerts-", " put back: policy"),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_is_open,
    )
    yield Row(
        name="subscription-removed",
        title="people's subscription removed",
        attack=_unsubscribe,
        # By the last resort: nobody is left who could read the alerts.
        told=("[critical] A subscription of the alerts topic was missing",),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_is_asked_again,
        undo=_confirm,
    )
    yield Row(
        name="people-filtered",
        title="people's subscription given a filter that no message passes",
        attack=_filter_people,
        told=("[critical] A subscription of the alerts topic was changed",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_unfilter,
    )
    yield Row(
        name="guardian-filtered",
        title="guardian's subscription to alarms given such a filter",
        attack=_filter_guardian,
        told=("[critical] Subscription guardian-", " changed"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_unfilter,
    )
    yield Row(
        name="data-protection",
        title="data protection policy that denies every alert",
        attack=_protect_from_people,
        told=("[critical] Topic alerts-", " put back: data protection"),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_is_unprotected,
    )
