"""The range of time that is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from operate.backtest.watching import ALWAYS
from operate.event_text import EventsError

USUAL = timedelta(days=30)
"""How far back an account is looked at when nobody says from when; a folder is read whole."""
_WRITTEN = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Span:
    """From `first`, before `last`, both in UTC; None is open."""

    first: datetime | None
    last: datetime | None

    @classmethod
    def parse(cls, first: str | None, last: str | None) -> Span:
        """From `2026-03-01` or `2026-03-01T09:30Z`. A day that ends the range is included. Raises EventsError."""
        span = cls(_moment("--from", first, is_end=False), _moment("--to", last, is_end=True))
        if span.first and span.last and span.first >= span.last:
            raise EventsError(f"--from {first} is not before --to {last}")
        return span

    @property
    def first_text(self) -> str:
        """As CloudTrail writes times."""
        return self.first.strftime(_WRITTEN) if self.first else ALWAYS[0]

    @property
    def last_text(self) -> str:
        """As CloudTrail writes times."""
        return self.last.strftime(_WRITTEN) if self.last else ALWAYS[1]

    def closed(self) -> tuple[datetime, datetime]:
        """Both ends: the last is this minute's end unless somebody said so, the first 30 days before the last."""
        last = self.last or datetime.now(UTC) + timedelta(minutes=1)
        return self.first or last - USUAL, last


def _moment(flag: str, text: str | None, *, is_end: bool) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise EventsError(
            f"{flag} {text}: write a day such as 2026-03-01 or a time such as 2026-03-01T09:30Z"
        ) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    is_day = len(text) in (len("20260301"), len("2026-03-01"))
    return moment + timedelta(days=1) if is_end and is_day else moment
