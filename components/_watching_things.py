"""Things that watch, as the inventory names them: alarms and who mutes them, filters, the log group that they read.

Kinds and facts are those of `lambda/guardian/inventory/watching.py`, which compares them with what AWS answers. `more`
is everything else by AWS's names, so that a thing is what is said here and nothing besides.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components._inventory_things import Thing, make_thing
from components.home import Home

_UNMASKED: Mapping[str, Any] = {"masked": []}


def alarm(alarm: aws.cloudwatch.MetricAlarm, *, home: Home) -> Thing:
    """A metric alarm on one metric, or on an expression; its actions may be switched on again."""

    def make(*, name: str, queries: Any, warm_up: Any, needed: int | None, **facts: Any) -> dict[str, Any]:
        stated = {fact: value for fact, value in facts.items() if value not in (None, "")} | {
            "actions": sorted(facts["actions"]),
            "acts": True,
            "dimensions": facts["dimensions"] or {},
            "missing": facts["missing"] or "missing",
            "needed": needed or facts["periods"],
            "more": _more_of_alarm(queries, warm_up),
        }
        return {"name": name, "region": home.region, "facts": stated}

    return make_thing(
        "alarm",
        make=make,
        mends=["acts"],
        name=alarm.name,
        description=alarm.alarm_description,
        namespace=alarm.namespace,
        metric=alarm.metric_name,
        dimensions=alarm.dimensions,
        statistic=alarm.statistic,
        comparison=alarm.comparison_operator,
        threshold=alarm.threshold,
        period=alarm.period,
        periods=alarm.evaluation_periods,
        needed=alarm.datapoints_to_alarm,
        missing=alarm.treat_missing_data,
        actions=alarm.alarm_actions,
        queries=alarm.metric_queries,
        warm_up=alarm.warm_up_configuration,
    )


def _more_of_alarm(queries: Any, warm_up: Any) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if queries:
        more["Metrics"] = [
            {"Id": each["id"], "Expression": each["expression"], "Period": each["period"]} for each in queries
        ]
    if warm_up:
        more["WarmUpConfiguration"] = {"WarmUpPeriodDurationInMinutes": warm_up["warm_up_period_duration_in_minutes"]}
    return more


def metric_filter(counted: aws.cloudwatch.LogMetricFilter, *, home: Home) -> Thing:
    """A metric filter with one transformation, and with nothing that would have it look at other logs."""

    def make(*, name: str, group: str, pattern: str, transformation: Any) -> dict[str, Any]:
        default = transformation.get("default_value")
        facts = {
            "pattern": pattern,
            "namespace": transformation["namespace"],
            "metric": transformation["name"],
            "value": transformation["value"],
            "default": None if default is None else float(default),
            "more": {},
        }
        return {"name": name, "of": group, "region": home.region, "facts": facts}

    return make_thing(
        "filter",
        make=make,
        name=counted.name,
        group=counted.log_group_name,
        pattern=counted.pattern,
        transformation=counted.metric_transformation,
    )


def insight_rule(rule: aws.cloudwatch.ContributorInsightRule, *, home: Home) -> Thing:
    """A Contributor Insights rule; it may be switched on again."""

    def make(*, name: str, definition: str) -> dict[str, Any]:
        return {
            "name": name,
            "region": home.region,
            "facts": {"enabled": True, "definition": definition, "more": {}},
        }

    return make_thing(
        "insight-rule", make=make, mends=["enabled"], name=rule.rule_name, definition=rule.rule_definition
    )


def mutes(
    alarms: Iterable[aws.cloudwatch.MetricAlarm], rules: Iterable[aws.cloudwatch.AlarmMuteRule], *, home: Home
) -> Thing:
    """Which rules may mute which of our alarms: those of planned changes, and no others."""

    def make(*, alarms: list[str], rules: list[dict[str, Any]]) -> dict[str, Any]:
        known = {rule["name"]: _mute_rule(rule) for rule in rules}
        facts = {"alarms": sorted(alarms), "rules": known}
        return {"name": "our alarms", "region": home.region, "facts": facts}

    return make_thing(
        "mutes",
        make=make,
        alarms=pulumi.Output.all(*(alarm.name for alarm in alarms)),
        rules=pulumi.Output.all(
            *(
                pulumi.Output.all(
                    name=rule.name,
                    rule=rule.rule,
                    start=rule.start_date,
                    until=rule.expire_date,
                    targets=rule.mute_targets,
                )
                for rule in rules
            )
        ),
    )


def _mute_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    schedule = rule["rule"]["schedule"]
    return {
        "expression": schedule["expression"],
        "duration": schedule["duration"],
        "timezone": schedule["timezone"],
        "start": rule["start"],
        "until": rule["until"],
        "mutes": sorted(rule["targets"]["alarm_names"]),
    }


def log_group(group: aws.cloudwatch.LogGroup, *, may_be_masked: bool, home: Home) -> Thing:
    """A log group, whose events nobody masks unless they `may_be_masked`."""

    def make(*, name: str, retention: int, key: str | None) -> dict[str, Any]:
        unmasked = {} if may_be_masked else _UNMASKED
        facts = {"retention": retention or 0, "key": key or "", **unmasked, "more": {}}
        return {"name": name, "region": home.region, "facts": facts}

    return make_thing("log-group", make=make, name=group.name, retention=group.retention_in_days, key=group.kms_key_id)


def given_log_group(name: pulumi.Input[str], *, home: Home) -> Thing:
    """A log group of somebody else's, of which only that nobody masks its events is ours to ask."""
    return make_thing(
        "log-group", make=lambda name: {"name": name, "region": home.region, "facts": _UNMASKED}, name=name
    )
