"""One thing to be told once, and when people hear of it again. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

REMINDERS = (timedelta(hours=1), timedelta(hours=6))
"""After the first mail; then daily."""
DAILY = timedelta(days=1)
LEASE = timedelta(seconds=50)
"""How long a run may take from its claim to its mail; Lambda's first retry comes after a minute."""
KEPT = timedelta(days=90)
"""How long the ledger keeps what is over."""


class Incident(NamedTuple):
    """One thing to be told once.

    `what` is told of it later (reminders, cleared, or by whoever finds it untold): a plain sentence. `returns` is
    whether the same key may come again once it is over (a drift may, a stop with its time cannot). `seen_at` is when
    the state was read that made the incident (UTC): what was over only afterwards is the same incident still.
    `names_culprit` is whether its mail says who did it; None where no later message could add that.
    """

    key: str
    what: str
    severity: str
    seen_at: datetime
    returns: bool = True
    reminds: bool = True
    names_culprit: bool | None = None


def next_reminder(opened_at: datetime, after: datetime) -> datetime:
    """The first moment after `after` at which an incident that still lasts is told again."""
    for pause in REMINDERS:
        if opened_at + pause > after:
            return opened_at + pause
    days = (after - opened_at) // DAILY + 1
    return opened_at + days * DAILY
