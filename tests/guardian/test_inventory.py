"""Everything beside the trail: what differs from the inventory is told once, put back where the role may, cleared."""

import base64
import json
import re
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from guardian.inventory.comparing import Difference
from guardian.inventory.conditions import lasting
from guardian.inventory.document import MOST_BYTES, NoInventory, Thing, digest_of, parse, parse_packed
from guardian.inventory.eyes import Eyes
from guardian.inventory.looking import AT_ONCE, look
from guardian.inventory.policies import canonical, differing
from hypothesis import given
from hypothesis import strategies as st

from settings.regions import GLOBAL_REGION, REGIONS
from tests.support.fake_things import (
    ALARM,
    FILTER,
    FUNCTION_ARN,
    INSIGHT_RULE,
    KEY,
    MAIL,
    MUTE,
    RULE,
    SCHEDULE,
    FakeThings,
    document,
    mute,
    policy,
    thing,
    things,
)
from tests.support.guardian_world import STOPPED_AT, FakeAws, Hands, environment, refusal, wake

SWEEP = "scheduled-scheduler"
FRESH = {
    "LatestDeliveryTime": STOPPED_AT + timedelta(days=9),
    "LatestCloudWatchLogsDeliveryTime": STOPPED_AT + timedelta(days=9),
}


def aws_of(**more: Any) -> FakeAws:
    return FakeAws(
        **{"is_logging": True, "started_at": STOPPED_AT - timedelta(days=9), "status": dict(FRESH), **more},
    )


def sweep(aws: FakeAws, *, times: int = 1, mode: str = "restore") -> list[str]:
    """The mails of so many sweeps, five minutes apart."""
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(300)
        wake(SWEEP, aws, MODE=mode)
    return aws.mails[before:]


def first_line(aws: FakeAws) -> str:
    """What the first mail says."""
    return aws.published[0]["Message"].partition("\n")[0]


