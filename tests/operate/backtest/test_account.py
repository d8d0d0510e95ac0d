"""An account as the source: a bucket by day, a log group, Athena's request and answer. AWS is moto here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws
from moto.athena.models import QueryResults, athena_backends

import filterpattern
from account import Access
from catalog import EVENT_SETS
from exits import Exit
from operate.backtest import Options, backtest
from operate.backtest.athena import count_with_athena
from operate.backtest.bucket import Bucket
from operate.backtest.clients import client_of, denied, open_session
from operate.backtest.counts import Counts, count_events
from operate.backtest.rows import add_rows
from operate.backtest.span import Span
from operate.backtest.sql import COLUMNS, Table, query
from operate.backtest.watching import Watching
from operate.backtest.work import count_piece
from tests.operate.backtest.conftest import EVENTS, FILES
from tests.support.past import BEGIN, events, record

REGION = "eu-west-1"
HERE = Access(region=REGION)


@pytest.fixture
def aws() -> Iterator[None]:
    """An account in which nothing is."""
    open_session.cache_clear()
    with mock_aws():
        yield
    open_session.cache_clear()


@pytest.fixture
def bucket(aws: None, past: Path) -> str:
    """A bucket with the files of the past, and what else lies in a trail's bucket."""
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    for file in past.rglob("*.gz"):
        s3.put_object(Bucket="trail-logs", Key=str(file.relative_to(past)), Body=file.read_bytes())
    s3.put_object(
        Bucket="trail-logs",
        Key="AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/05/1_CloudTrail-Digest_x.json.gz",
        Body=b"no event",
    )
    s3.put_object(Bucket="trail-logs", Key="AWSLogs/111122223333/readme.txt", Body=b"no event")
    return "trail-logs"


def answer(capsys: pytest.CaptureFixture[str], source: str, **options: Any) -> dict[str, Any]:
    code = backtest(Options(source=source, access=HERE, as_json=True, jobs=1, **options))
    assert code == Exit.OK
    return json.loads(capsys.readouterr().out)


