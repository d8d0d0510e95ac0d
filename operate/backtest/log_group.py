"""A log group that CloudTrail writes to, as pieces of work: slices of time, each read page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from account import Access
from operate.backtest.clients import AccessError, client_of, denied
from operate.backtest.counts import Counts
from operate.backtest.reading import Message
from operate.event_text import as_record

SLICE = timedelta(hours=12)
EARLY, LATE = timedelta(minutes=15), timedelta(minutes=15)
"""FilterLogEvents selects by the time of the log event, which is not that of the call: the window is a little wider,
and the range is held by `eventTime`."""


@dataclass(frozen=True)
class Slice:
    """Some hours of a log group; `start` and `end` (excluded) are milliseconds since 1970."""

    access: Access
    group: str
    start: int
    end: int

    @property
    def size(self) -> int:
        """Seconds."""
        return (self.end - self.start) // 1000

    def read(self, counts: Counts) -> Iterator[tuple[str, Iterable[Message]]]:
        """(name, events) of the slice."""
        try:
            yield self.group, self._events(counts)
        except AccessError as error:
            counts.fail(str(error))

    def _events(self, counts: Counts) -> Iterator[Message]:
        from botocore.exceptions import BotoCoreError, ClientError

        client = client_of(self.access, "logs")
        pages = client.get_paginator("filter_log_events")
        try:  # pages may be empty while the token goes on, and the paginator goes on with it
            for page in pages.paginate(logGroupName=self.group, startTime=self.start, endTime=self.end - 1):
                for entry in page["events"]:
                    message = entry["message"]
                    counts.size += len(message)
                    yield as_record(message), message
        except (ClientError, BotoCoreError) as error:
            problem = denied(f"FilterLogEvents of {self.group}", "logs:FilterLogEvents on the log group", error)
            counts.fail(str(problem))


class LogGroup:
    """The events of a log group within a range of time."""

    unit = "seconds"

    def __init__(self, name: str, access: Access, *, first: datetime, last: datetime) -> None:
        """From `first`, before `last`."""
        self._name, self._access = name, access
        self._first, self._last = first - EARLY, min(last + LATE, datetime.now(UTC) + LATE)
        self.size = max(int((self._last - self._first).total_seconds()), 0)

    def pieces(self) -> Iterator[Slice]:
        """A few hours at a time. Raises AccessError if there is no such log group."""
        self._look()
        start = self._first
        while start < self._last:
            end = min(start + SLICE, self._last)
            yield Slice(self._access, self._name, _ms(start), _ms(end))
            start = end

    def _look(self) -> None:
        """Find out at once, and not slice by slice, that the group is not there or may not be read."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = client_of(self._access, "logs")
            client.filter_log_events(
                logGroupName=self._name, startTime=_ms(self._first), endTime=_ms(self._last), limit=1
            )
        except (ClientError, BotoCoreError) as error:
            call = f"FilterLogEvents of {self._name}"
            raise denied(call, "logs:FilterLogEvents on the log group", error) from error


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