def deny(found: FakeThings, name: str) -> None:
    """A Deny for everybody, added to a policy."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    getattr(found, name)["Statement"].append(statement)


MUTED = "Alarms are muted in eu-west-1, and tell nobody what they ring for: "
# What is changed, and what the only mail then says.
TOLD: dict[str, tuple[Callable[[FakeThings], Any], str]] = {
    "alarm's threshold": (
        lambda found: found.alarms[ALARM].update(Threshold=1000.0),
        f"Alarm {ALARM} was changed: threshold 1000, not 1",
    ),
    "alarm's action": (
        lambda found: found.alarms[ALARM].update(AlarmActions=[]),
        f"Alarm {ALARM} was changed: actions",
    ),
    "alarm that has to warm up": (
        lambda found: found.alarms[ALARM].update(WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 2880}),
        f'Alarm {ALARM} was changed: WarmUpConfiguration {{"WarmUpPeriodDurationInMinutes": 2880}}, not {{',
    ),
    "alarm on an expression": (
        lambda found: found.alarms[ALARM].update(Metrics=[{"Id": "calls", "Expression": "0*m1"}]),
        f'Alarm {ALARM} was changed: Metrics [{{"Id": "calls", "Expression": "0*m1"}}]',
    ),
    "alarm in another window": (
        lambda found: found.alarms[ALARM].update(EvaluationWindow={"WallClockWindow": {"Timezone": "UTC"}}),
        f"Alarm {ALARM} was changed: EvaluationWindow ",
    ),
    "alarm on another unit": (
        lambda found: found.alarms[ALARM].update(Unit="Bytes"),
        f"Alarm {ALARM} was changed: Unit Bytes",
    ),
    "alarm on a dimension": (
        lambda found: found.alarms[ALARM].update(Dimensions=[{"Name": "of", "Value": "nobody"}]),
        f"Alarm {ALARM} was changed: dimensions ",
    ),
    "alarm that needs more": (
        lambda found: found.alarms[ALARM].update(EvaluationPeriods=288, DatapointsToAlarm=288),
        f"Alarm {ALARM} was changed: needed 288, not 1",
    ),
    "alarm that takes silence for an answer": (
        lambda found: found.alarms[ALARM].update(TreatMissingData="ignore"),
        f"Alarm {ALARM} was changed: missing ignore, not notBreaching",
    ),
    "alarm changed in a way that is not invented yet": (
        lambda found: found.alarms[ALARM].update(SleepsAtNight=True),
        f"Alarm {ALARM} was changed: SleepsAtNight true",
    ),
    "alarm deleted": (lambda found: found.alarms.clear(), f"Alarm {ALARM} does not exist any more"),
    "filter's pattern": (
        lambda found: found.filters[FILTER].update(filterPattern='{ $.eventName = "No" }'),
        f"Metric filter {FILTER} was changed: pattern changed",
    ),
    "filter on other logs": (
        lambda found: found.filters[FILTER].update(applyOnTransformedLogs=True),
        f"Metric filter {FILTER} was changed: applyOnTransformedLogs true",
    ),
    "filter on other fields": (
        lambda found: found.filters[FILTER].update(fieldSelectionCriteria='@aws.account = "000000000000"'),
        f"Metric filter {FILTER} was changed: fieldSelectionCriteria @aws.account",
    ),
    "filter for another metric": (
        lambda found: found.filters[FILTER].update(emitSystemFieldDimensions=["@aws.region"]),
        f"Metric filter {FILTER} was changed: emitSystemFieldDimensions ",
    ),
    "filter for a metric of each caller": (
        lambda found: found.filters[FILTER]["metricTransformations"][0].update(dimensions={"who": "$.who"}),
        f"Metric filter {FILTER} was changed: dimensions ",
    ),
    "filter deleted": (lambda found: found.filters.clear(), f"Metric filter {FILTER} does not exist any more"),
    "retention": (
        lambda found: found.group.update(retentionInDays=1),
        "Log group trail-log-group-1a2b3c4 was changed: retention 1, not 365",
    ),
    "subscription's filter": (
        lambda found: found.subscription.update(FilterPolicy='{"never": ["true"]}'),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: filter policy added",
    ),
    "subscription's filter on the text": (
        lambda found: found.subscription.update(FilterPolicy='{"never": ["true"]}', FilterPolicyScope="MessageBody"),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: filter policy added; scope MessageBody, not",
    ),
    "subscription's form": (
        lambda found: found.subscription.update(RawMessageDelivery="true"),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: raw true, not false",
    ),
    "subscription's dead letters": (
        lambda found: found.subscription.pop("RedrivePolicy"),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: dead letters gone",
    ),
    "subscription's dead letters elsewhere": (
        lambda found: found.subscription.update(RedrivePolicy='{"deadLetterTargetArn":"arn:nowhere"}'),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: dead letters changed",
    ),
    "subscription's retries": (
        lambda found: found.subscription.update(DeliveryPolicy='{"healthyRetryPolicy": {"numRetries": 0}}'),
        f"Subscription {MAIL} of alerts-5e6f708 was changed: delivery policy added",
    ),
    "masked": (
        lambda found: found.group.update(dataProtectionStatus="ACTIVATED"),
        "Log group trail-log-group-1a2b3c4 was changed: log events masked by a policy of its own",
    ),
    "rule that mutes every alarm": (
        lambda found: found.mutes.update(quiet=mute(expression="cron(* * * * *)")),
        f"{MUTED}rule quiet mutes every alarm, cron(* * * * *)",
    ),
    "rule that mutes one alarm of ours": (
        lambda found: found.mutes.update(quiet=mute("shop-errors", ALARM, Status="ACTIVE")),
        f"{MUTED}rule quiet mutes {ALARM}, cron(0 2 * * SUN) for",
    ),
    "planned change made longer": (
        lambda found: found.mutes[MUTE]["Rule"]["Schedule"].update(Duration="P15D"),
        f"{MUTED}rule {MUTE} is not as planned: duration P15D",
    ),
    "planned change of more alarms": (
        lambda found: found.mutes[MUTE]["MuteTargets"]["AlarmNames"].append(ALARM),
        f"{MUTED}rule {MUTE} is not as planned: mutes {ALARM}, ",
    ),
    "planned change of all alarms": (
        lambda found: found.mutes[MUTE].pop("MuteTargets"),
        f"{MUTED}rule {MUTE} is not as planned: mutes every alarm",
    ),
    "planned change without its end": (
        lambda found: found.mutes[MUTE].pop("ExpireDate"),
        f"{MUTED}rule {MUTE} is not as planned: until none",
    ),
    "masked for the whole account": (
        lambda found: found.group.update(inheritedProperties=["ACCOUNT_DATA_PROTECTION"]),
        "Log group trail-log-group-1a2b3c4 was changed: log events masked by a policy of the account",
    ),
    "log group that takes a token for a key": (
        lambda found: found.group.update(bearerTokenAuthenticationEnabled=True),
        "Log group trail-log-group-1a2b3c4 was changed: bearerTokenAuthenticationEnabled true",
    ),
    "insight rule on transformed logs": (
        lambda found: found.insight_rules[INSIGHT_RULE].update(ApplyOnTransformedLogs=True),
        f"Insights rule {INSIGHT_RULE} was changed: ApplyOnTransformedLogs true",
    ),
    "insight rule's definition": (
        lambda found: found.insight_rules[INSIGHT_RULE].update(Definition='{"LogGroupNames": ["other"]}'),
        f"Insights rule {INSIGHT_RULE} was changed: definition changed",
    ),
    "insight rule deleted": (
        lambda found: found.insight_rules.clear(),
        f"Insights rule {INSIGHT_RULE} does not exist any more",
    ),
    "key's policy": (
        lambda found: deny(found, "key_policy"),
        "Key 1111 was changed: policy added Deny of sns:Publish",
    ),
    "key's state": (
        lambda found: setattr(found, "key_state", "PendingDeletion"),
        "Key 1111 was changed: scheduled for deletion",
    ),
    "key switched off": (
        lambda found: (setattr(found, "key_state", "Disabled"), deny(found, "key_policy")),
        "Key 1111 was changed: disabled; policy added Deny of sns:Publish",
    ),
    "bucket's policy": (
        lambda found: found.bucket_policy["Statement"].clear(),
        "Bucket trail-bucket-1a2b3c4 was changed: policy gone",
    ),
    "bucket without a policy": (
        lambda found: setattr(found, "bucket_policy", None),
        "Bucket trail-bucket-1a2b3c4 was changed: policy gone",
    ),
    "bucket deleted": (
        lambda found: setattr(found, "versioning", "no bucket"),
        "Bucket trail-bucket-1a2b3c4 does not exist any more",
    ),
    "bucket's versioning": (
        lambda found: setattr(found, "versioning", "Suspended"),
        "Bucket trail-bucket-1a2b3c4 was changed: versioning Suspended, not Enabled",
    ),
    "bucket's lifecycle": (
        lambda found: found.lifecycle.append(
            {"Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 1}}
        ),
        'Bucket trail-bucket-1a2b3c4 was changed: files deleted after 1 days where {"Prefix": "AWSLogs/"}',
    ),
    "bucket's old versions": (
        lambda found: found.lifecycle[2].update(
            NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}
        ),
        "Bucket trail-bucket-1a2b3c4 was changed: old versions deleted after 1 days but 1, no longer old versions",
    ),
    "bucket's files moved": (
        lambda found: found.lifecycle.append(
            {
                "Status": "Enabled",
                "Prefix": "",
                "Transitions": [{"Date": "2027-01-01", "StorageClass": "DEEP_ARCHIVE"}],
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "DEEP_ARCHIVE"}],
            }
        ),
        "Bucket trail-bucket-1a2b3c4 was changed: files moved to DEEP_ARCHIVE on 2027-01-01, old versions moved",
    ),
    "bucket's lifecycle taken": (
        lambda found: found.lifecycle.clear(),
        "Bucket trail-bucket-1a2b3c4 was changed: no longer files deleted after 2557 days, no longer old",
    ),
    "bucket's lock": (
        lambda found: setattr(found, "lock", {}),
        "Bucket trail-bucket-1a2b3c4 was changed: lock none, not GOVERNANCE for 365 days",
    ),
    "bucket without a lock": (
        lambda found: setattr(found, "lock", None),
        "Bucket trail-bucket-1a2b3c4 was changed: lock none, not GOVERNANCE for 365 days",
    ),
    "bucket's encryption": (
        lambda found: setattr(found, "encryption", None),
        "Bucket trail-bucket-1a2b3c4 was changed: encryption none, not aws:kms; key none",
    ),
    "bucket's key": (
        lambda found: found.encryption and found.encryption.update(KMSMasterKeyID="arn:aws:kms:x:444455556666:key/9"),
        "Bucket trail-bucket-1a2b3c4 was changed: key arn:aws:kms:x:444455556666:key/9",
    ),
    "bucket opened": (
        lambda found: found.block and found.block.update(BlockPublicPolicy=False),
        "Bucket trail-bucket-1a2b3c4 was changed: public access no longer blocked",
    ),
    "bucket without a block": (
        lambda found: setattr(found, "block", None),
        "Bucket trail-bucket-1a2b3c4 was changed: public access no longer blocked",
    ),
    "role's policy": (
        lambda found: found.role_policies.clear(),
        "Role trail-delivery-1a2b3c4 was changed: policy delivery gone",
    ),
    "role's trust": (
        lambda found: found.trust["Statement"][0].update(Principal={"AWS": "*"}),
        "Role trail-delivery-1a2b3c4 was changed: trust changed Trust",
    ),
    "role's new policy": (
        lambda found: found.attached.append("arn:aws:iam::aws:policy/AWSDenyAll"),
        "Role trail-delivery-1a2b3c4 was changed: attached",
    ),
    "function's code": (
        lambda found: setattr(found, "code", "b3RoZXI="),
        "Function guardian-4c8e1f5 was changed: code",
    ),
    "function's environment": (
        lambda found: found.variables.update(MODE="notify", EXTRA="x"),
        "Function guardian-4c8e1f5 was changed: environment EXTRA, MODE changed",
    ),
    "function's concurrency": (
        lambda found: setattr(found, "concurrency", 1),
        "Function guardian-4c8e1f5 was changed: concurrency 1, not none",
    ),
    "function's callers": (
        lambda found: found.callers["Statement"].clear(),
        "Function guardian-4c8e1f5 was changed: events.amazonaws.com may not call it",
    ),
    "function's callers denied": (
        lambda found: found.callers["Statement"].append({"Sid": "Hush", "Effect": "Deny", "Principal": "*"}),
        "Function guardian-4c8e1f5 was changed: permission denied by Hush",
    ),
    "function's tries": (
        lambda found: found.failing.update(MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60),
        "Function guardian-4c8e1f5 was changed: tries 0, not 2; age 60, not 3600",
    ),
    "function's failed calls": (
        lambda found: found.failing.clear(),
        "Function guardian-4c8e1f5 was changed: tries none, not 2; age none, not 3600",
    ),
    "function's network": (
        lambda found: found.configuration.update(VpcConfig={"SubnetIds": ["subnet-0a1b"]}),
        'Function guardian-4c8e1f5 was changed: subnets ["subnet-0a1b"], not none',
    ),
    "function's memory": (
        lambda found: found.configuration.update(MemorySize=128),
        "Function guardian-4c8e1f5 was changed: memory 128, not 256",
    ),
    "function's key": (
        lambda found: found.configuration.update(KMSKeyArn="arn:aws:kms:eu-west-1:444455556666:key/9999"),
        "Function guardian-4c8e1f5 was changed: key arn:aws:kms:eu-west-1:444455556666:key/9999",
    ),
    "rule deleted": (lambda found: found.rules.update({RULE: ""}), f"Event rule {RULE} does not exist any more"),
    "rule's pattern": (
        lambda found: setattr(found, "rule_pattern", '{"source": ["nobody"]}'),
        "2 event rules were changed",
    ),
    "schedule disabled": (
        lambda found: found.waker.update(State="DISABLED"),
        f"Schedule {SCHEDULE} was changed: switched off",
    ),
    "schedule deleted": (lambda found: found.waker.clear(), f"Schedule {SCHEDULE} does not exist any more"),
    "schedule's rate": (
        lambda found: found.waker.update(ScheduleExpression="rate(7 days)"),
        f"Schedule {SCHEDULE} was changed: rate rate(7 days), not rate(5 minutes)",
    ),
    "schedule's window": (
        lambda found: found.waker.update(FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}),
        f"Schedule {SCHEDULE} was changed: window FLEXIBLE, not OFF",
    ),
    "schedule that starts some day": (
        lambda found: found.waker.update(StartDate=datetime(2099, 1, 1, tzinfo=UTC)),
        f"Schedule {SCHEDULE} was changed: starts 2099-01-01 00:00:00 UTC, not none",
    ),
    "schedule that ended": (
        lambda found: found.waker.update(EndDate=datetime(2026, 1, 2, tzinfo=UTC)),
        f"Schedule {SCHEDULE} was changed: ends 2026-01-02 00:00:00 UTC, not none",
    ),
    "schedule's target": (
        lambda found: found.waker["Target"].update(Arn="arn:aws:lambda:eu-west-1:111122223333:function:idle"),
        f"Schedule {SCHEDULE} was changed: target arn:aws:lambda:",
    ),
    "schedule's role": (
        lambda found: found.waker["Target"].update(RoleArn="arn:aws:iam::111122223333:role/nothing"),
        f"Schedule {SCHEDULE} was changed: role arn:aws:iam::111122223333:role/nothing, not ",
    ),
    "schedule's message": (
        lambda found: found.waker["Target"].update(Input='{"detail-type": "nothing"}'),
        f"Schedule {SCHEDULE} was changed: message changed",
    ),
    "schedule's failures": (
        lambda found: found.waker["Target"].pop("DeadLetterConfig"),
        f"Schedule {SCHEDULE} was changed: failures none, not arn:queue",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_differs_is_told_once_and_so_is_its_end(name: str):
    change, said = TOLD[name]
    aws = aws_of()
    if name == "rule's pattern":
        said = f"Event rule {RULE} was changed: pattern changed"
    change(aws.things)
    mails = sweep(aws, times=3)
    assert mails[0].startswith(f"[critical] {' '.join(said.split()[:2])}"), mails
    assert first_line(aws).startswith(said)
    assert len([mail for mail in mails if mail.startswith("[critical]")]) == 1
    assert "pulumi up --refresh --stack prod" in aws.published[0]["Message"]
    looked_up = "ResourceName,"
    if name.startswith("schedule"):
        looked_up = "EventSource,AttributeValue=scheduler.amazonaws.com"
    elif said.startswith(MUTED):
        looked_up = "EventName,AttributeValue=PutAlarmMuteRule"
    assert f"AttributeKey={looked_up}" in aws.published[0]["Message"]
    aws.things = FakeThings()
    over = sweep(aws, times=2)
    assert over
    assert all(mail.startswith("[medium] Cleared after ") for mail in over)
    assert sweep(aws, times=3) == []


@pytest.mark.parametrize("partition", GLOBAL_REGION)
def test_who_changed_a_role_is_looked_for_where_iams_events_are(partition: str):
    region = max(REGIONS[partition], key=lambda each: each != GLOBAL_REGION[partition])
    home = environment(TRAIL_ARN=f"arn:{partition}:cloudtrail:{region}:111122223333:trail/audit")
    gone = Difference(thing=Thing(kind="role", name="guardian", region=region, facts={}), facts=None, told={})
    (told,) = lasting([gone], left="", environment=home)
    (command, *_), *_ = (step.how for step in told.steps)
    assert command.endswith(f"AttributeValue=guardian --region {GLOBAL_REGION[partition]}")


def test_regions_are_looked_at_beside_each_other():
    """Each call waits until one of every region is under way: one after the other, none would ever end."""
    together = threading.Barrier(AT_ONCE, timeout=60)

    class Queues:
        def __init__(self, region: str) -> None:
            self.region = region

        def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
            together.wait()
            if self.region == "region-3":
                raise refusal("AccessDenied", "GetQueueAttributes")
            return {"Attributes": {"Policy": "{}", "ApproximateNumberOfMessages": "0"}}

    listed = [
        Thing(kind="queue", name=f"https://sqs/{each}", region=f"region-{each}", facts={"waiting": 0})
        for each in range(AT_ONCE)
    ]
    eyes = Eyes(client_for=lambda _, region: Queues(region), clock=Hands().clock(), until=60.0)
    seen = look(reversed(listed), eyes)
    assert [each.thing for each in seen] == listed
    refused = {each.thing.region: each.refused for each in seen if each.refused}
    assert refused == {"region-3": ("sqs:GetQueueAttributes", "AccessDenied")}


def test_masked_events_are_told_with_the_command_that_no_deployment_gives():
    aws = aws_of()
    aws.things.group["dataProtectionStatus"] = "ACTIVATED"
    sweep(aws)
    said = aws.published[0]["Message"]
    command = "aws logs delete-data-protection-policy --log-group-identifier trail-log-group-1a2b3c4 --region eu-west-1"
    assert command in said
    assert said.index(command) < said.index("lookup-events") < said.index("pulumi up --refresh")
    aws.things = FakeThings()
    aws.things.group["retentionInDays"] = 1
    sweep(aws)
    assert "delete-data-protection-policy" not in aws.published[-1]["Message"]


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.mutes.clear(),
        lambda found: found.mutes.update(over=mute(Status="EXPIRED")),
        lambda found: found.mutes.update(theirs=mute("shop-orders", "shop-payments")),
    ],
    ids=["a planned one that is gone", "one that is over", "one on others' alarms"],
)
def test_mute_rules_that_silence_nothing_of_ours_are_nobodys_trouble(change: Callable[[FakeThings], Any]):
    aws = aws_of()
    change(aws.things)
    assert sweep(aws, times=2) == []


def test_a_foreign_mute_rule_is_told_with_the_command_that_takes_it_away():
    aws = aws_of()
    aws.things.mutes["it's quiet"] = mute()
    (mail,) = sweep(aws)
    assert mail.startswith("[critical] Alarms are muted: rule it's quiet mutes every alarm")
    said = aws.published[0]["Message"]
    command = "aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name 'it'\"'\"'s quiet' --region eu-west-1"
    assert command in said
    assert said.index(command) < said.index("lookup-events") < said.index("pulumi up --refresh")


def test_a_forwarder_is_told_less_loud():
    aws = aws_of()
    aws.things.rules = {**aws.things.rules, "forward-us-east-1-1b2c3d4": "DISABLED"}
    assert sweep(aws, times=2) == ["[high] Event rule forward-us-east-1-1b2c3d4 changed: switched off"]


QUEUES: dict[str, tuple[dict[str, str], str]] = {
    "retention": ({"MessageRetentionPeriod": "60"}, "retention 60, not 1209600"),
    "size": ({"MaximumMessageSize": "1024"}, "messages over 1024 bytes refused"),
    "delay": ({"DelaySeconds": "900"}, "delay 900, not 0"),
    "key": ({"KmsMasterKeyId": "alias/gone"}, "key alias/gone"),
    "redrive": ({"RedrivePolicy": '{"deadLetterTargetArn": "arn:x", "maxReceiveCount": 1}'}, "redrive policy added"),
}


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_that_no_longer_keeps_what_it_gets_is_told(name: str):
    changed, said = QUEUES[name]
    aws = aws_of()
    aws.things.queue |= changed
    assert len(sweep(aws, times=3)) == 1
    assert first_line(aws).startswith("Queue forward-us-east-1-dead-letters-5e6f708 was changed: ")
    assert said in first_line(aws)


def test_dead_letters_abroad_are_told_once_however_many_they_become():
    aws = aws_of()
    aws.things.waiting = 2
    (mail,) = sweep(aws)
    assert mail.startswith("[high] Queue forward-us-east-1-dead-letters-5")
    assert "holds 2 undelivered messages" in mail
    assert "aws sqs receive-message --queue-url https://sqs.us-east-1" in aws.published[0]["Message"]
    aws.things.waiting = 3
    assert sweep(aws, times=3) == []


# What the role may put back.
MENDED: dict[str, tuple[Callable[[FakeThings], Any], str]] = {
    "alarm's actions": (
        lambda found: found.alarms[ALARM].update(ActionsEnabled=False),
        f"Alarm {ALARM} was changed (actions switched off) and is put back.",
    ),
    "insight rule": (
        lambda found: found.insight_rules[INSIGHT_RULE].update(State="DISABLED"),
        f"Insights rule {INSIGHT_RULE} was changed (switched off) and is put back.",
    ),
    "topic's policy": (
        lambda found: deny(found, "topic_policy"),
        "Topic alerts-5e6f708 was changed (policy added Deny of sns:Publish) and is put back.",
    ),
    "topic's data protection": (
        lambda found: setattr(found, "protection", '{"Name": "hush"}'),
        "Topic alerts-5e6f708 was changed (data protection added) and is put back.",
    ),
    "rule": (
        lambda found: found.rules.update({RULE: "DISABLED"}),
        f"Event rule {RULE} was changed (switched off) and is put back.",
    ),
    "rule's target": (
        lambda found: found.targets.clear(),
        f"Event rule {RULE} was changed (target {FUNCTION_ARN.rpartition(':')[2]} gone) and is put back.",
    ),
    "subscription": (
        lambda found: found.subscribers.clear(),
        f"Subscription {MAIL} of alerts-5e6f708 was missing and is subscribed again. Nothing",
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_the_role_may_put_back_is_put_back_and_told(name: str):
    change, said = MENDED[name]
    aws = aws_of()
    change(aws.things)
    before = aws.hands.passed_s
    (mail,) = sweep(aws)
    assert re.search("put back: |subscribed again", mail), mail
    assert first_line(aws).startswith(said)
    assert aws.hands.passed_s - before >= 330, "what `pulumi up` may be doing is waited for"
    assert sweep(aws, times=3) == []
    assert aws.things.alarms[ALARM]["ActionsEnabled"]
    assert canonical(aws.things.topic_policy) == canonical(policy("Alarms", "sns:Publish"))
    assert aws.things.protection == ""
    assert aws.things.rules[RULE] == "ENABLED"
    assert aws.things.insight_rules[INSIGHT_RULE]["State"] == "ENABLED"
    assert [target["Arn"] for target in aws.things.targets] == [FUNCTION_ARN]
    assert [endpoint.lower() for _, endpoint in aws.things.subscribers] == [MAIL]


def test_a_way_to_people_that_is_broken_is_said_to_the_last_resort_without_names():
    aws = aws_of()
    aws.things.subscribers.clear()
    sweep(aws)
    (line,) = aws.last_resort
    assert line["Subject"].startswith("[critical] A subscription of the alerts topic was missing")
    assert MAIL not in json.dumps(line)
    assert aws.calls.index("PublishLastResort") < aws.calls.index("Publish")


def test_data_protection_that_is_not_put_back_comes_with_the_command():
    aws = aws_of()
    aws.things.protection = '{"Name": "hush"}'
    assert sweep(aws, mode="notify") == ["[critical] Topic alerts-5e6f708 changed: data protection added"]
    assert (
        "aws sns put-data-protection-policy --resource-arn arn:aws:sns:eu-west-1:111122223333:alerts-5e6f708 "
        '--region eu-west-1 --data-protection-policy ""'
    ) in " ".join(aws.published[0]["Message"].split())


def test_a_filter_that_keeps_alerts_from_people_is_said_to_the_last_resort():
    aws = aws_of()
    aws.things.subscription["FilterPolicy"] = '{"never": ["true"]}'
    assert len(sweep(aws)) == 1
    (line,) = aws.last_resort
    assert line["Subject"].startswith("[critical] A subscription of the alerts topic was changed")
    assert MAIL not in json.dumps(line)
    assert "Not put back" not in aws.published[0]["Message"], "its role has no right to, and nobody tried"


def test_what_the_settings_say_of_a_subscription_is_no_change():
    """SNS answers with an empty policy for none, and in its own spelling."""
    aws = aws_of()
    aws.things.subscription |= {"FilterPolicy": "{}", "RedrivePolicy": '{ "deadLetterTargetArn": "arn:lost" }'}
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize("how", [{"pending": {"Security@example.com"}}, {"owner": "444455556666"}])
def test_a_subscription_that_aws_does_not_show_is_there(how: dict[str, Any]):
    """One that is pending has no ARN, and one of another account is that account's business."""
    aws = aws_of()
    aws.things.subscription["FilterPolicy"] = '{"never": ["true"]}'
    for name, value in how.items():
        setattr(aws.things, name, value)
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize("filtered", ["Security@example.com", "SECURITY@example.com"])
def test_a_second_spelling_of_an_address_hides_no_filter(filtered: str):
    """SNS takes mail addresses in any case, each for a subscription of its own."""
    aws = aws_of()
    aws.things.subscribers.append(("email", "SECURITY@example.com"))
    aws.things.filtered[filtered] = '{"never": ["true"]}'
    assert len(sweep(aws)) == 1
    assert first_line(aws).endswith("was changed: filter policy added.")


