"""SNS topics: policy, key and who is subscribed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from account.answers import Answer, Nothing
from account.arns import name_of, region_of
from account.session import Session

PENDING = ("PendingConfirmation", "pending confirmation")
_FEEDBACK = "Feedback"
PENDING_FOR_H = 48
"""AWS forgets an unconfirmed subscription then (AWS What's New, May 2023)."""


@dataclass(frozen=True, kw_only=True)
class SubscriptionDetails:
    """What only a confirmed subscription tells; empty texts for what it does not have."""

    dead_letter_arn: str
    filter_policy: str
    delivery_policy: str
    is_raw: bool


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who is subscribed. `arn` is empty while it is pending."""

    topic_arn: str
    protocol: str
    endpoint: str
    arn: str
    details: Answer[SubscriptionDetails]

    @property
    def is_pending(self) -> bool:
        """Whether somebody still has to confirm it; until then it gets nothing."""
        return not self.arn


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic. `kms_key` is a key's ARN, id or alias, empty without encryption of its own.

    `delivery_status` is what SNS logs of deliveries: its attributes `…FeedbackRoleArn` and `…FeedbackSampleRate`.
    """

    arn: str
    name: str
    region: str
    display_name: str
    policy: str
    kms_key: str
    delivery_status: Mapping[str, str]
    subscriptions: Answer[tuple[Subscription, ...]]

    @property
    def status_role_arns(self) -> frozenset[str]:
        """The roles under which SNS logs deliveries."""
        return frozenset(value for name, value in self.delivery_status.items() if name.endswith("RoleArn") and value)


def topic(session: Session, arn: str) -> Answer[Topic]:
    """A topic with its subscribers. Needs sns:GetTopicAttributes, ListSubscriptionsByTopic, GetSubscriptionAttributes.

    A topic that was deleted is `Nothing`; one of another account that does not let us look is `CouldNotLook`.
    """
    told = session.ask(
        "sns",
        "GetTopicAttributes",
        region=region_of(arn),
        what=f"topic {name_of(arn)}",
        none_if=("NotFound", "NotFoundException"),
        params={"TopicArn": arn},
    )
    return told.map(lambda answer: _topic(session, answer.get("Attributes") or {}, arn))


def _topic(session: Session, raw: Mapping[str, Any], arn: str) -> Topic:
    return Topic(
        arn=arn,
        name=name_of(arn),
        region=region_of(arn),
        display_name=str(raw.get("DisplayName") or ""),
        policy=str(raw.get("Policy") or ""),
        kms_key=str(raw.get("KmsMasterKeyId") or ""),
        delivery_status=MappingProxyType({name: str(raw[name]) for name in sorted(raw) if _FEEDBACK in name}),
        subscriptions=subscriptions(session, arn),
    )


def subscriptions(session: Session, topic_arn: str) -> Answer[tuple[Subscription, ...]]:
    """All subscriptions of a topic, pending ones too. Needs sns:ListSubscriptionsByTopic, GetSubscriptionAttributes."""
    told = session.pages(
        "sns",
        "ListSubscriptionsByTopic",
        "Subscriptions",
        region=region_of(topic_arn),
        what=f"subscriptions of {name_of(topic_arn)}",
        none_if=("NotFound", "NotFoundException"),
        params={"TopicArn": topic_arn},
    )
    live = told.map(lambda listed: [raw for raw in listed if raw.get("SubscriptionArn") != "Deleted"])
    return live.map(lambda listed: tuple(session.spread(lambda raw: _subscription(session, raw, topic_arn), listed)))


def _subscription(session: Session, raw: Mapping[str, Any], topic_arn: str) -> Subscription:
    arn = str(raw.get("SubscriptionArn") or "")
    is_pending = arn in PENDING or not arn.startswith("arn:")
    endpoint = str(raw.get("Endpoint") or "")
    return Subscription(
        topic_arn=topic_arn,
        protocol=str(raw.get("Protocol") or ""),
        endpoint=endpoint,
        arn="" if is_pending else arn,
        details=Nothing(f"details of {endpoint}") if is_pending else _details(session, arn, topic_arn),
    )


def _details(session: Session, arn: str, topic_arn: str) -> Answer[SubscriptionDetails]:
    told = session.ask(
        "sns",
        "GetSubscriptionAttributes",
        region=region_of(topic_arn),
        what=f"subscription {arn}",
        none_if=("NotFound", "NotFoundException"),
        params={"SubscriptionArn": arn},
    )
    attributes = told.map(lambda answer: answer.get("Attributes") or {})
    return attributes.map(
        lambda raw: SubscriptionDetails(
            dead_letter_arn=_dead_letters(str(raw.get("RedrivePolicy") or "")),
            filter_policy=str(raw.get("FilterPolicy") or ""),
            delivery_policy=str(raw.get("DeliveryPolicy") or ""),
            is_raw=raw.get("RawMessageDelivery") == "true",
        )
    )


def _dead_letters(redrive: str) -> str:
    try:
        told = json.loads(redrive or "{}")
    except ValueError:
        return ""
    return str(told.get("deadLetterTargetArn") or "") if isinstance(told, dict) else ""
