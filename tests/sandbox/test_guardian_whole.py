"""The guardian as it is deployed, under its own role: who is left in peace, and which right each of its calls needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from guardian.maintenance import plan

from sandbox.demo._stage import Stage
from sandbox.demo.attacks import Range
from sandbox.demo.attacks._stacks import make_range
from tests.support.deployments import DEPLOYMENTS, Stack
from tests.support.guardian_in_range import GuardianInRange

READ_ONLY = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": []}]


@pytest.fixture(scope="module")
def at() -> Iterator[Range]:
    """A deployed stack that all tests share: each clears away what it did, but for the last."""
    with Stage() as stage:
        yield make_range(stage)


def guardians_mails(at: Range) -> list[str]:
    """The subjects of the guardian's mails, without where."""
    where = f" - 000000000000 {at.region}"
    return [mail.subject.removesuffix(where) for mail in at.mails() if mail.subject.endswith(where)]


def changes_by_guardian(at: Range) -> int:
    """How often the guardian changed the trail, by the account's own event history."""
    pages = at.aws("cloudtrail").get_paginator("lookup_events").paginate()
    records = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
    role = at.role("guardian")
    return len([each for each in records if role in json.dumps(each["userIdentity"]) and each["readOnly"] is False])


# -- peace: a deployment


def test_no_deployment_is_fought_or_told_whatever_it_changes(at: Range) -> None:
    stack = Stack(at)
    at.pass_time(0)
    original, mails, own = stack.document["trail"], guardians_mails(at), changes_by_guardian(at)
    for name, change in DEPLOYMENTS.items():
        changed = change(at)
        stack.up(**changed)
        is_now = {**at.trail(), **at.aws("cloudtrail").get_event_selectors(TrailName=at.trail_arn)}
        settings = {key: is_now.get(key, "") for key in changed if key != "InsightSelectors"}
        assert settings == {key: changed[key] for key in settings}, name
        assert guardians_mails(at) == mails, name
    back = {key: value for key, value in original.items() if key not in ("IsLogging", "LogFileValidationEnabled")}
    stack.up(**{key: value for key, value in back.items() if key != "SnsTopicName"})
    at.pass_time(300)  # and the sweep finds nothing either
    assert guardians_mails(at) == mails
    assert changes_by_guardian(at) == own


# -- peace: planned work, and an owner who keeps the settings


def test_planned_work_is_left_alone_told_at_both_ends_and_what_it_left_is_put_back(at: Range) -> None:
    mails, before = len(guardians_mails(at)), at.trail()
    record = plan(
        begins=datetime.fromtimestamp(at.now(), UTC), lasts=timedelta(minutes=20), reason="a new bucket", author="ana"
    )
    table = at.environment()["LEDGER_ARN"].partition("/")[2]
    item = {"trail": at.trail_arn, "id": "maintenance", **record.document()}
    at.aws("dynamodb").put_item(TableName=table, Item={key: {"S": value} for key, value in item.items()})
    at.pass_time(300)
    trails = at.aws("cloudtrail")
    trails.stop_logging(Name=at.trail_arn)
    trails.update_trail(Name=at.trail_arn, EnableLogFileValidation=False)
    at.come_to_rest()
    trails.start_logging(Name=at.trail_arn)
    trails.put_event_selectors(TrailName=at.trail_arn, EventSelectors=READ_ONLY)
    at.come_to_rest()
    assert at.trail()["LogFileValidationEnabled"] is False
    during = guardians_mails(at)[mails:]
    for _ in range(4):
        at.pass_time(300)
    after = guardians_mails(at)[mails + len(during) :]
    assert at.trail() == before
    assert [mail for mail in [*during, *after] if "aintenance" in mail and "NOT LOGGING" not in mail] == [
        f"[high] Maintenance until {record.ends:%H:%M} UTC by ana: nothing is put back",
        "[medium] Maintenance is over: the trail is guarded again",
    ]
    told = [mail for mail in during if "by ana" not in mail]
    assert told[0] == "[critical] Trail stopped by owner and NOT LOGGING (maintenance)"
    assert not [mail for mail in told if "put back after" in mail or "running again" in mail]
    at.grow_quiet()


