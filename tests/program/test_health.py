"""The watching of the watching: what rings when guardian, schedule, log group or filters fail, and whom it reaches."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from common.runbooks import runbook

import filterpattern
from components import Home
from settings import Settings
from settings.plan import HEALTH_ALARMS, HEALTH_FILTERS
from tests.support.guardian_world import sample
from tests.support.recorded_program import Recording, Registration
from tests.support.reference_stacks import STACKS, recorded, stack_file

LAST_RESORT = "arn:aws:sns:eu-west-1:111122223333:last-resort-1a2b3c4"
ROLE = "arn:aws:iam::111122223333:role/guardian-1a2b3c4"
FUNCTION, QUEUE, LOG_GROUP = (
    {"FunctionName": "guardian-1a2b3c4"},
    {"QueueName": "guardian-dead-letters-1a2b3c4"},
    {"LogGroupName": "trail-log-group-1a2b3c4"},
)
HAPPENS = {"comparisonOperator": "GreaterThanOrEqualToThreshold", "treatMissingData": "notBreaching"}
CEASES = {
    "comparisonOperator": "LessThanThreshold",
    "treatMissingData": "breaching",
    "warmUpConfiguration": {"warmUpPeriodDurationInMinutes": 60},
}
ALARMS: dict[str, dict[str, Any]] = {
    "dead-letters": {
        **HAPPENS,
        "namespace": "AWS/SQS",
        "metricName": "ApproximateNumberOfMessagesVisible",
        "dimensions": QUEUE,
        "statistic": "Maximum",
        "evaluationPeriods": 1,
    },
    "errors": {
        **HAPPENS,
        "namespace": "AWS/Lambda",
        "metricName": "Errors",
        "dimensions": FUNCTION,
        "statistic": "Sum",
        "evaluationPeriods": 1,
    },
    "throttles": {
        **HAPPENS,
        "namespace": "AWS/Lambda",
        "metricName": "Throttles",
        "dimensions": FUNCTION,
        "statistic": "Sum",
        "evaluationPeriods": 1,
    },
    "unkept": {
        **HAPPENS,
        "namespace": "AWS/Lambda",
        "metricName": "DestinationDeliveryFailures",
        "dimensions": FUNCTION,
        "statistic": "Sum",
        "evaluationPeriods": 1,
    },
    "silence": {
        **CEASES,
        "namespace": "AWS/Lambda",
        "metricName": "Invocations",
        "dimensions": FUNCTION,
        "statistic": "Sum",
        "evaluationPeriods": 3,
    },
    "heartbeat": {
        **CEASES,
        "namespace": "AWS/Logs",
        "metricName": "IncomingLogEvents",
        "dimensions": LOG_GROUP,
        "statistic": "Sum",
        "evaluationPeriods": 6,
    },
    "canary": {
        **CEASES,
        "namespace": "trailwarden/full",
        "metricName": "GuardianCanary",
        "statistic": "Sum",
        "evaluationPeriods": 6,
    },
}


def alarms(recording: Recording) -> dict[str, Registration]:
    (health,) = recording.of("Health")
    return {
        each.name.removeprefix("watch-health-"): each
        for each in recording.of("MetricAlarm")
        if each.parent == health.urn
    }


def canary(recording: Recording) -> Registration:
    return recording.one("LogMetricFilter", "watch-health-canary")


@pytest.mark.parametrize("name", ALARMS)
def test_alarms(name: str) -> None:
    inputs = dict(alarms(recorded("full"))[name].inputs)
    assert inputs.pop("tags")
    description = inputs.pop("alarmDescription")
    assert description.startswith("[critical] ")
    assert "(stack full" in description
    assert inputs == {
        **ALARMS[name],
        "region": "eu-west-1",
        "threshold": 1,
        "period": 300,
        "actionsEnabled": True,
        "alarmActions": [LAST_RESORT],
    }


def test_there_are_no_others_and_the_plan_counts_them() -> None:
    assert alarms(recorded("full")).keys() == ALARMS.keys()
    assert (tuple(ALARMS), 1) == (HEALTH_ALARMS, HEALTH_FILTERS)


def test_a_prefix_is_the_prefix_of_all_alarms() -> None:
    prefixed = {f"acme-health-{name}" for name in ALARMS}
    assert {each.inputs["name"] for each in alarms(recorded("named")).values()} == prefixed
    assert set(recorded("named").exports["healthAlarmNames"].values()) == prefixed


@pytest.mark.parametrize("stack", sorted({*STACKS} - {"off"}))
def test_what_is_watched_exists(stack: str) -> None:
    """An alarm on a name that nothing has would never ring, or never be quiet."""
    recording = recorded(stack)
    real = {
        f"{each.name}-1a2b3c4"
        for kind in ("Queue", "Function", "LogGroup")
        for each in recording.of(kind)
        if each.inputs["region"] == Settings.from_stack_file(stack_file(stack)).home_region
    }
    real.add(recording.exports["logGroupName"])  # the one that a person named is not ours
    watched = {value for each in alarms(recording).values() for value in each.inputs.get("dimensions", {}).values()}
    assert watched <= real
    if not Settings.from_stack_file(stack_file(stack)).trail.records_reads:
        return  # the guardian's looks are not recorded, and there is no canary
    metric = canary(recording).inputs["metricTransformation"]
    alarm = alarms(recording)["canary"].inputs
    assert (alarm["namespace"], alarm["metricName"]) == (metric["namespace"], metric["name"])
    assert metric.keys() == {"namespace", "name", "value"}, "a default would be data, and end the alarm's warm-up"
    assert canary(recording).inputs["logGroupName"] == recording.exports["logGroupName"]
    assert canary(recording).urn in alarms(recording)["canary"].depends_on


def test_the_schedule_has_no_other_queue_than_the_one_that_is_watched() -> None:
    target = recorded("full").one("Schedule").inputs["target"]
    assert target["deadLetterConfig"]["arn"].endswith(f":{QUEUE['QueueName']}")


def test_silence_is_noticed_after_three_missed_sweeps() -> None:
    assert recorded("full").one("Schedule").inputs["scheduleExpression"] == "rate(5 minutes)"
    silence = alarms(recorded("full"))["silence"].inputs
    assert silence["period"] * silence["evaluationPeriods"] == 15 * 60


# -- whom it reaches, and by what way


def everything_behind(recording: Recording, each: Registration) -> Iterator[Registration]:
    """What a resource depends on, directly or through others."""
    for urn in each.depends_on:
        found = recording.with_urn(urn)
        yield found
        yield from everything_behind(recording, found)


def test_the_last_resort_shares_nothing_with_what_may_fail() -> None:
    recording = recorded("full")
    (component,) = recording.of("LastResort")
    parts = [each for each in recording.registrations if each.parent == component.urn]
    assert {each.kind for each in parts} == {"Topic", "TopicPolicy", "Queue", "QueuePolicy", "TopicSubscription"}
    behind = {found.urn for each in parts for found in everything_behind(recording, each)}
    assert behind <= {each.urn for each in parts}
    texts = json.dumps([dict(each.inputs) for each in parts])
    assert not [word for word in ("kms", "lambda", ":alerts-", ":signals-") if word in texts]


def test_health_alarms_tell_the_last_resort_alone_and_no_other_alarm_does() -> None:
    recording = recorded("full")
    health = {each.urn for each in alarms(recording).values()}
    for each in recording.of("MetricAlarm"):
        assert (each.inputs["alarmActions"] == [LAST_RESORT]) == (each.urn in health), each.urn
        if each.urn in health:
            assert recording.one("TopicPolicy", "last-resort").urn in each.depends_on


def test_there_is_a_second_protocol_in_every_stack() -> None:
    for stack in sorted({*STACKS} - {"off"}):
        recording = recorded(stack)
        topic = recording.exports["lastResortTopicArn"]
        told = [each for each in recording.of("TopicSubscription") if each.inputs["topic"] == topic]
        assert {each.inputs["protocol"] for each in told} >= {"email", "sqs"}, stack


def test_the_queue_is_subscribed_once_the_topic_may_send() -> None:
    recording = recorded("full")
    subscription = recording.one("TopicSubscription", "last-resort-queue")
    assert recording.one("QueuePolicy", "last-resort").urn in subscription.depends_on
    assert {key: value for key, value in recording.one("Queue", "last-resort").inputs.items() if key != "tags"} == {
        "region": "eu-west-1",
        "messageRetentionSeconds": 1_209_600,
        "sqsManagedSseEnabled": True,
    }


# -- the canary


def look(**changes: Any) -> dict[str, Any]:
    """The record of the guardian's look at the trail, with changes by dotted path; None removes."""
    record = sample("start-by-guardian")["detail"]
    record |= {"eventName": "GetTrailStatus", "readOnly": True, "requestParameters": {"name": "trailwarden-full"}}
    record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = ROLE
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = record
        for parent in parents:
            place = place[parent]
        place[last] = value
    return record


