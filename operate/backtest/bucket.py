"""CloudTrail files in S3 as pieces of work: listed by day, fetched by several threads in each process."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from account import Access
from operate.backtest.clients import AccessError, client_of, denied
from operate.backtest.counts import Counts
from operate.backtest.folder import PIECE_BYTES, PIECE_FILES
from operate.backtest.reading import Message, messages
from operate.event_text import EventsError
from operate.events import is_event_file

FETCHED_AT_ONCE = 8
LATE = timedelta(days=1)
"""Files lie under the day of their delivery, which may be the day after that of their events."""
_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_DATED = re.compile(r"/(\d{4})/(?:(\d{2})/(?:(\d{2})/)?)?$")
_NOT_EVENTS = ("CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-Aggregated")


@dataclass(frozen=True)
class Objects:
    """Some objects of a bucket. `size` is what they take there, in bytes."""

    access: Access
    bucket: str
    keys: tuple[str, ...]
    size: int

    def read(self, counts: Counts) -> Iterator[tuple[str, Iterable[Message]]]:
        """(URL, events) of each object."""
        counts.size += self.size
        client = client_of(self.access, "s3")
        with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
            for start in range(0, len(self.keys), FETCHED_AT_ONCE):  # no more bodies in memory than that
                keys = self.keys[start : start + FETCHED_AT_ONCE]
                for key, body in zip(keys, pool.map(lambda each: _fetch(client, self.bucket, each), keys), strict=True):
                    url = f"s3://{self.bucket}/{key}"
                    if isinstance(body, bytes):
                        yield url, messages(io.BytesIO(body), url)
                    else:
                        counts.fail(f"{url}: {body}")


def _fetch(client: Any, bucket: str, key: str) -> bytes | AccessError:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        return denied("GetObject", "s3:GetObject (and kms:Decrypt for the key of the trail)", error)


class Bucket:
    """The event files below `s3://bucket/prefix`, of some days."""

    unit = "bytes"
    size = None
    """Not known before everything is listed."""

    def __init__(self, url: str, access: Access, *, first: date | None, last: date | None) -> None:
        """`first` and `last` are days, both included. Raises EventsError on what is no such URL."""
        match = _URL.fullmatch(url)
        if match is None:
            raise EventsError(f"{url}: not a place in S3; write s3://bucket or s3://bucket/prefix")
        self._bucket, self._prefix = match["bucket"], (match["prefix"] or "")
        self._access, self._first, self._last = access, first, last and last + LATE

    def pieces(self) -> Iterator[Objects]:
        """Some objects at a time, as they are listed. Raises AccessError, EventsError if there are none."""
        client = client_of(self._access, "s3")
        keys: list[str] = []
        total = 0
        is_empty = True
        for key, size in self._objects(client, self._prefix):
            is_empty = False
            keys.append(key)
            total += size
            if total >= PIECE_BYTES or len(keys) >= PIECE_FILES:
                yield Objects(self._access, self._bucket, tuple(keys), total)
                keys, total = [], 0
        if keys:
            yield Objects(self._access, self._bucket, tuple(keys), total)
        if is_empty:
            raise EventsError(f"s3://{self._bucket}/{self._prefix}: no CloudTrail file of these days")

    def _objects(self, client: Any, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, bytes) of each event file, folder by folder, so that the days outside the range are never listed."""
        for page in _pages(client, self._bucket, prefix):
            for entry in page.get("Contents", ()):
                if is_event_file(entry["Key"]):
                    yield entry["Key"], entry["Size"]
            for folder in page.get("CommonPrefixes", ()):
                if self._is_wanted(folder["Prefix"]):
                    yield from self._objects(client, folder["Prefix"])

    def _is_wanted(self, folder: str) -> bool:
        """Whether a folder may hold events of the range: `…/2026/`, `…/2026/03/`, `…/2026/03/02/`."""
        if any(f"/{name}/" in f"/{folder}" for name in _NOT_EVENTS):
            return False
        match = _DATED.search(f"/{folder}")
        if match is None:
            return True
        parts = [part for part in match.groups() if part]
        written = "-".join(parts)
        first, last = ((each.isoformat() if each else None) for each in (self._first, self._last))
        return (first is None or written >= first[: len(written)]) and (last is None or written <= last[: len(written)])


def _pages(client: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    except (ClientError, BotoCoreError) as error:
        raise denied(f"ListObjectsV2 of {bucket}", "s3:ListBucket on that bucket", error) from error
