"""What the guardian may see of everything that was deployed, and what of it it may put back, statement by statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from components._policy import Document, Statement, document
from components.inventory import PART
from settings.facts import SHORTEST_BEGINNING

_REGION = 3  # the place of the region in an ARN cut at its colons; none of these resources has a colon in its name


_OF_BUCKETS = [
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """ARNs of what was deployed, as far as it is looked at. What is made after the rights ends in a wildcard."""

    alarms_arn: str
    bucket_arns: Sequence[str]
    endpoints: Sequence[str]
    """Who is told by any topic, but for secrets."""
    far_queue_arns: Sequence[str]
    """Of forwarders, as the two below: each region has one, and a rule or three."""
    far_role_arns: Sequence[str]
    far_rule_arns: Sequence[str]
    function_arns: Sequence[str]
    insight_rule_arns: Sequence[str]
    key_arns: Sequence[str]
    ledger_arn: str
    log_group_arn: str
    log_groups_arn: str
    mended_topic_arns: Sequence[str]
    queue_arns: Sequence[str]
    role_arns: Sequence[str]
    rule_arns: Sequence[str]
    schedule_arns: Sequence[str]
    signals_topic_arn: str
    topic_arns: Sequence[str]


def inspection(*, may_mend: bool, **deployed: Any) -> Document:
    """The guardian's second policy. `deployed` are the fields of `Deployed`."""
    known = Deployed(**deployed)
    return document(*_looking(known), *(_mending(known) if may_mend else ()))


def _looking(known: Deployed) -> list[Statement]:
    """To read what the inventory lists, and the inventory itself."""
    group = known.log_group_arn
    return [
        {
            "Sid": "ReadInventory",
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": known.ledger_arn,
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PART]}},
        },
        # Alarms are named after the rights, by Pulumi or by people: by account and region.
        _allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], known.alarms_arn),
        _allow("SeeNameless", _without_resource(known), "*"),
        _allow("SeeFilters", ["logs:DescribeMetricFilters"], [group, f"{group}:*"]),
        # A list, for which AWS checks no single group.
        _allow("SeeLogGroups", ["logs:DescribeLogGroups"], known.log_groups_arn),
        _allow(
            "SeeTopics",
            ["sns:GetDataProtectionPolicy", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
            known.topic_arns,
        ),
        _allow("SeeKeys", ["kms:DescribeKey", "kms:GetKeyPolicy"], known.key_arns),
        *([_allow("SeeBucket", _OF_BUCKETS, known.bucket_arns)] if known.bucket_arns else []),
        _allow(
            "SeeRoles",
            ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            [*known.role_arns, *_begun(known.far_role_arns)],
        ),
        _allow(
            "SeeRules",
            ["events:DescribeRule", "events:ListTargetsByRule"],
            [*known.rule_arns, *_begun(known.far_rule_arns)],
        ),
        _allow(
            "SeeFunction",
            [
                "lambda:GetFunctionConcurrency",
                "lambda:GetFunctionConfiguration",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:GetPolicy",
            ],
            known.function_arns,
        ),
        _allow("SeeQueues", ["sqs:GetQueueAttributes"], [*known.queue_arns, *_begun(known.far_queue_arns)]),
        _allow("SeeSchedules", ["scheduler:GetSchedule"], known.schedule_arns),
    ]


def _without_resource(known: Deployed) -> list[str]:
    """Wildcard: calls that only read, and whose resource cannot be named (Service Authorization Reference).

    Lists and numbers know none; mute rules of others have any name; SNS knows no resource for its call. The call that
    would put a subscription's filter back knows none either, and could silence everybody, so it is not allowed.
    """
    return [
        *(["cloudwatch:DescribeInsightRules"] if known.insight_rule_arns else []),
        "cloudwatch:GetAlarmMuteRule",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListAlarmMuteRules",
        "sns:GetSubscriptionAttributes",
    ]


def _mending(known: Deployed) -> list[Statement]:
    """To put back what was taken from the watching: each call only strengthens, and names what it may be called with.

    The last resort's policy is not among it: one role should not be able to break both ways to people.
    """
    people: Statement = {
        "Sid": "SubscribeAgain",
        "Effect": "Allow",
        "Action": "sns:Subscribe",
        "Resource": list(known.topic_arns),
        # Who takes the role must not be able to have the alerts sent to himself.
        "Condition": {"StringEquals": {"sns:Endpoint": sorted(set(known.endpoints))}},
    }
    return [
        _allow("SwitchAlarmsOn", ["cloudwatch:EnableAlarmActions"], known.alarms_arn),
        *(
            [_allow("SwitchInsightRuleOn", ["cloudwatch:EnableInsightRules"], known.insight_rule_arns)]
            if known.insight_rule_arns
            else []
        ),
        _allow("PutTopicBack", ["sns:PutDataProtectionPolicy", "sns:SetTopicAttributes"], known.mended_topic_arns),
        *([people] if known.endpoints else []),
        {
            "Sid": "HearSignalsAgain",
            "Effect": "Allow",
            "Action": "sns:Subscribe",
            "Resource": known.signals_topic_arn,
            "Condition": {"StringLike": {"sns:Endpoint": _few(known.function_arns)}},
        },
        _allow("SwitchRuleOn", ["events:EnableRule"], known.rule_arns),
        {
            "Sid": "PutTargetBack",
            "Effect": "Allow",
            "Action": "events:PutTargets",
            "Resource": _few(known.rule_arns),
            # All targets of a call are one key of many values (Service Authorization Reference, ArrayOfARN), which an
            # operator for one value never matches; and of none, all are ours.
            "Condition": {
                "ForAllValues:ArnLike": {"events:TargetArn": _few(known.function_arns)},
                "Null": {"events:TargetArn": "false"},
            },
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


def _begun(arns: Sequence[str]) -> list[str]:
    """One ARN for all of these things of one kind: what their names begin with, in whichever region of the account.

    For what may only be looked at. With a forwarder in each region, whole ARNs would fill the inline policies of a role
    (`settings.aws_sizes.MAX_INLINE_POLICIES`) by themselves. Names that share no beginning stay whole.
    """
    parts = sorted((arn.split(":") for arn in set(arns)), key=lambda each: each[-1])
    ends = zip(parts[0][-1], parts[-1][-1], strict=False) if parts else ()
    shared = "".join(first for first, _ in takewhile(lambda pair: pair[0] == pair[1], ends))  # as they are sorted
    if len(parts) < 2 or len(shared.rpartition("/")[2]) < SHORTEST_BEGINNING:
        return [":".join(each) for each in parts]
    regions = {each[_REGION] for each in parts}
    region = regions.pop() if len(regions) == 1 else "*"
    return [":".join([*parts[0][:_REGION], region, parts[0][_REGION + 1], f"{shared}*"])]


def _few(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)
