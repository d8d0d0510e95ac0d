"""What AWS would have dropped without a word, kept so that somebody can ask."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime

KEPT = 1000  # the newest ones; a forgotten subscription in a loop must not eat the memory


class Dropped:
    """The messages that were not delivered: what, where to, and why. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, str]] = deque(maxlen=KEPT)

    def note(self, what: str, *, where: str, why: str) -> None:
        """Remember one message that did not arrive."""
        entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what, "where": where, "why": why}
        with self._lock:
            self._entries.append(entry)

    def listed(self) -> list[dict[str, str]]:
        """All of them, oldest first: `{"at", "what", "where", "why"}`."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._entries.clear()
