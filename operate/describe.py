"""One line about one event: when, what, who, from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operate.console import printable
from operate.events import Event


def line_of(event: Event) -> str:
    """What a person needs to recognise an event: time, call, caller, address, region and any error; then the place."""
    place = f"{printable(event.source)}:{event.number}"
    if event.record is None:
        return f"{printable(event.text.strip(), longest=120)}  ({place})"
    record = event.record
    parts = (record.get("eventTime"), record.get("eventName"), caller(record), record.get("sourceIPAddress"))
    known = [printable(part, longest=60) for part in (*parts, record.get("awsRegion"), record.get("errorCode")) if part]
    return f"{'  '.join(known) or printable(event.text, longest=120)}  ({place})"


def caller(record: Mapping[str, Any]) -> str:
    """Who made a call, in the fewest words: `mallory`, `root`, `deployer/ci-4711`, or the service. Never fails."""
    identity = record.get("userIdentity")
    if not isinstance(identity, Mapping):
        return ""
    if identity.get("type") == "Root":
        return "root"
    arn = identity.get("arn")
    if identity.get("type") == "AssumedRole" and isinstance(arn, str) and ":assumed-role/" in arn:
        return arn.partition(":assumed-role/")[2]
    for key in ("userName", "arn", "invokedBy", "principalId", "type"):
        if isinstance(identity.get(key), str) and identity[key]:
            return identity[key]
    return ""
