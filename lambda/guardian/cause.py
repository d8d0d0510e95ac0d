"""What woke the guardian: an EventBridge event, an alarm's message over SNS, a schedule, or something else.

Parsing is total: whatever arrives becomes a Cause, because every message is only a hint to look at the trail. What
cannot be read stays empty. The caller's identity is left alone here, except to know the guardian's own repairs.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from common.places import Role
from common.shapes import as_mapping, parse_time
from common.trail_calls import Whose, whose_trail

from guardian.environment import Environment

_OPERATION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SCHEDULE_ARN = re.compile(r"arn:aws[a-z-]*:scheduler:[a-z0-9-]+:\d{12}:schedule/default/[\w.-]+", re.ASCII)
_ASSUMED_ROLE = re.compile(r"arn:[^:]+:(?:sts|iam)::(\d{12}):(?:assumed-)?role/(.+)", re.ASCII)


class Trigger(StrEnum):
    """Which way a message came, in the words of a mail."""

    EVENT_RULE = "the event rule"
    ALARM = "an alarm"
    SCHEDULE = "the schedule"
    UNKNOWN = "a message of unknown shape"


class Cause(NamedTuple):
    """One message, as far as it could be read.

    `operation` is the CloudTrail operation ("" when the message names none), `error_code` is set when AWS refused it.
    `record` is the CloudTrail record as it came, to be described after the repair. `inventory` is the digest, and
    `schedule` the ARN, that a sweep's own message tells.
    """

    trigger: Trigger
    operation: str = ""
    whose: Whose = Whose.UNNAMED
    error_code: str = ""
    by_guardian: bool = False
    at: datetime | None = None
    record: Mapping[str, Any] = MappingProxyType({})
    alarm: str = ""
    inventory: str = ""
    schedule: str = ""

    @property
    def is_stop(self) -> bool:
        """Somebody stopped a trail that is ours, or may be."""
        return self.operation == "StopLogging" and not self.error_code and self.whose is not Whose.OTHER

    @property
    def is_deletion(self) -> bool:
        """Somebody deleted a trail that is ours, or may be."""
        return self.operation == "DeleteTrail" and not self.error_code and self.whose is not Whose.OTHER


def parse(message: object, *, environment: Environment) -> Cause:
    """The cause in a Lambda event of any shape. Never raises."""
    event = as_mapping(message)
    record = as_mapping(event.get("detail")) or event
    if "eventName" in record:
        return _from_record(record, environment)
    records = event.get("Records")
    if isinstance(records, list) and records:
        return _from_sns(as_mapping(as_mapping(records[0]).get("Sns")), environment)
    if event.get("source") in ("aws.events", "aws.scheduler") or event.get("detail-type") == "Scheduled Event":
        return Cause(
            trigger=Trigger.SCHEDULE,
            at=parse_time(event.get("time")),
            inventory=_matching(_DIGEST, event.get("inventory")),
            schedule=_matching(_SCHEDULE_ARN, event.get("schedule")),
        )
    return Cause(trigger=Trigger.UNKNOWN)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _from_sns(sns: Mapping[str, Any], environment: Environment) -> Cause:
    try:
        message = as_mapping(json.loads(sns.get("Message") or ""))
    except (ValueError, TypeError, RecursionError):
        return Cause(trigger=Trigger.UNKNOWN)
    name = message.get("AlarmName")
    if isinstance(name, str) and name:
        return Cause(trigger=Trigger.ALARM, alarm=name, at=parse_time(message.get("StateChangeTime")))
    record = as_mapping(message.get("detail")) or message
    return _from_record(record, environment) if "eventName" in record else Cause(trigger=Trigger.UNKNOWN)


def _from_record(record: Mapping[str, Any], environment: Environment) -> Cause:
    operation = record.get("eventName")
    if (
        record.get("eventSource", "cloudtrail.amazonaws.com") != "cloudtrail.amazonaws.com"
        or not isinstance(operation, str)
        or not _OPERATION.fullmatch(operation)
    ):
        return Cause(trigger=Trigger.UNKNOWN)
    error_code = record.get("errorCode")
    return Cause(
        trigger=Trigger.EVENT_RULE,
        operation=operation,
        whose=whose_trail(record, environment.trail),
        error_code=error_code if isinstance(error_code, str) else "",
        by_guardian=_is_by(record, environment.role),
        at=parse_time(record.get("eventTime")),
        record=record,
    )


def _is_by(record: Mapping[str, Any], role: Role) -> bool:
    identity = as_mapping(record.get("userIdentity"))
    issuer = as_mapping(as_mapping(identity.get("sessionContext")).get("sessionIssuer"))
    for arn in (issuer.get("arn"), identity.get("arn")):
        found = _ASSUMED_ROLE.fullmatch(arn) if isinstance(arn, str) else None
        if found and ":assumed-role/" in found.group():
            return (found[1], found[2].split("/")[0]) == (role.account, role.name)
        if found:
            return (found[1], found[2].rsplit("/", 1)[-1]) == (role.account, role.name)
    return False
