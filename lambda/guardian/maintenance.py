"""Planned work: an expiring record that lowers `restore` to `notify`. Pure; the ledger keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.shapes import parse_time
from common.text import clean

LONGEST = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """Planned work from `begins` until `ends` (UTC), by `author`, for a `reason`. Made by `plan`, read by `read`."""

    begins: datetime
    ends: datetime
    reason: str
    author: str

    def is_on(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.begins <= at < self.ends

    def document(self) -> dict[str, str]:
        """The record as the ledger keeps it: ISO 8601 times in UTC."""
        return {
            "begins": self.begins.isoformat(),
            "ends": self.ends.isoformat(),
            "reason": self.reason,
            "author": self.author,
        }


def plan(*, begins: datetime, lasts: timedelta, reason: str, author: str) -> Maintenance:
    """A record that may be written. Raises ValueError, person-ready, listing everything that is wrong."""
    problems = [
        problem
        for problem, good in {
            f"it must last longer than 0 and at most {LONGEST // timedelta(hours=1)} hours": (
                timedelta(0) < lasts <= LONGEST
            ),
            "it needs a reason": reason.strip(),
            "it needs an author": author.strip(),
        }.items()
        if not good
    ]
    if problems:
        raise ValueError("maintenance: " + "; ".join(problems))
    return Maintenance(begins=begins, ends=begins + lasts, reason=reason.strip(), author=author.strip())


def read(document: Mapping[str, Any]) -> Maintenance | None:
    """The record in a ledger item, or None when it is none that `plan` would have made: it then lowers nothing."""
    begins, ends = parse_time(document.get("begins")), parse_time(document.get("ends"))
    if begins is None or ends is None:
        return None
    try:
        return plan(
            begins=begins,
            lasts=ends - begins,
            reason=clean(document.get("reason"), 200),
            author=clean(document.get("author"), 120),
        )
    except ValueError:
        return None
