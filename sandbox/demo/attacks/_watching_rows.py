"""Attacks on what watches: filters, alarms, and how long the log is kept."""

from __future__ import annotations

from collections.abc import Iterator

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
