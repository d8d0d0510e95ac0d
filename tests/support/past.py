"""A made-up past of an account, in files as CloudTrail writes them: routine, some noise, a few incidents."""

from __future__ import annotations

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

import catalog

RECORDS = Path(catalog.__file__).parent / "records"
ACCOUNT = "111122223333"
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
EVENTS_A_FILE = 1_000

# (record, part of all events): what an account does all day, and what somebody should see.
MIX = (
    ("ec2-describe-instances", 30.0),
    ("sts-get-caller-identity", 18.0),
    ("kms-generate-data-key-by-service", 16.0),
    ("s3-list-buckets", 12.0),
    ("iam-list-roles", 8.0),
    ("monitoring-describe-alarms", 8.0),
    ("trail-describe", 4.0),
    ("s3-head-bucket-denied", 2.0),
    ("iam-list-users-denied", 0.5),
    ("ec2-authorize-ingress", 0.3),
    ("signin-user", 0.3),
    ("iam-put-role-policy", 0.1),
    ("signin-failed", 0.1),
    ("trail-stop-logging", 0.02),
    ("signin-root", 0.01),
)


def record(name: str, **change: Any) -> dict[str, Any]:
    """One of the catalogue's records, with some fields at the top changed."""
    return {**json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8")), **change}


def events(number: int, *, days: int, seed: int = 2026) -> Iterator[dict[str, Any]]:
    """So many events over so many days, in the order of their times; the same for the same arguments."""
    chance = random.Random(seed)
    records = [record(name) for name, _ in MIX]
    weights = [weight for _, weight in MIX]
    step = timedelta(days=days).total_seconds() / number
    for count in range(number):
        at = BEGIN + timedelta(seconds=count * step)
        (base,) = chance.choices(records, weights)
        yield {
            **base,
            "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventID": str(uuid.UUID(int=chance.getrandbits(128))),
            "requestID": str(uuid.UUID(int=chance.getrandbits(128))),
            "sourceIPAddress": base["sourceIPAddress"]
            if chance.random() < 0.5
            else f"10.{chance.randrange(4)}.{chance.randrange(8)}.{chance.randrange(8)}",
        }


def write_past(
    folder: Path, number: int, *, days: int, seed: int = 2026, events_a_file: int = EVENTS_A_FILE
) -> list[Path]:
    """The events in gzipped files, laid out as in a trail's bucket. Returns the files."""
    files: list[Path] = []
    batch: list[dict[str, Any]] = []
    for event in events(number, days=days, seed=seed):
        batch.append(event)
        if len(batch) == events_a_file:
            files.append(write_file(folder, batch, number=len(files)))
            batch = []
    if batch:
        files.append(write_file(folder, batch, number=len(files)))
    return files


def write_file(folder: Path, batch: list[dict[str, Any]], *, number: int) -> Path:
    """One file of a trail, under the day of its first event."""
    day = batch[0]["eventTime"][:10].replace("-", "/")
    path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/{day}"
    path.mkdir(parents=True, exist_ok=True)
    stamp = f"{day.replace('/', '')}T0000Z_{number:016}"
    file = path / f"{ACCOUNT}_CloudTrail_eu-west-1_{stamp}.json.gz"
    file.write_bytes(gzip.compress(orjson.dumps({"Records": batch}), compresslevel=6))
    return file
