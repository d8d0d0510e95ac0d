"""A topic with its key, its policy and its subscribers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from components import _channel_policies as policies
from components import _inventory_things as things
from components._policy import rendered
from components.delivery_status import DeliveryStatus
from components.home import Home
from components.subscriptions import Subscription, subscribe

# KMS waits this long before it deletes the key for good, in days. Nothing is kept under it but messages on their way.
KEY_WINDOW_D = 7


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who else may use a topic: ids of accounts, or ARNs of accounts, roles and users."""

    publishers: Sequence[str] = ()
    subscribers: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class StatusLog:
    """What is logged of deliveries: every failure, `sample_rate` percent of the successes, kept so many days."""

    sample_rate: int
    retention_days: int


class AlertChannel(pulumi.ComponentResource):
    """An encrypted topic to which alarms of this account, and roles that the account allows, can publish.

    `key_arn` is a key that exists: that of another channel, to be shared, or one that was given; without it the channel
    makes its own. The key that AWS manages for SNS cannot be used: CloudWatch may not use it, and its policy cannot be
    changed. `access` lets others in; a key that was given has to let them in by itself.
    A fixed `topic_name` is for people whose tools look for it; otherwise the name is generated.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        key_arn: pulumi.Input[str] | None = None,
        topic_name: str | None = None,
        display_name: str | None = None,
        subscriptions: Iterable[Subscription] = (),
        access: Access | None = None,
        status_log: StatusLog | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:AlertChannel", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._home = home
        access = access or Access()
        self._key = _make_key(name, home=home, publishers=access.publishers, opts=child) if key_arn is None else None
        self.key_arn: pulumi.Output[str] = self._key.arn if self._key else pulumi.Output.from_input(key_arn or "")
        """The ARN of the key that encrypts the topic."""
        status = DeliveryStatus(f"{name}-delivery", home=home) if status_log else None
        self.topic = aws.sns.Topic(
            name,
            name=topic_name,
            region=home.region,
            display_name=display_name,
            kms_master_key_id=self.key_arn,
            tags=home.tags,
            **(status.topic_inputs(status_log.sample_rate) if status and status_log else {}),
            # A fixed name cannot exist twice, so a replacement has to delete first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=topic_name is not None),
        )
        self.policy = aws.sns.TopicPolicy(
            name,
            region=home.region,
            arn=self.topic.arn,
            policy=rendered(
                partial(policies.topic, publishers=access.publishers, subscribers=access.subscribers),
                topic_arn=self.topic.arn,
                partition=home.partition,
                region=home.region,
                account_id=home.account_id,
            ),
            opts=child,
        )
        self.is_ready: list[pulumi.Resource] = [self.policy]
        """What makes the topic whole."""
        if status and status_log:
            rights = status.write_for(self.topic, key_arn=self.key_arn, retention_days=status_log.retention_days)
            self.is_ready.append(rights)
        subscribed = subscribe(name, subscriptions, topic=self.topic, home=home, opts=child)
        self.subscribed, self.dead_letters = subscribed, subscribed.dead_letters
        """What could not be delivered, for those subscriptions that keep it."""
        self.register_outputs({"topicArn": self.topic.arn})

    @property
    def topic_arn(self) -> pulumi.Output[str]:
        """The ARN of the topic."""
        return self.topic.arn

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory. The guardian may put the policy back: without it nobody hears anything."""
        keys = [things.key(self._key, home=self._home)] if self._key else []
        topic = things.topic(self.topic, self.policy, home=self._home, is_mended=True)
        return [*keys, topic, *self.subscribed.things(self._home)]


def _make_key(name: str, *, home: Home, publishers: Sequence[str], opts: pulumi.ResourceOptions) -> aws.kms.Key:
    key = aws.kms.Key(
        f"{name}-key",
        region=home.region,
        description=f"Encrypts alarm messages and alerts on their way (trailwarden {home.stack}).",
        enable_key_rotation=True,
        deletion_window_in_days=KEY_WINDOW_D,
        policy=rendered(
            partial(policies.alerts_key, publishers=publishers),
            partition=home.partition,
            region=home.region,
            account_id=home.account_id,
        ),
        tags=home.tags,
        opts=opts,
    )
    aws.kms.Alias(f"{name}-key", region=home.region, target_key_id=key.key_id, opts=opts)
    return key
