"""CloudTrail's event history: who did something lately. It needs no trail and keeps 90 days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from account.answers import Answer
from account.session import Session

MOST = 50
"""Events of one question. LookupEvents takes two questions in a second (CloudTrail User Guide, Quotas)."""


@dataclass(frozen=True, kw_only=True)
class PastEvent:
    """One call that was made. `who` is an ARN; `record` the whole CloudTrail record."""

    name: str
    at: datetime
    who: str
    event_id: str
    error: str
    record: Mapping[str, Any] = field(repr=False)


def past_events(session: Session, region: str, name: str, *, since: datetime) -> Answer[tuple[PastEvent, ...]]:
    """Calls of this name in a region since then, newest first, fifty at most. Needs cloudtrail:LookupEvents."""
    told = session.pages(
        "cloudtrail",
        "LookupEvents",
        "Events",
        region=region,
        what=f"history of {name}",
        params={
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": since,
            "MaxResults": MOST,
        },
        at_most=MOST,
    )
    return told.map(lambda listed: tuple(map(_event, listed)))


def _event(raw: Mapping[str, Any]) -> PastEvent:
    try:
        record = json.loads(raw.get("CloudTrailEvent") or "{}")
    except ValueError:
        record = {}
    who = record.get("userIdentity") or {}
    return PastEvent(
        name=str(raw.get("EventName") or ""),
        at=raw["EventTime"],
        who=str(who.get("arn") or who.get("invokedBy") or raw.get("Username") or ""),
        event_id=str(raw.get("EventId") or ""),
        error=str(record.get("errorCode") or ""),
        record=record,
    )