def figures(document: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on where the events lie."""
    keys = ("events", "events_by_day", "watches", "addresses")
    return {key: document[key] for key in keys}


def test_a_bucket_says_what_its_files_say(bucket: str, past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    span = {"first": "2026-03-01", "last": "2026-03-31"}
    found = answer(capsys, f"s3://{bucket}", **span)
    assert figures(found) == figures(answer(capsys, str(past), **span))
    assert (found["read"], found["not_events"], found["unread"]) == (FILES, 0, [])


@pytest.mark.parametrize("prefix", ["", "AWSLogs/111122223333/CloudTrail/", "AWSLogs/111122223333/CloudTrail/eu-"])
def test_only_the_days_of_the_range_are_fetched(bucket: str, past: Path, prefix: str) -> None:
    days = sorted({file.parent.relative_to(past).as_posix()[-10:] for file in past.rglob("*.gz")})
    source = Bucket(f"s3://{bucket}/{prefix}", HERE, first=date(2026, 3, 5), last=date(2026, 3, 10))
    keys = [key for piece in source.pieces() for key in piece.keys]
    fetched = [day for day in days if "2026/03/05" <= day <= "2026/03/11"]  # a day later, because files come late
    assert sorted(key.split("/eu-west-1/")[1][:10] for key in keys) == fetched
    assert 0 < len(fetched) < len(days)


def test_an_object_that_cannot_be_read_is_named(bucket: str) -> None:
    (piece,) = Bucket(f"s3://{bucket}", HERE, first=None, last=None).pieces()
    boto3.client("s3", region_name=REGION).delete_object(Bucket=bucket, Key=piece.keys[0])
    counts = count_piece(piece, Watching({}))
    assert counts.events == EVENTS - EVENTS // FILES
    (problem,) = counts.unread
    assert piece.keys[0] in problem
    assert "NoSuchKey" in problem


@pytest.mark.parametrize(
    ("source", "said"),
    [("s3://nobodys-bucket", "ListObjectsV2 of nobodys-bucket"), ("/aws/none", "FilterLogEvents of /aws/none")],
)
def test_what_is_not_there_is_said(aws: None, capsys: pytest.CaptureFixture[str], source: str, said: str) -> None:
    assert backtest(Options(source=source, access=HERE)) == Exit.NO_ANSWER
    assert said in capsys.readouterr().err


def test_a_right_that_is_missing_is_named() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
    said = str(denied("ListObjectsV2", "s3:ListBucket", error))
    assert said == "ListObjectsV2: AccessDenied: no It needs the action s3:ListBucket."


TABLE = Table(
    "audit",
    "cloudtrail_logs",
    keys=("region", "timestamp"),
    location="s3://trail-logs/AWSLogs/111122223333/CloudTrail/",
    parameters={"projection.timestamp.format": "yyyy/MM/dd"},
)
MARCH = Span.parse("2026-03-02", "2026-03-29")


@pytest.mark.parametrize(
    ("keys", "parameters", "condition"),
    [
        (("region", "timestamp"), {}, "\"timestamp\" BETWEEN '2026/03/02' AND '2026/03/30'"),
        (("day",), {"projection.day.format": "yyyy-MM-dd"}, "\"day\" BETWEEN '2026-03-02' AND '2026-03-30'"),
        (
            ("region", "year", "month", "day"),
            {},
            (
                "CAST(\"year\" AS varchar) || '/' || lpad(CAST(\"month\" AS varchar), 2, '0') || '/' || "
                "lpad(CAST(\"day\" AS varchar), 2, '0') BETWEEN '2026/03/02' AND '2026/03/30'"
            ),
        ),
        (("region",), {}, None),
        (("day",), {"projection.day.format": "EEE"}, None),
    ],
)
def test_partitions_of_other_days_are_left_unread(
    keys: tuple[str, ...], parameters: dict[str, str], condition: str | None
) -> None:
    table = Table("audit", "logs", keys=keys, parameters=parameters)
    assert table.days(date(2026, 3, 2), date(2026, 3, 30)) == condition


LOGS = """
eventtime VARCHAR, eventname VARCHAR, eventsource VARCHAR, sourceipaddress VARCHAR, errorcode VARCHAR,
errormessage VARCHAR, eventtype VARCHAR, "timestamp" VARCHAR, useridentity STRUCT(type VARCHAR, arn VARCHAR,
username VARCHAR, principalid VARCHAR, invokedby VARCHAR, sessioncontext STRUCT(sessionissuer STRUCT(arn VARCHAR)))
"""


def row_of(event: dict[str, Any]) -> list[Any]:
    """An event as the table has it."""
    names = ("eventTime", "eventName", "eventSource", "sourceIPAddress", "errorCode", "errorMessage", "eventType")
    who = event["userIdentity"]
    identity = {key.lower(): who.get(key) for key in ("type", "arn", "userName", "principalId", "invokedBy")}
    issuer = who.get("sessionContext", {}).get("sessionIssuer", {}).get("arn")
    identity["sessioncontext"] = {"sessionissuer": {"arn": issuer}}
    return [*(event.get(name) for name in names), event["eventTime"][:10].replace("-", "/"), identity]


def test_the_query_counts_as_the_files_do() -> None:
    """Athena is not here: DuckDB runs the same statement on the same columns, spelled in its own words."""
    names = ["trail-changes", "unauthorized-api-calls", "iam-policy-changes", "console-signin-failures", "iam-activity"]
    patterns = {name: EVENT_SETS[name].pattern for name in names}
    past = list(events(600, days=9))
    span = Span.parse("2026-03-03T06:00Z", "2026-03-08")  # neither end is that of the partitions
    question = query(TABLE, patterns, span, days=TABLE.days(date(2026, 3, 2), date(2026, 3, 30)))
    text = question.text.replace('"audit"."cloudtrail_logs"', "logs")
    text = text.replace("CROSS JOIN UNNEST(filter(ARRAY[", ", LATERAL (SELECT unnest(list_filter([")
    text = text.replace("], x -> x IS NOT NULL)) AS w(name)", "], lambda x: x IS NOT NULL)) AS name) AS w")
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE logs ({LOGS})")
        database.executemany(f"INSERT INTO logs VALUES ({', '.join('?' * 9)})", [row_of(each) for each in past])
        cursor = database.execute(text)
        assert tuple(column[0] for column in cursor.description or ()) == COLUMNS
        rows = cursor.fetchall()
    ours, theirs = Counts(), Counts()
    count_events([(each, None) for each in past], Watching(patterns, first=span.first_text, last=span.last_text), ours)
    add_rows((dict(zip(COLUMNS, (None if x is None else str(x) for x in row), strict=True)) for row in rows), theirs)
    assert theirs.days == ours.days
    assert theirs.addresses.top() == ours.addresses.top()
    assert theirs.watches.keys() == ours.watches.keys()
    for name, counted in ours.watches.items():
        assert list(theirs.watches[name].minutes.series()) == list(counted.minutes.series()), name
        assert theirs.watches[name].origins.top() == counted.origins.top()
        assert theirs.watches[name].callers.top() == counted.callers.top()
        assert theirs.watches[name].days == counted.days


@pytest.fixture
def table(bucket: str) -> Iterator[None]:
    """The table of the guide, with partition projection, over the bucket. Moto's own catalogue needs more packages."""
    glue = client_of(HERE, "glue")
    found = {
        "Name": TABLE.name,
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in TABLE.keys],
        "Parameters": dict(TABLE.parameters),
        "StorageDescriptor": {"Location": TABLE.location},
    }
    with Stubber(glue) as stubber:
        for _ in range(2):
            stubber.add_response("get_table", {"Table": found}, {"DatabaseName": TABLE.database, "Name": TABLE.name})
        yield