@pytest.mark.parametrize("code", ["InvalidAction", "InvalidParameter"])
def test_an_account_without_data_protection_has_none(code: str):
    aws = aws_of(refuse={"GetDataProtectionPolicy": [refusal(code)] * 9})
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize(
    ("how", "mode", "said"),
    [
        ({"refuse": {"EnableAlarmActions": [refusal("AccessDeniedException")] * 9}}, "restore", "AWS refused it"),
        ({}, "notify", "remediation mode is notify"),
        ({}, "dry-run", "a dry run"),
    ],
)
def test_what_is_not_put_back_is_told_with_the_reason(how: dict[str, Any], mode: str, said: str):
    aws = aws_of(**how)
    aws.things.alarms[ALARM]["ActionsEnabled"] = False
    assert sweep(aws, times=3, mode=mode) == [f"[critical] Alarm {ALARM} changed: actions switched off"]
    assert f"Not put back: {said}." in aws.published[0]["Message"]
    assert not aws.things.alarms[ALARM]["ActionsEnabled"]


@pytest.mark.parametrize("at", ["DescribeAlarms", "Publish"])
def test_a_run_that_dies_between_the_repair_and_its_mail_is_made_up_for(at: str):
    """Reading back what it has just put back, or telling it."""
    aws = aws_of()
    aws.things.alarms[ALARM]["ActionsEnabled"] = False

    class DiedError(BaseException):
        pass

    def die(operation: str) -> None:
        if operation == at and aws.things.alarms[ALARM]["ActionsEnabled"]:
            aws.on = lambda operation: None
            raise DiedError

    aws.on = die
    with pytest.raises(DiedError):
        sweep(aws)
    assert aws.things.alarms[ALARM]["ActionsEnabled"]
    (mail,) = sweep(aws)
    assert mail.startswith(f"[critical] Told late: Alarm {ALARM}")


