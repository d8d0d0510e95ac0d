"""What all queues have in common."""

import pulumi
import pulumi_aws as aws

from components.home import Home

LONGEST_KEPT_S = 14 * 24 * 3600
"""The longest that SQS keeps a message (API SetQueueAttributes, `MessageRetentionPeriod`)."""


def make_queue(name: str, *, home: Home, region: str = "", opts: pulumi.ResourceOptions) -> aws.sqs.Queue:
    """A queue that keeps what it gets as long as SQS can; in the region of `home`, or in another.

    SQS encrypts it with a key of its own. With the topics' key, each service that sends here would have to be granted
    it, each missing grant would lose a message, and whoever disables the key would silence topic and queue together.
    """
    return aws.sqs.Queue(
        name,
        region=region or home.region,
        message_retention_seconds=LONGEST_KEPT_S,
        sqs_managed_sse_enabled=True,
        tags=home.tags,
        opts=opts,
    )
