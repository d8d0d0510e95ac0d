"""The events behind an alarm: the deployed filter of its metric, and what the log group holds for it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from common.retry import Clock

from explainer.alarms import Ask

# CloudTrail's log timestamp and eventTime differ, and FilterLogEvents selects by the former.
BEFORE, AFTER = timedelta(minutes=15), timedelta(minutes=5)
MAX_CALLS = 60
"""Pages of one search. One holds up to 1 MB (FilterLogEvents, API reference), some 500 events."""
MAX_EVENTS = 20_000
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """One log event that the filter counts. `logged_ms` is its log timestamp, `event_id` CloudTrail's."""

    event_id: str
    logged_ms: int
    record: Mapping[str, Any]


@dataclass(kw_only=True)
class Haul:
    """What a search brought: each event once, in the order of the log.

    `is_complete` is whether the log was read to its end; else `error_code` says what AWS refused, or is "" where there
    was more than one search may hold.
    """

    events: list[Found] = field(default_factory=list)
    calls: int = 0
    is_complete: bool = False
    error_code: str = ""


def deployed_patterns(
    logs: Any, *, log_group: str, metric: str, namespace: str, ask: Ask
) -> tuple[frozenset[str], str]:
    """The patterns of all filters of a log group that write a metric, and the error code if they cannot be read.

    Needs logs:DescribeMetricFilters.
    """
    patterns: set[str] = set()
    more: dict[str, str] = {}
    while True:
        request = {"logGroupName": log_group, **more}
        answer = ask(lambda request=request: logs.describe_metric_filters(**request))
        if answer.value is None:
            return frozenset(patterns), answer.error_code
        # By log group, not by metric: CloudWatch takes one or the other, and whoever makes a filter on a log group of
        # their own must not be believed.
        patterns |= {
            str(each.get("filterPattern") or "")
            for each in answer.value.get("metricFilters", [])
            if any(_writes(one, metric, namespace) for one in each.get("metricTransformations", []))
        }
        if not answer.value.get("nextToken"):
            return frozenset(patterns), ""
        more = {"nextToken": answer.value["nextToken"]}


def search(
    logs: Any,
    *,
    log_group: str,
    patterns: Iterable[str],
    start: datetime,
    end: datetime,
    ask: Ask,
    clock: Clock,
    until: float,
) -> Haul:
    """All events of a span of time (UTC) that one of the patterns counts; no page is asked for after `until`.

    Pages may be empty while there are more (FilterLogEvents, API reference), so only the token says when it is over.
    Needs logs:FilterLogEvents.
    """
    haul, seen = Haul(is_complete=True), set[str]()
    for pattern in sorted(patterns):
        more: dict[str, str] = {}
        while True:
            if haul.calls >= MAX_CALLS or len(haul.events) >= MAX_EVENTS or clock.monotonic() > until:
                haul.is_complete = False
                return haul
            request = {
                "logGroupName": log_group,
                "filterPattern": pattern,
                "startTime": _ms(start),
                "endTime": _ms(end),
                "limit": _PAGE,
                **more,
            }
            answer = ask(lambda request=request: logs.filter_log_events(**request))
            haul.calls += answer.tries
            if answer.value is None:
                haul.is_complete, haul.error_code = False, answer.error_code
                return haul
            for event in answer.value.get("events", []):
                found = _found(event)
                if found and found.event_id not in seen:
                    seen.add(found.event_id)
                    haul.events.append(found)
            if not answer.value.get("nextToken"):
                break
            more = {"nextToken": answer.value["nextToken"]}
    return haul


def _writes(transformation: Mapping[str, Any], metric: str, namespace: str) -> bool:
    return (transformation.get("metricName"), transformation.get("metricNamespace")) == (metric, namespace)


def _found(event: Mapping[str, Any]) -> Found | None:
    try:
        record = json.loads(event.get("message") or "")
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    event_id = record.get("eventID")
    if not isinstance(event_id, str) or not event_id:
        event_id = f"log:{event.get('eventId', '')}"  # the log's own; CloudTrail's is the same in every copy
    return Found(event_id=event_id[:128], logged_ms=int(event.get("timestamp") or 0), record=record)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
