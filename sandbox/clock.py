"""The sandbox's clock: the machine's, or a slow one, which may be turned forward."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch: `behind_s` behind the machine's, and ahead by what `advance` added.

    What happens on a slow clock is long past once the clock is set right, and what follows has true times.
    """

    def __init__(self, *, behind_s: float = 0.0) -> None:
        if behind_s < 0:
            raise ValueError("a clock may start behind the machine's, not ahead of it")
        self._behind_s = behind_s
        self._ahead_s = -behind_s

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Turn the clock forward. Raises ValueError for a negative number: time does not go back."""
        if seconds < 0:
            raise ValueError("a clock is only turned forward")
        self._ahead_s += seconds

    def reset(self) -> None:
        """Go back to the start: as far behind the machine's time as then."""
        self._ahead_s = -self._behind_s
