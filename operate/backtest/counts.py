"""What is counted while events go by: for each watch its minutes, callers, addresses and who does what regularly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from operate.backtest.heavy import Heavy
from operate.backtest.identity import Identity, identity_of
from operate.backtest.minutes import Minutes
from operate.backtest.reading import Message
from operate.backtest.watching import Watching
from operate.describe import caller

MOST_NAMES = 1_000
"""Different callers, addresses and origins that are counted exactly, for each watch."""
MOST_ADDRESSES = 10_000
"""The same for the addresses of all events."""
MOST_UNREAD = 20
"""Problems of single files that are kept in words."""
_FIRST_DAY = date(2013, 1, 1).toordinal()  # the year in which CloudTrail began
_TIME_LENGTH = len("2026-03-02T09:30:00Z")
_LONGEST = 256


class Origin(NamedTuple):
    """A caller and what it called: what a suppression can be made of."""

    identity: Identity
    event_name: str


@dataclass
class WatchCounts:
    """What one watch saw."""

    minutes: Minutes = field(default_factory=Minutes)
    callers: Heavy[str] = field(default_factory=lambda: Heavy(MOST_NAMES))
    addresses: Heavy[str] = field(default_factory=lambda: Heavy(MOST_NAMES))
    origins: Heavy[Origin] = field(default_factory=lambda: Heavy(MOST_NAMES))
    suppressed: Minutes = field(default_factory=Minutes)
    """Those of the minutes' events that a suppression of the stack leaves out of the mails."""
    days: dict[Identity, int] = field(default_factory=dict)
    """The days on which a caller was seen, one bit for each; kept for the callers in `origins`."""

    def add(self, record: Mapping[str, Any], *, day: str, minute: int, count: int = 1) -> None:
        """Count matching events that have all of this in common."""
        self.minutes.add(day, minute, count)
        self.callers.add(caller(record)[:_LONGEST] or "-", count)
        self.addresses.add(text_of(record, "sourceIPAddress"), count)
        identity = identity_of(record)
        self.origins.add(Origin(identity, text_of(record, "eventName")), count)
        bit = max(date.fromisoformat(day).toordinal() - _FIRST_DAY, 0)
        self.days[identity] = self.days.get(identity, 0) | 1 << bit
        if len(self.days) > 4 * MOST_NAMES:
            self._forget_days()

    def merge(self, other: WatchCounts) -> None:
        """Add what was counted elsewhere."""
        self.minutes.merge(other.minutes)
        self.suppressed.merge(other.suppressed)
        self.callers.merge(other.callers)
        self.addresses.merge(other.addresses)
        self.origins.merge(other.origins)
        for identity, bits in other.days.items():
            self.days[identity] = self.days.get(identity, 0) | bits
        if len(self.days) > 4 * MOST_NAMES:
            self._forget_days()

    def _forget_days(self) -> None:
        kept = {origin.identity for origin in self.origins}
        self.days = {identity: bits for identity, bits in self.days.items() if identity in kept}


@dataclass
class Counts:
    """What was seen in a part of the events, or in all of them. Parts merge in any order."""

    watches: dict[str, WatchCounts] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    """All events of each day."""
    addresses: Heavy[str] = field(default_factory=lambda: Heavy(MOST_ADDRESSES))
    """All events by address."""
    bursts: Heavy[tuple[str, str, int]] = field(default_factory=lambda: Heavy(MOST_ADDRESSES))
    """Calls of one address in one slot of a day: (address, day, number of the slot)."""
    sources: int = 0
    """Files, objects or slices that were read."""
    size: int = 0
    """Bytes of them, as they lie there."""
    outside: int = 0
    """Events before or after the range."""
    timeless: int = 0
    """What has no readable `eventTime`, and lines that are no events."""
    unread: list[str] = field(default_factory=list)
    """What could not be read, and why."""
    unread_more: int = 0
    """How many more there are than `unread` names."""

    @property
    def events(self) -> int:
        """Events within the range."""
        return sum(self.days.values())

    def fail(self, problem: str) -> None:
        """Note that something could not be read."""
        if len(self.unread) < MOST_UNREAD:
            self.unread.append(problem)
        else:
            self.unread_more += 1

    def merge(self, other: Counts) -> None:
        """Add what was counted elsewhere."""
        for name, theirs in other.watches.items():
            if name in self.watches:
                self.watches[name].merge(theirs)
            else:
                self.watches[name] = theirs
        for day, count in other.days.items():
            self.days[day] = self.days.get(day, 0) + count
        self.addresses.merge(other.addresses)
        self.bursts.merge(other.bursts)
        self.sources += other.sources
        self.size += other.size
        self.outside += other.outside
        self.timeless += other.timeless
        for problem in other.unread:
            self.fail(problem)
        self.unread_more += other.unread_more


def count_events(events: Iterable[Message], watching: Watching, counts: Counts) -> None:
    """Evaluate every watch on every event and count. Raises what reading the events raises."""
    matches, text_matches, first, last = watching.matches, watching.text_matches, watching.first, watching.last
    is_known, slot, days, watches = watching.is_known, watching.slot, counts.days, counts.watches
    # Of a part of the events: plain dictionaries are much faster than summaries.
    addresses: dict[tuple[str, str], int] = {}  # by address and minute
    for record, line in events:
        time = record.get("eventTime") if record is not None else None
        if record is None or type(time) is not str or len(time) != _TIME_LENGTH:
            counts.timeless += 1
            continue
        if not first <= time < last:
            counts.outside += 1
            continue
        day = time[:10]
        if day in days:
            days[day] += 1
        elif _is_day(day):
            days[day] = 1
        else:
            counts.timeless += 1
            continue
        address = record.get("sourceIPAddress")
        if type(address) is str and len(address) <= _LONGEST:
            calls = address, time[:16]
            addresses[calls] = addresses.get(calls, 0) + 1
            if len(addresses) > MOST_ADDRESSES:
                _pour(addresses, counts, slot=slot)
        names = matches(record)
        if text_matches is not None:
            names |= text_matches(record, line)
        if not names:
            continue
        minute, is_left_out = minute_of(time), is_known is not None and is_known(record, line, names)
        for name in names:
            ours = watches.get(name)
            if ours is None:
                ours = watches[name] = WatchCounts()
            ours.add(record, day=day, minute=minute)
            if is_left_out:
                ours.suppressed.add(day, minute)
    _pour(addresses, counts, slot=slot)


def _pour(addresses: dict[tuple[str, str], int], counts: Counts, *, slot: int) -> None:
    """Move the calls of a part of the events, by address and minute, into the summaries."""
    by_address: dict[str, int] = {}
    by_slot: dict[tuple[str, str, int], int] = {}
    slots = {minute: (minute[:10], minute_of(minute) // slot) for minute in {minute for _, minute in addresses}}
    for (address, minute), count in addresses.items():
        by_address[address] = by_address.get(address, 0) + count
        if address[:1].isdigit():  # no name of a service, whose calls the deployed rule does not count either
            place = (address, *slots[minute])
            by_slot[place] = by_slot.get(place, 0) + count
    counts.addresses.update(by_address)
    counts.bursts.update(by_slot)
    addresses.clear()


def minute_of(time: str) -> int:
    """The minute of the day of `2026-03-02T09:30:00Z`; what cannot be read counts at midnight."""
    try:
        return (int(time[11:13]) * 60 + int(time[14:16])) % 1440
    except ValueError:
        return 0


def text_of(record: Mapping[str, Any], key: str) -> str:
    """A text of an event, `-` where there is none."""
    value = record.get(key)
    return value[:_LONGEST] if isinstance(value, str) and value else "-"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
