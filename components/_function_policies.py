"""What guardian and explainer both may do as Lambda functions that report, and who may wake them."""

from components._policy import Document, Statement, document


def run(*, log_group_arn: str, dead_letters_arn: str) -> list[Statement]:
    """What Lambda itself does with a function's role."""
    return [
        {
            # Lambda names the streams. No CreateLogGroup: the group is ours, so that it has a retention and a key.
            "Sid": "WriteOwnLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{log_group_arn}:*",
        },
        {
            # Lambda hands over failed asynchronous calls with the function's own role.
            "Sid": "KeepFailedEvents",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": dead_letters_arn,
        },
    ]


def report(*, alerts_topic_arn: str, alerts_key_arn: str) -> list[Statement]:
    """Publishing to the alerts topic. Lambda too does so with the explainer's role, for calls that failed."""
    return [
        {
            "Sid": "Report",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": alerts_topic_arn,
        },
        {
            # Who publishes to an encrypted topic needs both on the topic's key. GenerateDataKey* is AWS's wording.
            "Sid": "ReportEncrypted",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": alerts_key_arn,
        },
    ]


def sweep_trust(*, account_id: str) -> Document:
    """Who may assume a sweep's role: EventBridge Scheduler, for schedules of this account.

    Source: EventBridge Scheduler User Guide, "Confused deputy prevention".
    """
    return document(
        {
            "Sid": "SchedulerAssumesRole",
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def sweep_role(*, wakes: str, function_arn: str, dead_letters_arn: str) -> Document:
    """Policy of a sweep's role: wake the function that is called `wakes`, or leave the message in its queue."""
    return document(
        {
            "Sid": f"Wake{wakes.capitalize()}",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
        },
        {
            "Sid": "KeepUndelivered",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": dead_letters_arn,
        },
    )


def signals_keep_undelivered(*, queue_arn: str, signals_topic_arn: str) -> Statement:
    """In a dead-letter queue's policy: the signals topic may send what it could not deliver.

    Source: SNS Developer Guide, "Configuring an Amazon SNS dead-letter queue".
    """
    return {
        "Sid": "SignalsKeepUndelivered",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": signals_topic_arn}},
    }
