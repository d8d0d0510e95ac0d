"""What somebody breaks in a stack that lives in a sandbox, and how it is put back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.check_world import OTHER, World

Undo = Callable[[], Any]
"""Puts back what was broken."""


def disable_actions(world: World) -> Undo:
    cloudwatch, name = world.aws("cloudwatch"), [world.outputs["alarmNames"]["trail-changes"]]
    cloudwatch.disable_alarm_actions(AlarmNames=name)
    return lambda: cloudwatch.enable_alarm_actions(AlarmNames=name)


def edit_filter(world: World) -> Undo:
    logs, group = world.aws("logs"), world.outputs["logGroupName"]
    found = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    (one,) = [each for each in found if each["filterName"].startswith("watch-trail-changes")]
    given = {
        "logGroupName": group,
        "filterName": one["filterName"],
        "metricTransformations": one["metricTransformations"],
    }
    logs.put_metric_filter(filterPattern="{ $.eventName = DeleteTrail }", **given)
    return lambda: logs.put_metric_filter(filterPattern=one["filterPattern"], **given)


def topic_policy(world: World) -> Undo:
    sns, arn = world.aws("sns"), world.outputs["signalsTopicArn"]
    before = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    told = json.loads(before)
    told["Statement"] = [each for each in told["Statement"] if "Service" not in each["Principal"]]

    def put(policy: str) -> None:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    put(json.dumps(told))
    return lambda: put(before)


def key_grant(world: World) -> Undo:
    kms = world.aws("kms")
    key = world.aws("sns").get_topic_attributes(TopicArn=world.outputs["alertsTopicArn"])["Attributes"][
        "KmsMasterKeyId"
    ]
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    told = json.loads(before)
    told["Statement"] = [each for each in told["Statement"] if each["Sid"] != "CloudWatchPublishesEncrypted"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(told))
    return lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def disable_rule(world: World) -> Undo:
    events = world.aws("events")
    (rule,) = events.list_rules(NamePrefix="guardian")["Rules"]
    events.disable_rule(Name=rule["Name"])
    return lambda: events.enable_rule(Name=rule["Name"])


def take_permission(world: World) -> Undo:
    functions, name = world.aws("lambda"), world.outputs["guardianFunctionName"]
    told = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    (one,) = [each for each in told if each["Principal"] == {"Service": "events.amazonaws.com"}]
    functions.remove_permission(FunctionName=name, StatementId=one["Sid"])
    return lambda: functions.add_permission(
        FunctionName=name,
        StatementId=one["Sid"],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=next(iter(one["Condition"]["ArnLike"].values())),
    )


def forbid_runs(world: World) -> Undo:
    functions, name = world.aws("lambda"), world.outputs["guardianFunctionName"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return lambda: functions.delete_function_concurrency(FunctionName=name)


def dead_letter(world: World) -> Undo:
    sqs = world.aws("sqs", OTHER)
    (url,) = sqs.list_queues(QueueNamePrefix="forward")["QueueUrls"]
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    return lambda: sqs.purge_queue(QueueUrl=url)


def stranger(world: World) -> Undo:
    sns, topic = world.aws("sns"), world.outputs["lastResortTopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="thief@example.org", ReturnSubscriptionArn=True)
    world.client.confirm("thief@example.org")
    return lambda: sns.unsubscribe(SubscriptionArn=arn["SubscriptionArn"])


def cut_retention(world: World) -> Undo:
    logs, group = world.aws("logs"), world.outputs["logGroupName"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    return lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=365)


def stop_schedule(world: World) -> Undo:
    scheduler = world.aws("scheduler")
    (listed,) = scheduler.list_schedules(NamePrefix="guardian")["Schedules"]
    told = scheduler.get_schedule(Name=listed["Name"])
    kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "Description")
    given = {name: told[name] for name in kept}
    scheduler.update_schedule(**given, State="DISABLED")
    return lambda: scheduler.update_schedule(**given, State="ENABLED")


def average(world: World) -> Undo:
    cloudwatch = world.aws("cloudwatch")
    (told,) = cloudwatch.describe_alarms(AlarmNames=[world.outputs["alarmNames"]["office"]])["MetricAlarms"]
    kept = (
        "AlarmName",
        "AlarmDescription",
        "Namespace",
        "MetricName",
        "Period",
        "EvaluationPeriods",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
        "AlarmActions",
    )
    given = {name: told[name] for name in kept}
    cloudwatch.put_metric_alarm(**given, Statistic="Average")
    return lambda: cloudwatch.put_metric_alarm(**given, Statistic="Sum")


def expire_files(world: World) -> Undo:
    s3, bucket = world.aws("s3"), world.outputs["bucketName"]
    before = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    rule = {"ID": "gone", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}

    def put(rules: list[dict[str, Any]]) -> None:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    put([*before, rule])
    return lambda: put(before)


def shorten_lock(world: World) -> Undo:
    s3, bucket = world.aws("s3"), world.outputs["bucketName"]
    before = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]

    def put(asked: dict[str, Any]) -> None:
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=asked)

    put({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    return lambda: put(before)


def stop_rotation(world: World) -> Undo:
    kms = world.aws("kms")
    key = world.aws("cloudtrail").describe_trails()["trailList"][0]["KmsKeyId"]
    kms.disable_key_rotation(KeyId=key)
    return lambda: kms.enable_key_rotation(KeyId=key)


def count_no_addresses(world: World) -> Undo:
    cloudwatch, names = world.aws("cloudwatch"), ["any-address-prod"]
    cloudwatch.disable_insight_rules(RuleNames=names)
    return lambda: cloudwatch.enable_insight_rules(RuleNames=names)


def delete_dashboard(world: World) -> Undo:
    cloudwatch, name = world.aws("cloudwatch"), "trailwarden-prod"
    before = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    cloudwatch.delete_dashboards(DashboardNames=[name])
    return lambda: cloudwatch.put_dashboard(DashboardName=name, DashboardBody=before)


def log_no_failures(world: World) -> Undo:
    sns, arn, name = world.aws("sns"), world.outputs["alertsTopicArn"], "SQSFailureFeedbackRoleArn"
    before = sns.get_topic_attributes(TopicArn=arn)["Attributes"][name]
    sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue="")
    return lambda: sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=before)
