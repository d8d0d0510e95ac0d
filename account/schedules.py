"""Schedules of EventBridge Scheduler. They have no tags and their target's ARN is how they are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer, whole
from account.arns import Arn
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One schedule: `expression` such as `rate(5 minutes)`; empty texts for what it does not have."""

    name: str
    group: str
    arn: str
    region: str
    is_enabled: bool
    expression: str
    target_arn: str
    role_arn: str
    dead_letter_arn: str


def schedules_of(session: Session, region: str, target_arns: frozenset[str]) -> Answer[tuple[Schedule, ...]]:
    """The schedules of a region that wake one of these targets. Needs scheduler:ListSchedules and GetSchedule."""
    told = session.pages("scheduler", "ListSchedules", "Schedules", region=region, what="schedules")
    ours = told.map(lambda listed: [raw for raw in listed if (raw.get("Target") or {}).get("Arn") in target_arns])
    return ours.then(lambda listed: whole(session.spread(lambda raw: _schedule(session, raw, region), listed)))


def _schedule(session: Session, listed: Any, region: str) -> Answer[Schedule]:
    name, group = str(listed["Name"]), str(listed.get("GroupName") or "default")
    told = session.ask(
        "scheduler",
        "GetSchedule",
        region=region,
        what=f"schedule {name}",
        none_if=("ResourceNotFoundException",),
        params={"Name": name, "GroupName": group},
    )
    return told.map(lambda raw: _read(raw, name=name, group=group, region=region))


def _read(raw: Mapping[str, Any], *, name: str, group: str, region: str) -> Schedule:
    target = raw.get("Target") or {}
    return Schedule(
        name=name,
        group=group,
        arn=str(raw.get("Arn") or ""),
        region=region,
        is_enabled=raw.get("State") == "ENABLED",
        expression=str(raw.get("ScheduleExpression") or ""),
        target_arn=str(target.get("Arn") or ""),
        role_arn=str(target.get("RoleArn") or ""),
        dead_letter_arn=str((target.get("DeadLetterConfig") or {}).get("Arn") or ""),
    )


def group_arn_of(schedule: Schedule) -> str:
    """The ARN of the schedule's group, which is what Scheduler names as the source when it takes a role.

    Source: EventBridge Scheduler User Guide, "Confused deputy prevention".
    """
    parsed = Arn.parse(schedule.arn)
    if parsed is None:
        return ""
    return f"arn:{parsed.partition}:scheduler:{parsed.region}:{parsed.account}:schedule-group/{schedule.group}"