# Peace.


def test_a_healthy_deployment_is_looked_at_within_bounds_and_without_waiting():
    aws = aws_of()
    assert sweep(aws, times=3) == []
    assert aws.hands.slept == []
    assert len(aws.reads) / 3 < 55


def test_what_aws_states_of_its_own_accord_is_no_news():
    """Defaults, labels, the state of things, and a warm-up that is over."""
    aws = aws_of()
    found = aws.things
    found.alarms[ALARM].pop("WarmUpConfiguration")
    found.alarms[ALARM].update(
        AlarmArn="arn:alarm",
        DatapointsToAlarm=1,
        Dimensions=[],
        EvaluationState="PARTIAL_DATA",
        EvaluationWindow={"SlidingWindow": {}},
        Metrics=[],
        OKActions=[],
        StateReason="Threshold Crossed",
        StateValue="ALARM",
        ThresholdMetricId=None,
    )
    found.filters[FILTER].update(
        applyOnTransformedLogs=False, creationTime=1, emitSystemFieldDimensions=[], fieldSelectionCriteria=""
    )
    found.filters[FILTER]["metricTransformations"][0].update(dimensions={}, unit="None")
    found.group.update(
        bearerTokenAuthenticationEnabled=False,
        dataProtectionStatus="DELETED",
        deletionProtectionEnabled=True,
        inheritedProperties=[],
        logGroupClass="STANDARD",
        metricFilterCount=30,
        storedBytes=7,
    )
    found.insight_rules[INSIGHT_RULE].update(ApplyOnTransformedLogs=False, ManagedRule=False)
    assert sweep(aws, times=3) == []


