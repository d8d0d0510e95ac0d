"""Our numbers and lists are those of the AWS SDK's own model, where it has them."""

import re
import zoneinfo
from functools import cache
from typing import Any

import botocore.session
import pytest

from filterpattern import MAX_METRIC_NAME_LENGTH, MAX_PATTERN_LENGTH
from settings import limits, windows
from settings.aws_sizes import NAMES, SIZES
from settings.regions import GLOBAL_REGION, REGIONS, UNSUPPORTED_PARTITIONS, partition_of

SESSION = botocore.session.Session()


@cache
def service(name: str) -> Any:
    return SESSION.get_service_model(name)


def member(service_name: str, operation: str, name: str) -> Any:
    return service(service_name).operation_model(operation).input_shape.members[name]


def test_retention() -> None:
    text = service("logs").shape_for("Days").documentation
    (days,) = re.findall(r"Possible values are: ([0-9, and]+)\.", text)
    assert [int(each) for each in re.findall(r"[0-9]+", days)] == list(limits.RETENTION_DAYS)


def test_periods() -> None:
    text = member("cloudwatch", "PutMetricAlarm", "Period").documentation
    assert f"any multiple of {limits.PERIOD_STEP_S}" in text
    assert f"can't be longer than one day ({limits.MAX_PERIOD_S:,} seconds)" in text
    assert limits.MIN_PERIOD_S % limits.PERIOD_STEP_S == limits.MAX_PERIOD_S % limits.PERIOD_STEP_S == 0


@pytest.mark.parametrize(
    ("service_name", "operation", "name", "limit"),
    [
        ("cloudwatch", "PutMetricAlarm", "AlarmName", limits.MAX_ALARM_NAME),
        ("cloudwatch", "PutMetricAlarm", "AlarmDescription", limits.MAX_ALARM_DESCRIPTION),
        ("cloudwatch", "PutMetricAlarm", "MetricName", limits.MAX_METRIC_NAME),
        ("cloudwatch", "PutMetricAlarm", "Namespace", limits.MAX_METRIC_NAMESPACE),
        ("logs", "PutMetricFilter", "filterPattern", MAX_PATTERN_LENGTH),
        ("logs", "PutMetricFilter", "filterName", NAMES["LogMetricFilter"]),
        ("cloudwatch", "PutInsightRule", "RuleDefinition", SIZES["ContributorInsightRule", "ruleDefinition"]),
        ("cloudwatch", "PutInsightRule", "RuleName", NAMES["ContributorInsightRule"]),
        ("events", "PutRule", "Name", NAMES["EventRule"]),
        ("events", "PutRule", "Description", SIZES["EventRule", "description"]),
        ("iam", "CreateRole", "RoleName", NAMES["Role"]),
        ("iam", "CreateRole", "Description", SIZES["Role", "description"]),
        ("iam", "PutRolePolicy", "PolicyName", NAMES["RolePolicy"]),
        ("kms", "CreateKey", "Description", SIZES["Key", "description"]),
        ("lambda", "CreateFunction", "Description", SIZES["Function", "description"]),
        ("scheduler", "CreateSchedule", "Name", NAMES["Schedule"]),
        ("ssm", "PutParameter", "Description", SIZES["Parameter", "description"]),
    ],
)
def test_lengths(service_name: str, operation: str, name: str, limit: int) -> None:
    assert member(service_name, operation, name).metadata["max"] == limit


def test_mute_rules() -> None:
    names = member("cloudwatch", "PutAlarmMuteRule", "MuteTargets").members["AlarmNames"]
    assert names.metadata["max"] == limits.MAX_MUTED_ALARMS
    schedule = member("cloudwatch", "PutAlarmMuteRule", "Rule").members["Schedule"]
    assert schedule.members["Timezone"].metadata["max"] == limits.MAX_TIME_ZONE
    assert max(map(len, zoneinfo.available_timezones())) <= limits.MAX_TIME_ZONE
    said = schedule.members["Duration"].documentation
    assert f"minimum of 1 minute (<code>PT{windows.MIN_DURATION.seconds // 60}M</code>)" in said
    assert f"maximum of 15 days (<code>P{windows.MAX_DURATION.days}D</code>)" in said
    longest = member("cloudwatch", "PutAlarmMuteRule", "Description").metadata["max"]
    assert longest > limits.MAX_TITLE + limits.MAX_WATCH_NAME + limits.MAX_STACK_NAME + 100


def test_metric_names_of_filters() -> None:
    transformation = service("logs").shape_for("MetricTransformation")
    for name, limit in [("metricName", limits.MAX_METRIC_NAME), ("metricNamespace", limits.MAX_METRIC_NAMESPACE)]:
        assert transformation.members[name].metadata == {"max": limit, "pattern": limits.METRIC_TEXT.pattern}
    assert limits.MAX_METRIC_NAME == MAX_METRIC_NAME_LENGTH


def test_trail_names() -> None:
    text = member("cloudtrail", "CreateTrail", "Name").documentation
    assert f"Be between {limits.MIN_TRAIL_NAME} and {limits.MAX_TRAIL_NAME} characters" in text
    assert "Start with a letter or number, and end with a letter or number" in text
    assert "Have no adjacent periods, underscores or dashes" in text
    for name in re.findall("<code>(my[^<]+)</code>", text):
        assert not limits.TRAIL_NAME.fullmatch(name), name


def test_topic_names() -> None:
    text = member("sns", "CreateTopic", "Name").documentation
    assert f"between 1 and {limits.MAX_TOPIC_NAME} characters" in text
    assert "uppercase and lowercase ASCII letters, numbers, underscores, and hyphens" in text


@pytest.mark.parametrize("partition", sorted(REGIONS))
def test_the_regions_of_supported_partitions(partition: str) -> None:
    endpoints = SESSION.get_component("data_loader").load_data("endpoints")
    (theirs,) = [each for each in endpoints["partitions"] if each["partition"] == partition]
    assert dict(REGIONS[partition]) == {code: each["description"] for code, each in theirs["regions"].items()}
    assert sorted(REGIONS[partition]) == SESSION.get_available_regions("cloudtrail", partition)


def test_global_events_arise_where_iam_is_signed() -> None:
    endpoints = SESSION.get_component("data_loader").load_data("endpoints")
    for each in endpoints["partitions"]:
        if each["partition"] in REGIONS:
            iam = each["services"]["iam"]
            signed_in = iam["endpoints"][iam["partitionEndpoint"]]["credentialScope"]["region"]
            assert GLOBAL_REGION[each["partition"]] == signed_in
    assert GLOBAL_REGION.keys() == REGIONS.keys()


def test_every_other_partition_is_refused_by_name() -> None:
    others = {partition for partition, _ in UNSUPPORTED_PARTITIONS.values()}
    assert others == set(SESSION.get_available_partitions()) - set(REGIONS)
    for prefix, (partition, _) in UNSUPPORTED_PARTITIONS.items():
        for region in SESSION.get_available_regions("cloudtrail", partition):
            assert region.startswith(prefix)
            assert [each for each in UNSUPPORTED_PARTITIONS if region.startswith(each)] == [prefix]
            assert partition_of(region) is None
