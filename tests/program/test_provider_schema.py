"""What the provider and AWS would refuse, and a mock monitor accepts: kinds, enums, lengths, patterns."""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.model import Shape

from tests.support import sdk_schema
from tests.support.recorded_program import Registration
from tests.support.reference_stacks import LAYOUTS, STACKS, recorded

every_stack = pytest.mark.parametrize("stack", [*STACKS, *LAYOUTS])


@every_stack
@pytest.mark.parametrize("preview", [False, True])
def test_inputs_are_what_the_provider_declares(stack: str, preview: bool) -> None:
    found = [
        problem
        for each in recorded(stack, preview=preview).registrations
        for problem in sdk_schema.problems(each.type, each.inputs)
    ]
    assert found == []


BAD_INPUTS = [
    ({"nmae": "x"}, "nmae: not a property"),
    ({"evaluationPeriods": "three"}, "evaluationPeriods: expected int"),
    ({"evaluationPeriods": 1.5}, "evaluationPeriods: expected int"),
    ({"actionsEnabled": "yes"}, "actionsEnabled: expected bool"),
    ({"alarmActions": "arn"}, "alarmActions: expected a list"),
    ({"tags": {"a": 1}}, r"tags\[a\]: expected str"),
    ({"metricQueries": [{"idd": "m1"}]}, r"metricQueries\[0\].idd: not a property"),
]


@pytest.mark.parametrize(("inputs", "message"), BAD_INPUTS)
def test_the_schema_check_sees(inputs: dict[str, Any], message: str) -> None:
    (problem,) = sdk_schema.problems("aws:cloudwatch/metricAlarm:MetricAlarm", inputs)
    assert re.search(message, problem)


class Limit(NamedTuple):
    """An input and the member of an AWS call that it ends in."""

    kind: str
    path: str
    service: str
    operation: str
    member: str


LIMITS = [
    Limit("LogMetricFilter", "pattern", "logs", "PutMetricFilter", "filterPattern"),
    Limit("LogMetricFilter", "logGroupName", "logs", "PutMetricFilter", "logGroupName"),
    *(
        Limit(
            "LogMetricFilter", f"metricTransformation.{ours}", "logs", "PutMetricFilter", f"metricTransformations.{aws}"
        )
        for ours, aws in (("name", "metricName"), ("namespace", "metricNamespace"), ("value", "metricValue"))
    ),
    *(
        Limit("MetricAlarm", ours, "cloudwatch", "PutMetricAlarm", ours[0].upper() + ours[1:])
        for ours in (
            "alarmActions",
            "alarmDescription",
            "comparisonOperator",
            "evaluationPeriods",
            "metricName",
            "namespace",
            "period",
            "statistic",
            "treatMissingData",
        )
    ),
    Limit("MetricAlarm", "name", "cloudwatch", "PutMetricAlarm", "AlarmName"),
    Limit(
        "MetricAlarm",
        "warmUpConfiguration.warmUpPeriodDurationInMinutes",
        "cloudwatch",
        "PutMetricAlarm",
        "WarmUpConfiguration.WarmUpPeriodDurationInMinutes",
    ),
    Limit("EventRule", "eventPattern", "events", "PutRule", "EventPattern"),
    Limit("EventRule", "description", "events", "PutRule", "Description"),
    Limit("EventRule", "state", "events", "PutRule", "State"),
    Limit("EventTarget", "arn", "events", "PutTargets", "Targets.Arn"),
    Limit("EventTarget", "deadLetterConfig.arn", "events", "PutTargets", "Targets.DeadLetterConfig.Arn"),
    *(
        Limit("EventTarget", f"retryPolicy.{ours}", "events", "PutTargets", f"Targets.RetryPolicy.{aws}")
        for ours, aws in (
            ("maximumEventAgeInSeconds", "MaximumEventAgeInSeconds"),
            ("maximumRetryAttempts", "MaximumRetryAttempts"),
        )
    ),
    *(
        Limit("Function", ours, "lambda", "CreateFunction", ours[0].upper() + ours[1:])
        for ours in ("architectures", "description", "handler", "memorySize", "role", "runtime", "timeout")
    ),
    Limit("Function", "loggingConfig.logFormat", "lambda", "CreateFunction", "LoggingConfig.LogFormat"),
    Limit("Function", "loggingConfig.logGroup", "lambda", "CreateFunction", "LoggingConfig.LogGroup"),
    *(
        Limit("FunctionEventInvokeConfig", ours, "lambda", "PutFunctionEventInvokeConfig", aws)
        for ours, aws in (
            ("maximumEventAgeInSeconds", "MaximumEventAgeInSeconds"),
            ("maximumRetryAttempts", "MaximumRetryAttempts"),
            ("destinationConfig.onFailure.destination", "DestinationConfig.OnFailure.Destination"),
        )
    ),
    *(
        Limit("Permission", ours, "lambda", "AddPermission", aws)
        for ours, aws in (("action", "Action"), ("principal", "Principal"), ("sourceArn", "SourceArn"))
    ),
    Limit("Key", "description", "kms", "CreateKey", "Description"),
    Limit("Key", "policy", "kms", "CreateKey", "Policy"),
    Limit("Key", "deletionWindowInDays", "kms", "ScheduleKeyDeletion", "PendingWindowInDays"),
    Limit("LogGroup", "kmsKeyId", "logs", "CreateLogGroup", "kmsKeyId"),
    Limit("Role", "description", "iam", "CreateRole", "Description"),
    Limit("Role", "assumeRolePolicy", "iam", "CreateRole", "AssumeRolePolicyDocument"),
    Limit("RolePolicy", "policy", "iam", "PutRolePolicy", "PolicyDocument"),
    Limit(
        "BucketOwnershipControls",
        "rule.objectOwnership",
        "s3",
        "PutBucketOwnershipControls",
        "OwnershipControls.Rules.ObjectOwnership",
    ),
    Limit(
        "BucketVersioning",
        "versioningConfiguration.status",
        "s3",
        "PutBucketVersioning",
        "VersioningConfiguration.Status",
    ),
    Limit(
        "BucketServerSideEncryptionConfiguration",
        "rules.applyServerSideEncryptionByDefault.sseAlgorithm",
        "s3",
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.SSEAlgorithm",
    ),
    Limit(
        "BucketLifecycleConfiguration",
        "rules.status",
        "s3",
        "PutBucketLifecycleConfiguration",
        "LifecycleConfiguration.Rules.Status",
    ),
]


