"""What a warm function remembers from call to call; asked only where the ledger does not answer."""

from datetime import datetime, timedelta

AGAIN = timedelta(hours=1)
"""Without a ledger what lasts would be told at every sweep; a warm function tells it hourly."""
KEPT = timedelta(days=1)
"""How long it remembers what it told."""


class Memory:
    """When which incident was told, by the key of each. A cold function has forgotten: rather once too often."""

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}

    def note(self, key: str, *, now: datetime) -> None:
        """Remember that an incident was told now, and forget what is too old."""
        self._told = {each: at for each, at in self._told.items() if at <= now < at + KEPT}
        self._told[key] = now

    def holds(self, key: str, *, now: datetime, within: timedelta = AGAIN) -> bool:
        """Whether an incident was told so short a time ago."""
        told_at = self._told.get(key)
        return told_at is not None and told_at <= now < told_at + within
