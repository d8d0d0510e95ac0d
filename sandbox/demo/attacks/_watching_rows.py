"""Attacks on what watches: filters, alarms, and how long the log is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ._range import Range
from ._row import SWEEP, Row


def _cut_retention(at: Range) -> None:
    found = at.aws("logs").describe_log_groups(logGroupNamePrefix=at.group)["logGroups"][0]
    at.kept["days"] = found["retentionInDays"]
    at.mallory("logs").put_retention_policy(logGroupName=at.group, retentionInDays=1)


def _uncut_retention(at: Range) -> None:
    at.aws("logs").put_retention_policy(logGroupName=at.group, retentionInDays=at.kept["days"])


def _edit_filter(at: Range) -> None:
    logs = at.mallory("logs")
    one = logs.describe_metric_filters(logGroupName=at.group)["metricFilters"][0]
    at.kept["filter"] = {key: one[key] for key in ("filterName", "filterPattern", "metricTransformations")}
    logs.put_metric_filter(logGroupName=at.group, **at.kept["filter"] | {"filterPattern": '{ $.eventName = "No" }'})


def _mend_filter(at: Range) -> None:
    at.aws("logs").put_metric_filter(logGroupName=at.group, **at.kept["filter"])


def _mute_alarm(at: Range) -> None:
    at.mallory("cloudwatch").disable_alarm_actions(AlarmNames=[at.outputs["alarmNames"]["trail-changes"]])


def _is_loud(at: Range) -> bool:
    name = at.outputs["alarmNames"]["trail-changes"]
    (alarm,) = at.aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm["ActionsEnabled"]


_ALARM_IS = ("AlarmArn", "AlarmConfigurationUpdatedTimestamp")
_TWO_DAYS_MIN = 2880
_STEP_S = 900.0
_READ_S, _SETTLES_S = 3600.0, 600.0  # the guardian reads numbers once an hour, ten minutes after its end


def _alarm(at: Range) -> dict[str, Any]:
    """The alarm on changes of the trail, as PutMetricAlarm takes it."""
    (found,) = at.aws("cloudwatch").describe_alarms(AlarmNames=[at.outputs["alarmNames"]["trail-changes"]])[
        "MetricAlarms"
    ]
    return {
        key: value
        for key, value in found.items()
        if value not in (None, [], "") and key not in _ALARM_IS and not key.startswith("State")
    }


def _warm_alarm_up(at: Range) -> None:
    """The same alarm once more, which has to wait for two days before it may act."""
    cloudwatch, at.kept["alarm"] = at.mallory("cloudwatch"), _alarm(at)
    cloudwatch.delete_alarms(AlarmNames=[at.kept["alarm"]["AlarmName"]])
    warm_up = {"WarmUpPeriodDurationInMinutes": _TWO_DAYS_MIN, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    cloudwatch.put_metric_alarm(**at.kept["alarm"], WarmUpConfiguration=warm_up)


def _make_alarm(at: Range) -> None:
    cloudwatch = at.aws("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=[at.kept["alarm"]["AlarmName"]])
    cloudwatch.put_metric_alarm(**at.kept["alarm"])


def _scatter_filter(at: Range) -> None:
    """The same filter, counting into a metric of its own for each event, at which no alarm looks."""
    logs = at.mallory("logs")
    one = logs.describe_metric_filters(logGroupName=at.group)["metricFilters"][0]
    at.kept["filter"] = {key: one[key] for key in ("filterName", "filterPattern", "metricTransformations")}
    metric = {key: value for key, value in one["metricTransformations"][0].items() if key != "defaultValue"}
    metric["dimensions"] = {"event": "$.eventID"}
    logs.put_metric_filter(logGroupName=at.group, **at.kept["filter"] | {"metricTransformations": [metric]})


def _mask(*regexes: str) -> str:
    """A data protection policy that masks what regular expressions find."""
    names = [f"quiet-{number}" for number, _ in enumerate(regexes)]
    return json.dumps(
        {
            "Name": "quiet",
            "Version": "2021-06-01",
            "Configuration": {
                "CustomDataIdentifier": [
                    {"Name": name, "Regex": regex} for name, regex in zip(names, regexes, strict=True)
                ]
            },
            "Statement": [
                {"Sid": "audit", "DataIdentifier": names, "Operation": {"Audit": {"FindingsDestination": {}}}},
                {"Sid": "mask", "DataIdentifier": names, "Operation": {"Deidentify": {"MaskConfig": {}}}},
            ],
        }
    )


def _mask_group(at: Range) -> None:
    """Together with the name of the call itself, so that no alarm hears of it."""
    document = _mask("StopLogging", "PutDataProtectionPolicy")
    at.mallory("logs").put_data_protection_policy(logGroupIdentifier=at.group, policyDocument=document)


def _unmask_group(at: Range) -> None:
    at.aws("logs").delete_data_protection_policy(logGroupIdentifier=at.group)


_OF_ACCOUNT = {"policyName": "quiet", "policyType": "DATA_PROTECTION_POLICY"}


def _mask_account(at: Range) -> None:
    document = _mask("StopLogging", "PutAccountPolicy")
    at.mallory("logs").put_account_policy(**_OF_ACCOUNT, policyDocument=document, scope="ALL")


def _unmask_account(at: Range) -> None:
    at.aws("logs").delete_account_policy(**_OF_ACCOUNT)


def _forge_numbers(at: Range) -> None:
    """Below zero, so that the sum stays below the threshold whatever happens; and the hour is soon to be read."""
    alarm = _alarm(at)
    number = {"MetricName": alarm["MetricName"], "Value": -1000.0}
    at.mallory("cloudwatch").put_metric_data(Namespace=alarm["Namespace"], MetricData=[number])
    left_s = _READ_S - at.now() % _READ_S + _SETTLES_S - 60
    while left_s > 0:  # step by step: what nobody woke for an hour would be told as having ceased
        at.pass_time(min(left_s, _STEP_S))
        left_s -= _STEP_S


def _disable_insight_rule(at: Range) -> None:
    at.mallory("cloudwatch").disable_insight_rules(RuleNames=[at.outputs["insightRuleName"]])


def _counts_addresses(at: Range) -> bool:
    rules = at.aws("cloudwatch").describe_insight_rules()["InsightRules"]
    return [rule["State"] for rule in rules if rule["Name"] == at.outputs["insightRuleName"]] == ["ENABLED"]


def rows() -> Iterator[Row]:
    """Attacks on retention, filters and alarms: heard by `self-alarms-logs` at the call, and seen by the sweep."""
    yield Row(
        name="retention-cut",
        title="log group's retention cut to a day",
        attack=_cut_retention,
        told=("[critical] Log group ", "changed: retention 1"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_uncut_retention,
    )
    yield Row(
        name="filter-edited",
        title="metric filter edited",
        attack=_edit_filter,
        told=("[critical] Metric filter ", " changed"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_mend_filter,
    )
    yield Row(
        name="alarm-muted",
        title="alarm muted",
        attack=_mute_alarm,
        told=("[critical] Alarm watch-trail-changes", " put back: actions"),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_is_loud,
    )
    yield from _deaf_rows()


def _deaf_rows() -> Iterator[Row]:
    """Attacks after which everything is still there, and none of it hears."""
    yield Row(
        name="alarm-warms-up",
        title="alarm made anew with a warm-up of two days",
        attack=_warm_alarm_up,
        told=("[critical] Alarm watch-trail-changes", " changed: WarmUp"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_make_alarm,
    )
    yield Row(
        name="filter-scattered",
        title="metric filter given a dimension, so that the alarm's metric stays empty",
        attack=_scatter_filter,
        told=("[critical] Metric filter ", " changed"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_mend_filter,
    )
    yield Row(
        name="insight-rule-disabled",
        title="rule that counts calls by address switched off",
        attack=_disable_insight_rule,
        told=("[critical] Insights rule any-address-", " put back: switched off"),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_counts_addresses,
    )
    yield Row(
        name="numbers-forged",
        title="numbers below zero written into the alarm's metric, which no trail records",
        attack=_forge_numbers,
        told=("[critical] Metric ", " was forged: -1000"),
        trigger=SWEEP,
        by_sweep=True,
    )
    for name, whose, attack, undo in (
        ("events-masked", "the log group", _mask_group, _unmask_group),
        ("events-masked-everywhere", "the account", _mask_account, _unmask_account),
    ):
        yield Row(
            name=name,
            title=f"names of calls masked by a data protection policy of {whose}, that of its own call included",
            attack=attack,
            told=("[critical] Log group ", " changed: log events"),
            trigger=SWEEP,
            by_sweep=True,
            undo=undo,
        )
