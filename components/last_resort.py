"""The last resort: the topic that tells that the watching itself has failed."""

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from components import _channel_policies as policies
from components import _inventory_things as things
from components._policy import rendered
from components._queues import make_queue
from components.home import Home
from components.subscriptions import Subscription, subscribe


class LastResort(pulumi.ComponentResource):
    """A topic that shares nothing with the alerts: no key, no function, and beside mail a second protocol.

    It is not encrypted with a key of the account's, on purpose: whoever disables that key would silence the alerts and
    the news of it together, and the key that AWS manages for SNS cannot be used by alarms. What is said here is names
    of our own alarms and when they rang, nothing about the account.
    The second protocol is a queue. It needs no confirmation, has no link that unsubscribes, and keeps every message for
    14 days. A telephone is a third way, for those among `subscriptions` who gave one.
    It is made before the trail, so that a deployment does not ring its own alarms; `is_ready` is its end.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        display_name: str | None = None,
        subscriptions: Iterable[Subscription] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:LastResort", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._home = home
        self.topic = aws.sns.Topic(name, region=home.region, display_name=display_name, tags=home.tags, opts=child)
        self.policy = aws.sns.TopicPolicy(
            name,
            region=home.region,
            arn=self.topic.arn,
            policy=rendered(
                policies.topic,
                topic_arn=self.topic.arn,
                partition=home.partition,
                region=home.region,
                account_id=home.account_id,
            ),
            opts=child,
        )
        self.queue = make_queue(name, home=home, opts=child)
        self._may_send = may_send = aws.sqs.QueuePolicy(
            name,
            region=home.region,
            queue_url=self.queue.url,
            policy=rendered(policies.last_resort_queue, queue_arn=self.queue.arn, topic_arn=self.topic.arn),
            opts=child,
        )
        to_queue = aws.sns.TopicSubscription(
            f"{name}-queue",
            region=home.region,
            topic=self.topic.arn,
            protocol="sqs",
            endpoint=self.queue.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[may_send]),
        )
        self.is_ready = [self.policy, may_send]
        subscribed = subscribe(name, subscriptions, topic=self.topic, home=home, opts=child)
        self.subscribed, self.dead_letters = subscribed.beside(to_queue), subscribed.dead_letters
        """What could not be delivered, for those subscriptions that keep it."""
        self.register_outputs({"topicArn": self.topic.arn, "queueUrl": self.queue.url})

    @property
    def topic_arn(self) -> pulumi.Output[str]:
        """The ARN of the topic."""
        return self.topic.arn

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory.

        Nothing of it may be put back by the guardian but a subscription: whoever takes the guardian's role should not
        be able to break the alerts and the last resort alike. Its queue is no dead-letter queue; it is there to fill.
        """
        home = self._home
        return [
            things.topic(self.topic, self.policy, home=home, is_mended=False),
            things.queue(self.queue, self._may_send, region=home.region, is_kept_empty=False),
            *self.subscribed.things(home),
        ]