def test_a_deployment_in_the_middle_of_its_calls_is_left_alone():
    """The alarm is changed, and the inventory is written half a minute later."""
    aws = aws_of()
    aws.things.alarms[ALARM]["Threshold"] = 5.0
    other = things()
    other[0]["facts"]["threshold"] = 5.0
    text = document(other)

    def on(operation: str) -> None:
        if aws.hands.slept:
            aws.things.inventory = text

    aws.on = on
    aws.hands.move(300)
    wake(SWEEP, aws)
    assert aws.mails == []
    assert aws.hands.slept == [30]


def test_a_short_run_judges_nothing_that_it_cannot_look_at_twice():
    aws = aws_of()
    aws.things.alarms.clear()
    (told,) = sweep(aws)
    assert told
    aws.things.alarms = FakeThings().alarms
    aws.things.filters.clear()
    aws.hands.move(300)
    before = len(aws.mails)
    wake(SWEEP, aws, remaining_s=60)
    assert [mail.split(" after ")[0] for mail in aws.mails[before:]] == ["[medium] Cleared"]
    assert sweep(aws) == [f"[critical] Metric filter {FILTER} gone"]


# What cannot be looked at.


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic"),
        ("GetSubscriptionAttributes", "sns:GetSubscriptionAttributes"),
        ("GetDataProtectionPolicy", "sns:GetDataProtectionPolicy"),
        ("GetKeyPolicy", "kms:GetKeyPolicy"),
        ("GetBucketVersioning", "s3:GetBucketVersioning"),
        ("ListRolePolicies", "iam:ListRolePolicies"),
        ("GetQueueAttributes", "sqs:GetQueueAttributes"),
    ],
)
def test_a_refused_look_is_told_once_and_is_no_news_of_the_thing(operation: str, action: str):
    aws = aws_of(refuse={operation: [refusal("AccessDeniedException") for _ in range(6)]})
    (mail,) = sweep(aws, times=3)
    assert mail.startswith(f"[high] The guardian cannot look: {action} AccessDe")
    assert "AccessDenied" in aws.published[0]["Message"]
    aws.refuse.clear()
    assert [mail.split(" after ")[0] for mail in sweep(aws, times=2)] == ["[medium] Cleared"]


