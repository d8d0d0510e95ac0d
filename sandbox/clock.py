"""The sandbox's clock: the machine's, or a slow one, which may be turned forward."""

from __future__ import annotations

import struct
import tempfile
import time
from pathlib import Path

from sandbox._clocked_worker import AHEAD, ASLEEP


class Clock:
    """Seconds since the epoch: `behind_s` behind the machine's, and ahead by what `advance` added.

    What happens on a slow clock is long past once the clock is set right, and what follows has true times.
    `folder` holds what the processes of functions read of it; see `sandbox._clocked_worker`.
    """

    def __init__(self, *, behind_s: float = 0.0) -> None:
        if behind_s < 0:
            raise ValueError("a clock may start behind the machine's, not ahead of it")
        self._behind_s = behind_s
        self._ahead_s = 0.0
        self._folder: Path | None = None
        self._set(-behind_s)

    @property
    def folder(self) -> Path:
        """Made when first asked for, in the temporary directory, which is the server's own."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="clock-"))
            self._set(self._ahead_s)
        return self._folder

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Turn the clock forward. Raises ValueError for a negative number: time does not go back."""
        if seconds < 0:
            raise ValueError("a clock is only turned forward")
        self._set(self._ahead_s + seconds)

    def reset(self) -> None:
        """Go back to the start: as far behind the machine's time as then."""
        self._set(-self._behind_s)

    def sleeps(self, pid: int) -> bool:
        """Whether the function in a process waits for the clock to go on, by more than a moment."""
        try:
            until = float((self.folder / f"{ASLEEP}{pid}").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        return until > self.now() + 1.0  # it is about to wake, and counts as awake

    def _set(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s
        if self._folder is not None:
            # In place: the processes have the file mapped.
            with (self._folder / AHEAD).open("r+b" if (self._folder / AHEAD).exists() else "wb") as file:
                file.write(struct.pack("<d", ahead_s))
