"""Topics, their policies and who is subscribed."""

import json

from sandbox.deploy._resource import Made, Resource

_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "deliveryPolicy": "DeliveryPolicy",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    **{
        f"{key}{what}": f"{name}{what[0].upper()}{what[1:]}"
        for key, name in {"http": "HTTP", "lambda": "Lambda", "sqs": "SQS"}.items()
        for what in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
    },
}
_SUBSCRIPTION_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


def _text(value: object) -> str:
    """An attribute as SNS takes it: text as it is, everything else (true, a number, an object) as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def topic(resource: Resource) -> Made:
    """A topic. The id is its ARN."""
    inputs = resource.inputs
    name = resource.physical_name()
    attributes = {key: _text(value) for key, value in inputs.present(_TOPIC_ATTRIBUTES).items()}
    if "policy" in inputs:
        attributes["Policy"] = resource.document("policy")
    arn = resource.aws("sns").create_topic(Name=name, Attributes=attributes, Tags=resource.tag_list())["TopicArn"]
    return Made(arn, {"name": name, "arn": arn, "owner": resource.account, "tagsAll": resource.tags()})


def topic_policy(resource: Resource) -> Made:
    """Who may publish to a topic. The id is the topic's ARN."""
    arn = resource.inputs["arn"]
    resource.aws("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=resource.document("policy")
    )
    return Made(arn, {"owner": resource.account})


def subscription(resource: Resource) -> Made:
    """A subscription, pending until confirmed where AWS asks for it. The id is its ARN."""
    inputs, sns = resource.inputs, resource.aws("sns")
    inputs.set_aside("endpointAutoConfirms", "confirmationTimeoutInMinutes")
    arn = sns.subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        Attributes={key: _text(value) for key, value in inputs.present(_SUBSCRIPTION_ATTRIBUTES).items()},
        ReturnSubscriptionArn=True,  # else a pending subscription is answered without one
    )["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    pending = attributes.get("PendingConfirmation", "false") == "true"
    return Made(arn, {"arn": arn, "ownerId": resource.account, "pendingConfirmation": pending})
