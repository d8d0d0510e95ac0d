"""What the guardian may do, and who may leave messages in its dead-letter queue, statement by statement."""

from components._policy import Document, Statement, document


def guardian_role(
    *,
    may_restart: bool,
    trail_arn: str,
    alerts_topic_arn: str,
    alerts_key_arn: str,
    log_group_arn: str,
    dead_letters_arn: str,
) -> Document:
    """Policy of the guardian's role. Only with `may_restart` can it touch a trail: start this one, and no other."""
    restart: Statement = {
        "Sid": "RestartTrail",
        "Effect": "Allow",
        "Action": "cloudtrail:StartLogging",
        "Resource": trail_arn,
    }
    return document(
        {
            "Sid": "ReadTrail",
            "Effect": "Allow",
            "Action": "cloudtrail:GetTrailStatus",
            "Resource": trail_arn,
        },
        *([restart] if may_restart else []),
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
    )


def dead_letter_queue(*, queue_arn: str, rule_arn: str, signals_topic_arn: str) -> Document:
    """Policy of the dead-letter queue: the guardian's own rule and its own topic may send, nothing else.

    Sources: EventBridge User Guide, "Using dead-letter queues to process undelivered events"; SNS Developer Guide,
    "Configuring an Amazon SNS dead-letter queue". Lambda needs no statement here: it sends with the function's role.
    """
    return document(
        {
            "Sid": "RuleKeepsUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        },
        {
            "Sid": "SignalsKeepUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": signals_topic_arn}},
        },
    )
