"""The topic on which CloudTrail says that it delivered a log file."""

import pulumi
import pulumi_aws as aws

from components import _trail_policies as policies
from components._policy import rendered
from components.home import Home


class DeliveryTopic(pulumi.ComponentResource):
    """An encrypted topic that one trail publishes to, once for each log file, and anybody of the account may read.

    It is made before the trail: CreateTrail tries it. `is_ready` is its end.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail_arn: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:DeliveryTopic", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.topic = aws.sns.Topic(name, region=home.region, kms_master_key_id=key_arn, tags=home.tags, opts=child)
        policy = aws.sns.TopicPolicy(
            name,
            region=home.region,
            arn=self.topic.arn,
            policy=rendered(
                policies.delivery_topic,
                topic_arn=self.topic.arn,
                partition=home.partition,
                account_id=home.account_id,
                trail_arn=trail_arn,
            ),
            opts=child,
        )
        self.is_ready: list[pulumi.Resource] = [policy]
        self.register_outputs({"topicArn": self.topic.arn})
