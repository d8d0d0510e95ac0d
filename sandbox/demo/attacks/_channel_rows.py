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
