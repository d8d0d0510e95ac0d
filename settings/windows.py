"""When an alarm mute rule of CloudWatch mutes: its schedule, its duration, and the windows of time that they make.

Source: CloudWatch API reference, PutAlarmMuteRule ("Schedule"). What that page leaves open is refused here rather than
guessed: a day of the week as a number, and days of the month and of the week together.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from settings.problems import CheckError

MIN_DURATION: Final = timedelta(minutes=1)
MAX_DURATION: Final = timedelta(days=15)
SCHEDULE: Final = "cron(MINUTE HOUR DAY-OF-MONTH MONTH DAY-OF-WEEK) such as cron(0 2 * * SUN), or at(2026-12-24T22:00)"
DURATION: Final = "an ISO 8601 duration of days, hours and minutes from PT1M to P15D, such as PT4H or P2DT12H"

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_EXPRESSION: Final = re.compile(r"(?P<kind>cron|at)\((?P<inside>[^()]*)\)", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)
_DURATION: Final = re.compile(r"P(?=.)(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,5})M)?)?", re.ASCII)
_WEEKS: Final = re.compile(r"P(\d{1,2})W", re.ASCII)
_RANGE: Final = re.compile(r"(?P<low>\w+)(?:-(?P<high>\w+))?", re.ASCII)
_LONGEST_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_S: Final = 86_400
# Fixed, so that the same settings make the same archive in every year.
_FIRST_YEAR: Final = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
_LAST_YEAR: Final = round(datetime(2041, 1, 1, tzinfo=UTC).timestamp())
_LOOKED_AT: Final = timedelta(days=62)  # two months: a gap in each month, or in each week, is seen


@dataclass(frozen=True)
class Cron:
    """The values that a moment's fields may have. `weekdays`: Sunday is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def holds_on(self, day: date) -> bool:
        """Whether it comes at all on a day."""
        return day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays

    def moments(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Every moment from `first` to `last`, both ends included and without a zone."""
        times = [time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        for number in range((last.date() - first.date()).days + 1):
            day = first.date() + timedelta(days=number)
            if self.holds_on(day):
                moments = (datetime.combine(day, each) for each in times)
                yield from (moment for moment in moments if first <= moment <= last)


@dataclass(frozen=True)
class Window:
    """A span of time in which a rule mutes: from `start` up to `end`, which is out of it. Both in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Windows:
    """The windows of one rule. `when` is read in `zone`; the rule counts from `start` on and up to `until` (UTC)."""

    when: Cron | datetime
    duration: timedelta
    zone: tzinfo = UTC
    start: datetime | None = None
    until: datetime | None = None

    def between(self, first: datetime, last: datetime) -> list[Window]:
        """Windows that lie in a span of time, be it only with a part, in order and whole. Moments in UTC."""
        found: list[Window] = []
        for begin in self._begins(first - self.duration, last):
            end = begin + self.duration
            if self.until is not None:
                end = min(end, self.until)
            if (self.start is None or begin >= self.start) and end > max(begin, first):
                found.append(Window(begin, end))
        return found

    def at(self, moment: datetime) -> Window | None:
        """The window that a moment lies in; of several the one that ends last."""
        inside = (each for each in self.between(moment, moment) if each.start <= moment < each.end)
        return max(inside, key=lambda each: each.end, default=None)

    def is_over(self, now: datetime) -> bool:
        """Whether it will never mute again."""
        if isinstance(self.when, datetime):
            return self._utc(self.when) + self.duration <= now
        return self.until is not None and self.until <= now

    def never_pauses(self) -> bool:
        """Whether a recurring rule mutes without a pause: every window begins before the one before it has ended."""
        if isinstance(self.when, datetime):
            return False
        first = datetime(2024, 1, 1)  # noqa: DTZ001 (times of no zone, as cron has them)
        muted_until = None
        for begin in self.when.moments(first, first + _LOOKED_AT):
            if muted_until is not None and begin > muted_until:
                return False
            muted_until = begin + self.duration
        return muted_until is not None and muted_until >= first + _LOOKED_AT

    def document(self) -> dict[str, Any]:
        """As the explainer reads it (`explainer.windows`)."""
        once = self.when if isinstance(self.when, datetime) else None
        cron = Cron(*[frozenset[int]()] * 5) if isinstance(self.when, datetime) else self.when
        fields = ("minutes", "hours", "days", "months", "weekdays")
        return {
            **{name: sorted(getattr(cron, name)) for name in fields},
            "once": once.isoformat() if once else None,
            "duration": round(self.duration.total_seconds()),
            "offsets": [list(each) for each in offsets(self.zone)],
            "start": self.start.isoformat() if self.start else None,
            "until": self.until.isoformat() if self.until else None,
        }

    def _begins(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The moments in UTC at which windows begin, by the clocks of the zone."""
        if isinstance(self.when, datetime):
            moments: Iterator[datetime] = iter([self.when])
        else:
            day = timedelta(days=1)  # wider than any zone is off
            moments = self.when.moments(first.replace(tzinfo=None) - day, last.replace(tzinfo=None) + day)
        return (begin for begin in map(self._utc, moments) if first <= begin <= last)

    def _utc(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self.zone).astimezone(UTC)


def offsets(zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """How far the clocks of a zone are from UTC: (from when on, in seconds of the epoch, seconds), for many years.

    For whoever has no list of time zones, such as a function in Lambda. After the last year the last one holds.
    """
    found: list[tuple[int, int]] = []
    at = _FIRST_YEAR
    while at < _LAST_YEAR:
        if not found or _offset(zone, at) != found[-1][1]:
            found.append((_change(zone, at) if found else 0, _offset(zone, at)))
        at += _DAY_S
    return tuple(found)


def _change(zone: tzinfo, after: int) -> int:
    """The minute at which the clocks changed on the day before a moment."""
    low, high = after - _DAY_S, after
    while high - low > 60:
        middle = (low + high) // 120 * 60
        low, high = (low, middle) if _offset(zone, middle) == _offset(zone, high) else (middle, high)
    return high


def _offset(zone: tzinfo, at: int) -> int:
    found = datetime.fromtimestamp(at, zone).utcoffset()
    return round(found.total_seconds()) if found else 0


def parse_schedule(text: str) -> Cron | datetime:
    """The expression of a rule: five fields of cron, or one moment without a zone. Raises CheckError."""
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        raise CheckError("is no schedule", value=text, allowed=SCHEDULE)
    return _cron(text, found["inside"].split()) if found["kind"] == "cron" else _moment(text, found["inside"])


def parse_duration(text: str) -> timedelta:
    """How long each window lasts. Raises CheckError."""
    raw = text.strip()
    found = _DURATION.fullmatch(raw)
    if found is None:
        weeks = _WEEKS.fullmatch(raw)
        raise CheckError(
            "is no duration", value=text, allowed=DURATION, suggestion=f"P{int(weeks[1]) * 7}D" if weeks else None
        )
    days, hours, minutes = (int(each or 0) for each in found.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes)
    if not MIN_DURATION <= duration <= MAX_DURATION:
        raise CheckError(f"is too {'short' if duration < MIN_DURATION else 'long'}", value=text, allowed=DURATION)
    return duration


def _moment(text: str, inside: str) -> datetime:
    try:
        if _MOMENT.fullmatch(inside.strip()):
            return datetime.fromisoformat(inside.strip())
    except ValueError:
        pass
    raise CheckError("is no moment", value=text, allowed="at(2026-12-24T22:00): a day, T, hours and minutes")


def _cron(text: str, fields: list[str]) -> Cron:
    if len(fields) != 5:
        hint = "; the six fields of EventBridge are another language" if len(fields) == 6 else ""
        raise CheckError(f"has {len(fields)} fields, and cron has five here{hint}", value=text, allowed=SCHEDULE)
    minute, hour, day, month, weekday = fields
    if weekday != "*" and any(part.isdecimal() for part in re.split(r"[-,]", weekday)):
        problem = "has a number for the day of the week, and AWS does not say which day is number 1"
        raise CheckError(problem, value=text, allowed=f"names: {', '.join(_WEEKDAYS)}")
    if day != "*" and weekday != "*":
        problem = "has both a day of the month and a day of the week, and AWS does not say whether one is enough"
        raise CheckError(problem, value=text, allowed="a * for one of the two, and two mutes if you need both")
    number = _numbers(text)
    cron = Cron(
        minutes=number(minute, 0, 59, ()),
        hours=number(hour, 0, 23, ()),
        days=number(day, 1, 31, ()),
        months=number(month, 1, 12, _MONTHS),
        weekdays=number(weekday, 0, 6, _WEEKDAYS),
    )
    if all(min(cron.days) > _LONGEST_MONTH[each - 1] for each in cron.months):
        raise CheckError("never comes: no such month has such a day", value=text, allowed="a day that exists")
    return cron


def _numbers(text: str) -> Callable[[str, int, int, tuple[str, ...]], frozenset[int]]:
    """Reads a field: values and ranges with commas between them, or `*` for all; `names` begin at the lowest."""

    def read(field: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
        found: set[int] = set()
        for part in field.split(","):
            if part == "*":
                found |= set(range(low, high + 1))
                continue
            ends = _RANGE.fullmatch(part)
            numbers = [value(each, low, names) for each in ends.groups() if each] if ends else [None]
            first, last = numbers[0], numbers[-1]
            if first is None or last is None or not low <= first <= last <= high:
                allowed = f"*, {low} to {high}" + (f", {names[0]} to {names[-1]}" if names else "")
                problem = f"has {part} in it, which is no value here"
                raise CheckError(problem, value=text, allowed=f"{allowed}, ranges (1-5), and commas between them")
            found |= set(range(first, last + 1))
        return frozenset(found)

    def value(word: str, low: int, names: tuple[str, ...]) -> int | None:
        if word.upper() in names:
            return names.index(word.upper()) + low
        return int(word) if word.isdecimal() and len(word) <= 2 else None

    return read
