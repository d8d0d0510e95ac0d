"""What there is of the watching: alarms, metric filters, log groups, Contributor Insights rules.

The facts' names are those of the inventory. `more` is everything else that AWS says of how a thing acts, by AWS's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from guardian.inventory.described import rest
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_AT_ONCE = 100  # names in one DescribeAlarms (its API reference)


def alarms(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Metric alarms of one region: `namespace`, `metric`, …, `actions` (sorted ARNs), `acts` (at all), `more`."""
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


_ALARM_IS = frozenset(
    {
        "AlarmArn",
        "AlarmConfigurationUpdatedTimestamp",
        "AlarmName",
        "EvaluationState",
        "StateReason",
        "StateReasonData",
        "StateTransitionedTimestamp",
        "StateUpdatedTimestamp",
        "StateValue",
    }
)
"""Which alarm it is, and how it is now (CloudWatch API reference, MetricAlarm); all else decides when it acts."""
_ALARM_FACTS: Mapping[str, str] = {
    "acts": "ActionsEnabled",
    "actions": "AlarmActions",
    "comparison": "ComparisonOperator",
    "description": "AlarmDescription",
    "dimensions": "Dimensions",
    "metric": "MetricName",
    "missing": "TreatMissingData",
    "namespace": "Namespace",
    "needed": "DatapointsToAlarm",
    "period": "Period",
    "periods": "EvaluationPeriods",
    "statistic": "Statistic",
    "threshold": "Threshold",
}


def _alarm(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{fact: alarm.get(field) for fact, field in _ALARM_FACTS.items()},
        "acts": alarm.get("ActionsEnabled", True),
        "actions": sorted(alarm.get("AlarmActions") or []),
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []},
        "missing": alarm.get("TreatMissingData") or "missing",
        # Left out, all of the periods have to breach.
        "needed": alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods"),
        "more": rest(alarm, apart_from={*_ALARM_IS, *_ALARM_FACTS.values()}),
    }


def filters(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Metric filters of one log group: `pattern`, `namespace`, `metric`, `value`, `default`, `more`."""
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


_FILTER_IS = frozenset({"creationTime", "filterName", "logGroupName"})
_FILTER_FACTS = frozenset({"filterPattern", "metricTransformations"})
_TRANSFORMATION_FACTS = frozenset({"defaultValue", "metricName", "metricNamespace", "metricValue"})


def _filter(one: Mapping[str, Any]) -> dict[str, Any]:
    transformation, *others = one.get("metricTransformations") or [{}]
    return {
        "pattern": one.get("filterPattern", ""),
        "namespace": transformation.get("metricNamespace"),
        "metric": transformation.get("metricName"),
        "value": transformation.get("metricValue"),
        "default": transformation.get("defaultValue"),
        "more": {
            **rest(one, apart_from={*_FILTER_IS, *_FILTER_FACTS}),
            **rest(transformation, apart_from=_TRANSFORMATION_FACTS),
            **rest({"metricTransformations": others}, apart_from=()),
        },
    }


_GROUP_IS = frozenset({"arn", "creationTime", "logGroupArn", "logGroupName", "metricFilterCount", "storedBytes"})
_GROUP_FACTS = frozenset({"dataProtectionStatus", "kmsKeyId", "retentionInDays"})
_NO_HARM = frozenset({"deletionProtectionEnabled"})
_UNMASKED = frozenset({None, "ARCHIVED", "DELETED", "DISABLED"})
_MASKED_ABOVE = "ACCOUNT_DATA_PROTECTION"


def log_groups(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Log groups of one region: `retention` in days (0: never ends), `key` (an ARN, or ""), `masked` (by whom).

    What a data protection policy masks no metric filter sees, and nobody who reads without a right of its own
    (CloudWatch Logs User Guide, "Help protect sensitive log data with masking").
    """
    logs = eyes.client_for("logs", things[0].region)
    for thing in things:
        listed = eyes.all(
            "logs:DescribeLogGroups",
            partial(logs.describe_log_groups, logGroupNamePrefix=thing.name),
            items="logGroups",
            token=("nextToken", "nextToken"),
        )
        group = next((each for each in listed if each["logGroupName"] == thing.name), None)
        yield Seen(thing=thing, facts=group and _group(group))


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    inherited = set(group.get("inheritedProperties") or [])
    return {
        "retention": group.get("retentionInDays", 0),
        "key": group.get("kmsKeyId", ""),
        "masked": [
            *(["a policy of its own"] if group.get("dataProtectionStatus") not in _UNMASKED else []),
            *(["a policy of the account"] if _MASKED_ABOVE in inherited else []),
        ],
        "more": rest(
            {**group, "inheritedProperties": sorted(inherited - {_MASKED_ABOVE})},
            apart_from={*_GROUP_IS, *_GROUP_FACTS, *_NO_HARM},
        ),
    }


def insight_rules(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Contributor Insights rules of one region: `enabled`, `definition` (JSON text), `more`."""
    cloudwatch = eyes.client_for("cloudwatch", things[0].region)
    listed = eyes.all(
        "cloudwatch:DescribeInsightRules",
        cloudwatch.describe_insight_rules,
        items="InsightRules",
        token=("NextToken", "NextToken"),
    )
    found = {rule["Name"]: rule for rule in listed}
    for thing in things:
        rule = found.get(thing.name)
        yield Seen(thing=thing, facts=None if rule is None else _insight_rule(rule))


def _insight_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "enabled": rule.get("State") == "ENABLED",
        "definition": rule.get("Definition", ""),
        # The schema is told in the definition as well.
        "more": rest(rule, apart_from={"Definition", "Name", "Schema", "State"}),
    }