ISSUER = "userIdentity__sessionContext__sessionIssuer__arn"
NOT_THE_CANARY: dict[str, dict[str, Any]] = {
    "another role": {ISSUER: "arn:aws:iam::111122223333:role/admin"},
    "a role whose name begins alike": {ISSUER: f"{ROLE}0"},
    "the same name in another account": {ISSUER: ROLE.replace("111122223333", "444455556666")},
    "another call": {"eventName": "GetTrail"},
    "a refused look": {"errorCode": "AccessDenied"},
}


def test_the_canary_counts_the_guardians_own_look() -> None:
    assert filterpattern.compile(canary(recorded("full")).inputs["pattern"]).matches(look())


@pytest.mark.parametrize("case", NOT_THE_CANARY)
def test_the_canary_counts_nothing_else(case: str) -> None:
    pattern = filterpattern.compile(canary(recorded("full")).inputs["pattern"])
    assert not pattern.matches(look(**NOT_THE_CANARY[case]))


def test_the_canary_counts_no_user() -> None:
    record = look()
    record["userIdentity"] = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory"}
    assert not filterpattern.compile(canary(recorded("full")).inputs["pattern"]).matches(record)


def test_the_trail_records_reads_or_there_would_be_no_canary() -> None:
    wanted = json.loads(recorded("full").one("Parameter").inputs["insecureValue"])["trail"]["EventSelectors"]
    assert any(each["ReadWriteType"] in ("All", "ReadOnly") and each["IncludeManagementEvents"] for each in wanted)


def test_without_a_guardian_there_is_nothing_to_watch() -> None:
    assert not recorded("off").of("Health")
    assert not recorded("off").of("LastResort")
    assert not {"healthAlarmNames", "lastResortTopicArn", "lastResortQueueUrl"} & recorded("off").exports.keys()


@pytest.mark.parametrize(
    "base",
    [
        "docs/{page}",
        "https://github.com/acme/trailwarden/blob/main/docs/{page}",
        "https://a.example/{set}",
        "https://a.example/r/",
    ],
)
def test_alarms_and_mails_name_the_same_runbook(base: str) -> None:
    """The functions stand alone, so both have the rule: `Home.runbook` and `lambda/common/runbooks.py`."""
    nowhere: Any = None
    home = Home(stack="s", region="eu-west-1", account_id=nowhere, partition=nowhere, runbooks=base)
    assert home.runbook("health") == runbook(base, "health", page="runbooks/health.md")