def test_an_owner_who_keeps_the_settings_is_told_and_only_a_stop_is_undone(at: Range) -> None:
    """What an adopted trail begins with: no field may be put back."""
    functions, trails = at.aws("lambda"), at.aws("cloudtrail")
    before = at.environment()
    variables = {**before, "FIELDS": "none"}
    functions.update_function_configuration(FunctionName=at.function, Environment={"Variables": variables})
    try:
        mails = len(guardians_mails(at))
        trails.update_trail(Name=at.trail_arn, EnableLogFileValidation=False)
        at.come_to_rest()
        trails.stop_logging(Name=at.trail_arn)
        at.come_to_rest()
        assert at.trail()["IsLogging"] is True
        assert at.trail()["LogFileValidationEnabled"] is False
        at.pass_time(300)
        told = [mail.split(",")[0] for mail in guardians_mails(at)[mails:] if "] Trail " in mail]
        assert told == [
            "[critical] Trail changed by owner and NOT PUT BACK (see why)",
            "[critical] Trail stopped by owner",
        ]
    finally:
        trails.update_trail(Name=at.trail_arn, EnableLogFileValidation=True)
        functions.update_function_configuration(FunctionName=at.function, Environment={"Variables": before})
    at.grow_quiet()


# -- rights: what each call of the guardian needs


def nothing(_at: Range) -> None:
    """Needed in any case."""


@dataclass(frozen=True)
class Right:
    """One action in one statement of the role's policy: what it is for, and what is said when it is missing.

    `attack` is what must have happened for it to be needed. `said` stands in the run's log.
    """

    why: str
    said: str
    attack: Callable[[Range], Any] = nothing


def stop(at: Range) -> None:
    at.sandbox.advance_clock(2)  # stops of one second are one incident, and AWS takes one a second
    at.aws("cloudtrail").stop_logging(Name=at.trail_arn)


def weaken_validation(at: Range) -> None:
    at.aws("cloudtrail").update_trail(Name=at.trail_arn, EnableLogFileValidation=False)


def remove_log_group(at: Range) -> None:
    at.aws("cloudtrail").update_trail(Name=at.trail_arn, CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")


def read_only(at: Range) -> None:
    at.aws("cloudtrail").put_event_selectors(TrailName=at.trail_arn, EventSelectors=READ_ONLY)


def no_insights(at: Range) -> None:
    at.aws("cloudtrail").put_insight_selectors(TrailName=at.trail_arn, InsightSelectors=[])


def let_an_hour_end(at: Range) -> None:
    """The last sweep was in the hour before, as far as the ledger knows: numbers are read once an hour."""
    at.aws("dynamodb").update_item(
        TableName=at.environment()["LEDGER_ARN"].partition("/")[2],
        Key={"trail": {"S": at.trail_arn}, "id": {"S": "sweep"}},
        UpdateExpression="SET #at = #at - :hour",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":hour": {"N": "3600000"}},
    )


def mute_others(at: Range) -> None:
    """A rule on an alarm that is not ours: it has to be read to know that."""
    cloudwatch = at.aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="shop-errors",
        Namespace="shop",
        MetricName="errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_alarm_mute_rule(
        Name="shop",
        Rule={"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT1H"}},
        MuteTargets={"AlarmNames": ["shop-errors"]},
    )


