"""When alarms are muted on purpose: the windows of an alarm mute rule, as the deployment worked them out.

Nothing here knows time zones: a function has no list of them. The deployment wrote down when the zone's clocks change.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Self

from common.shapes import parse_time

_DAY = timedelta(days=1)


class Window(NamedTuple):
    """A span of time up to `end`, which is out of it. Both in UTC."""

    start: datetime
    end: datetime


class Windows(NamedTuple):
    """Windows of one rule, which last for `duration` each.

    They begin `once`, or whenever all the other fields of the clock and the calendar fit (Sunday is 0), by the clocks
    of a zone that is so far from UTC: `offsets` are (from when on, in seconds of the epoch, how far). The rule counts
    from `start` on and up to `until` (UTC).
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    once: datetime | None
    duration: timedelta
    offsets: tuple[tuple[int, int], ...]
    start: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From {"minutes", "hours", "days", "months", "weekdays", "once", "duration" in seconds, "offsets", "start",
        "until"}; `once` has no zone.
        """
        return cls(
            **{name: frozenset(data[name]) for name in ("minutes", "hours", "days", "months", "weekdays")},
            once=datetime.fromisoformat(data["once"]) if data["once"] else None,
            duration=timedelta(seconds=data["duration"]),
            offsets=tuple((since, offset) for since, offset in data["offsets"]),
            start=parse_time(data["start"]),
            until=parse_time(data["until"]),
        )

    def between(self, first: datetime, last: datetime) -> list[Window]:
        """Windows that lie in a span of time, be it only with a part, in order and whole. Moments in UTC."""
        found: list[Window] = []
        for moment in self._moments((first - self.duration).date() - _DAY, last.date() + _DAY):
            begin = self._utc(moment)
            end = min(begin + self.duration, self.until) if self.until else begin + self.duration
            if begin <= last and end > max(begin, first) and (self.start is None or begin >= self.start):
                found.append(Window(begin, end))
        return found

    def at(self, moment: datetime) -> Window | None:
        """The window that a moment lies in; of several the one that ends last."""
        inside = (each for each in self.between(moment, moment) if each.start <= moment < each.end)
        return max(inside, key=lambda each: each.end, default=None)

    def _moments(self, first: date, last: date) -> Iterator[datetime]:
        """When windows begin by the clocks of the zone, in some days."""
        if self.once:
            yield self.once
            return
        times = [time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        day = first
        while day <= last:
            if day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays:
                yield from (datetime.combine(day, each) for each in times)
            day += _DAY

    def _utc(self, moment: datetime) -> datetime:
        """A moment of the zone's clocks. In the hour that comes twice it is the first, in one that is left out the
        offset from before holds (as Python's zoneinfo has it).
        """
        clock = moment.replace(tzinfo=UTC).timestamp()
        offset = self.offsets[0][1]
        for since, later in self.offsets[1:]:
            if clock < since + max(offset, later):
                break
            offset = later
        return datetime.fromtimestamp(clock - offset, UTC)
