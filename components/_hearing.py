"""How a function hears alarms: subscribed to the signals topic, which may call it."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.alert_channel import AlertChannel
from components.home import Home


def hear_signals(
    name: str,
    *,
    home: Home,
    function: aws.lambda_.Function,
    signals: AlertChannel,
    dead_letters: aws.sqs.Queue,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> tuple[aws.lambda_.Permission, aws.sns.TopicSubscription]:
    """The topic's permission to call the function, and the subscription, made `after` what it must not outlive."""
    may_call = aws.lambda_.Permission(
        f"{name}-signals",
        region=home.region,
        action="lambda:InvokeFunction",
        function=function.name,
        principal="sns.amazonaws.com",
        source_arn=signals.topic_arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    subscription = aws.sns.TopicSubscription(
        name,
        region=home.region,
        topic=signals.topic_arn,
        protocol="lambda",
        endpoint=function.arn,
        # On the subscription: SNS gives up at once on a function that was deleted.
        redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead_letters.arn}),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*after, may_call]),
    )
    return may_call, subscription
