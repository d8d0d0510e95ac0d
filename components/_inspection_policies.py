"""What the guardian may see of everything that was deployed, and what of it it may put back, statement by statement."""

from collections.abc import Sequence

from components._policy import Statement


def looking(
    *,
    alarms_arn: str,
    bucket_arns: Sequence[str],
    function_arns: Sequence[str],
    key_arns: Sequence[str],
    ledger_arn: str,
    log_group_arn: str,
    log_groups_arn: str,
    part: str,
    queue_arns: Sequence[str],
    role_arns: Sequence[str],
    rule_arns: Sequence[str],
    schedule_arn: str,
    topic_arns: Sequence[str],
) -> list[Statement]:
    """To read what the inventory lists, and the inventory itself."""
    return [
        {
            "Sid": "ReadInventory",
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": ledger_arn,
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [part]}},
        },
        # Alarms are named after the rights, by Pulumi or by people: by account and region.
        _allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], alarms_arn),
        _allow("SeeFilters", ["logs:DescribeMetricFilters"], [log_group_arn, f"{log_group_arn}:*"]),
        # A list, for which AWS checks no single group.
        _allow("SeeLogGroups", ["logs:DescribeLogGroups"], log_groups_arn),
        _allow("SeeTopics", ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"], topic_arns),
        _allow("SeeKeys", ["kms:DescribeKey", "kms:GetKeyPolicy"], key_arns),
        *([_allow("SeeBucket", ["s3:GetBucketPolicy"], bucket_arns)] if bucket_arns else []),
        _allow(
            "SeeRoles",
            ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            role_arns,
        ),
        _allow("SeeRules", ["events:DescribeRule", "events:ListTargetsByRule"], rule_arns),
        _allow(
            "SeeFunction",
            [
                "lambda:GetFunctionConcurrency",
                "lambda:GetFunctionConfiguration",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:GetPolicy",
            ],
            function_arns,
        ),
        _allow("SeeQueues", ["sqs:GetQueueAttributes"], queue_arns),
        _allow("SeeSchedule", ["scheduler:GetSchedule"], schedule_arn),
    ]


def mending(
    *,
    alarms_arn: str,
    endpoints: Sequence[str],
    function_arns: Sequence[str],
    mended_topic_arns: Sequence[str],
    rule_arns: Sequence[str],
    signals_topic_arn: str,
    told_topic_arns: Sequence[str],
) -> list[Statement]:
    """To put back what was taken from the watching: each call only strengthens, and names what it may be called with.

    The last resort's policy is not among it: one role should not be able to break both ways to people.
    """
    people: Statement = {
        "Sid": "SubscribeAgain",
        "Effect": "Allow",
        "Action": "sns:Subscribe",
        "Resource": list(told_topic_arns),
        # Who takes the role must not be able to have the alerts sent to himself.
        "Condition": {"StringEquals": {"sns:Endpoint": sorted(set(endpoints))}},
    }
    return [
        _allow("SwitchAlarmsOn", ["cloudwatch:EnableAlarmActions"], alarms_arn),
        _allow("PutTopicPolicyBack", ["sns:SetTopicAttributes"], mended_topic_arns),
        *([people] if endpoints else []),
        {
            "Sid": "HearSignalsAgain",
            "Effect": "Allow",
            "Action": "sns:Subscribe",
            "Resource": signals_topic_arn,
            "Condition": {"StringLike": {"sns:Endpoint": _few(function_arns)}},
        },
        _allow("SwitchRuleOn", ["events:EnableRule"], rule_arns),
        {
            "Sid": "PutTargetBack",
            "Effect": "Allow",
            "Action": "events:PutTargets",
            "Resource": _few(rule_arns),
            "Condition": {"ArnLike": {"events:TargetArn": _few(function_arns)}},
        },
    ]


def _allow(sid: str, actions: Sequence[str], resources: str | Sequence[str]) -> Statement:
    """A statement that allows actions on resources; one of either stands alone."""
    listed = [resources] if isinstance(resources, str) else resources
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _few(actions),
        "Resource": _few(listed),
    }


def _few(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)
