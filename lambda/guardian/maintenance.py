"""Planned work: an expiring record that lowers `restore` to `notify`. Pure; the ledger keeps it.

This is the one place that says what such a record is. It is one item of the ledger, as DynamoDB has it:

    {"trail":   {"S": the trail's ARN},
     "id":      {"S": "maintenance"},
     "begins":  {"S": ISO 8601, in UTC unless it says otherwise},
     "ends":    {"S": the same; after `begins`, and at most 4 hours after it},
     "reason":  {"S": why, not blank; 200 characters of it are told},
     "author":  {"S": who, not blank; 120 characters of it are told},
     "expiresAt": {"N": optional; when DynamoDB may drop the item, in seconds since 1970}}

Other attributes mean nothing. To plan work is to put the item; to end it early is to set `ends` to now, so that its end
can be told (an item that is deleted ends it, too, and people then read less). An item that breaks a rule has no effect
at all, and people are told what is wrong with it.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from common.shapes import parse_time
from common.text import clean

ITEM = "maintenance"
"""The `id` of the item."""
LONGEST = timedelta(hours=4)
BEGINS = f"{ITEM}#"
"""What the keys of its incidents begin with."""


class Maintenance(NamedTuple):
    """Planned work from `begins` until `ends` (UTC), by `author`, for a `reason`. Made by `plan`, read by `read`."""

    begins: datetime
    ends: datetime
    reason: str
    author: str

    def is_on(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.begins <= at < self.ends

    @property
    def beginning(self) -> str:
        """What the keys of its incidents begin with, however often its end was moved."""
        return f"{BEGINS}{self.begins:%Y-%m-%dT%H:%M:%SZ}/"

    @property
    def key(self) -> str:
        """The key of its incident, open from its first mail until its last. Who moves its end makes another: people
        believe the end that they were told.
        """
        return f"{self.beginning}{self.ends:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def what(self) -> str:
        """The work in a sentence."""
        return f"Maintenance by {clean(self.author, 120)}: {clean(self.reason, 200)}"

    def document(self) -> dict[str, str]:
        """The record's own attributes, as texts."""
        return {
            "begins": self.begins.isoformat(),
            "ends": self.ends.isoformat(),
            "reason": self.reason,
            "author": self.author,
        }


class Unusable(NamedTuple):
    """A record that has no effect, and why, in words."""

    problems: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of its incident: another for other problems."""
        return f"{ITEM}-unusable#{hashlib.sha256(repr(self.problems).encode()).hexdigest()[:16]}"


def plan(*, begins: datetime, lasts: timedelta, reason: str, author: str) -> Maintenance:
    """A record that may be written. Raises ValueError, person-ready, listing everything that is wrong."""
    problems = _problems(lasts=lasts, reason=reason, author=author)
    if problems:
        raise ValueError("maintenance: " + "; ".join(problems))
    return Maintenance(begins=begins, ends=begins + lasts, reason=reason.strip(), author=author.strip())


def read(document: Mapping[str, Any]) -> Maintenance | Unusable | None:
    """The record in a ledger item: None when there is no item. Total, whatever somebody wrote."""
    if not document:
        return None
    begins, ends = parse_time(document.get("begins")), parse_time(document.get("ends"))
    reason, author = _text(document.get("reason"), 200), _text(document.get("author"), 120)
    problems = [
        f"its {name} is no time: ISO 8601 is needed, such as 2026-11-21T03:00:00Z"
        for name, at in {"begins": begins, "ends": ends}.items()
        if at is None
    ]
    lasts = ends - begins if begins and ends else None
    problems += _problems(lasts=lasts, reason=reason, author=author)
    if problems or begins is None or ends is None:
        return Unusable(problems=tuple(problems))
    return Maintenance(begins=begins, ends=ends, reason=reason, author=author)


def _text(value: object, limit: int) -> str:
    """What can be told of a text; "" when it is blank or none."""
    return clean(value, limit) if isinstance(value, str) and value.strip() else ""


def _problems(*, lasts: timedelta | None, reason: str, author: str) -> list[str]:
    """`lasts` is None when its times say too little."""
    holds = {
        f"it must last longer than 0 and at most {LONGEST // timedelta(hours=1)} hours": (
            lasts is None or timedelta(0) < lasts <= LONGEST
        ),
        "it needs a reason": reason.strip(),
        "it needs an author": author.strip(),
    }
    return [problem for problem, good in holds.items() if not good]
