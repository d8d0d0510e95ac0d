"""Everything beside the trail: what differs from the inventory is told once, put back where the role may, cleared."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from guardian.inventory.comparing import Difference
from guardian.inventory.conditions import lasting
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes
from guardian.inventory.looking import AT_ONCE, look

from settings.regions import GLOBAL_REGION, REGIONS
from tests.support.fake_things import (
    ALARM,
    FILTER,
    INSIGHT_RULE,
    MAIL,
    MUTE,
    RULE,
    SCHEDULE,
    FakeThings,
    mute,
)
from tests.support.guardian_world import Hands, environment, refusal
from tests.support.inventory_sweeps import aws_of, deny, first_line, sweep

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


def test_a_changed_planned_mute_is_put_back_and_not_taken_away():
    aws = aws_of()
    aws.things.mutes[MUTE].pop("ExpireDate")
    assert len(sweep(aws)) == 1
    said = aws.published[0]["Message"]
    assert "pulumi up --refresh" in said
    assert "Take away" not in said


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
