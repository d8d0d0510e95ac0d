"""The event history of one region (LookupEvents): needs no trail, holds management events of 90 days, and is slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from account import Access
from operate.backtest.clients import client_of, denied
from operate.backtest.counts import Counts
from operate.backtest.reading import Message
from operate.event_text import as_record

KEPT = timedelta(days=90)
"""How long AWS keeps the event history (CloudTrail User Guide, "Working with CloudTrail event history")."""
SLICE = timedelta(hours=12)


@dataclass(frozen=True)
class History:
    """Some hours of the event history; `start` and `end` (excluded) are seconds since 1970."""

    access: Access
    start: int
    end: int

    @property
    def size(self) -> int:
        """Seconds."""
        return self.end - self.start

    def read(self, counts: Counts) -> Iterator[tuple[str, Iterable[Message]]]:
        """(name, events) of the slice."""
        yield "event history", self._events(counts)

    def _events(self, counts: Counts) -> Iterator[Message]:
        from botocore.exceptions import BotoCoreError, ClientError

        pages = client_of(self.access, "cloudtrail").get_paginator("lookup_events")
        try:
            for page in pages.paginate(
                StartTime=datetime.fromtimestamp(self.start, UTC), EndTime=datetime.fromtimestamp(self.end - 1, UTC)
            ):
                for entry in page["Events"]:
                    message = entry.get("CloudTrailEvent", "")
                    counts.size += len(message)
                    yield as_record(message), message
        except (ClientError, BotoCoreError) as error:
            counts.fail(str(denied("LookupEvents", "cloudtrail:LookupEvents", error)))


class EventHistory:
    """What LookupEvents holds of a range of time."""

    unit = "seconds"

    def __init__(self, access: Access, *, first: datetime, last: datetime) -> None:
        """From `first`, before `last`; what lies before the 90 days that AWS keeps is not asked for."""
        now = datetime.now(UTC)
        self._access = access
        self._first, self._last = max(first, now - KEPT), min(last, now + timedelta(minutes=1))
        self.size = max(int((self._last - self._first).total_seconds()), 0)

    def pieces(self) -> Iterator[History]:
        """Some hours at a time. AWS allows two calls a second for each account and region, whoever makes them."""
        start, end = int(self._first.timestamp()), int(self._last.timestamp())
        while start < end:
            yield History(self._access, start, min(start + int(SLICE.total_seconds()), end))
            start += int(SLICE.total_seconds())
