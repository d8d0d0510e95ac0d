"""A past that is too large for one machine: counted by Athena, with the patterns translated to SQL, in one scan."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from account import Access
from operate.backtest.bucket import Bucket
from operate.backtest.clients import AccessError, client_of, denied, look_first
from operate.backtest.counts import Counts
from operate.backtest.rows import add_rows
from operate.backtest.span import Span
from operate.backtest.sql import COLUMNS, Question, SqlError, Table, query
from operate.console import confirm, note
from operate.event_text import EventsError
from settings.prices import PRICES

CATALOG = "AwsDataCatalog"
LATE = timedelta(days=1)
"""Files lie under the day of their delivery, which may be the day after that of their events."""
LEAST_BYTES = 10_000_000
"""What Athena charges at least for one query."""
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_WAIT_S = 1.0


@dataclass(frozen=True)
class Estimate:
    """What a query will read, before it runs. `size` is in bytes, None where nobody could look."""

    size: int | None
    why: str = ""

    @property
    def dollars(self) -> float | None:
        """What Athena charges for it, None where nobody knows."""
        return None if self.size is None else max(self.size, LEAST_BYTES) / 1e12 * PRICES["athena-terabyte"].dollars

    def __str__(self) -> str:
        if self.size is None:
            return f"how much it reads could not be found out ({self.why})"
        return f"it reads about {self.size / 1e9:,.2f} GB, which costs about {self.dollars:,.2f} US dollars"


def count_with_athena(
    source: str,
    patterns: dict[str, str],
    span: Span,
    *,
    access: Access,
    workgroup: str | None,
    yes: bool,
) -> tuple[Counts, dict[str, str]] | None:
    """(what the table holds, the watches that cannot be asked for); None if the person does not want to pay.

    Raises AccessError, EventsError.
    """
    try:
        named = Table.parse(source.removeprefix("athena:"))
        look_first(access)
        table = describe(named, access)
        first, last = span.closed()
        span = Span(first, last)
        days = table.days(first.date(), (last + LATE).date())
        question = query(table, patterns, span, days=days)
    except SqlError as error:
        raise EventsError(str(error)) from error
    if not _is_wanted(question, estimate(table, access, span, is_pruned=days is not None), is_pruned=days, yes=yes):
        return None
    counts = Counts()
    client = client_of(access, "athena")
    run = _run(client, question.text, table, workgroup=workgroup)
    add_rows(_answer(client, run["QueryExecutionId"]), counts)
    counts.sources, counts.size = 1, run.get("Statistics", {}).get("DataScannedInBytes", 0)
    return counts, dict(question.left_out)


def describe(table: Table, access: Access) -> Table:
    """The table with its partitions and properties, from the catalogue that Athena reads. Raises AccessError."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = client_of(access, "glue").get_table(DatabaseName=table.database, Name=table.name)["Table"]
    except (ClientError, BotoCoreError) as error:
        raise denied(f"GetTable of {table.database}.{table.name}", "glue:GetTable", error) from error
    return replace(
        table,
        keys=tuple(each["Name"] for each in found.get("PartitionKeys", ())),
        parameters=found.get("Parameters", {}),
        location=found.get("StorageDescriptor", {}).get("Location", ""),
    )


def estimate(table: Table, access: Access, span: Span, *, is_pruned: bool) -> Estimate:
    """The size of the table's files of these days. Athena itself tells what a query reads only afterwards."""
    place = table.location
    if not place.startswith("s3://"):
        return Estimate(None, "the table names no place in S3")
    first, last = span.closed()
    days = (first.date(), last.date()) if is_pruned else (None, None)
    try:
        pieces = Bucket(place, access, first=days[0], last=days[1]).pieces()
        return Estimate(sum(piece.size for piece in pieces))
    except AccessError as error:
        return Estimate(None, str(error))
    except EventsError:
        return Estimate(0)


def _is_wanted(question: Question, cost: Estimate, *, is_pruned: str | None, yes: bool) -> bool:
    """Show the query and its price, and ask."""
    note(question.text)
    for name, losses in question.caveats.items():
        note(f"{name}: {'; '.join(losses)}")
    if is_pruned is None:
        note("The table has no partition by day that is known here, so the query reads all of it.")
    note(f"This is the query; {cost}.")
    if yes:
        return True
    if not sys.stdin.isatty():
        note("Add --yes to run it.")
        return False
    return confirm("Run it?", flag="--yes")


def _run(client: Any, text: str, table: Table, *, workgroup: str | None) -> dict[str, Any]:
    """Run a query to its end. Raises AccessError. Ctrl-C stops it in Athena too."""
    from botocore.exceptions import BotoCoreError, ClientError

    asked: dict[str, Any] = {
        "QueryString": text,
        "QueryExecutionContext": {"Database": table.database, "Catalog": CATALOG},
    }
    if workgroup:
        asked["WorkGroup"] = workgroup
    try:
        number = client.start_query_execution(**asked)["QueryExecutionId"]
        try:
            while (run := client.get_query_execution(QueryExecutionId=number)["QueryExecution"])["Status"][
                "State"
            ] not in _ENDED:
                time.sleep(_WAIT_S)
        except KeyboardInterrupt:
            client.stop_query_execution(QueryExecutionId=number)
            raise
    except (ClientError, BotoCoreError) as error:
        raise denied("StartQueryExecution", "athena:StartQueryExecution and athena:GetQueryExecution", error) from error
    if run["Status"]["State"] != "SUCCEEDED":
        raise AccessError(f"Athena: {run['Status']['State'].lower()}: {run['Status'].get('StateChangeReason', '')}")
    return run


def _answer(client: Any, number: str) -> Iterator[dict[str, str | None]]:
    """The rows of the answer. Raises AccessError."""
    from botocore.exceptions import BotoCoreError, ClientError

    is_head = True
    try:
        for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=number):
            for row in page["ResultSet"]["Rows"]:
                cells = [cell.get("VarCharValue") for cell in row["Data"]]
                if not is_head:  # the first row holds the names of the columns
                    yield dict(zip(COLUMNS, cells, strict=True))
                is_head = False
    except (ClientError, BotoCoreError) as error:
        raise denied("GetQueryResults", "athena:GetQueryResults and s3:GetObject on its output", error) from error
