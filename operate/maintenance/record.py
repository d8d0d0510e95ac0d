"""The guardian's maintenance record as it stands in the ledger table: read, put, ended.

The format is the guardian's (`docs/runbooks/maintenance.md`); a test reads what is written here with the guardian's own
reader. Every change is conditional on what was read before, so that two people never overwrite each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from account import Answer, Found, Nothing, Session
from operate.deployed import Guard

ITEM = "maintenance"
LONGEST = timedelta(hours=4)
KEPT = timedelta(days=30)
"""How long after its end DynamoDB keeps a record, for those who ask later who planned what."""
_LASTS = re.compile(r"(?:(?P<hours>\d{1,2})h)?(?:(?P<minutes>\d{1,3})m)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of the ledger. Times in UTC, None where what is written is no time; `raw` is the item as it is."""

    begins: datetime | None
    ends: datetime | None
    reason: str
    author: str
    raw: Mapping[str, Any]

    @property
    def problem(self) -> str:
        """Why the guardian does not obey it; "" when it does."""
        if self.begins is None or self.ends is None:
            return "its times cannot be read"
        if not timedelta(0) < self.ends - self.begins <= LONGEST:
            return f"it must last longer than 0 and at most {LONGEST // timedelta(hours=1)} hours"
        return "" if self.reason.strip() and self.author.strip() else "it needs a reason and an author"

    def is_on(self, at: datetime) -> bool:
        """Whether it lowers the guardian at a moment, or will: one that was planned ahead counts as on."""
        return not self.problem and self.ends is not None and at < self.ends

    def has_begun(self, at: datetime) -> bool:
        """Whether its beginning has come."""
        return self.begins is not None and self.begins <= at


def lasts(text: str) -> timedelta:
    """`2h`, `90m` or `1h30m`. Raises ValueError, for a person."""
    found = _LASTS.fullmatch(text.strip())
    span = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0)) if found else timedelta(0)
    if not timedelta(0) < span <= LONGEST:
        raise ValueError(f"{text}: must be more than 0 and at most 4h, written as 2h, 90m or 1h30m")
    return span


def read(session: Session, guard: Guard) -> Answer[Record]:
    """The record of a trail. Needs dynamodb:GetItem."""
    told = session.ask(
        "dynamodb",
        "GetItem",
        region=guard.region,
        what=f"ledger {guard.table}",
        params={"TableName": guard.table, "Key": _key(guard), "ConsistentRead": True},
    )
    item = told.map(lambda answer: answer.get("Item"))
    return item.then(lambda known: Found(_record(known)) if known else Nothing(f"maintenance of {guard.trail}"))


def put(
    session: Session, guard: Guard, *, begins: datetime, ends: datetime, reason: str, author: str, over: Record | None
) -> Answer[bool]:
    """Write a record in the place of `over`, what was read; `Nothing` when it has changed. Needs dynamodb:PutItem."""
    item = {
        **_key(guard),
        "begins": {"S": written(begins)},
        "ends": {"S": written(ends)},
        "reason": {"S": reason},
        "author": {"S": author},
        "expiresAt": {"N": str(round((ends + KEPT).timestamp()))},
    }
    condition, values = _unchanged(over)
    return _changed(
        session,
        "PutItem",
        guard,
        {"TableName": guard.table, "Item": item, "ConditionExpression": condition, **_values(values)},
    )


def end(session: Session, guard: Guard, record: Record, *, at: datetime) -> Answer[bool]:
    """Set its end to now, so that its end can be told. Needs dynamodb:UpdateItem.

    An end before its beginning would be no record that the guardian obeys, so the beginning goes along.
    """
    condition, values = _unchanged(record)
    begins, change = record.begins, "SET ends = :ends"
    if begins is None or begins >= at:
        begins, change = at - timedelta(seconds=1), "SET begins = :begins, ends = :ends"
        values[":begins"] = {"S": written(begins)}
    values[":ends"] = {"S": written(max(at, begins + timedelta(seconds=1)))}
    return _changed(
        session,
        "UpdateItem",
        guard,
        {
            "TableName": guard.table,
            "Key": _key(guard),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        },
    )


def written(at: datetime) -> str:
    """A moment in the record's form."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _key(guard: Guard) -> dict[str, Any]:
    return {"trail": {"S": guard.trail_arn}, "id": {"S": ITEM}}


def _unchanged(record: Record | None) -> tuple[str, dict[str, Any]]:
    """The condition that the item is still the one that was read. Its times are compared as they are written."""
    if record is None:
        return "attribute_not_exists(id)", {}
    seen = {name: record.raw.get(name) for name in ("begins", "ends")}
    parts = [f"{name} = :seen_{name}" if value else f"attribute_not_exists({name})" for name, value in seen.items()]
    return " AND ".join(parts), {f":seen_{name}": value for name, value in seen.items() if value}


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"ExpressionAttributeValues": dict(values)} if values else {}


def _changed(session: Session, operation: str, guard: Guard, params: Mapping[str, Any]) -> Answer[bool]:
    told: Answer[Any] = session.ask(
        "dynamodb",
        operation,
        region=guard.region,
        what=f"maintenance of {guard.trail}",
        none_if=("ConditionalCheckFailedException",),
        params=params,
    )
    return told.map(lambda _: True)


def _record(item: Mapping[str, Any]) -> Record:
    return Record(
        begins=_time(item.get("begins")),
        ends=_time(item.get("ends")),
        reason=_text(item.get("reason")),
        author=_text(item.get("author")),
        raw=item,
    )


def _text(value: Any) -> str:
    return str(value.get("S") or "") if isinstance(value, Mapping) else ""


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
