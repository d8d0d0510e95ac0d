"""Who did it, and when: CloudTrail's own history, asked only about what is wrong.

It needs no trail, keeps 90 days, and answers two questions in a second, so few are asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from account import (
    PENDING_FOR_H,
    Answer,
    Found,
    PastEvent,
    Session,
    found_or,
    name_of,
    past_events,
    region_of,
    short_principal,
)
from operate.checking.line import Line
from operate.checking.words import age

BACK: Final = timedelta(days=30)
MOST_QUESTIONS: Final = 12

CAUSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "trail.logging": ("StopLogging",),
        "trail.present": ("DeleteTrail",),
        "trail.multi-region": ("UpdateTrail",),
        "trail.validation": ("UpdateTrail",),
        "trail.log-group": ("UpdateTrail", "DeleteLogGroup"),
        "trail.management-events": ("PutEventSelectors",),
        "trail.trusted": ("DisableAWSServiceAccess",),
        "trail.bucket-policy": ("PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucket"),
        "trail.bucket-lifecycle": ("PutBucketLifecycle", "DeleteBucketLifecycle"),
        "trail.bucket-lock": ("PutBucketObjectLockConfiguration",),
        "trail.key": ("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"),
        "key.rotation": ("DisableKeyRotation",),
        "filter.present": ("DeleteMetricFilter",),
        "filter.pattern": ("PutMetricFilter",),
        "filter.metric": ("PutMetricFilter",),
        "alarm.present": ("DeleteAlarms",),
        "alarm.condition": ("PutMetricAlarm",),
        "alarm.missing-data": ("PutMetricAlarm",),
        "alarm.metric": ("PutMetricAlarm", "DeleteMetricFilter"),
        "alarm.actions": ("PutMetricAlarm",),
        "alarm.actions-enabled": ("DisableAlarmActions", "PutMetricAlarm"),
        "alarm.muted": ("PutAlarmMuteRule",),
        "alarm.description": ("PutMetricAlarm",),
        "burst.rule": ("DisableInsightRules", "DeleteInsightRules", "PutInsightRule"),
        "burst.alarm": ("PutMetricAlarm",),
        "dashboard.present": ("DeleteDashboards",),
        "dashboard.alarms": ("PutDashboard",),
        "topic.cloudwatch": ("SetTopicAttributes", "RemovePermission"),
        "topic.closed": ("SetTopicAttributes", "AddPermission"),
        "topic.delivery-status": ("SetTopicAttributes",),
        "topic.key": ("PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion"),
        "rule.enabled": ("DisableRule", "PutRule"),
        "rule.pattern": ("PutRule",),
        "rule.bus": ("UpdateEventBus", "PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion"),
        "rule.targets": ("RemoveTargets",),
        "rule.permission": ("RemovePermission20150331v2", "DeleteFunction20150331", "DeleteRolePolicy"),
        "subscription.target": ("RemovePermission20150331v2", "DeleteFunction20150331"),
        "function.code": ("UpdateFunctionCode20150331v2",),
        "function.concurrency": ("PutFunctionConcurrency20171031",),
        "schedule.enabled": ("UpdateSchedule", "DeleteSchedule"),
        "state.trail": ("UpdateTrail", "PutParameter"),
        "state.ours": ("PutParameter",),
        "drift.access": ("SetTopicAttributes", "AddPermission", "RemovePermission"),
        "drift.trail": ("UpdateTrail", "PutEventSelectors", "PutInsightSelectors"),
        "drift.explained": ("UpdateFunctionCode20150331v2", "UpdateFunctionConfiguration20150331v2"),
        "drift.digest": ("UpdateFunctionConfiguration20150331v2",),
    }
)
"""The calls that can have caused what a check finds, by CloudTrail's names for them."""


def with_culprits(lines: Sequence[Line], session: Session, *, now: datetime) -> list[Line]:
    """The lines, those that fail with who did it where the history knows."""
    wanted = dict.fromkeys(
        (_region(line), name)
        for line in lines
        if line.state == "fails"
        for name in (CAUSES.get(line.check, ()) if line.check != "subscription.confirmed" else ("Subscribe",))
    )
    questions = list(wanted)[:MOST_QUESTIONS]
    if not questions:
        return list(lines)
    told = session.spread(lambda one: past_events(session, one[0], one[1], since=now - BACK), questions)
    history = dict(zip(questions, told, strict=True))
    return [_explained(line, history, now) if line.state == "fails" else line for line in lines]


def _region(line: Line) -> str:
    return region_of(line.resource) or line.where


def _explained(line: Line, history: Mapping[tuple[str, str], Answer[tuple[PastEvent, ...]]], now: datetime) -> Line:
    if line.check == "subscription.confirmed":
        return _pending(line, found_or(history.get((_region(line), "Subscribe")) or Found(()), ()), now)
    events = [
        event
        for name in CAUSES.get(line.check, ())
        for event in found_or(history.get((_region(line), name)) or Found(()), ())
        if not event.error and _concerns(event, line.resource)
    ]
    if not events:
        return line
    last = max(events, key=lambda event: event.at)
    said = f"since {last.at:%Y-%m-%d %H:%M} UTC by {short_principal(last.who) or 'somebody'} ({last.name})"
    return replace(line, evidence="; ".join(filter(None, [said, line.evidence])))


def _concerns(event: PastEvent, resource: str) -> bool:
    """Whether a call names the resource, by ARN or by name."""
    name = name_of(resource).rpartition("/")[2]
    said = json.dumps([event.record.get("requestParameters"), event.record.get("resources")], default=str)
    return bool(name) and (f'"{name}"' in said or resource in said or f"/{name}" in said or f":{name}" in said)


def _pending(line: Line, events: Iterable[PastEvent], now: datetime) -> Line:
    """How long a subscription has been waiting.

    No API tells; the call that made it does. CloudTrail hides the address (SNS Developer Guide, "Logging SNS API calls
    using CloudTrail"), so with several calls for one topic and protocol the time is a range.
    """
    topic, protocol, endpoint = (*line.resource.split(" ", 2), "", "")[:3]
    window = timedelta(hours=PENDING_FOR_H)
    times = [
        event.at
        for event in events
        if now - event.at <= window and not event.error and _is_subscribe(event, topic, protocol, endpoint)
    ]
    if not times:
        return line
    longest, shortest = now - min(times), now - max(times)
    waited = age(longest) if age(longest) == age(shortest) else f"{age(shortest)} to {age(longest)}"
    left = age(max(window - longest, timedelta()))
    said = f"since {waited}; AWS forgets it in {left}" + ("" if longest == shortest else " or later")
    return replace(line, evidence=said)


def _is_subscribe(event: PastEvent, topic: str, protocol: str, endpoint: str) -> bool:
    asked = event.record.get("requestParameters") or {}
    named = str(asked.get("endpoint") or "")
    return (
        asked.get("topicArn") == topic and asked.get("protocol") == protocol and (named == endpoint or "@" not in named)
    )
