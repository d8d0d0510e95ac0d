"""Queues for what could not be delivered."""

import json

from sandbox.deploy._resource import Made, Resource

_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def queue(resource: Resource) -> Made:
    """A queue. The id is its URL."""
    sqs = resource.aws("sqs")
    name = resource.physical_name()
    attributes = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in resource.inputs.present(_ATTRIBUTES).items()
    }
    url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=resource.tags())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Made(url, {"name": name, "arn": arn, "url": url, "tagsAll": resource.tags()})


def queue_policy(resource: Resource) -> Made:
    """Who may send to a queue. The id is the queue's URL."""
    url = resource.inputs["queueUrl"]
    resource.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": resource.document("policy")})
    return Made(url, {})
