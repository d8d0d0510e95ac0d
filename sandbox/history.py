"""CloudTrail's event history: every management event of an account and region, with or without a trail."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

KEPT = 10_000  # per account and region; AWS keeps 90 days
MAX_RESULTS = 50  # CloudTrail API reference, LookupEvents


class BadLookupError(ValueError):
    """A lookup that CloudTrail refuses: the error code and the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class History:
    """What LookupEvents answers from."""

    def __init__(self) -> None:
        self._events: dict[tuple[str, str], deque[dict[str, Any]]] = {}

    def add(self, record: Mapping[str, Any], account: str) -> None:
        """Remember one record."""
        here = (account, record["awsRegion"])
        self._events.setdefault(here, deque(maxlen=KEPT)).append(_event(record))

    def clear(self) -> None:
        """Forget everything."""
        self._events.clear()

    def lookup(self, asked: Mapping[str, Any], *, account: str, region: str) -> dict[str, Any]:
        """The answer to LookupEvents, the newest event first. Raises BadLookupError."""
        attributes = asked.get("LookupAttributes") or []
        if len(attributes) > 1:
            raise BadLookupError("InvalidLookupAttributesException", "You can use only one lookup attribute.")
        size = asked.get("MaxResults", MAX_RESULTS)
        if not 1 <= size <= MAX_RESULTS:
            raise BadLookupError("InvalidMaxResultsException", f"The maximum results must be 1 to {MAX_RESULTS}.")
        start, end = asked.get("StartTime", 0), asked.get("EndTime", float("inf"))
        if start > end:
            raise BadLookupError("InvalidTimeRangeException", "The start time is after the end time.")
        found = [
            event
            for event in reversed(self._events.get((account, region), ()))
            if start <= event["EventTime"] <= end and all(_has(event, one) for one in attributes)
        ]
        token = asked.get("NextToken") or "0"
        if not token.isdigit():
            raise BadLookupError("InvalidNextTokenException", "The token is not valid.")
        first = int(token)
        answer: dict[str, Any] = {"Events": found[first : first + size]}
        if first + size < len(found):
            answer["NextToken"] = str(first + size)
        return answer


def _event(record: Mapping[str, Any]) -> dict[str, Any]:
    identity = record.get("userIdentity") or {}
    name = identity.get("userName") or ("root" if identity.get("type") == "Root" else "")
    if identity.get("type") == "AssumedRole":
        name = identity.get("arn", "").rsplit("/", 1)[-1]
    return {
        "EventId": record.get("eventID", ""),
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "EventTime": datetime.fromisoformat(record["eventTime"]).timestamp(),
        "ReadOnly": str(bool(record.get("readOnly"))).lower(),
        "AccessKeyId": identity.get("accessKeyId", ""),
        "Username": name,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _has(event: Mapping[str, Any], attribute: Mapping[str, str]) -> bool:
    key = attribute.get("AttributeKey", "")
    if key in ("ResourceName", "ResourceType"):
        # Records of ours list no resources; their parameters name them.
        return key == "ResourceName" and f'"{attribute.get("AttributeValue")}"' in event["CloudTrailEvent"]
    if key not in ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId"):
        raise BadLookupError("InvalidLookupAttributesException", f"There is no lookup attribute {key}.")
    return event[key] == attribute.get("AttributeValue")
