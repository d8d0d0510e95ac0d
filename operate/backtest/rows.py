"""The rows of Athena's answer, counted as events are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from operate.backtest.counts import Counts, WatchCounts, minute_of
from operate.backtest.sql import ALL

_IDENTITY = ("type", "arn", "userName", "principalId", "invokedBy")


def add_rows(rows: Iterable[Mapping[str, str | None]], counts: Counts) -> None:
    """Count the rows of a query of `sql.query`; each stands for as many events as it says."""
    for row in rows:
        name, time, count = row.get("name") or ALL, row.get("minute") or "", int(row.get("events") or 0)
        if name == ALL:
            counts.days[time] = counts.days.get(time, 0) + count
            counts.addresses.add(row.get("sourceipaddress") or "-", count)
            continue
        if name not in counts.watches:
            counts.watches[name] = WatchCounts()
        counts.watches[name].add(_record(row), day=time[:10], minute=minute_of(time), count=count)


def _record(row: Mapping[str, str | None]) -> dict[str, object]:
    """As much of an event as is left in the answer."""
    names = {
        "type": "type",
        "arn": "arn",
        "username": "userName",
        "principalid": "principalId",
        "invokedby": "invokedBy",
    }
    identity: dict[str, object] = {ours: row[theirs] for theirs, ours in names.items() if row.get(theirs)}
    if row.get("issuer"):
        identity["sessionContext"] = {"sessionIssuer": {"arn": row["issuer"]}}
    return {
        "eventName": row.get("eventname"),
        "sourceIPAddress": row.get("sourceipaddress"),
        "userIdentity": identity,
    }