def test_one_refusal_that_is_gone_a_moment_later_is_no_news():
    aws = aws_of(refuse={"DescribeAlarms": [refusal("AccessDeniedException")]})
    assert sweep(aws, times=2) == []


def test_what_is_wrong_with_something_that_cannot_be_seen_is_not_cleared():
    aws = aws_of()
    aws.things.alarms.clear()
    assert len(sweep(aws)) == 1
    aws.refuse = {"DescribeAlarms": [refusal("AccessDeniedException") for _ in range(4)]}
    assert not [mail for mail in sweep(aws) if "Cleared" in mail]


def test_many_of_a_kind_make_one_mail():
    names = [f"watch-{number}" for number in range(7)]
    listed = [*things(), *(thing("alarm", name, {"acts": True}, mends=["acts"]) for name in names)]
    aws = aws_of()
    aws.things.inventory = document(listed)
    aws.things.alarms |= {name: {"AlarmName": name, "ActionsEnabled": True} for name in names}
    digest = {"inventory": digest_of(aws.things.inventory)}
    aws.things.alarms.clear()
    assert told_by(aws, digest) == ["[critical] 8 alarms do not exist any more"]
    assert f"{ALARM}, watch-0, watch-1" in aws.published[0]["Message"]
    assert told_by(aws, digest) == []


