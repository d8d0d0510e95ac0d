"""What the topics and their key allow, statement by statement."""

from collections.abc import Sequence

from components._policy import (
    Document,
    Statement,
    document,
    key_administration,
    log_group_encryption,
    root_of,
    topic_ownership,
)

CLOUDWATCH = "cloudwatch.amazonaws.com"


def alerts_key(*, partition: str, region: str, account_id: str, publishers: Sequence[str] = ()) -> Document:
    """Policy of the key that encrypts both topics, and the log of the function that writes alerts.

    Without the second statement every alarm message is lost, and CloudWatch tells nobody. It carries no condition:
    AWS's page shows none, and a condition on the caller's account is reported to break the delivery (re:Post, "Why
    didn't I receive an SNS notification for my CloudWatch alarm trigger?"). EventBridge is not granted because no rule
    publishes to a topic. `Resource: *` in a key policy means this key. `publishers` are others who may publish; they
    use the key through SNS only.
    """
    others: list[Statement] = []
    if publishers:
        others.append(
            {
                "Sid": "OthersPublishEncrypted",
                "Effect": "Allow",
                "Principal": {"AWS": _principals(publishers, partition=partition)},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": f"sns.{region}.amazonaws.com"}},
            }
        )
    return document(
        key_administration(partition=partition, account_id=account_id),
        {
            "Sid": "CloudWatchPublishesEncrypted",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDWATCH},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
        log_group_encryption(partition=partition, region=region, account_id=account_id),
        *others,
    )


def last_resort_queue(*, queue_arn: str, topic_arn: str) -> Document:
    """Policy of the last-resort queue: its topic may send, nothing else.

    Source: Amazon SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic".
    """
    return _topic_sends("LastResortSends", queue_arn=queue_arn, topic_arn=topic_arn)


def _topic_sends(sid: str, *, queue_arn: str, topic_arn: str) -> Document:
    return document(
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }
    )


def subscription_dead_letters(*, queue_arn: str, topic_arn: str) -> Document:
    """Policy of a subscription's dead-letter queue: its topic may send, nothing else.

    Source: Amazon SNS Developer Guide, "Configuring an Amazon SNS dead-letter queue for a subscription".
    """
    return _topic_sends("TopicKeepsUndelivered", queue_arn=queue_arn, topic_arn=topic_arn)


def delivery_status(*, log_group_arn: str) -> Document:
    """What SNS may do with the two log groups of a topic's deliveries.

    AWS's page allows this, and more, on every log group (Amazon SNS Developer Guide, "Configuring message delivery
    status logging"); these are the two that it writes to. `log-stream:*`: SNS names the streams.
    """
    groups = [log_group_arn, f"{log_group_arn}/Failure"]
    return document(
        {
            "Sid": "LogDeliveries",
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [text for group in groups for text in (group, f"{group}:log-stream:*")],
        }
    )


def _principals(names: Sequence[str], *, partition: str) -> list[str]:
    """ARNs of principals; the id of an account stands for the account."""
    return [root_of(partition=partition, account_id=each) if each.isdecimal() else each for each in names]


def topic(
    *,
    topic_arn: str,
    partition: str,
    region: str,
    account_id: str,
    publishers: Sequence[str] = (),
    subscribers: Sequence[str] = (),
) -> Document:
    """Policy of a topic: alarms of this account publish; for its people and roles the account's IAM policies decide.

    `publishers` and `subscribers` are accounts and principals that may too: in the account itself that adds nothing to
    IAM policies, for others it is needed.

    Source: Amazon SNS Developer Guide, "Example cases for Amazon SNS access control".
    """
    return document(
        topic_ownership(topic_arn=topic_arn, partition=partition, account_id=account_id),
        {
            # Alarm names are generated after the topic exists, so the ARN ends in a wildcard.
            "Sid": "AlarmsPublish",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDWATCH},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:cloudwatch:{region}:{account_id}:alarm:*"},
            },
        },
        *(
            {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"AWS": _principals(names, partition=partition)},
                "Action": action,
                "Resource": topic_arn,
            }
            for sid, names, action in (
                ("OthersPublish", publishers, "sns:Publish"),
                ("OthersSubscribe", subscribers, "sns:Subscribe"),
            )
            if names
        ),
    )
