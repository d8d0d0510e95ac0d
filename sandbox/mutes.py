"""Alarm mute rules, which the emulator lacks: the four calls about them, and which alarm they mute at a moment.

Source: CloudWatch API reference, PutAlarmMuteRule, GetAlarmMuteRule, ListAlarmMuteRules and DeleteAlarmMuteRule. A rule
without targets mutes every alarm of its account and region (AWS SDK code examples, "PutAlarmMuteRule").
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.clock import Clock
from settings.problems import CheckError
from settings.windows import Windows, parse_duration, parse_schedule

MAX_TARGETS = 100
MAX_NAME, MAX_DESCRIPTION, MAX_EXPRESSION, MAX_TEXT = 255, 1024, 256, 50
MAX_RECORDS, DEFAULT_RECORDS = 100, 50
STATUSES = ("SCHEDULED", "ACTIVE", "EXPIRED")
_Key = tuple[str, str, str]


class RefusedError(ValueError):
    """A rule that CloudWatch would refuse."""


@dataclass(frozen=True)
class MuteRule:
    """One rule. `targets` are names of alarms, None for every alarm; times are epoch seconds."""

    name: str
    arn: str
    asked: Mapping[str, Any]
    windows: Windows
    targets: frozenset[str] | None
    updated_at: float

    def mutes(self, alarm: str, now: float) -> bool:
        """Whether it mutes an alarm at a moment."""
        return (self.targets is None or alarm in self.targets) and self.windows.at(_moment(now)) is not None

    def status(self, now: float) -> str:
        """Scheduled, active or expired."""
        if self.windows.at(_moment(now)):
            return "ACTIVE"
        return "EXPIRED" if self.windows.is_over(_moment(now)) else "SCHEDULED"

    def summary(self, now: float) -> dict[str, Any]:
        """As ListAlarmMuteRules has it: without the name, which only the ARN tells."""
        expires = {"ExpireDate": self.asked["ExpireDate"]} if self.asked.get("ExpireDate") is not None else {}
        return {
            "AlarmMuteRuleArn": self.arn,
            "Status": self.status(now),
            "MuteType": "ONE_TIME" if isinstance(self.windows.when, datetime) else "RECURRING",
            "LastUpdatedTimestamp": self.updated_at,
            **expires,
        }

    def whole(self, now: float) -> dict[str, Any]:
        """As GetAlarmMuteRule has it."""
        kept = ("Description", "Rule", "MuteTargets", "StartDate", "ExpireDate")
        asked = {key: self.asked[key] for key in kept if self.asked.get(key) is not None}
        return {"Name": self.name, **self.summary(now), **asked}


class MuteRules:
    """Answers the calls about rules. `mutes` is what the alarms ask before they act."""

    def __init__(self, emulator: Emulator, clock: Clock) -> None:
        self._emulator, self._clock = emulator, clock
        self._rules: dict[_Key, MuteRule] = {}

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    def mutes(self, account: str, region: str, alarm: str) -> bool:
        """Whether an alarm's actions are muted now."""
        now = self._clock.now()
        return any(rule.mutes(alarm, now) for rule in self._in_scope(account, region))

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer the calls about rules, forward every other call of the service `monitoring`."""
        action, asked = request.operation, request.asked
        match action:
            case "PutAlarmMuteRule":
                return self._put(request, asked)
            case "GetAlarmMuteRule":
                return self._get(request, asked)
            case "ListAlarmMuteRules":
                return self._list(request, asked)
            case "DeleteAlarmMuteRule":
                rule = self._rules.pop((request.account, request.region, asked.get("AlarmMuteRuleName", "")), None)
                if rule:
                    self._tags().pop(rule.arn, None)
                return json_answer({})  # also when there was none
        return await forward(request)

    def _in_scope(self, account: str, region: str) -> list[MuteRule]:
        return [rule for key, rule in sorted(self._rules.items()) if key[:2] == (account, region)]

    def _alarms(self, request: Request) -> set[str]:
        here = (request.account, request.region)
        return {alarm["AlarmName"] for *place, alarm in self._emulator.alarms() if tuple(place) == here}

    def _tags(self) -> Any:
        return self._emulator.inside("services.cloudwatch", "_resource_tags")

    def _put(self, request: Request, asked: dict[str, Any]) -> Answer:
        try:
            rule = _parsed(request, asked, now=self._clock.now())
            if unknown := sorted((rule.targets or frozenset()) - self._alarms(request)):
                raise RefusedError(f"The alarms {unknown} do not exist.")
        except RefusedError as error:
            return json_error("ValidationError", str(error))
        for alarm in sorted(rule.targets or ()):
            if (refused := self._refuse(request, alarm)) is not None:
                return refused
        self._rules[request.account, request.region, rule.name] = rule
        if asked.get("Tags"):
            self._tags()[rule.arn] = {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return json_answer({})

    def _refuse(self, request: Request, alarm: str) -> Answer | None:
        """The right is needed on each alarm beside that on the rule."""
        arn = f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm:{alarm}"
        caller = self._emulator.access_key(request.headers, request.query)
        action = "cloudwatch:PutAlarmMuteRule"
        if not caller or self._emulator.caller_may(caller, action, on=arn, context={}):
            return None
        found = self._emulator.credential(caller, request.account)
        who = found.arn if found else caller
        return json_error("AccessDenied", f"User: {who} is not authorized to perform: {action} on resource: {arn}", 403)

    def _get(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        rule = self._rules.get((request.account, request.region, asked.get("AlarmMuteRuleName", "")))
        if rule is None:
            return json_error("ResourceNotFoundException", "There is no such alarm mute rule.", 404)
        return json_answer(rule.whole(self._clock.now()))

    def _list(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        now, alarm, statuses = self._clock.now(), asked.get("AlarmName"), asked.get("Statuses") or STATUSES
        if unknown := set(statuses) - set(STATUSES):
            return json_error("ValidationError", f"{sorted(unknown)} are no statuses of a rule.")
        if alarm is not None and alarm not in self._alarms(request):
            return json_error("ResourceNotFoundException", f"There is no alarm {alarm}.", 404)
        size, token = int(asked.get("MaxRecords") or DEFAULT_RECORDS), asked.get("NextToken") or "0"
        if not 1 <= size <= MAX_RECORDS:
            return json_error("ValidationError", f"MaxRecords must be 1 to {MAX_RECORDS}.")
        if not token.isdecimal():
            return json_error("InvalidNextToken", "The token is not valid.")
        rules = self._in_scope(request.account, request.region)
        found = [
            rule.summary(now)
            for rule in rules
            if rule.status(now) in statuses and (alarm is None or rule.targets is None or alarm in rule.targets)
        ]
        first = int(token)
        answer: dict[str, Any] = {"AlarmMuteRuleSummaries": found[first : first + size]}
        if first + size < len(found):
            answer["NextToken"] = str(first + size)
        return json_answer(answer)


def _parsed(request: Request, asked: Mapping[str, Any], *, now: float) -> MuteRule:
    """The rule of PutAlarmMuteRule. Raises RefusedError."""
    name, schedule = asked.get("Name") or "", (asked.get("Rule") or {}).get("Schedule") or {}
    expression, duration = schedule.get("Expression") or "", schedule.get("Duration") or ""
    zone_name = schedule.get("Timezone")
    _within("Name", name, MAX_NAME)
    _within("Expression", expression, MAX_EXPRESSION)
    _within("Duration", duration, MAX_TEXT)
    if len(asked.get("Description") or "") > MAX_DESCRIPTION:
        raise RefusedError(f"The description has more than {MAX_DESCRIPTION} characters.")
    try:
        windows = Windows(
            parse_schedule(expression),
            parse_duration(duration),
            zone=_zone(zone_name),
            start=_date(asked.get("StartDate")),
            until=_date(asked.get("ExpireDate")),
        )
    except CheckError as error:
        raise RefusedError(str(error)) from error
    if isinstance(windows.when, datetime) and (windows.start or windows.until):
        raise RefusedError("Can not set start or expire dates for At expressions")
    if windows.start and windows.until and windows.until <= windows.start:
        raise RefusedError("The expire date must be after the start date.")
    return MuteRule(
        name=name,
        arn=f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm-mute-rule:{name}",
        asked=dict(asked),
        windows=windows,
        targets=_targets(asked.get("MuteTargets")),
        updated_at=now,
    )


def _targets(asked: Mapping[str, Any] | None) -> frozenset[str] | None:
    if asked is None:
        return None
    names: Iterable[str] = asked.get("AlarmNames") or ()
    found = frozenset(names)
    if len(found) > MAX_TARGETS:
        raise RefusedError(f"A rule has at most {MAX_TARGETS} alarm names.")
    for name in found:
        _within("AlarmName", name, MAX_NAME)
    return found or None


def _within(what: str, text: str, most: int) -> None:
    if not 1 <= len(text) <= most:
        raise RefusedError(f"{what} must have 1 to {most} characters.")


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    _within("Timezone", name, MAX_TEXT)
    if name not in zoneinfo.available_timezones():
        raise RefusedError(f"{name} is no time zone.")
    return zoneinfo.ZoneInfo(name)


def _date(seconds: Any) -> datetime | None:
    return None if seconds is None else _moment(float(seconds))


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
