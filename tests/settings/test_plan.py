"""What the settings make, counted without Pulumi. tests/program compares it with the recorded program."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from settings import Plan, Settings
from settings.explaining import event_patterns
from tests.support.answers_strategy import answers
from tests.support.effort import examples

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


def plan(**changes: Any) -> Plan:
    """Without an explainer, unless the changes say so."""
    return Settings.parse({**GOOD, "alerts": {"explain": False}, **changes}, stack="prod", source="test").plan()


def test_the_least_stack() -> None:
    least = plan(eventSets=["trail-changes"], remediation={"mode": "off"})
    assert dict(least.resources) == {
        "aws:cloudtrail/trail:Trail": 1,
        "aws:cloudwatch/dashboard:Dashboard": 1,
        "aws:cloudwatch/logGroup:LogGroup": 1,
        "aws:cloudwatch/logMetricFilter:LogMetricFilter": 1,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 1,
        "aws:iam/role:Role": 1,
        "aws:iam/rolePolicy:RolePolicy": 1,
        "aws:kms/alias:Alias": 2,
        "aws:kms/key:Key": 2,
        "aws:s3/bucket:Bucket": 1,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
        "aws:s3/bucketPolicy:BucketPolicy": 1,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
        "aws:s3/bucketVersioning:BucketVersioning": 1,
        "aws:sns/topic:Topic": 2,
        "aws:sns/topicPolicy:TopicPolicy": 2,
        "aws:sns/topicSubscription:TopicSubscription": 1,
    }
    assert least.total == 23
    assert (least.functions, least.rules, least.queues) == (0, 0, 0)


def test_people_count() -> None:
    plan_of_three = plan(
        emails=["a@example.com", "b@example.com"],
        subscribers=[{"protocol": "email-json", "endpoint": "robot@example.com"}],
        remediation={"mode": "off"},
    )
    assert plan_of_three.subscriptions == 3


@pytest.mark.parametrize("mode", ["restore", "notify"])
def test_the_guardian_counts(mode: str) -> None:
    off, on = (plan(remediation={"mode": each}, eventSets=["trail-changes"]) for each in ("off", mode))
    added = {token: on.count(token) - off.count(token) for token in on.resources}
    assert {token: count for token, count in added.items() if count} == {
        "aws:cloudwatch/eventRule:EventRule": 1,
        "aws:cloudwatch/eventTarget:EventTarget": 1,
        "aws:cloudwatch/logGroup:LogGroup": 1,
        "aws:cloudwatch/logMetricFilter:LogMetricFilter": 1,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 7,
        "aws:dynamodb/table:Table": 1,
        "aws:dynamodb/tableItem:TableItem": 1,
        "aws:iam/role:Role": 2,
        "aws:iam/rolePolicy:RolePolicy": 3,
        "aws:lambda/function:Function": 1,
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
        "aws:lambda/permission:Permission": 2,
        "aws:scheduler/schedule:Schedule": 1,
        "aws:sns/topic:Topic": 1,
        "aws:sns/topicPolicy:TopicPolicy": 1,
        "aws:sns/topicSubscription:TopicSubscription": 3,  # the guardian; one person and the queue at last resort
        "aws:sqs/queue:Queue": 2,
        "aws:sqs/queuePolicy:QueuePolicy": 2,
        "aws:ssm/parameter:Parameter": 1,
    }
    assert on.total - off.total == 33


def test_the_explainer_counts() -> None:
    without, with_one = plan(), plan(alerts={"explain": True})
    added = {token: with_one.count(token) - without.count(token) for token in with_one.resources}
    assert {token: count for token, count in added.items() if count} == {
        "aws:cloudwatch/eventRule:EventRule": 1,
        "aws:cloudwatch/eventTarget:EventTarget": 1,
        "aws:cloudwatch/logGroup:LogGroup": 1,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 6,
        "aws:iam/role:Role": 2,
        "aws:iam/rolePolicy:RolePolicy": 2,
        "aws:lambda/function:Function": 1,
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
        "aws:lambda/permission:Permission": 2,
        "aws:scheduler/schedule:Schedule": 1,
        "aws:sns/topicSubscription:TopicSubscription": 1,
        "aws:sqs/queue:Queue": 1,
        "aws:sqs/queuePolicy:QueuePolicy": 1,
    }


@pytest.mark.parametrize(("gets", "subscriptions"), [("everything", 2), ("alerts", 1), ("last-resort", 1)])
def test_a_subscriber_counts_where_it_is_told(gets: str, subscriptions: int) -> None:
    number = {"protocol": "sms", "endpoint": "+15555550123", "gets": gets}
    assert plan(subscribers=[number]).subscriptions - plan().subscriptions == subscriptions


def test_each_region_beside_the_home_region_has_a_forwarder() -> None:
    one, three = (plan(regions=regions) for regions in (["eu-west-1"], ["eu-west-1", "us-east-1", "eu-central-1"]))
    added = {token: three.count(token) - one.count(token) for token in three.resources}
    assert {token: count for token, count in added.items() if count} == {
        "aws:cloudwatch/eventRule:EventRule": 2,
        "aws:cloudwatch/eventTarget:EventTarget": 2,
        "aws:iam/role:Role": 2,
        "aws:iam/rolePolicy:RolePolicy": 2,
        "aws:sqs/queue:Queue": 2,
        "aws:sqs/queuePolicy:QueuePolicy": 2,
    }


def test_nothing_is_forwarded_to_nobody() -> None:
    off = plan(regions=["eu-west-1", "us-east-1"], remediation={"mode": "off"})
    assert (off.rules, off.queues) == (0, 0)


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_the_readable_counts_are_those_of_the_resources(data: dict[str, Any]) -> None:
    settings = Settings.parse(data, stack="prod", source="test")
    counted = settings.plan()
    has_guardian, explains = settings.remediation.mode != "off", settings.alerts.explain
    helpers, has_last_resort = has_guardian + explains, has_guardian or explains
    assert counted.filters == len(settings.watches) + has_guardian
    assert counted.alarms == len(settings.watches) + 7 * has_guardian + 6 * explains
    assert (counted.trails, counted.topics, counted.keys, counted.buckets) == (1, 2 + has_last_resort, 2, 1)
    assert counted.functions == counted.schedules == helpers
    assert counted.tables == int(has_last_resort)
    others = len(set(settings.regions) - {settings.home_region})
    at_once = len(event_patterns(settings.watches)) if explains else 0
    rules = has_guardian + at_once
    assert counted.rules == rules * (1 + others)
    assert counted.queues == (others if rules else 0) + helpers + has_last_resort
    assert counted.log_groups == 1 + helpers
    told, told_at_last = len(settings.recipients("alerts")), len(settings.recipients("last-resort"))
    assert counted.subscriptions == told + helpers + (told_at_last + 1 if has_last_resort else 0)
    assert counted.total == sum(counted.resources.values())
    assert list(counted.resources) == sorted(counted.resources)
    assert all(counted.resources.values())


def test_a_plan_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        plan().resources["x"] = 1  # pyright: ignore[reportIndexIssue]
