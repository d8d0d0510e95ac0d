"""What woke the explainer: an alarm's message over SNS, an event of EventBridge, the schedule, or something else.

Total: whatever arrives becomes a Message. An alarm's message is only a hint which alarm to look at; of what it says
nothing is believed, because whoever may publish to the topic can write one.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from common.shapes import as_mapping


class Trigger(StrEnum):
    """Which way a message came."""

    ALARM = "alarm"
    EVENT_RULE = "event rule"
    SCHEDULE = "schedule"
    UNKNOWN = "unknown"


class Message(NamedTuple):
    """One message. `alarm` is an alarm's name, `told` what its message says, `record` a CloudTrail record."""

    trigger: Trigger
    alarm: str = ""
    told: Mapping[str, Any] = MappingProxyType({})
    record: Mapping[str, Any] = MappingProxyType({})

    @property
    def rings(self) -> bool:
        """An alarm went to ALARM. All other states are read where they are needed."""
        return self.trigger is Trigger.ALARM and self.told.get("NewStateValue", "ALARM") == "ALARM"


def parse(event: object) -> Message:
    """The message in a Lambda event of any shape. Never raises."""
    found = as_mapping(event)
    record = as_mapping(found.get("detail"))
    if "eventName" in record:
        return Message(trigger=Trigger.EVENT_RULE, record=record)
    if found.get("source") in ("aws.events", "aws.scheduler") or found.get("detail-type") == "Scheduled Event":
        return Message(trigger=Trigger.SCHEDULE)
    records = found.get("Records")
    if isinstance(records, list) and records:
        sns = as_mapping(as_mapping(records[0]).get("Sns"))
        try:
            told = as_mapping(json.loads(sns.get("Message") or ""))
        except (ValueError, TypeError, RecursionError):
            told = {}
        name = told.get("AlarmName")
        if isinstance(name, str) and 0 < len(name) <= 255:
            return Message(trigger=Trigger.ALARM, alarm=name, told=told)
    return Message(trigger=Trigger.UNKNOWN)
