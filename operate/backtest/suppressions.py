"""Which callers make the noise of a watch regularly, as filter patterns that leave them out and nobody else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import filterpattern
from operate.backtest.counts import WatchCounts
from operate.backtest.identity import Identity

LEAST_SHARE = 0.1
"""Of a watch's events, below which a suppression is not worth its risk."""
LEAST_DAYS = 3
REGULAR, REGULAR_USER = 0.5, 0.8
"""The share of all days on which a caller must have been seen to be called regular. Users have keys that last, and
whoever got hold of one is regular for a while, so more is asked of them."""
MOST_CALLS = 8
"""Calls that a suppression names; a caller who makes more different ones is no machine with one task."""
COVERED = 0.95
"""The share of a caller's events that the named calls must make up."""
MOST = 5
"""Suppressions that are suggested for one watch."""


@dataclass(frozen=True)
class Suppression:
    """A pattern for the noise of one caller. `share` is the part of the watch's events it removes, 0 to 1."""

    name: str
    pattern: str
    events: int
    share: float
    days: int
    why: str


def suggest(counts: WatchCounts, *, severity: str, days: int) -> list[Suppression]:
    """What could be left out of a watch's mails, the loudest first.

    `days` is how long the past is. Each is bound to an identity and to the calls it was seen to make: never to a user
    agent or an address alone, which the caller chooses or shares. Nothing is suggested for a critical watch.
    """
    total = counts.minutes.total
    if severity == "critical" or not total:
        return []
    calls: dict[Identity, dict[str, int]] = defaultdict(dict)
    for (identity, event_name), count in counts.origins.top():
        calls[identity][event_name] = count
    found = [
        suppression
        for identity, names in calls.items()
        if (suppression := _of(identity, names, total=total, days=days, seen=counts.days.get(identity, 0).bit_count()))
    ]
    return sorted(found, key=lambda each: (-each.events, each.name))[:MOST]


def _of(identity: Identity, names: dict[str, int], *, total: int, days: int, seen: int) -> Suppression | None:
    """The suppression of one caller, None if it is too seldom, too various or cannot be bound."""
    whole = sum(names.values())
    is_regular = seen >= max(LEAST_DAYS, (REGULAR_USER if identity.is_user else REGULAR) * days)
    if not identity.conditions or whole < LEAST_SHARE * total or not is_regular:
        return None
    named = list(names)[:MOST_CALLS]
    events = sum(names[name] for name in named)
    if events < COVERED * whole or any(name == "-" or "*" in name for name in named):
        return None
    pattern = _pattern(identity, named)
    if len(pattern) > filterpattern.MAX_PATTERN_LENGTH:
        return None
    why = f"seen on {seen} of {days} days, {events:,} of {total:,} events; whoever can act as it is not seen there"
    return Suppression(identity.name, pattern, events, events / total, seen, why)


def _pattern(identity: Identity, names: list[str]) -> str:
    conditions = [f"({selector} = {_quoted(value)})" for selector, value in identity.conditions]
    calls = " || ".join(f"($.eventName = {_quoted(name)})" for name in sorted(names))
    return f"{{ {' && '.join([*conditions, f'({calls})' if len(names) > 1 else calls])} }}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
