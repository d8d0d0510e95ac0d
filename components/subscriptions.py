"""Who is subscribed to a topic, and the queues that keep what did not reach them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components import _channel_policies as policies
from components import _inventory_things as things
from components._policy import rendered
from components._queues import make_queue
from components.home import Home
from settings import NAMESPACE, Settings
from settings.model import Channel


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who is told. `endpoint` may be a secret, `label` never holds one; `short_label` fits a queue's name.

    `delivery_policy` is SNS's own document, for `http` and `https` only, and so is `filter_policy`, on attributes.
    """

    protocol: str
    endpoint: pulumi.Input[str]
    label: str
    short_label: str
    is_raw: bool = False
    delivery_policy: Mapping[str, Any] | None = None
    filter_policy: Mapping[str, Any] | None = None
    has_dead_letters: bool = False


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """The queue of one subscription. `name` is unlike all others of the stack, `label` says who should have got it."""

    name: str
    topic_label: str
    label: str
    queue: aws.sqs.Queue


@dataclass(frozen=True, kw_only=True)
class Subscribed:
    """What `subscribe` made. `endpoints` are those that are no secret; `dead_letters` of those that keep them."""

    subscriptions: Sequence[aws.sns.TopicSubscription]
    endpoints: Sequence[pulumi.Input[str]]
    dead_letters: Sequence[DeadLetters]

    def beside(self, other: aws.sns.TopicSubscription) -> "Subscribed":
        """The same, and one more subscription that is no secret."""
        return replace(self, subscriptions=[other, *self.subscriptions], endpoints=[other.endpoint, *self.endpoints])

    def things(self, home: Home) -> list[things.Thing]:
        """All of it, for the inventory. That something waits in the queues is told by an alarm."""
        people = (things.subscription(each, home=home) for each in self.subscriptions)
        return list(people)


def subscriptions_of(settings: Settings, channel: Channel) -> list[Subscription]:
    """The subscriptions of a channel. Secret endpoints are read from the stack's configuration, and stay secret."""
    config = pulumi.Config(NAMESPACE)
    return [
        Subscription(
            protocol=each.protocol,
            endpoint=config.require_secret(each.secret) if each.secret else each.endpoint or "",
            label=each.label,
            short_label=each.short_label,
            is_raw=each.is_raw,
            delivery_policy=each.delivery_policy,
            filter_policy=each.filter_policy,
            has_dead_letters=each.has_dead_letters,
        )
        for each in settings.recipients(channel)
    ]


def subscribe(
    name: str,
    subscriptions: Iterable[Subscription],
    *,
    topic: aws.sns.Topic,
    home: Home,
    opts: pulumi.ResourceOptions,
) -> Subscribed:
    """Subscribe people and machines to a topic; AWS asks each mail address and each URL to confirm."""
    made: list[aws.sns.TopicSubscription] = []
    subscriptions = tuple(subscriptions)
    kept: list[DeadLetters] = []
    for each in subscriptions:
        redrive: dict[str, Any] = {}
        if each.has_dead_letters:
            letters = _keep(name, each, topic=topic, home=home, opts=opts)
            redrive = {"redrive_policy": pulumi.Output.json_dumps({"deadLetterTargetArn": letters.queue.arn})}
            kept.append(letters)
        subscription = aws.sns.TopicSubscription(
            # Named after the person, not after the place in a list: adding one must not replace the others.
            f"{name}-{each.label}",
            region=home.region,
            topic=topic.arn,
            protocol=each.protocol,
            endpoint=each.endpoint,
            raw_message_delivery=each.is_raw or None,
            delivery_policy=json.dumps(each.delivery_policy) if each.delivery_policy else None,
            filter_policy=json.dumps(each.filter_policy) if each.filter_policy else None,
            opts=opts,
            **redrive,
        )
        made.append(subscription)
    known = [each.endpoint for each in subscriptions if isinstance(each.endpoint, str)]
    return Subscribed(subscriptions=made, endpoints=known, dead_letters=kept)


def _keep(
    name: str, subscription: Subscription, *, topic: aws.sns.Topic, home: Home, opts: pulumi.ResourceOptions
) -> DeadLetters:
    """A queue for what one subscriber did not get. SNS reads it only when it fails, so nothing waits for its policy."""
    queue_name = f"{name}-{subscription.short_label}-dead-letters"
    queue = make_queue(queue_name, home=home, opts=opts)
    aws.sqs.QueuePolicy(
        queue_name,
        region=home.region,
        queue_url=queue.url,
        policy=rendered(policies.subscription_dead_letters, queue_arn=queue.arn, topic_arn=topic.arn),
        opts=opts,
    )
    return DeadLetters(
        name=f"{name}-{subscription.short_label}", topic_label=name, label=subscription.label, queue=queue
    )