@functools.cache
def service_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def shape_of(limit: Limit) -> Shape:
    shape: Any = service_model(limit.service).operation_model(limit.operation).input_shape
    for name in limit.member.split("."):
        if shape.type_name == "list":
            shape = shape.member
        shape = shape.members[name]
    return shape


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Every value under a dotted path, through lists."""
    head, _, rest = path.partition(".")
    for each in value if isinstance(value, list) else [value]:
        if head in each:
            if rest:
                yield from values_at(each[head], rest)
            else:
                yield each[head]


def breaches(shape: Any, value: Any) -> Iterator[str]:
    """What AWS's own model says against a value."""
    if isinstance(value, list) and shape.type_name == "list":
        for item in value:
            yield from breaches(shape.member, item)
    size = value if isinstance(value, int | float) else len(value)
    if not shape.metadata.get("min", 0) <= size <= shape.metadata.get("max", float("inf")):
        yield f"{size} is outside {shape.metadata.get('min')}..{shape.metadata.get('max')}"
    if isinstance(value, str):
        if getattr(shape, "enum", None) and value not in shape.enum:
            yield f"{value!r} is none of {shape.enum}"
        # AWS writes some of its patterns in another dialect; those say nothing here.
        pattern = shape.metadata.get("pattern")
        if pattern and "\\p{" not in pattern and not re.fullmatch(pattern, value, re.DOTALL):
            yield f"{value!r} does not match {pattern}"


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.kind}.{limit.path}")
def test_inputs_are_within_the_limits_of_the_aws_api(limit: Limit) -> None:
    seen = 0
    for stack in [*STACKS, *LAYOUTS]:
        for each in recorded(stack).of(limit.kind):
            for value in values_at(dict(each.inputs), limit.path):
                seen += 1
                assert list(breaches(shape_of(limit), value)) == [], each.urn
    assert seen, "nothing was checked: the input has another name"


def test_the_limit_check_sees() -> None:
    by_path = {limit.path: limit for limit in LIMITS}
    for path, value in (
        ("comparisonOperator", "Nope"),
        ("metricName", "a" * 256),
        ("metricTransformation.namespace", "a:b"),
        ("pattern", "x" * 1025),
        ("retryPolicy.maximumRetryAttempts", 186),
        ("runtime", "python9.9"),
        ("alarmActions", ["arn"] * 6),
    ):
        assert list(breaches(shape_of(by_path[path]), value)), path


# Longest physical name by kind, in characters (AWS quotas pages; botocore's models carry only some of them).
LONGEST_NAME = {
    "Alias": 256 - len("alias/"),
    "Bucket": 63,
    "EventRule": 64,
    "Function": 64,
    "Key": 256,
    "LogGroup": 512,
    "LogMetricFilter": 512,
    "MetricAlarm": 255,
    "Queue": 80,
    "Role": 64,
    "Topic": 256,
    "Trail": 128,
}


def generated_name(each: Registration) -> str | None:
    return None if "name" in each.inputs else f"{each.name}-1a2b3c4"


@every_stack
def test_generated_names_fit(stack: str) -> None:
    for each in recorded(stack).registrations:
        name = generated_name(each)
        if each.kind in LONGEST_NAME and name:
            assert len(name) <= LONGEST_NAME[each.kind], each.urn
            assert re.fullmatch("[a-z0-9][a-z0-9.-]*", name) or each.kind != "Bucket", each.urn


@every_stack
def test_the_rules_pattern_is_within_the_quota(stack: str) -> None:
    """2,048 characters (EventBridge quotas); the API's model would allow 4,096."""
    for each in recorded(stack).of("EventRule"):
        assert len(each.inputs["eventPattern"]) <= 2048
        assert json.loads(each.inputs["eventPattern"])
