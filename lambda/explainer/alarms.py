"""What CloudWatch knows of an alarm: what it counts, its state, and over which span of time it rang."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from common.retry import Answer
from common.shapes import as_mapping, parse_time

Ask = Callable[[Callable[[], Any]], Answer[Any]]
"""Makes a call to AWS, again while AWS is only busy."""

MAX_NAMES = 100
"""Alarm names that one DescribeAlarms takes (API reference)."""
_HISTORY = 20
_INSIGHT = re.compile(r'INSIGHT_RULE_METRIC\("(?P<rule>[\w.-]+)"', re.ASCII)


class Alarm(NamedTuple):
    """An alarm on one metric, or on what the Contributor Insights rule `rule` counts.

    `since` is when it entered its `state` (UTC), `data` the reason of that as data.
    """

    name: str
    namespace: str
    metric: str
    period_s: int
    state: str
    since: datetime
    reason: str
    data: Mapping[str, Any]
    rule: str = ""

    @property
    def rings(self) -> bool:
        """It is in ALARM."""
        return self.state == "ALARM"


class Episode(NamedTuple):
    """Once that an alarm went to ALARM.

    `began_at` is when it did. The metric reached `value` between `start` and `end`; None when that is not known, as
    when somebody set the state by hand. If it rang while a planned change muted it, `muted_by` names that, and at
    `muted_until` it acted because it still rang; the span is then the time around that end. All times are UTC.
    """

    began_at: datetime
    start: datetime
    end: datetime
    value: int | None
    reason: str = ""
    muted_by: str = ""
    muted_until: datetime | None = None


def describe(cloudwatch: Any, names: Iterable[str], *, ask: Ask) -> Answer[dict[str, Alarm]]:
    """The alarms of these names that exist, by name. Needs cloudwatch:DescribeAlarms."""
    wanted, found = list(dict.fromkeys(names)), dict[str, Alarm]()
    tries = 0
    for first in range(0, len(wanted), MAX_NAMES):
        some = wanted[first : first + MAX_NAMES]
        answer = ask(lambda some=some: cloudwatch.describe_alarms(AlarmNames=some, MaxRecords=MAX_NAMES))
        tries += answer.tries
        if answer.value is None:
            return Answer(tries=tries, error=answer.error)
        for alarm in answer.value.get("MetricAlarms", []):
            found[alarm["AlarmName"]] = _alarm(alarm)
    return Answer(tries=tries, value=found)


def every(cloudwatch: Any, *, ask: Ask) -> Answer[list[Alarm]]:
    """All metric alarms of the account and region. Needs cloudwatch:DescribeAlarms."""
    found: list[Alarm] = []
    request: dict[str, Any] = {"AlarmTypes": ["MetricAlarm"], "MaxRecords": MAX_NAMES}
    while True:
        answer = ask(lambda: cloudwatch.describe_alarms(**request))
        if answer.value is None:
            return Answer(tries=answer.tries, error=answer.error)
        found += map(_alarm, answer.value.get("MetricAlarms", []))
        if not answer.value.get("NextToken"):
            return Answer(tries=answer.tries, value=found)
        request["NextToken"] = answer.value["NextToken"]


def rang(cloudwatch: Any, name: str, *, first: datetime, last: datetime, ask: Ask) -> Answer[list[datetime]]:
    """When an alarm went to ALARM in a span of time. Needs cloudwatch:DescribeAlarmHistory."""
    found: list[datetime] = []
    request: dict[str, Any] = {
        "AlarmName": name,
        "HistoryItemType": "StateUpdate",
        "StartDate": first,
        "EndDate": last,
        "ScanBy": "TimestampDescending",
        "MaxRecords": MAX_NAMES,
    }
    while True:
        answer = ask(lambda: cloudwatch.describe_alarm_history(**request))
        if answer.value is None:
            return Answer(tries=answer.tries, error=answer.error)
        for item in answer.value.get("AlarmHistoryItems", []):
            state = as_mapping(as_mapping(_parsed(item.get("HistoryData"))).get("newState"))
            at = item.get("Timestamp")
            if state.get("stateValue") == "ALARM" and isinstance(at, datetime):
                found.append(at.astimezone(UTC))
        if not answer.value.get("NextToken"):
            return Answer(tries=answer.tries, value=found)
        request["NextToken"] = answer.value["NextToken"]


def episode(cloudwatch: Any, alarm: Alarm, *, ask: Ask) -> Episode:
    """The last time that an alarm rang, from its history; from the alarm itself where that cannot be read.

    Needs cloudwatch:DescribeAlarmHistory.
    """
    answer = ask(
        lambda: cloudwatch.describe_alarm_history(
            AlarmName=alarm.name,
            HistoryItemType="StateUpdate",
            ScanBy="TimestampDescending",
            MaxRecords=_HISTORY,
        )
    )
    for item in answer.value.get("AlarmHistoryItems", []) if answer.value else []:
        state = as_mapping(as_mapping(_parsed(item.get("HistoryData"))).get("newState"))
        at = item.get("Timestamp")
        if state.get("stateValue") == "ALARM" and isinstance(at, datetime):
            reason = str(state.get("stateReason") or "")
            data = as_mapping(_parsed(state.get("stateReasonData")))
            return _episode(at.astimezone(UTC), data, alarm.period_s, reason)
    return _episode(alarm.since, alarm.data if alarm.rings else {}, alarm.period_s, alarm.reason)


def _alarm(told: Mapping[str, Any]) -> Alarm:
    queries = told.get("Metrics") or [{}]
    rule = _INSIGHT.match(str(queries[0].get("Expression") or ""))
    return Alarm(
        name=told["AlarmName"],
        namespace=str(told.get("Namespace") or ""),
        metric=str(told.get("MetricName") or ""),
        period_s=int(told.get("Period") or queries[0].get("Period") or 300),
        rule=rule["rule"] if rule else "",
        state=str(told.get("StateValue") or ""),
        since=told["StateUpdatedTimestamp"].astimezone(UTC),
        reason=str(told.get("StateReason") or ""),
        data=as_mapping(_parsed(told.get("StateReasonData"))),
    )


def _parsed(text: object) -> object:
    """StateReasonData is text in an alarm and an object in its history."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None


def _episode(at: datetime, data: Mapping[str, Any], period_s: int, reason: str) -> Episode:
    """The newest of the datapoints that were compared is the one that rang it: alarms of ours compare one."""
    points = data.get("evaluatedDatapoints")
    known = [
        (began, point.get("value"))
        for point in (points if isinstance(points, list) else [])
        if isinstance(point, Mapping) and (began := parse_time(point.get("timestamp")))
    ]
    span = timedelta(seconds=int(data.get("period") or period_s))
    if not known:
        return Episode(began_at=at, start=at - span, end=at, value=None, reason=reason)
    began, value = max(known, key=lambda each: each[0])
    counted = round(value) if isinstance(value, int | float) else None
    return Episode(began_at=at, start=began, end=began + span, value=counted, reason=reason)