UNREAD = "[critical] Trail settings cannot be read: AccessDenied"
NO_LEDGER = "the ledger does not answer: people may be told more than once"
LOST = "the report could not be published to"
REVIEWED: dict[tuple[str, str], Right] = {
    ("ReadTrail", "cloudtrail:GetTrailStatus"): Right("does it log?", "Trail status unknown: AccessDenied", stop),
    ("ReadTrail", "cloudtrail:GetTrail"): Right("its settings", UNREAD),
    ("ReadTrail", "cloudtrail:GetEventSelectors"): Right("its settings", UNREAD),
    ("ReadTrail", "cloudtrail:GetInsightSelectors"): Right("its settings", UNREAD),
    ("RestartTrail", "cloudtrail:StartLogging"): Right("start it", "could not be restarted: AccessDenied", stop),
    ("PutTrailBack", "cloudtrail:UpdateTrail"): Right("put back", "NOT PUT BACK: AccessDenied", weaken_validation),
    ("PutTrailBack", "cloudtrail:PutEventSelectors"): Right("put back", "NOT PUT BACK: AccessDenied", read_only),
    ("PutTrailBack", "cloudtrail:PutInsightSelectors"): Right("put back", "NOT PUT BACK: AccessDenied", no_insights),
    ("PassDeliveryRole", "iam:PassRole"): Right("the log group's role", "NOT PUT BACK: AccessDenied", remove_log_group),
    ("ReadDesiredState", "ssm:GetParameter"): Right("what it should be", "Desired state cannot be read: AccessDenied"),
    ("KeepLedger", "dynamodb:UpdateItem"): Right("claim and mark", NO_LEDGER, stop),
    ("ReadInventory", "dynamodb:GetItem"): Right("what was deployed", "What was deployed is not known"),
    **{
        (sid, action): Right("is it as deployed?", f"The guardian cannot look: {action}")
        for sid, actions in {
            "SeeAlarms": ["cloudwatch:DescribeAlarms"],
            "SeeBucket": [
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketPolicy",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
            ],
            "SeeFilters": ["logs:DescribeMetricFilters"],
            "SeeFunction": [
                "lambda:GetFunctionConcurrency",
                "lambda:GetFunctionConfiguration",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:GetPolicy",
            ],
            "SeeKeys": ["kms:DescribeKey", "kms:GetKeyPolicy"],
            "SeeLogGroups": ["logs:DescribeLogGroups"],
            "SeeQueues": ["sqs:GetQueueAttributes"],
            "SeeRoles": [
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
            ],
            "SeeRules": ["events:ListTargetsByRule", "events:DescribeRule"],
            "SeeSchedules": ["scheduler:GetSchedule"],
            "SeeNameless": [
                "cloudwatch:DescribeInsightRules",
                "cloudwatch:ListAlarmMuteRules",
                "sns:GetSubscriptionAttributes",
            ],
            "SeeTopics": ["sns:GetDataProtectionPolicy", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
        }.items()
        for action in actions
    },
    ("SeeNameless", "cloudwatch:GetMetricData"): Right(
        "were numbers forged?", "The guardian cannot look: cloudwatch:GetMetricData", let_an_hour_end
    ),
    ("SeeNameless", "cloudwatch:GetAlarmMuteRule"): Right(
        "whose alarms does it mute?", "The guardian cannot look: cloudwatch:GetAlarmMuteRule", mute_others
    ),
    ("Report", "sns:Publish"): Right("tell people", LOST, stop),
    ("ReportEncrypted", "kms:Decrypt"): Right("the topic is encrypted", LOST, stop),
    ("ReportEncrypted", "kms:GenerateDataKey*"): Right("the topic is encrypted", LOST, stop),
}
# What the sandbox does not show missing: the reason, and the calls are compared with the policy all the same.
NOT_ENFORCED = {
    ("KeepLedger", "dynamodb:GetItem"): "the record of planned work and the budget count as none",
    ("KeepLedger", "dynamodb:Query"): "nothing is reminded of, and nothing cleared",
    ("ReadUnsettled", "dynamodb:Query"): "the same, of the index",
    ("ReportLastResort", "sns:Publish"): "only when a report is lost",
    ("WriteOwnLog", "logs:CreateLogStream"): "Lambda itself writes the log",
    ("WriteOwnLog", "logs:PutLogEvents"): "Lambda itself writes the log",
    ("KeepFailedEvents", "sqs:SendMessage"): "Lambda itself hands over what failed",
}
# What was taken from the watching is put back by these; `tests/sandbox/test_attacks.py` plays what each is for.
MENDS = {
    ("SwitchAlarmsOn", "cloudwatch:EnableAlarmActions"),
    ("SwitchInsightRuleOn", "cloudwatch:EnableInsightRules"),
    ("PutTopicBack", "sns:PutDataProtectionPolicy"),
    ("PutTopicBack", "sns:SetTopicAttributes"),
    ("SubscribeAgain", "sns:Subscribe"),
    ("HearSignalsAgain", "sns:Subscribe"),
    ("SwitchRuleOn", "events:EnableRule"),
    ("PutTargetBack", "events:PutTargets"),
}
BY_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
BY_AWS = {"iam:PassRole", "kms:Decrypt", "kms:GenerateDataKey*"}
"""Needed for a call of another name: UpdateTrail with a role, Publish to an encrypted topic."""


@pytest.fixture(scope="module")
def guardian(at: Range) -> GuardianInRange:
    """The guardian in this process; the deployed one is off until `test_destroy_is_not_answered`."""
    at.aws("lambda").put_function_concurrency(FunctionName=at.function, ReservedConcurrentExecutions=0)
    return GuardianInRange(at)


def heal(guardian: GuardianInRange) -> None:
    """With all rights: the trail is put right, what is over is told, and then there is nothing left to say."""
    clean = ("nothing wrong", "nothing wrong", 0)
    seen = []
    while clean not in seen and len(seen) < 6:
        answer = guardian.wake(guardian.sweep).answer or {}
        seen.append((answer.get("outcome"), answer.get("settings"), answer.get("mails")))
    assert clean in seen


@pytest.mark.parametrize("right", REVIEWED, ids=": ".join)
def test_without_this_right_it_fails_and_says_so(guardian: GuardianInRange, right: tuple[str, str]) -> None:
    row = REVIEWED[right]
    row.attack(guardian.at)
    with guardian.role.without(*right):
        woken = guardian.wake(guardian.sweep)
    assert row.said in woken.said
    if not row.said.startswith("The guardian cannot look"):  # these are told apart by what they name
        heal(guardian)


def test_policy_table_and_calls_are_the_same(guardian: GuardianInRange) -> None:
    """Both ways: nothing is granted that nothing needs, nothing is called that is not granted."""
    granted = guardian.role.rights
    assert granted == REVIEWED.keys() | NOT_ENFORCED.keys() | MENDS
    guardian.pass_time(960)  # the budget of repairs is whole again
    for attack in {row.attack for row in REVIEWED.values()}:
        attack(guardian.at)
    with guardian.role.without("Report", "sns:Publish"):
        guardian.wake(guardian.sweep)
    heal(guardian)
    assert guardian.role.calls == {action for _, action in granted - MENDS} - BY_LAMBDA - BY_AWS


# -- peace: the end. The last test of all: nothing is left afterwards.


def test_destroy_is_not_answered(at: Range) -> None:
    """In the order of the dependencies: schedule, target, rule, subscription and function go before the trail."""
    at.aws("lambda").delete_function_concurrency(FunctionName=at.function)
    at.grow_quiet()
    mails = guardians_mails(at)
    (schedule,) = at.aws("scheduler").list_schedules()["Schedules"]
    at.aws("scheduler").delete_schedule(Name=schedule["Name"])
    events, rule = at.aws("events"), at.environment()["RULE_ARN"].partition("rule/")[2]
    targets = [each["Id"] for each in events.list_targets_by_rule(Rule=rule)["Targets"]]
    subscriptions = at.aws("sns").list_subscriptions()["Subscriptions"]
    (own,) = [each["SubscriptionArn"] for each in subscriptions if each["Protocol"] == "lambda"]
    events.remove_targets(Rule=rule, Ids=targets)
    at.aws("sns").unsubscribe(SubscriptionArn=own)
    at.aws("lambda").delete_function(FunctionName=at.function)
    events.delete_rule(Name=rule)
    at.aws("cloudtrail").delete_trail(Name=at.trail_arn)
    at.pass_time(600)
    assert guardians_mails(at) == mails
