"""What the guardian may do, and who may leave messages in its dead-letter queue, statement by statement."""

from collections.abc import Collection

from components import _function_policies
from components._policy import Document, Statement, document

# The settings of a trail that have a call of their own; UpdateTrail changes all others.
_SELECTORS = {
    "EventSelectors": "cloudtrail:PutEventSelectors",
    "InsightSelectors": "cloudtrail:PutInsightSelectors",
}

# CloudTrail User Guide, "Prepare for creating a trail for your organization". Organizations knows no resource for
# either action (Service Authorization Reference), hence `*`; both only read.
_SEE_ORGANIZATION: Statement = {
    "Sid": "SeeOrganization",
    "Effect": "Allow",
    "Action": ["organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization"],
    "Resource": "*",
}


def guardian_role(
    *,
    may_restart: bool,
    fields: Collection[str],
    is_organization: bool = False,
    trail_arn: str,
    delivery_role_arn: str,
    desired_state_arn: str,
    ledger_arn: str,
    alerts_topic_arn: str,
    alerts_key_arn: str,
    last_resort_topic_arn: str,
    log_group_arn: str,
    dead_letters_arn: str,
) -> Document:
    """Policy of the guardian's role. Only with `may_restart` can it touch a trail: this one, and no other.

    `fields` are the settings of that trail that it may put back. Who changes the trail of an organization has to be
    allowed to look at the organization as well.
    """
    return document(
        {
            "Sid": "ReadTrail",
            "Effect": "Allow",
            "Action": [
                "cloudtrail:GetTrailStatus",
                "cloudtrail:GetTrail",
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetInsightSelectors",
            ],
            "Resource": trail_arn,
        },
        *(_restart(trail_arn) if may_restart else []),
        *_put_back(fields, trail_arn=trail_arn, delivery_role_arn=delivery_role_arn),
        *([_SEE_ORGANIZATION] if is_organization and may_restart else []),
        *_remember(trail_arn=trail_arn, desired_state_arn=desired_state_arn, ledger_arn=ledger_arn),
        *_report(
            alerts_topic_arn=alerts_topic_arn,
            alerts_key_arn=alerts_key_arn,
            last_resort_topic_arn=last_resort_topic_arn,
        ),
        *_function_policies.run(log_group_arn=log_group_arn, dead_letters_arn=dead_letters_arn),
    )


def _remember(*, trail_arn: str, desired_state_arn: str, ledger_arn: str) -> list[Statement]:
    return [
        {
            # To read, never to write: what the guardian restores is decided by deployments.
            "Sid": "ReadDesiredState",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": desired_state_arn,
        },
        {
            # Its own part of the table: the inventory beside it is written by deployments only.
            "Sid": "KeepLedger",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
            "Resource": ledger_arn,
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [trail_arn]}},
        },
        {
            "Sid": "ReadUnsettled",
            "Effect": "Allow",
            "Action": "dynamodb:Query",
            "Resource": f"{ledger_arn}/index/unsettled",
        },
    ]


def _report(*, alerts_topic_arn: str, alerts_key_arn: str, last_resort_topic_arn: str) -> list[Statement]:
    return [
        *_function_policies.report(alerts_topic_arn=alerts_topic_arn, alerts_key_arn=alerts_key_arn),
        {
            # One line, when a report is lost. No key: that topic has none of the account's.
            "Sid": "ReportLastResort",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": last_resort_topic_arn,
        },
    ]


def _restart(trail_arn: str) -> list[Statement]:
    return [
        {
            "Sid": "RestartTrail",
            "Effect": "Allow",
            "Action": "cloudtrail:StartLogging",
            "Resource": trail_arn,
        }
    ]


def _put_back(fields: Collection[str], *, trail_arn: str, delivery_role_arn: str) -> list[Statement]:
    """Only the calls that put these fields back."""
    calls = {
        "cloudtrail:UpdateTrail": set(fields) - _SELECTORS.keys(),
        **{call: {field} & set(fields) for field, call in _SELECTORS.items()},
    }
    statements: list[Statement] = [
        {
            "Sid": "PutTrailBack",
            "Effect": "Allow",
            "Action": [call for call, of in calls.items() if of],
            "Resource": trail_arn,
        },
        {
            # UpdateTrail that names a log group wants it (CloudTrail User Guide, IAM troubleshooting).
            "Sid": "PassDeliveryRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": delivery_role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}},
        },
    ]
    return statements[: bool(fields) + ("CloudWatchLogsRoleArn" in fields)]


def dead_letter_queue(*, queue_arn: str, rule_arn: str, signals_topic_arn: str) -> Document:
    """Policy of the dead-letter queue: the guardian's own rule and its own topic may send, nothing else.

    Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events". Lambda needs no statement
    here: it sends with the function's role.
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
        _function_policies.signals_keep_undelivered(queue_arn=queue_arn, signals_topic_arn=signals_topic_arn),
    )
