"""What there is of the ways to people: topics and their subscriptions, queues."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_NO_TOPIC = ("NotFound", "NotFoundException")
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def topics(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Topics: `policy` (JSON text) and `key` (as the topic names it, or "")."""
    sns = eyes.client_for("sns", things[0].region)
    for thing in things:
        answer = eyes.ask(
            "sns:GetTopicAttributes", partial(sns.get_topic_attributes, TopicArn=thing.name), gone=_NO_TOPIC
        )
        found = None if answer is None else answer.get("Attributes", {})
        facts = None if found is None else {"policy": found.get("Policy", ""), "key": found.get("KmsMasterKeyId", "")}
        yield Seen(thing=thing, facts=facts)


def subscriptions(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Who is subscribed to one topic, confirmed or still asked to confirm: no facts but being there.

    A thing says whom it means by `protocol` and `endpoint`, or, where the endpoint is a secret, by `who`.
    """
    sns = eyes.client_for("sns", things[0].region)
    listed = eyes.all(
        "sns:ListSubscriptionsByTopic",
        partial(sns.list_subscriptions_by_topic, TopicArn=things[0].of),
        items="Subscriptions",
        token=("NextToken", "NextToken"),
        gone=_NO_TOPIC,
    )
    found = {who(protocol=one.get("Protocol", ""), endpoint=one.get("Endpoint", "")) for one in listed}
    for thing in things:
        yield Seen(thing=thing, facts={"who": thing.facts["who"]} if thing.facts.get("who") in found else None)


def who(*, protocol: str, endpoint: str) -> str:
    """A subscriber in a form that gives no secret away. SNS takes mail addresses in any case."""
    name = endpoint.casefold() if protocol.startswith("email") else endpoint
    return hashlib.sha256(f"{protocol} {name}".encode()).hexdigest()[:32]


def queues(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Queues of one region: `policy` (JSON text) and how many messages are `waiting`."""
    sqs = eyes.client_for("sqs", things[0].region)
    for thing in things:
        attributes = ["Policy", "ApproximateNumberOfMessages"]
        answer = eyes.ask(
            "sqs:GetQueueAttributes",
            partial(sqs.get_queue_attributes, QueueUrl=thing.name, AttributeNames=attributes),
            gone=_NO_QUEUE,
        )
        yield Seen(thing=thing, facts=None if answer is None else _queue(answer.get("Attributes", {})))


def _queue(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "policy": attributes.get("Policy", ""),
        "waiting": int(attributes.get("ApproximateNumberOfMessages", 0)),
    }
