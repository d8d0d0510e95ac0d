"""Every policy, statement by statement, with the ARNs that the recorded program put in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from settings.aws_sizes import MAX_INLINE_POLICIES
from tests.support.policy_sizes import inline_policies
from tests.support.reference_stacks import LAYOUTS, STACKS, recorded

ROOT_FOLDER = Path(__file__).resolve().parents[2]
ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/trailwarden-full"
BUCKET = "arn:aws:s3:::trail-bucket-1a2b3c4"
LOG_GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail-log-group-1a2b3c4"
OWN_LOG = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:guardian-1a2b3c4"
ALERTS = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts-1a2b3c4"
SIGNALS = f"arn:aws:sns:eu-west-1:{ACCOUNT}:signals-1a2b3c4"
LAST_RESORT = f"arn:aws:sns:eu-west-1:{ACCOUNT}:last-resort-1a2b3c4"
ALERTS_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/alerts-key-1a2b3c4"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:guardian-dead-letters-1a2b3c4"
LEDGER = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/ledger-1a2b3c4"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/guardian-1a2b3c4"
FORWARDER = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/forward-us-east-1-1a2b3c4"


class Where(NamedTuple):
    """A policy: the resource that carries it, and in which input."""

    kind: str
    name: str
    key: str = "policy"


def service(name: str) -> dict[str, str]:
    return {"Service": f"{name}.amazonaws.com"}


def allow(sid: str, principal: Any, action: Any, resource: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    if principal is None:
        del statement["Principal"]
    return {**statement, **({"Condition": condition} if condition else {})}


ADMINISTER = allow("AccountAdministersKey", {"AWS": ROOT}, "kms:*", "*")
LOGS_USE_KEY = allow(
    "CloudWatchLogsUsesKey",
    service("logs.eu-west-1"),
    ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    "*",
    ArnLike={"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*"},
)
SEND = "sqs:SendMessage"
OUR_TRAIL = {"aws:SourceArn": TRAIL}


def topic_policy(arn: str) -> list[dict[str, Any]]:
    return [
        allow(
            "AccountOwnsTopic",
            {"AWS": ROOT},
            [
                "sns:GetTopicAttributes",
                "sns:SetTopicAttributes",
                "sns:AddPermission",
                "sns:RemovePermission",
                "sns:DeleteTopic",
                "sns:Subscribe",
                "sns:ListSubscriptionsByTopic",
                "sns:Publish",
            ],
            arn,
        ),
        allow(
            "AlarmsPublish",
            service("cloudwatch"),
            "sns:Publish",
            arn,
            StringEquals={"aws:SourceAccount": ACCOUNT},
            ArnLike={"aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"},
        ),
    ]


def trust(principal: str) -> list[dict[str, Any]]:
    statement = allow("ServiceAssumesRole", service(principal), "sts:AssumeRole", None)
    del statement["Resource"]
    return [statement]


READ_TRAIL = allow(
    "ReadTrail",
    None,
    [f"cloudtrail:Get{what}" for what in ("TrailStatus", "Trail", "EventSelectors", "InsightSelectors")],
    TRAIL,
)
RESTORE_TRAIL = [
    allow("RestartTrail", None, "cloudtrail:StartLogging", TRAIL),
    allow(
        "PutTrailBack",
        None,
        ["cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors"],
        TRAIL,
    ),
    allow(
        "PassDeliveryRole",
        None,
        "iam:PassRole",
        f"arn:aws:iam::{ACCOUNT}:role/trail-delivery-1a2b3c4",
        StringEquals={"iam:PassedToService": "cloudtrail.amazonaws.com"},
    ),
]
REPORTING = [
    allow(
        "ReadDesiredState", None, "ssm:GetParameter", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/desired-state-1a2b3c4"
    ),
    allow(
        "KeepLedger",
        None,
        ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
        LEDGER,
        **{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [TRAIL]}},
    ),
    allow("ReadUnsettled", None, "dynamodb:Query", f"{LEDGER}/index/unsettled"),
    allow("Report", None, "sns:Publish", ALERTS),
    allow("ReportEncrypted", None, ["kms:Decrypt", "kms:GenerateDataKey*"], ALERTS_KEY),
    allow("ReportLastResort", None, "sns:Publish", LAST_RESORT),  # and no key: that topic has none of ours
    allow("WriteOwnLog", None, ["logs:CreateLogStream", "logs:PutLogEvents"], f"{OWN_LOG}:*"),
    allow("KeepFailedEvents", None, SEND, QUEUE),
]


def of(service_name: str, rest: str, region: str = "eu-west-1") -> str:
    return f"arn:aws:{service_name}:{region}:{ACCOUNT}:{rest}"


KEYS = [of("kms", "key/trail-key-1a2b3c4"), ALERTS_KEY]
FUNCTION = of("lambda", "function:guardian-*")
OUR_RULE = of("events", "rule/guardian-*")
QUEUES = [QUEUE, of("sqs", "last-resort-1a2b3c4"), of("sqs", "forward-us-east-1-dead-letters-1a2b3c4", "us-east-1")]
ROLES = [f"arn:aws:iam::{ACCOUNT}:role/{each}-1a2b3c4" for each in ("trail-delivery", "guardian", "guardian-sweep")]
LOOKING = [
    allow(
        "ReadInventory",
        None,
        "dynamodb:GetItem",
        LEDGER,
        **{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["inventory"]}},
    ),
    allow("SeeAlarms", None, "cloudwatch:DescribeAlarms", of("cloudwatch", "alarm:*")),
    allow(
        "SeeNameless",
        None,
        [
            "cloudwatch:GetAlarmMuteRule",
            "cloudwatch:GetMetricData",
            "cloudwatch:ListAlarmMuteRules",
            "sns:GetSubscriptionAttributes",
        ],
        "*",
    ),
    allow("SeeFilters", None, "logs:DescribeMetricFilters", [LOG_GROUP, f"{LOG_GROUP}:*"]),
    allow("SeeLogGroups", None, "logs:DescribeLogGroups", of("logs", "log-group:*")),
    allow(
        "SeeTopics",
        None,
        ["sns:GetDataProtectionPolicy", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
        [ALERTS, SIGNALS, LAST_RESORT],
    ),
    allow("SeeKeys", None, ["kms:DescribeKey", "kms:GetKeyPolicy"], KEYS),
    allow(
        "SeeBucket",
        None,
        [
            *("s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock"),
            *("s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"),
        ],
        BUCKET,
    ),
    allow(
        "SeeRoles",
        None,
        ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        [*ROLES, f"arn:aws:iam::{ACCOUNT}:role/forward-us-east-1-1a2b3c4"],
    ),
    allow("SeeRules", None, ["events:DescribeRule", "events:ListTargetsByRule"], [OUR_RULE, FORWARDER]),
    allow(
        "SeeFunction",
        None,
        [
            f"lambda:Get{each}"
            for each in ("FunctionConcurrency", "FunctionConfiguration", "FunctionEventInvokeConfig", "Policy")
        ],
        FUNCTION,
    ),
    allow("SeeQueues", None, "sqs:GetQueueAttributes", QUEUES),
    allow("SeeSchedules", None, "scheduler:GetSchedule", of("scheduler", "schedule/default/guardian-*")),
]
PEOPLE = ["+15555550123", "oncall@example.com", "robot@example.com", "security@example.com"]
MENDING = [
    allow("SwitchAlarmsOn", None, "cloudwatch:EnableAlarmActions", of("cloudwatch", "alarm:*")),
    allow("PutTopicBack", None, ["sns:PutDataProtectionPolicy", "sns:SetTopicAttributes"], [ALERTS, SIGNALS]),
    allow(
        "SubscribeAgain",
        None,
        "sns:Subscribe",
        [ALERTS, SIGNALS, LAST_RESORT],
        StringEquals={"sns:Endpoint": [*PEOPLE[:1], of("sqs", "last-resort-1a2b3c4"), *PEOPLE[1:]]},
    ),
    allow("HearSignalsAgain", None, "sns:Subscribe", SIGNALS, StringLike={"sns:Endpoint": FUNCTION}),
    allow("SwitchRuleOn", None, "events:EnableRule", OUR_RULE),
    allow(
        "PutTargetBack",
        None,
        "events:PutTargets",
        OUR_RULE,
        **{"ForAllValues:ArnLike": {"events:TargetArn": FUNCTION}},
        Null={"events:TargetArn": "false"},
    ),
]

POLICIES: dict[Where, list[dict[str, Any]]] = {
    Where("Key", "trail-key"): [
        ADMINISTER,
        allow(
            "CloudTrailEncryptsLogs",
            service("cloudtrail"),
            "kms:GenerateDataKey*",
            "*",
            StringEquals=OUR_TRAIL,
            StringLike={"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
        ),
        allow("CloudTrailOpensBucketKey", service("cloudtrail"), "kms:Decrypt", "*", StringEquals=OUR_TRAIL),
        allow("CloudTrailDescribesKey", service("cloudtrail"), "kms:DescribeKey", "*", StringEquals=OUR_TRAIL),
        allow(
            "AccountReadsLogs",
            {"AWS": ROOT},
            "kms:Decrypt",
            "*",
            Null={"kms:EncryptionContext:aws:cloudtrail:arn": "false"},
        ),
        LOGS_USE_KEY,
    ],
    Where("BucketPolicy", "trail-bucket"): [
        {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [BUCKET, f"{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        allow("CloudTrailChecksBucket", service("cloudtrail"), "s3:GetBucketAcl", BUCKET, StringEquals=OUR_TRAIL),
        allow(
            "CloudTrailWritesLogs",
            service("cloudtrail"),
            "s3:PutObject",
            f"{BUCKET}/AWSLogs/{ACCOUNT}/*",
            StringEquals={"s3:x-amz-acl": "bucket-owner-full-control", **OUR_TRAIL},
        ),
    ],
    Where("Role", "trail-delivery", "assumeRolePolicy"): trust("cloudtrail"),
    Where("RolePolicy", "trail-delivery"): [
        allow(
            "CloudTrailWritesEvents",
            None,
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            f"{LOG_GROUP}:log-stream:{ACCOUNT}_CloudTrail_eu-west-1*",
        )
    ],
    Where("Key", "alerts-key"): [
        ADMINISTER,
        allow("CloudWatchPublishesEncrypted", service("cloudwatch"), ["kms:Decrypt", "kms:GenerateDataKey*"], "*"),
        LOGS_USE_KEY,
    ],
    Where("TopicPolicy", "alerts"): topic_policy(ALERTS),
    Where("TopicPolicy", "signals"): topic_policy(SIGNALS),
    Where("TopicPolicy", "last-resort"): topic_policy(LAST_RESORT),
    Where("QueuePolicy", "last-resort"): [
        allow(
            "LastResortSends",
            service("sns"),
            SEND,
            f"arn:aws:sqs:eu-west-1:{ACCOUNT}:last-resort-1a2b3c4",
            ArnEquals={"aws:SourceArn": LAST_RESORT},
        ),
    ],
    Where("Role", "guardian", "assumeRolePolicy"): trust("lambda"),
    Where("RolePolicy", "guardian"): [READ_TRAIL, *RESTORE_TRAIL, *REPORTING],
    Where("RolePolicy", "guardian-inspection"): [*LOOKING, *MENDING],
    Where("Role", "guardian-sweep", "assumeRolePolicy"): [
        {
            "Sid": "SchedulerAssumesRole",
            "Effect": "Allow",
            "Principal": service("scheduler"),
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ],
    Where("RolePolicy", "guardian-sweep"): [
        allow(
            "WakeGuardian",
            None,
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:guardian-1a2b3c4",
        ),
        allow("KeepUndelivered", None, SEND, QUEUE),
    ],
    Where("Role", "forward-us-east-1", "assumeRolePolicy"): [
        {
            "Sid": "RuleAssumesRole",
            "Effect": "Allow",
            "Principal": service("events"),
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnEquals": {"aws:SourceArn": [FORWARDER]},
            },
        }
    ],
    Where("RolePolicy", "forward-us-east-1"): [
        allow("PutEventsAtHome", None, "events:PutEvents", f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"),
    ],
    Where("QueuePolicy", "forward-us-east-1-dead-letters"): [
        allow(
            "RulesKeepUndelivered",
            service("events"),
            SEND,
            f"arn:aws:sqs:us-east-1:{ACCOUNT}:forward-us-east-1-dead-letters-1a2b3c4",
            ArnEquals={"aws:SourceArn": [FORWARDER]},
        ),
    ],
    Where("QueuePolicy", "guardian-dead-letters"): [
        allow("RuleKeepsUndelivered", service("events"), SEND, QUEUE, ArnEquals={"aws:SourceArn": RULE}),
        allow("SignalsKeepUndelivered", service("sns"), SEND, QUEUE, ArnEquals={"aws:SourceArn": SIGNALS}),
    ],
}


def policies(stack: str) -> dict[Where, dict[str, Any]]:
    """Every input that is a policy document, wherever it is."""
    return {
        Where(each.kind, each.name, key): json.loads(text)
        for each in recorded(stack).registrations
        for key, text in each.inputs.items()
        if isinstance(text, str) and text.startswith("{") and '"Statement"' in text
    }


def test_there_are_no_other_policies() -> None:
    assert policies("full").keys() == POLICIES.keys()


@pytest.mark.parametrize("where", POLICIES, ids=lambda where: f"{where.kind} {where.name}")
def test_statements(where: Where) -> None:
    document = policies("full")[where]
    assert document == {"Version": "2012-10-17", "Statement": POLICIES[where]}


def test_a_guardian_that_only_notifies_cannot_do_more() -> None:
    statements = policies("notify")[Where("RolePolicy", "guardian")]["Statement"]
    assert [each["Sid"] for each in statements] == ["ReadTrail", *(each["Sid"] for each in REPORTING)]
    looking = policies("notify")[Where("RolePolicy", "guardian-inspection")]["Statement"]
    assert [each["Sid"] for each in looking] == [each["Sid"] for each in LOOKING]
    text = json.dumps([*statements, *looking]).replace("PutLogEvents", "")
    words = ("StartLogging", "UpdateTrail", "Put", "PassRole", "Enable", "Set", "sns:Subscribe")
    assert not [word for word in words if word in text]


# Each wildcard that a policy may hold, and why it cannot be named more closely.
REVIEWED = {
    ("AccountAdministersKey", "kms:*"): "hands the decision to the account's IAM policies, as AWS's default key policy",
    ("AccountAdministersKey", "*"): "in a key policy, this key",
    ("CloudTrailEncryptsLogs", "kms:GenerateDataKey*"): "AWS's wording for CloudTrail",
    ("CloudTrailEncryptsLogs", "*"): "in a key policy, this key",
    ("CloudTrailEncryptsLogs", f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"): "the context names the event's region",
    ("CloudTrailOpensBucketKey", "*"): "in a key policy, this key",
    ("CloudTrailDescribesKey", "*"): "in a key policy, this key",
    ("AccountReadsLogs", "*"): "in a key policy, this key",
    **{
        ("CloudWatchLogsUsesKey", f"kms:{action}*"): "AWS's wording for CloudWatch Logs"
        for action in ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "Describe")
    },
    ("CloudWatchLogsUsesKey", "*"): "in a key policy, this key",
    (
        "CloudWatchLogsUsesKey",
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*",
    ): "group names are generated, and the key is older than the groups",
    ("RefusePlainHttp", "*"): "a refusal for everybody",
    ("RefusePlainHttp", "s3:*"): "a refusal of everything",
    ("RefusePlainHttp", f"{BUCKET}/*"): "a refusal for every object",
    ("CloudTrailWritesLogs", f"{BUCKET}/AWSLogs/{ACCOUNT}/*"): "CloudTrail chooses region, date and file name",
    (
        "CloudTrailWritesEvents",
        f"{LOG_GROUP}:log-stream:{ACCOUNT}_CloudTrail_eu-west-1*",
    ): "CloudTrail adds a suffix to the stream's name",
    ("CloudWatchPublishesEncrypted", "kms:GenerateDataKey*"): "AWS's wording for SNS",
    ("CloudWatchPublishesEncrypted", "*"): "in a key policy, this key",
    ("AlarmsPublish", f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"): "alarm names are generated after the topic",
    ("ReportEncrypted", "kms:GenerateDataKey*"): "AWS's wording for SNS",
    ("WriteOwnLog", f"{OWN_LOG}:*"): "Lambda names the streams",
    **{
        (sid, name): "it is named after the rights, which come before the trail"
        for name, sids in {
            OUR_RULE: ("SeeRules", "SwitchRuleOn", "PutTargetBack"),
            FUNCTION: ("SeeFunction", "HearSignalsAgain", "PutTargetBack"),
            of("scheduler", "schedule/default/guardian-*"): ("SeeSchedules",),
            of("cloudwatch", "alarm:*"): ("SeeAlarms", "SwitchAlarmsOn"),
        }.items()
        for sid in sids
    },
    ("SeeFilters", f"{LOG_GROUP}:*"): "the same log group, as older policies name it",
    (
        "SeeNameless",
        "*",
    ): "lists and numbers, rules of others that have any name, a call for which SNS knows no resource",
    ("SeeLogGroups", of("logs", "log-group:*")): "a list, for which AWS checks no single group",
}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield value


def test_every_wildcard_has_a_reviewed_reason() -> None:
    found = {
        (statement["Sid"], text)
        for document in policies("full").values()
        for statement in document["Statement"]
        for text in texts(statement)
        if "*" in text or "?" in text
    }
    assert found == REVIEWED.keys()


@pytest.mark.parametrize("stack", [*STACKS, *LAYOUTS])
def test_the_inline_policies_of_no_role_are_longer_than_iam_allows(stack: str) -> None:
    assert max(inline_policies(recorded(stack)).values()) < MAX_INLINE_POLICIES * 0.9


@pytest.mark.parametrize("stack", STACKS)
def test_services_are_held_to_a_source(stack: str) -> None:
    """A service that acts for anybody must be told for whom; the exceptions are AWS's own and are named."""
    without = {
        (where.kind, where.name, statement["Sid"])
        for where, document in policies(stack).items()
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        and "Service" in statement.get("Principal", {})
        and not any(key.startswith(("aws:Source", "kms:EncryptionContext:")) for key in condition_keys(statement))
    }
    allowed = {
        ("Key", "alerts-key", "CloudWatchPublishesEncrypted"),  # a condition is reported to break the delivery
        ("Role", "trail-delivery", "ServiceAssumesRole"),  # AWS's page shows none
        ("Role", "guardian", "ServiceAssumesRole"),  # Lambda assumes it for functions of this account only
        ("Role", "explainer", "ServiceAssumesRole"),  # as above
    }
    made = {each.name for each in recorded(stack).of("Function")}
    if stack in ("given", "channels"):
        allowed |= {("Role", "alerts-delivery", "ServiceAssumesRole")}  # AWS's page shows none
    allowed = {each for each in allowed if each[1] not in {"guardian", "explainer"} - made}
    if stack == "given":
        allowed -= {("Key", "alerts-key", "CloudWatchPublishesEncrypted")}
    assert without == allowed


def condition_keys(statement: dict[str, Any]) -> list[str]:
    return [key for operator in statement.get("Condition", {}).values() for key in operator]


@pytest.mark.parametrize("stack", [*STACKS, *LAYOUTS])
def test_nobody_is_let_in_anonymously(stack: str) -> None:
    for where, document in policies(stack).items():
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement.get("Principal") not in ("*", {"AWS": "*"}), (where, statement)
                assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys(), (where, statement)


def test_who_deploys_may_hand_a_role_to_each_service_that_takes_one_and_to_no_other() -> None:
    """By the role's policy in docs/policies: without, IAM refuses the call that gives the service its role."""
    trusting = [each for stack in STACKS for each in recorded(stack).of("Role")]
    trusts = (json.loads(each.inputs["assumeRolePolicy"])["Statement"] for each in trusting)
    services = {statement["Principal"]["Service"] for statements in trusts for statement in statements}
    text = (ROOT_FOLDER / "docs" / "policies" / "deploy-role.json").read_text(encoding="utf-8")
    (passing,) = (each for each in json.loads(text)["Statement"] if each["Action"] == "iam:PassRole")
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": sorted(services)}}
