"""The ready service control policies: short enough, about what is deployed, deaf to us and to nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from account import role_may
from account.policies import Verdict
from tests.support.recorded_program import Registration
from tests.support.reference_stacks import recorded

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("scp-trail", "scp-telling", "scp-watching")
# AWS Organizations User Guide, "Quotas": characters of a service control policy, blanks counted as they are sent.
MOST_CHARACTERS = 5_120
# A target takes five of them, `FullAWSAccess` among them.
MOST_POLICIES = 5
# Longer than what IAM Identity Center makes, path included: our page says so, and how to count.
LONGEST_ROLE = 128
ACCOUNT, REGION = "111122223333", "eu-west-1"
PLACEHOLDER = "DEPLOY_ROLE"
NAMESPACE = "trailwarden/full"
OURS = {"aws:ResourceTag/trailwarden:stack": "full"}
# Actions that are called otherwise than the operations they stand for, or stand for none.
OF_NO_OPERATION = {
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "iam:PassRole",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
}
EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def text(name: str) -> str:
    return (ROOT / "docs" / "policies" / f"{name}.json").read_text(encoding="utf-8")


def statements(name: str) -> list[dict[str, Any]]:
    return json.loads(text(name))["Statement"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def arn(service: str, rest: str, *, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def role(name: str) -> str:
    return arn("iam", f"role/{name}", region="")


STRANGER, DEPLOYER, GUARDIAN = role("admin"), role(PLACEHOLDER), role("guardian-1a2b3c4")


def asked(action: str, resource: str, *, by: str, tag: str | None = None, namespace: str = NAMESPACE) -> Verdict:
    """What the policies leave of everything. A tag of ours is told by None where there is none."""
    context = {"aws:PrincipalArn": by, "aws:ResourceTag/trailwarden:stack": tag, "cloudwatch:namespace": namespace}
    policies = [EVERYTHING, *(text(name) for name in NAMES)]
    return role_may(policies, action=action, resource=resource, context=context)


# -- the files


@pytest.mark.parametrize("name", NAMES)
def test_it_only_denies_and_is_short_enough(name: str) -> None:
    document = json.loads(text(name))
    assert document["Version"] == "2012-10-17"
    written = json.dumps(document, separators=(",", ":")).replace(PLACEHOLDER, "x" * LONGEST_ROLE)
    assert len(written) <= MOST_CHARACTERS
    assert len(NAMES) < MOST_POLICIES
    sids = [each["Sid"] for each in document["Statement"]]
    assert len(set(sids)) == len(sids)
    session = botocore.session.get_session()
    for each in document["Statement"]:
        assert each.keys() == {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert listed(each["Action"]) == sorted(listed(each["Action"]))
        assert each["Effect"] == "Deny"
        # A pattern, not `*`: without the account in it the policy serves every account.
        exempt = listed(each["Condition"]["ArnNotLike"]["aws:PrincipalArn"])
        assert exempt[0] == f"arn:*:iam::*:role/{PLACEHOLDER}"
        for action in listed(each["Action"]):
            prefix, _, operation = action.partition(":")
            model: Any = session.get_service_model(prefix)
            assert operation in model.operation_names or action in OF_NO_OPERATION, action


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_exempt_cannot_be_made_or_taken_over(name: str) -> None:
    """By a stranger who makes a role of that name, changes who may take it, or hands it to a function of his own."""
    exempt = {who for each in statements(name) for who in listed(each["Condition"]["ArnNotLike"]["aws:PrincipalArn"])}
    (held,) = (each for each in statements(name) if each["Sid"] == "NobodyBecomesExempt")
    # What trusts CloudTrail alone may be passed, as the guardian has to, but never changed.
    delivering = {
        arn for each in statements(name) if each["Sid"] == "DeliveryRoleStays" for arn in listed(each["Resource"])
    }
    assert exempt <= {*listed(held["Resource"]), *delivering}
    assert listed(held["Condition"]["ArnNotLike"]["aws:PrincipalArn"]) == [f"arn:*:iam::*:role/{PLACEHOLDER}"]
    assert {"iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:PassRole"} <= set(held["Action"])


# -- what is deployed

STACKS = ("full", "channels", "burst", "explained", "regions")
# What takes a thing of each kind out of the watching, and where it is called from its physical name.
LOST_BY = {
    "Trail": ("cloudtrail:DeleteTrail", "cloudtrail", "trail/{}"),
    "Topic": ("sns:DeleteTopic", "sns", "{}"),
    "Queue": ("sqs:DeleteQueue", "sqs", "{}"),
    "Function": ("lambda:DeleteFunction", "lambda", "function:{}"),
    "EventRule": ("events:DeleteRule", "events", "rule/{}"),
    "Schedule": ("scheduler:DeleteSchedule", "scheduler", "schedule/default/{}"),
    "MetricAlarm": ("cloudwatch:DeleteAlarms", "cloudwatch", "alarm:{}"),
    # A rule that exists already is put again, without names of alarms: then it mutes every one.
    "AlarmMuteRule": ("cloudwatch:PutAlarmMuteRule", "cloudwatch", "alarm-mute-rule:{}"),
    "ContributorInsightRule": ("cloudwatch:DeleteInsightRules", "cloudwatch", "insight-rule/{}"),
    "Parameter": ("ssm:DeleteParameter", "ssm", "parameter/{}"),
    "Table": ("dynamodb:DeleteTable", "dynamodb", "table/{}"),
    "LogGroup": ("logs:DeleteLogGroup", "logs", "log-group:{}"),
    "Bucket": ("s3:DeleteBucket", "s3", "{}"),
    "Role": ("iam:DeleteRole", "iam", "role/{}"),
    "Key": ("kms:ScheduleKeyDeletion", "kms", "key/{}"),
}
# Losing these leaves the watching as it is.
SPARED = {
    ("LogGroup", "guardian"): "what the function did; it works without",
    ("LogGroup", "explainer"): "as above",
    ("LogGroup", "alerts-delivery-failure"): "a record of deliveries",
    ("LogGroup", "alerts-delivery-success"): "a record of deliveries",
    ("Role", "alerts-delivery"): "writes that record",
    ("LogGroup", "guardian-us-east-1"): "as the guardian's at home",
    ("LogGroup", "guardian-ap-southeast-2"): "as the guardian's at home",
}


def arn_of(thing: Registration) -> str:
    _, service, shape = LOST_BY[thing.kind]
    name = thing.inputs.get("name") or thing.inputs.get("ruleName") or f"{thing.name}-1a2b3c4"
    if service == "s3":
        return f"arn:aws:s3:::{name}"
    return arn(service, shape.format(name), region="" if service == "iam" else REGION)


def things() -> Iterator[Registration]:
    """All but the alarms of `explained`, which have the prefix that its stack file gives them, as our page says."""
    for stack in STACKS:
        yield from (
            each
            for each in recorded(stack).registrations
            if each.custom and each.kind in LOST_BY and not each.inputs.get("name", "").startswith("acme-")
        )


def test_nobody_else_deletes_what_the_watching_is_made_of() -> None:
    seen: dict[tuple[str, str], str] = {}
    for each in things():
        tag = each.inputs.get("tags", {}).get("trailwarden:stack") if each.kind == "Key" else None
        verdict = asked(LOST_BY[each.kind][0], arn_of(each), by=STRANGER, tag=tag)
        seen[each.kind, each.name] = verdict.outcome
    assert {kind for kind, _ in seen} == LOST_BY.keys()
    assert {key for key, outcome in seen.items() if outcome != "denied"} == SPARED.keys()


def test_no_pattern_is_dead() -> None:
    arns = [arn_of(each) for each in things()]
    arns += [f"{each}/AWSLogs/{ACCOUNT}/file.json.gz" for each in arns if each.startswith("arn:aws:s3:")]
    everywhere = {pattern for name in NAMES for each in statements(name) for pattern in listed(each["Resource"])}
    everywhere.remove("arn:*:events:*:*:event-bus/default")  # every account has it
    dead = set()
    for pattern in everywhere - {"*", f"arn:*:iam::*:role/{PLACEHOLDER}"}:
        only = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": pattern}]})
        if not any(role_may([only], action="a:b", resource=each).is_allowed for each in arns):
            dead.add(pattern)
    assert not dead


# -- the attacks

GROUP = arn("logs", "log-group:trail-log-group-1a2b3c4")
TRAIL = arn("cloudtrail", "trail/trailwarden-full")
BUCKET = "arn:aws:s3:::trail-bucket-1a2b3c4"
FUNCTION = arn("lambda", "function:guardian-1a2b3c4")
ALERTS, KEY = arn("sns", "alerts-1a2b3c4"), arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
LEDGER = arn("dynamodb", "table/ledger-1a2b3c4")
ALARM = arn("cloudwatch", "alarm:watch-trail-changes-1a2b3c4")
# attack: action, thing, whether the guardian may call it to put things back
ATTACKS: dict[str, tuple[str, str, bool]] = {
    "stop": ("cloudtrail:StopLogging", TRAIL, False),
    "delete": ("cloudtrail:DeleteTrail", TRAIL, False),
    "update": ("cloudtrail:UpdateTrail", TRAIL, True),
    "selectors": ("cloudtrail:PutEventSelectors", TRAIL, True),
    "insights": ("cloudtrail:PutInsightSelectors", TRAIL, True),
    "log group": ("logs:DeleteLogGroup", f"{GROUP}:*", False),
    "retention": ("logs:PutRetentionPolicy", GROUP, False),
    "filter": ("logs:PutMetricFilter", GROUP, False),
    "filter gone": ("logs:DeleteMetricFilter", GROUP, False),
    "muted alarm": ("cloudwatch:DisableAlarmActions", ALARM, False),
    "every alarm muted by a rule": ("cloudwatch:PutAlarmMuteRule", arn("cloudwatch", "alarm-mute-rule:quiet"), False),
    "alarm muted by a rule": ("cloudwatch:PutAlarmMuteRule", ALARM, False),
    "forged metric": ("cloudwatch:PutMetricData", "*", False),
    "counting stopped": ("cloudwatch:DisableInsightRules", arn("cloudwatch", "insight-rule/any-address-full"), False),
    "events masked": ("logs:PutDataProtectionPolicy", GROUP, False),
    "events rewritten": ("logs:PutTransformer", GROUP, False),
    "every log group's events masked": ("logs:PutAccountPolicy", arn("logs", "log-group:*"), False),
    "events forged": ("logs:PutLogEvents", f"{GROUP}:log-stream:x", False),
    "events forged by a token": ("logs:PutBearerTokenAuthentication", GROUP, False),
    "delivery role": ("iam:DeleteRolePolicy", role("trail-delivery-1a2b3c4"), False),
    "bucket policy": ("s3:PutBucketPolicy", BUCKET, False),
    "versioning": ("s3:PutBucketVersioning", BUCKET, False),
    "log files under another key": ("s3:UpdateObjectEncryption", f"{BUCKET}/AWSLogs/1/a.json.gz", False),
    "log files": ("s3:DeleteObjectVersion", f"{BUCKET}/AWSLogs/1/a.json.gz", False),
    "lifecycle": ("s3:PutLifecycleConfiguration", BUCKET, False),
    "key policy": ("kms:PutKeyPolicy", KEY, False),
    "key": ("kms:DisableKey", KEY, False),
    "key untagged": ("kms:UntagResource", KEY, False),
    "rule": ("events:DisableRule", arn("events", "rule/guardian-1a2b3c4"), False),
    "bus under a key that nobody may use": ("events:UpdateEventBus", arn("events", "event-bus/default"), False),
    "target": ("events:PutTargets", arn("events", "rule/guardian-1a2b3c4"), True),
    "schedule": ("scheduler:DeleteSchedule", arn("scheduler", "schedule/default/guardian-1a2b3c4-sweep"), False),
    "concurrency": ("lambda:PutFunctionConcurrency", FUNCTION, False),
    "environment": ("lambda:UpdateFunctionConfiguration", FUNCTION, False),
    "code": ("lambda:UpdateFunctionCode", FUNCTION, False),
    "desired state": ("ssm:PutParameter", arn("ssm", "parameter/desired-state-1a2b3c4"), False),
    "ledger": ("dynamodb:DeleteItem", LEDGER, True),
    "ledger in SQL": ("dynamodb:PartiQLDelete", LEDGER, True),
    "alerts masked": ("sns:PutDataProtectionPolicy", ALERTS, True),
    "function opened to others": ("lambda:PutResourcePolicy", FUNCTION, False),
    "topic policy": ("sns:SetTopicAttributes", ALERTS, True),
    "subscription": ("sns:Unsubscribe", "*", False),
    "subscription that gets nothing": ("sns:SetSubscriptionAttributes", "*", False),
    "guardian's role": ("iam:UpdateAssumeRolePolicy", GUARDIAN, False),
    "a guardian of one's own": ("iam:CreateRole", role("guardian-mallory"), False),
    "by way of a path": ("iam:CreateRole", role("guardian-x/mallory"), False),
    "the guardian's role passed": ("iam:PassRole", GUARDIAN, False),
    "the deployer's role": ("iam:UpdateAssumeRolePolicy", DEPLOYER, False),
}


@pytest.mark.parametrize(("action", "thing", "is_mended"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_to_all_but_those_whose_work_it_is(action: str, thing: str, is_mended: bool) -> None:
    def outcome(by: str) -> str:
        return asked(action, thing, by=by, tag="full" if thing == KEY else None).outcome

    assert outcome(STRANGER) == "denied"
    assert outcome(arn("iam", "root", region="")) == "denied"
    assert outcome(role(f"mallory/{PLACEHOLDER}x")) == "denied"
    assert outcome(DEPLOYER) == "allowed"
    assert outcome(GUARDIAN) == ("allowed" if is_mended else "denied")


def test_what_is_not_ours_is_left_alone() -> None:
    assert asked("kms:DisableKey", KEY, by=STRANGER).is_allowed
    assert asked("cloudtrail:StopLogging", arn("cloudtrail", "trail/theirs"), by=STRANGER).is_allowed
    assert asked("cloudtrail:StartLogging", TRAIL, by=STRANGER).is_allowed
    assert asked("sns:ConfirmSubscription", ALERTS, by=STRANGER).is_allowed
    assert asked("cloudwatch:PutMetricData", "*", by=STRANGER, namespace="Shop").is_allowed
    assert asked("cloudwatch:PutAlarmMuteRule", arn("cloudwatch", "alarm:shop-errors"), by=STRANGER).is_allowed
    assert asked("logs:PutDataProtectionPolicy", arn("logs", "log-group:shop"), by=STRANGER).is_allowed
    assert asked("logs:PutLogEvents", f"{GROUP}:log-stream:x", by=role("trail-delivery-1a2b3c4")).is_allowed
    assert asked("cloudwatch:DeleteAlarmMuteRule", arn("cloudwatch", "alarm-mute-rule:quiet"), by=STRANGER).is_allowed


@pytest.mark.parametrize("stack", ["full", "explained", "channels"])
def test_no_role_of_ours_is_hindered(stack: str) -> None:
    """Each call that a role's own policies allow is left to it, by either policy."""
    tried = 0
    for policy in recorded(stack).of("RolePolicy"):
        by = role(policy.inputs["role"])
        for each in json.loads(policy.inputs["policy"])["Statement"]:
            for action in listed(each["Action"]):
                for resource in listed(each["Resource"]):
                    verdict = asked(action, resource.replace("*", "x"), by=by, tag="full")
                    assert verdict.is_allowed, f"{policy.name}: {action} on {resource}: {verdict.why}"
                    tried += 1
    assert tried > 20
