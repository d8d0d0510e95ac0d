"""What there is of the ways to people: topics and their subscriptions, queues."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from guardian.inventory.comparing import compare
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_NO_TOPIC = ("NotFound", "NotFoundException")
# Also how SNS may say that it protects no data of this topic, or of none in this region or account.
_NO_PROTECTION = (*_NO_TOPIC, "InvalidParameter", "InvalidAction")
_QUEUE_ATTRIBUTES = [
    "ApproximateNumberOfMessages",
    "DelaySeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "RedrivePolicy",
]
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def topics(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Topics: `policy` (JSON text), `key` (as the topic names it, or ""), `protection` (of data: JSON text, or "")."""
    sns = eyes.client_for("sns", things[0].region)
    for thing in things:
        answer = eyes.ask(
            "sns:GetTopicAttributes", partial(sns.get_topic_attributes, TopicArn=thing.name), gone=_NO_TOPIC
        )
        if answer is None:
            yield Seen(thing=thing)
            continue
        protected = eyes.ask(
            "sns:GetDataProtectionPolicy",
            partial(sns.get_data_protection_policy, ResourceArn=thing.name),
            gone=_NO_PROTECTION,
        )
        found = answer.get("Attributes", {})
        facts = {
            "policy": found.get("Policy", ""),
            "key": found.get("KmsMasterKeyId", ""),
            "protection": (protected or {}).get("DataProtectionPolicy") or "",
        }
        yield Seen(thing=thing, facts=facts)


def subscriptions(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Who is subscribed to one topic: being there, confirmed or still asked to confirm, and what AWS lets read of it.

    A thing says whom it means by `protocol` and `endpoint`, or, where the endpoint is a secret, by `who`. The other
    facts are those of `_settings`; of a subscription that is pending, or another account's, there are none.
    """
    sns = eyes.client_for("sns", things[0].region)
    listed = eyes.all(
        "sns:ListSubscriptionsByTopic",
        partial(sns.list_subscriptions_by_topic, TopicArn=things[0].of),
        items="Subscriptions",
        token=("NextToken", "NextToken"),
        gone=_NO_TOPIC,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in listed:
        found.setdefault(who(protocol=one.get("Protocol", ""), endpoint=one.get("Endpoint", "")), []).append(one)
    for thing in things:
        same = found.get(thing.facts.get("who", ""))
        yield Seen(thing=thing, facts=None if same is None else _subscription(thing, same, sns, eyes))


def _subscription(thing: Thing, same: Sequence[Mapping[str, Any]], sns: Any, eyes: Eyes) -> dict[str, Any] | None:
    """One address written in two ways is subscribed twice: the one that is not as it should be must not hide.

    None when it went while it was looked at.
    """
    owner = thing.of.split(":")[4]
    # AWS shows nobody but its owner what a subscription is like: "Not authorized to access this subscription".
    ours = [one["SubscriptionArn"] for one in same if one.get("Owner", owner) == owner]
    confirmed = [arn for arn in ours if arn.startswith("arn:")]
    known = [facts for arn in confirmed if (facts := _settings(arn, sns, eyes)) is not None]
    if confirmed and not known:
        return None
    odd = (facts for facts in known if compare([Seen(thing=thing, facts=facts)]))
    return {"who": thing.facts["who"], **next(odd, known[0] if known else {})}


def _settings(arn: str, sns: Any, eyes: Eyes) -> dict[str, Any] | None:
    """What decides on what a subscriber gets: `filter`, `dead_letters` and `retries` (JSON text, or ""), the filter's
    `scope`, and whether messages are `raw`. None when there is no such subscription.
    """
    answer = eyes.ask(
        "sns:GetSubscriptionAttributes", partial(sns.get_subscription_attributes, SubscriptionArn=arn), gone=_NO_TOPIC
    )
    if answer is None:
        return None
    found = answer.get("Attributes", {})
    return {
        "filter": found.get("FilterPolicy") or "",
        "scope": found.get("FilterPolicyScope") or "MessageAttributes",
        "raw": found.get("RawMessageDelivery") == "true",
        "dead_letters": found.get("RedrivePolicy") or "",
        "retries": found.get("DeliveryPolicy") or "",
    }


def who(*, protocol: str, endpoint: str) -> str:
    """A subscriber in a form that gives no secret away. SNS takes mail addresses in any case."""
    name = endpoint.casefold() if protocol.startswith("email") else endpoint
    return hashlib.sha256(f"{protocol} {name}".encode()).hexdigest()[:32]


def queues(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Queues of one region: `policy` (JSON text), how many messages are `waiting`, and what decides on whether they are
    kept: `retention` and `delay` in seconds, `largest` in bytes, `key` and `redrive` ("" for SQS's own, and for none).
    """
    sqs = eyes.client_for("sqs", things[0].region)
    for thing in things:
        answer = eyes.ask(
            "sqs:GetQueueAttributes",
            partial(sqs.get_queue_attributes, QueueUrl=thing.name, AttributeNames=_QUEUE_ATTRIBUTES),
            gone=_NO_QUEUE,
        )
        yield Seen(thing=thing, facts=None if answer is None else _queue(answer.get("Attributes", {})))


def _queue(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "policy": attributes.get("Policy", ""),
        "waiting": int(attributes.get("ApproximateNumberOfMessages", 0)),
        "retention": int(attributes.get("MessageRetentionPeriod", 0)),
        "largest": int(attributes.get("MaximumMessageSize", 0)),
        "delay": int(attributes.get("DelaySeconds", 0)),
        "key": attributes.get("KmsMasterKeyId", ""),
        "redrive": attributes.get("RedrivePolicy", ""),
    }