def give_answer(rows: list[list[str | None]]) -> None:
    """What Athena will answer to the next query."""
    cells = [[{"VarCharValue": cell} if cell is not None else {} for cell in row] for row in [list(COLUMNS), *rows]]
    columns = [{"Name": name, "Type": "varchar"} for name in COLUMNS]
    results: Any = QueryResults(rows=[{"Data": row} for row in cells], column_info=columns)
    athena_backends["123456789012"][REGION].query_results_queue.append(results)


def test_athena_is_asked_once_and_only_after_its_price(
    table: None, capsys: pytest.CaptureFixture[str], past: Path
) -> None:
    give_answer(
        [
            ["", "2026-03-02", "203.0.113.77", None, None, None, None, None, None, None, "40"],
            ["trail-changes", "2026-03-02T09:30", "203.0.113.77", "StopLogging", "IAMUser",
             "arn:aws:iam::111122223333:user/mallory", "mallory", None, None, None, "3"],
        ]
    )  # fmt: skip
    options = {"sets": ["trail-changes", "unauthorized-api-calls"], "first": "2026-03-02", "last": "2026-03-29"}
    assert backtest(Options(source="athena:audit.cloudtrail_logs", access=HERE, **options)) == Exit.OK
    captured = capsys.readouterr()
    size = sum(file.stat().st_size for file in past.rglob("*.gz")) / 1e9
    assert f"reads about {size:,.2f} GB, which costs about 0.00 US dollars" in captured.err
    assert "Nothing was read" in captured.err  # nobody was there to say yes
    athena = boto3.client("athena", region_name=REGION)
    assert athena.list_query_executions()["QueryExecutionIds"] == []
    found = answer(capsys, "athena:audit.cloudtrail_logs", yes=True, **options)
    (number,) = athena.list_query_executions()["QueryExecutionIds"]
    run = athena.get_query_execution(QueryExecutionId=number)["QueryExecution"]
    assert run["QueryExecutionContext"] == {"Database": "audit", "Catalog": "AwsDataCatalog"}
    assert "\"timestamp\" BETWEEN '2026/03/02' AND '2026/03/31'" in run["Query"]
    assert filterpattern.to_athena(EVENT_SETS["trail-changes"].pattern).text in run["Query"]
    assert found["events"] == 40
    watch = next(each for each in found["watches"] if each["name"] == "trail-changes")
    assert (watch["matched"], watch["alarm_times"]) == (3, ["2026-03-02T09:30Z"])
    assert watch["callers"][0]["name"] == "mallory"


def test_a_watch_that_athena_cannot_be_asked_for_is_left_out(table: None) -> None:
    give_answer([])
    patterns = {"a": '{ $.eventName = "x" }', "b": '{ $.requestParameters.list[*].name = "y" }', "c": '"text"'}
    source = "athena:audit.cloudtrail_logs"
    found = count_with_athena(source, patterns, MARCH, access=HERE, workgroup=None, yes=True)
    assert found is not None
    assert found[1].keys() == {"b", "c"}


def test_a_log_group_says_what_its_messages_say(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs = boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName="/trail/prod")
    logs.create_log_stream(logGroupName="/trail/prod", logStreamName="eu-west-1_1")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    times = [now - timedelta(minutes=minutes) for minutes in (900, 899, 300, 1)]
    stops = [record("trail-stop-logging", eventTime=f"{at:%Y-%m-%dT%H:%M:%SZ}") for at in times]
    logs.put_log_events(
        logGroupName="/trail/prod",
        logStreamName="eu-west-1_1",
        logEvents=[
            {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(stop)}
            for at, stop in zip(times, stops, strict=True)
        ],
    )
    yesterday = f"{now - timedelta(days=1):%Y-%m-%d}"
    found = answer(capsys, "/trail/prod", sets=["trail-changes"], first=yesterday)
    assert found["events"] == 4
    (watch,) = found["watches"]
    assert watch["matched"] == 4
    assert watch["alarms"] == 3  # the first two are one


def test_the_past_of_the_fixture_begins_when_it_says() -> None:
    assert next(events(1, days=1))["eventTime"] == f"{BEGIN:%Y-%m-%dT%H:%M:%SZ}"
