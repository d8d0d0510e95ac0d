"""Sample events: a whole CloudTrail record from `catalog/records` with the one thing changed that decides."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.model import Sample
from catalog.tables import Table, suggestion

ACTOR_KEYS = ("userIdentity", "sourceIPAddress", "userAgent", "sessionCredentialFromConsole")
"""What `by` takes over from another record: who called, from where, and with what."""

SAMPLE_IDS = uuid.UUID("5d2a7a0e-0a57-5c0c-9a62-6f7c0c3a8f10")
"""Name space of the samples' event ids. They are made from set and sample, so they never change by themselves."""


class RecordError(ValueError):
    """A sample asks for something that its record does not have."""


class Records:
    """The records of one folder, each read when it is first needed. `where` names the folder in messages."""

    def __init__(self, folder: Path, where: str) -> None:
        self.folder, self.where = folder, where
        self._read: dict[str, dict[str, Any]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all records, without the ending."""
        return frozenset(path.stem for path in self.folder.glob("*.json"))

    def get(self, name: str) -> dict[str, Any]:
        """One record as parsed JSON, a fresh copy. Raises RecordError if it is not one JSON object."""
        if name not in self._read:
            try:
                record = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise RecordError(f"{self.where}/{name}.json: {error}") from error
            if not isinstance(record, dict):
                raise RecordError(f"{self.where}/{name}.json: must be one JSON object")
            self._read[name] = record
        return copy.deepcopy(self._read[name])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one sample is made. Paths are dotted; a number steps into a list."""

    where: str
    records: Records
    record: str
    event_id: str
    by: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    null: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __call__(self) -> dict[str, Any]:
        """The event, fresh. Raises RecordError where a path does not lead anywhere."""
        event = self.records.get(self.record)
        event["eventID"] = self.event_id
        if self.by:
            actor = self.records.get(self.by)
            for key in ACTOR_KEYS:
                event.pop(key, None)
            event |= {key: actor[key] for key in ACTOR_KEYS if key in actor}
        for path in self.remove:
            parent, key = self._parent(event, path)
            try:
                del parent[key]
            except (KeyError, IndexError):
                raise RecordError(f"{self.where}: remove: {self.record} has no {path}") from None
        for path, value in {**self.change, **dict.fromkeys(self.null)}.items():
            parent, key = self._parent(event, path)
            if isinstance(parent, list) and not -len(parent) <= key < len(parent):
                raise RecordError(f"{self.where}: change: {self.record} has no {path}")
            parent[key] = copy.deepcopy(value)
        return event

    def _parent(self, event: dict[str, Any], path: str) -> tuple[Any, Any]:
        """Container and last key of a dotted path; the container has to exist, so a typing error cannot hide."""
        *way, last = path.split(".")
        node: Any = event
        for step in way:
            try:
                node = node[int(step)] if isinstance(node, list) else node[step]
            except (KeyError, IndexError, ValueError, TypeError):
                raise RecordError(f"{self.where}: {self.record} has no {path!r} (stopped at {step!r})") from None
        if isinstance(node, list):
            return node, int(last)
        if not isinstance(node, dict):
            raise RecordError(f"{self.where}: {self.record} has no {path!r}: nothing can lie below {way[-1]!r}")
        return node, last


def read_samples(table: Table, *, owner: str, records: Records, matches: bool | None = None) -> Iterator[Sample]:
    """The samples of one table of a set file: one, or one for each entry of `calls`.

    Keys: `why`, `record`, `matches` (unless the caller knows it), and optionally `by` (a record whose caller makes
    this call), `change` (dotted path to value), `null` and `remove` (lists of dotted paths), and `calls`: event name
    to the request parameters of that call, each of which becomes a sample of its own.
    """
    why = table.text("why")
    record = _record_name(table, "record", records)
    by = _record_name(table, "by", records) if "by" in table else ""
    expected = table.flag("matches") if matches is None else matches
    change, null, remove = table.free("change"), table.texts("null", default=()), table.texts("remove", default=())
    calls = table.free("calls")
    table.done()
    if wrong := [name for name, request in calls.items() if not isinstance(request, dict)]:
        table.complain("calls", f"{wrong[0]}: must be a table of request parameters")
        return
    variants = {
        f"{why}: {name}": change | {"eventName": name, "requestParameters": request or None}
        for name, request in calls.items()
    } or {why: change}
    for title, changes in variants.items():
        recipe = Recipe(
            where=table.where,
            records=records,
            record=record,
            event_id=str(uuid.uuid5(SAMPLE_IDS, f"{owner}/{title}")),
            by=by,
            change=changes,
            null=null,
            remove=remove,
        )
        yield Sample(why=title, record=record, matches=expected, build=recipe)


def _record_name(table: Table, key: str, records: Records) -> str:
    name = table.text(key)
    if name and name not in records.names:
        table.complain(key, f"there is no {records.where}/{name}.json{suggestion(name, records.names)}")
    return name
