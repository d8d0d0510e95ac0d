"""Alarm mute rules: windows of time in which alarms change their states and act on nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from account.answers import Answer, whole
from account.session import Session

LIVING = ("SCHEDULED", "ACTIVE")
_GONE = ("ResourceNotFoundException", "ResourceNotFound")


@dataclass(frozen=True, kw_only=True)
class MuteRule:
    """One rule that is not over. `alarm_names` are those that it mutes, None for every alarm of account and region.

    `start` and `until` bound its windows (UTC), None where they do not.
    """

    name: str
    region: str
    is_active: bool
    alarm_names: frozenset[str] | None
    expression: str
    duration: str
    timezone: str
    start: datetime | None
    until: datetime | None

    def mutes(self, alarm: str) -> bool:
        """Whether an alarm of its region is muted by it."""
        return self.alarm_names is None or alarm in self.alarm_names


def mute_rules(session: Session, region: str) -> Answer[tuple[MuteRule, ...]]:
    """The rules of a region that mute, or are going to. Needs cloudwatch:ListAlarmMuteRules and GetAlarmMuteRule."""
    listed = session.pages(
        "cloudwatch",
        "ListAlarmMuteRules",
        "AlarmMuteRuleSummaries",
        region=region,
        what="alarm mute rules",
        params={"Statuses": list(LIVING)},
    )
    return listed.then(lambda rules: whole(session.spread(lambda raw: _read(session, raw, region), rules)))


def _read(session: Session, listed: Mapping[str, Any], region: str) -> Answer[MuteRule]:
    name = str(listed["AlarmMuteRuleArn"]).rpartition(":alarm-mute-rule:")[2]
    told = session.ask(
        "cloudwatch",
        "GetAlarmMuteRule",
        region=region,
        what=f"alarm mute rule {name}",
        none_if=_GONE,
        params={"AlarmMuteRuleName": name},
    )
    return told.map(lambda raw: _rule(raw, name, region))


def _rule(raw: Mapping[str, Any], name: str, region: str) -> MuteRule:
    schedule = (raw.get("Rule") or {}).get("Schedule") or {}
    names = (raw.get("MuteTargets") or {}).get("AlarmNames") or ()
    return MuteRule(
        name=name,
        region=region,
        is_active=raw.get("Status") == "ACTIVE",
        alarm_names=frozenset(map(str, names)) if names else None,
        expression=str(schedule.get("Expression") or ""),
        duration=str(schedule.get("Duration") or ""),
        timezone=str(schedule.get("Timezone") or "UTC"),
        start=_utc(raw.get("StartDate")),
        until=_utc(raw.get("ExpireDate")),
    )


def _utc(moment: Any) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None
