"""Which functions are at work, so that somebody can wait for all that a call has set going."""

from __future__ import annotations

import threading
from typing import Any


class Running:
    """Counts invocations from the moment they are certain to the end of their run. Safe to use from any thread.

    Waiting between two attempts of a failed invocation does not count as work. What began before `clear` belongs to an
    earlier era: its end changes nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._submitted: set[int] = set()
        self._era = 0

    @property
    def is_idle(self) -> bool:
        """Whether no function is at work, or about to be."""
        return self.count == 0

    @property
    def count(self) -> int:
        """How many functions are at work, or about to be."""
        with self._lock:
            return self._count

    @property
    def era(self) -> int:
        """How often `clear` was called."""
        with self._lock:
            return self._era

    def add(self) -> int:
        """One invocation is certain to come; the era to give to `done`."""
        with self._lock:
            self._count += 1
            return self._era

    def submit(self, event: Any) -> int:
        """An event was handed over to be run later, by a thread that does not exist yet; the era."""
        with self._lock:
            self._count += 1
            self._submitted.add(id(event))
            return self._era

    def begin(self, event: Any) -> int:
        """A run begins: of an event that was submitted, or of another; the era to give to `done`."""
        with self._lock:
            if id(event) in self._submitted:
                self._submitted.remove(id(event))
            else:
                self._count += 1
            return self._era

    def done(self, era: int) -> None:
        """What was counted in this era has ended, or is counted otherwise from here on."""
        with self._lock:
            if era == self._era:
                self._count -= 1

    def clear(self) -> None:
        """Forget all: a new era begins."""
        with self._lock:
            self._era += 1
            self._count = 0
            self._submitted.clear()