def told_by(aws: FakeAws, message: dict[str, str]) -> list[str]:
    """The mails of one sweep whose schedule says something else."""
    from tests.support.guardian_world import deliver, sample

    before = len(aws.mails)
    aws.hands.move(300)
    deliver({**sample(SWEEP), **message}, aws)
    return aws.mails[before:]


def test_lists_are_read_to_their_end():
    """The fake answers one thing for each page; a second filter would otherwise look deleted."""
    listed = [*things(), thing("filter", "watch-2", {"metric": "Two"}, of="trail-log-group-1a2b3c4")]
    aws = aws_of()
    aws.things.inventory = document(listed)
    aws.things.filters["watch-2"] = {"filterName": "watch-2", "metricTransformations": [{"metricName": "Two"}]}
    assert told_by(aws, {"inventory": digest_of(aws.things.inventory)}) == []


# The inventory itself.


def test_an_inventory_that_is_not_the_deployed_one_is_not_believed_and_told():
    """Somebody took the alarm out of it, and then deleted the alarm."""
    aws = aws_of()
    aws.things.inventory = document([thing("alarm", "other", {}), *things()[1:]])
    aws.things.alarms.clear()
    mails = sweep(aws, times=4)
    assert mails == ["[critical] The inventory is not the one that was deployed"]
    aws.things.inventory = document()
    (gone, over) = sweep(aws)
    assert gone == f"[critical] Alarm {ALARM} gone"
    assert over.startswith("[medium] Cleared after ")


