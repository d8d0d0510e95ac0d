"""Small words that several checks need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta


def age(time: timedelta) -> str:
    """`9 h`, `40 min`, `3 d`: as coarse as a person says it."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def named(names: Iterable[str], *, most: int = 4) -> str:
    """`a, b and 3 more`."""
    listed = sorted(set(names))
    shown = listed[:most] if len(listed) > most else listed
    more = len(listed) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
