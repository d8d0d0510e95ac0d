"""What there is of the watching: alarms, metric filters, log groups. The facts' names are those of the inventory."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_AT_ONCE = 100  # names in one DescribeAlarms (its API reference)


def alarms(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Metric alarms of one region: `namespace`, `metric`, …, `actions` (sorted ARNs), `acts` (at all)."""
    cloudwatch = eyes.client_for("cloudwatch", things[0].region)
    found: dict[str, Mapping[str, Any]] = {}
    for first in range(0, len(things), _AT_ONCE):
        names = [thing.name for thing in things[first : first + _AT_ONCE]]
        listed = eyes.all(
            "cloudwatch:DescribeAlarms",
            partial(cloudwatch.describe_alarms, AlarmNames=names, AlarmTypes=["MetricAlarm"], MaxRecords=_AT_ONCE),
            items="MetricAlarms",
            token=("NextToken", "NextToken"),
        )
        found |= {alarm["AlarmName"]: alarm for alarm in listed}
    for thing in things:
        alarm = found.get(thing.name)
        yield Seen(thing=thing, facts=None if alarm is None else _alarm(alarm))


def _alarm(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "namespace": alarm.get("Namespace"),
        "metric": alarm.get("MetricName"),
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []},
        "statistic": alarm.get("Statistic"),
        "comparison": alarm.get("ComparisonOperator"),
        "threshold": alarm.get("Threshold"),
        "period": alarm.get("Period"),
        "periods": alarm.get("EvaluationPeriods"),
        # Left out, all of the periods have to breach.
        "needed": alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods"),
        "missing": alarm.get("TreatMissingData") or "missing",
        "actions": sorted(alarm.get("AlarmActions") or []),
        "acts": alarm.get("ActionsEnabled", True),
    }


def filters(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Metric filters of one log group: `pattern`, `namespace`, `metric`, `value`, `default`."""
    logs = eyes.client_for("logs", things[0].region)
    listed = eyes.all(
        "logs:DescribeMetricFilters",
        partial(logs.describe_metric_filters, logGroupName=things[0].of),
        items="metricFilters",
        token=("nextToken", "nextToken"),
        gone=("ResourceNotFoundException",),
    )
    found = {one["filterName"]: one for one in listed}
    for thing in things:
        one = found.get(thing.name)
        yield Seen(thing=thing, facts=None if one is None else _filter(one))


def _filter(one: Mapping[str, Any]) -> dict[str, Any]:
    transformation = (one.get("metricTransformations") or [{}])[0]
    return {
        "pattern": one.get("filterPattern", ""),
        "namespace": transformation.get("metricNamespace"),
        "metric": transformation.get("metricName"),
        "value": transformation.get("metricValue"),
        "default": transformation.get("defaultValue"),
    }


def log_groups(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Log groups of one region: `retention` in days (0: never ends), `key` (an ARN, or "")."""
    logs = eyes.client_for("logs", things[0].region)
    for thing in things:
        listed = eyes.all(
            "logs:DescribeLogGroups",
            partial(logs.describe_log_groups, logGroupNamePrefix=thing.name),
            items="logGroups",
            token=("nextToken", "nextToken"),
        )
        group = next((each for each in listed if each["logGroupName"] == thing.name), None)
        facts = group and {"retention": group.get("retentionInDays", 0), "key": group.get("kmsKeyId", "")}
        yield Seen(thing=thing, facts=facts)
