"""The sandbox's clock: the machine's, which a test may turn forward."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, ahead of the machine's by what `advance` added."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Turn the clock forward. Raises ValueError for a negative number: time does not go back."""
        if seconds < 0:
            raise ValueError("a clock is only turned forward")
        self._ahead_s += seconds

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._ahead_s = 0.0