def test_a_deployment_between_inventory_and_schedule_is_no_news():
    aws = aws_of()
    aws.things.inventory = document([*things(), things()[0]])
    assert sweep(aws) == []
    aws.things.inventory = document()
    assert sweep(aws, times=3) == []


@pytest.mark.parametrize("message", [{"inventory": "0" * 64}, {"inventory": None}])
def test_a_schedule_that_tells_another_digest_or_none_is_as_odd(message: dict[str, Any]):
    aws = aws_of()
    assert told_by(aws, message) == []
    assert told_by(aws, message) == ["[critical] The inventory is not the one that was deployed"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is none"),
        ("{", "it is not JSON"),
        ("[]", "it is not an object with a list of things"),
        (
            json.dumps({"version": 1, "things": []}),
            "things: there is no alarm, no filter, no function, no rule, no topic",
        ),
        (json.dumps({"version": 2, "things": things()}), "version: must be 1"),
    ],
)
def test_an_inventory_that_cannot_be_used_is_told(text: str, said: str):
    aws = aws_of(things=FakeThings(inventory=text))
    message = {"inventory": digest_of(text)}
    (mail,) = told_by(aws, message)
    assert mail.startswith("[critical] What was deployed is not known: ")
    assert said in aws.published[0]["Message"]
    assert told_by(aws, message) == []


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        ).map(json.dumps),
    )
)
def test_no_text_breaks_the_reading(text: str):
    assert isinstance(parse(text), NoInventory)


PACKED = base64.b64encode(zlib.compress(document().encode())).decode()


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        ("not base64", "it cannot be unpacked"),
        (base64.b64encode(b"no zlib").decode(), "it cannot be unpacked"),
        (base64.b64encode(base64.b64decode(PACKED)[:-9]).decode(), "it is cut off, or larger than any"),
        (base64.b64encode(zlib.compress(b" " * (MOST_BYTES + 1))).decode(), "it is cut off, or larger than any"),
        (base64.b64encode(zlib.compress(b"[]")).decode(), "it is not an object with a list of things"),
    ],
)
def test_what_cannot_be_unpacked_is_told_and_not_unpacked_further(packed: str, said: str):
    found = parse_packed(packed)
    assert isinstance(found, NoInventory)
    assert found.problems == (said,)


def test_a_packed_inventory_is_the_same_with_the_same_digest():
    assert parse_packed(PACKED) == parse(document())


def test_a_key_that_waits_for_its_deletion_is_kept_before_anything_is_deployed():
    """Pulumi takes such a key for one that is gone, and would make another."""
    aws = aws_of()
    aws.things.key_state = "PendingDeletion"
    (mail,) = sweep(aws)
    assert mail == "[critical] Key 1111 changed: scheduled for deletion"
    commands = [line.strip() for line in aws.published[0]["Message"].splitlines() if line.startswith("  ")]
    verbs = [command.split(" --")[0] for command in commands if not command.startswith("https")]
    assert verbs[:2] == ["aws kms cancel-key-deletion", "aws kms enable-key"]
    assert verbs[-1] == "pulumi up"
    assert f"--key-id {KEY} --region eu-west-1" in commands[0]


def test_a_key_that_was_switched_off_is_switched_on():
    aws = aws_of()
    aws.things.key_state = "Disabled"
    assert sweep(aws) == ["[critical] Key 1111 changed: disabled"]
    assert f"aws kms enable-key --key-id {KEY} --region eu-west-1" in aws.published[0]["Message"]
    assert "cancel-key-deletion" not in aws.published[0]["Message"]


# The sweep's own end.


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("", "its schedule does not exist any more"),
        ("DISABLED", "its schedule is disabled"),
        ("ENABLED", "its schedule is enabled and does not wake the guardian"),
    ],
)
def test_whoever_else_is_woken_tells_that_the_sweep_has_ceased(state: str, said: str):
    aws = aws_of(hands=Hands())
    sweep(aws)
    aws.things.schedule = state
    aws.hands.move(660)
    wake("alarm-aws", aws)
    assert aws.mails == []
    aws.hands.move(100)
    wake("alarm-aws", aws)
    assert aws.mails == [f"[critical] No sweep for 12 min 41 s: {said}"] or aws.mails[0].endswith("...")
    assert said in first_line(aws) or said.removeprefix("its schedule ") in first_line(aws)
    aws.hands.move(300)
    wake("alarm-aws", aws)
    assert len(aws.mails) == 1
    assert [mail.split(" after ")[0] for mail in sweep(aws)] == ["[medium] Cleared"]


# Policies.


SAME = [
    (policy("A", "x"), policy("A", ["x"])),
    (policy("A", ["x", "y"]), policy("A", ["y", "x"])),
    ({"Statement": policy("A", "x")["Statement"][0]}, policy("A", "x")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_policy_written_otherwise_is_the_same(one: dict[str, Any], other: dict[str, Any]):
    assert canonical(one) == canonical(json.dumps(other))
    assert differing(one, json.dumps(other)) == ""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (policy("A", "y"), "changed A"),
        (policy("B", "x"), "removed A; added B"),
        ({"Statement": []}, "gone"),
        ("", "gone"),
        ("nonsense", "is none any more"),
        (
            {"Statement": [*policy("A", "x")["Statement"], {"Effect": "Deny", "Action": ["p", "q"]}]},
            "added Deny of p and 1 more",
        ),
    ],
)
def test_a_policy_differs_by_its_statements(now: object, said: str):
    assert differing(policy("A", "x"), now) == said
