"""CloudWatch alarms and their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from account.answers import Answer
from account.session import Session

MOST_HISTORY = 200
"""Items of one alarm's history that are read, newest first: enough to see the last days of a busy alarm."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One metric alarm. `unit` is empty where none is stated.

    `metric` and `namespace` are empty for metric math; what it works out is then in `expression`, and `period` is that
    of its first query.
    """

    name: str
    arn: str
    region: str
    description: str
    namespace: str
    metric: str
    expression: str
    statistic: str
    comparison: str
    threshold: float | None
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    missing_data: str
    unit: str
    dimensions: Mapping[str, str]
    actions_enabled: bool
    alarm_actions: tuple[str, ...]
    state: str
    state_reason: str
    state_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class FailedAction:
    """One action that an alarm could not run. `summary` is CloudWatch's own line."""

    at: datetime
    summary: str


def alarms(session: Session, region: str) -> Answer[tuple[Alarm, ...]]:
    """Every metric alarm of a region. Needs cloudwatch:DescribeAlarms.

    Composite alarms are left out: no auditor counts them, and we make none.
    """
    told = session.pages(
        "cloudwatch",
        "DescribeAlarms",
        "MetricAlarms",
        region=region,
        what="alarms",
        params={"AlarmTypes": ["MetricAlarm"]},
    )
    return told.map(lambda listed: tuple(_alarm(raw, region) for raw in listed))


def failed_actions(session: Session, alarm: Alarm, *, since: datetime) -> Answer[tuple[FailedAction, ...]]:
    """The alarm's actions that failed since then and have not succeeded on the same target afterwards, newest first.

    CloudWatch tells nobody but its history (CloudWatch User Guide, "Using CloudWatch alarms"). Needs
    cloudwatch:DescribeAlarmHistory.
    """
    told = session.pages(
        "cloudwatch",
        "DescribeAlarmHistory",
        "AlarmHistoryItems",
        region=alarm.region,
        what=f"history of {alarm.name}",
        params={"AlarmName": alarm.name, "HistoryItemType": "Action", "StartDate": since},
        at_most=MOST_HISTORY,
    )
    return told.map(lambda items: _still_failing(items, alarm))


def _still_failing(items: Iterable[Mapping[str, Any]], alarm: Alarm) -> tuple[FailedAction, ...]:
    failed: list[FailedAction] = []
    works: set[str] = set()
    for item in sorted(items, key=lambda each: each["Timestamp"], reverse=True):
        summary = str(item.get("HistorySummary") or "")
        target = next((action for action in alarm.alarm_actions if action in summary), "")
        if summary.startswith("Failed"):
            # What no longer is an action of the alarm cannot fail again.
            if target and target not in works:
                failed.append(FailedAction(at=item["Timestamp"], summary=summary))
        elif target:
            works.add(target)
    return tuple(failed)


def _alarm(raw: Mapping[str, Any], region: str) -> Alarm:
    periods = int(raw.get("EvaluationPeriods") or 1)
    return Alarm(
        name=str(raw["AlarmName"]),
        arn=str(raw["AlarmArn"]),
        region=region,
        description=str(raw.get("AlarmDescription") or ""),
        namespace=str(raw.get("Namespace") or ""),
        metric=str(raw.get("MetricName") or ""),
        expression=" ".join(str(each.get("Expression") or "") for each in raw.get("Metrics") or ()).strip(),
        statistic=str(raw.get("Statistic") or raw.get("ExtendedStatistic") or ""),
        comparison=str(raw.get("ComparisonOperator") or ""),
        threshold=raw.get("Threshold"),
        period=int(raw.get("Period") or next((each.get("Period") or 0 for each in raw.get("Metrics") or ()), 0)),
        evaluation_periods=periods,
        datapoints_to_alarm=int(raw.get("DatapointsToAlarm") or periods),
        missing_data=str(raw.get("TreatMissingData") or "missing"),
        unit=str(raw.get("Unit") or ""),
        dimensions=MappingProxyType({each["Name"]: each["Value"] for each in raw.get("Dimensions") or ()}),
        actions_enabled=bool(raw.get("ActionsEnabled")),
        alarm_actions=tuple(raw.get("AlarmActions") or ()),
        state=str(raw.get("StateValue") or ""),
        state_reason=str(raw.get("StateReason") or ""),
        state_since=raw.get("StateUpdatedTimestamp"),
    )
