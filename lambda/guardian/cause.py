"""What woke the guardian: an EventBridge event, an alarm's message over SNS, a schedule, or something else.

Parsing is total: whatever arrives becomes a Cause, because every message is only a hint to look at the trail. What
cannot be read stays empty. The caller's identity is left alone here, except to know the guardian's own repairs.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from common.places import Role, Trail
from common.shapes import as_mapping, parse_time

from guardian.environment import Environment

_OPERATION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
# "… is not authorized to perform: cloudtrail:StopLogging on resource: arn:…": names the trail where a refused call has
# no requestParameters. The last match counts, because an IAM path before it may hold nearly any character.
_RESOURCE = re.compile(r"on resource: (arn:[^\s:]+:cloudtrail:[^\s:]*:\d{12}:[^\s]+)", re.ASCII)
_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}", re.ASCII)
_ASSUMED_ROLE = re.compile(r"arn:[^:]+:(?:sts|iam)::(\d{12}):(?:assumed-)?role/(.+)", re.ASCII)


class Trigger(StrEnum):
    """Which way a message came, in the words of a mail."""

    EVENT_RULE = "the event rule"
    ALARM = "an alarm"
    SCHEDULE = "the schedule"
    UNKNOWN = "a message of unknown shape"


class Whose(StrEnum):
    """Which trail a CloudTrail event is about."""

    OURS = "ours"
    OTHER = "other"
    UNNAMED = "unnamed"  # refused, or cut out: a caller who pads the request hides its parameters (CT "Quotas")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One message, as far as it could be read.

    `operation` is the CloudTrail operation ("" when the message names none), `error_code` is set when AWS refused it.
    `record` is the CloudTrail record as it came, to be described after the repair.
    """

    trigger: Trigger
    operation: str = ""
    whose: Whose = Whose.UNNAMED
    error_code: str = ""
    by_guardian: bool = False
    at: datetime | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    alarm: str = ""

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
        return Cause(trigger=Trigger.SCHEDULE, at=parse_time(event.get("time")))
    return Cause(trigger=Trigger.UNKNOWN)


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
        whose=_whose(record, environment.trail),
        error_code=error_code if isinstance(error_code, str) else "",
        by_guardian=_is_by(record, environment.role),
        at=parse_time(record.get("eventTime")),
        record=record,
    )


def named_trail(record: Mapping[str, Any]) -> str:
    """The trail (name or ARN, as the caller wrote it) or other resource that a record is about; "" when it is not said.

    `name` for most operations, `trailName` for selectors, `resourceId` for tags (CloudTrail API, lower-cased first
    letters); then the answer's `trailARN`, then the text of a refusal.
    """
    asked, answered = as_mapping(record.get("requestParameters")), as_mapping(record.get("responseElements"))
    for value in (
        *(asked.get(key) for key in ("name", "trailName", "resourceId", "eventDataStore")),
        *(answered.get(key) for key in ("trailARN", "name")),
    ):
        if isinstance(value, str) and value:
            return value
    refusal = record.get("errorMessage")
    found = _RESOURCE.findall(refusal) if isinstance(refusal, str) else []
    return found[-1] if found else ""


def region_of(record: Mapping[str, Any], trail: Trail) -> str:
    """The region where a call was made and is recorded; the trail's own when the record does not say."""
    region = record.get("awsRegion")
    return region if isinstance(region, str) and _REGION.fullmatch(region) else trail.region


def _whose(record: Mapping[str, Any], trail: Trail) -> Whose:
    named = named_trail(record)
    if not named:
        return Whose.UNNAMED
    # Names are per region, and from another region AWS refuses what would change our trail
    # (InvalidHomeRegionException): what succeeded there by a bare name changed another trail, unless the answer names
    # ours.
    if not named.startswith("arn:") and region_of(record, trail) != trail.region and not record.get("errorCode"):
        answered = as_mapping(record.get("responseElements")).get("trailARN")
        is_ours = isinstance(answered, str) and answered.casefold() == trail.arn.casefold()
        return Whose.OURS if is_ours else Whose.OTHER
    # Compared without case: were CloudTrail lenient about it, an exact comparison would let a stop pass as somebody
    # else's. A stranger's trail that differs only in case costs a look at the status.
    ours = trail.arn if named.startswith("arn:") else trail.name
    return Whose.OURS if named.casefold() == ours.casefold() else Whose.OTHER


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
