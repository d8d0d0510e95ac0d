"""What the explainer may do, and who may leave messages in its dead-letter queue, statement by statement."""

from components import _function_policies
from components._policy import Document, Statement, document

PART = "explainer"
"""The part of the ledger that is the explainer's, `explainer.memory.PART`."""


def explainer_role(
    *,
    log_group_arn: str,
    alarms_arn: str,
    ledger_arn: str,
    trail_arn: str,
    alerts_topic_arn: str,
    alerts_key_arn: str,
    own_log_arn: str,
    dead_letters_arn: str,
    insight_rule_arn: str = "",
    counts_muted: bool = False,
) -> Document:
    """Policy of the explainer's role: it reads alarms and one log group, remembers, and tells. It changes nothing.

    `insight_rule_arn` is that of the rule that counts calls by address, "" without one. With `counts_muted` it counts
    what came while alarms were muted.
    """
    return document(
        *(_name_address(insight_rule_arn) if insight_rule_arn else []),
        *(_count_muted() if counts_muted else []),
        *_read(log_group_arn=log_group_arn, alarms_arn=alarms_arn),
        *_remember(ledger_arn=ledger_arn, trail_arn=trail_arn),
        *_function_policies.report(alerts_topic_arn=alerts_topic_arn, alerts_key_arn=alerts_key_arn),
        *_function_policies.run(log_group_arn=own_log_arn, dead_letters_arn=dead_letters_arn),
    )


def _name_address(insight_rule_arn: str) -> list[Statement]:
    return [
        {
            "Sid": "NameAddress",
            "Effect": "Allow",
            "Action": "cloudwatch:GetInsightRuleReport",
            "Resource": insight_rule_arn,
        }
    ]


def _count_muted() -> list[Statement]:
    return [
        {
            # Wildcard: the action has no resource (Service Authorization Reference, CloudWatch); it reads numbers only.
            "Sid": "CountMuted",
            "Effect": "Allow",
            "Action": "cloudwatch:GetMetricData",
            "Resource": "*",
        }
    ]


def _read(*, log_group_arn: str, alarms_arn: str) -> list[Statement]:
    return [
        {
            # Wildcard: names of alarms are generated, and these calls have no narrower resource than alarms.
            "Sid": "ReadAlarms",
            "Effect": "Allow",
            "Action": ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
            "Resource": alarms_arn,
        },
        {
            # CloudWatch Logs decrypts by itself for whoever may read: no right on the group's key is needed.
            "Sid": "ReadEvents",
            "Effect": "Allow",
            "Action": ["logs:DescribeMetricFilters", "logs:FilterLogEvents"],
            "Resource": [log_group_arn, f"{log_group_arn}:*"],
        },
    ]


def _remember(*, ledger_arn: str, trail_arn: str) -> list[Statement]:
    return [
        {
            # Its own part of the table: what the guardian notes beside it decides whether a stop is told.
            "Sid": "KeepLedger",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
            "Resource": ledger_arn,
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PART]}},
        },
        {
            "Sid": "ReadUnsettled",
            "Effect": "Allow",
            "Action": "dynamodb:Query",
            "Resource": f"{ledger_arn}/index/unsettled",
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PART]}},
        },
        {
            # Which events the guardian has dealt with: nobody gets two mails about them.
            "Sid": "ReadGuardiansNotes",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:Query"],
            "Resource": ledger_arn,
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [trail_arn]}},
        },
    ]


def dead_letter_queue(*, queue_arn: str, rules_arn: str, signals_topic_arn: str) -> Document:
    """Policy of the dead-letter queue: the explainer's own rules and its own topic may send, nothing else.

    Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events". Lambda needs no statement
    here: it sends with the function's role.
    """
    return document(
        {
            "Sid": "RulesKeepUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            # Wildcard at the end: one rule for a few event sets, with a generated name.
            "Condition": {"ArnLike": {"aws:SourceArn": rules_arn}},
        },
        _function_policies.signals_keep_undelivered(queue_arn=queue_arn, signals_topic_arn=signals_topic_arn),
    )
