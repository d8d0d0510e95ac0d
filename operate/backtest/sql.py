"""One Athena query that counts every watch: matching events by minute and caller, all events by day and address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import filterpattern
from operate.backtest.span import Span

ALL = ""
"""Stands in the result where a watch's name would, for all events."""
COLUMNS = (
    "name",
    "minute",
    "sourceipaddress",
    "eventname",
    "type",
    "arn",
    "username",
    "principalid",
    "invokedby",
    "issuer",
    "events",
)
"""The columns of the result, in order."""
_IDENTITY = (
    ("eventname", "eventname"),
    ("type", "useridentity.type"),
    ("arn", "useridentity.arn"),
    ("username", "useridentity.username"),
    ("principalid", "CASE WHEN useridentity.arn IS NULL THEN useridentity.principalid END"),
    ("invokedby", "useridentity.invokedby"),
    ("issuer", "useridentity.sessioncontext.sessionissuer.arn"),
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_DATE_FORMATS = {"yyyy/MM/dd": "%Y/%m/%d", "yyyy-MM-dd": "%Y-%m-%d", "yyyyMMdd": "%Y%m%d"}


class SqlError(ValueError):
    """The table cannot be asked so; the message says why."""


@dataclass(frozen=True)
class Table:
    """A table of CloudTrail events: the one of AWS's guide, with whatever partitions it has."""

    database: str
    name: str
    keys: tuple[str, ...] = ()
    """Its partition columns."""
    location: str = ""
    """Where its files lie in S3; empty if nobody knows."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Its properties; those of partition projection say how dates are written."""

    @classmethod
    def parse(cls, text: str) -> Table:
        """From `database.table`. Raises SqlError."""
        database, dot, name = text.partition(".")
        if not (dot and _NAME.fullmatch(database) and _NAME.fullmatch(name)):
            raise SqlError(f"athena:{text}: write athena:database.table")
        return cls(database, name)

    def days(self, first: date, last: date) -> str | None:
        """The condition that leaves the partitions of all other days unread; None if no partition is by day."""
        for key in self.keys:
            written = self.parameters.get(f"projection.{key}.format", "yyyy/MM/dd" if key == "timestamp" else "")
            if written in _DATE_FORMATS:
                low, high = (each.strftime(_DATE_FORMATS[written]) for each in (first, last))
                return f"\"{key}\" BETWEEN '{low}' AND '{high}'"
        if {"year", "month", "day"} <= {*self.keys}:
            month, day = (f"lpad(CAST(\"{key}\" AS varchar), 2, '0')" for key in ("month", "day"))
            dates = f"'{first:%Y/%m/%d}' AND '{last:%Y/%m/%d}'"
            return f"CAST(\"year\" AS varchar) || '/' || {month} || '/' || {day} BETWEEN {dates}"
        return None


@dataclass(frozen=True)
class Question:
    """A query, the watches that it cannot ask about and what the translation of others loses."""

    text: str
    left_out: Mapping[str, str]
    caveats: Mapping[str, tuple[str, ...]]


def query(table: Table, patterns: Mapping[str, str], span: Span, *, days: str | None) -> Question:
    """The query for these patterns. `days` is the condition on the partitions. Raises SqlError if none can be asked."""
    conditions: dict[str, str] = {}
    left_out: dict[str, str] = {}
    caveats: dict[str, tuple[str, ...]] = {}
    for name, pattern in patterns.items():
        try:
            translation = filterpattern.to_athena(pattern)
        except filterpattern.TranslationError as error:
            left_out[name] = f"Athena cannot be asked: {error}"
            continue
        conditions[name] = translation.text
        if translation.caveats:
            caveats[name] = translation.caveats
    if not conditions:
        raise SqlError("; ".join(f"{name}: {why}" for name, why in left_out.items()) or "there is nothing to ask for")
    names = [f"'{ALL}'", *(f"CASE WHEN {condition} THEN '{name}' END" for name, condition in conditions.items())]
    fields = [f"CASE WHEN w.name <> '{ALL}' THEN {expression} END AS {name}" for name, expression in _IDENTITY]
    where = [*([days] if days else []), f"eventtime >= '{span.first_text}'", f"eventtime < '{span.last_text}'"]
    lines = [
        "SELECT w.name,",
        f"  substr(eventtime, 1, CASE WHEN w.name = '{ALL}' THEN 10 ELSE 16 END) AS minute,",
        "  sourceipaddress,",
        *(f"  {field}," for field in fields),
        "  count(*) AS events",
        f'FROM "{table.database}"."{table.name}"',
        "CROSS JOIN UNNEST(filter(ARRAY[",
        ",\n".join(f"  {each}" for each in names),
        "], x -> x IS NOT NULL)) AS w(name)",
        f"WHERE {' AND '.join(where)}",
        f"GROUP BY {', '.join(str(number) for number in range(1, len(COLUMNS)))}",
    ]
    return Question("\n".join(lines), left_out, caveats)
