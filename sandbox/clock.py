"""The sandbox's clock: the machine's, or a slow one, which may be turned forward."""

from __future__ import annotations

import struct
import tempfile
import threading
import time
from pathlib import Path

from sandbox._clocked_worker import AHEAD, ASLEEP, LONG_S, STATE

ABOUT_TO_S = 0.25  # several looks at the clock: a process that sleeps takes one every 20 ms


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
        self._long_by: dict[str, float] = {}
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._set(-behind_s)

    @property
    def folder(self) -> Path:
        """Made when first asked for, in the temporary directory, which is the server's own."""
        with self._lock:  # two threads that ask at once must not make two: the process of one would live by no clock
            if self._folder is None:
                folder = Path(tempfile.mkdtemp(prefix="clock-"))
                (folder / AHEAD).write_bytes(struct.pack(STATE, self._ahead_s, self._long_s))
                self._folder = folder
            return self._folder

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._ahead_s

    @property
    def is_slow(self) -> bool:
        """It is behind the machine's, by more than turning it leaves: what happens now is to be long past."""
        return self._ahead_s < -1.0

    def advance(self, seconds: float) -> None:
        """Turn the clock forward. Raises ValueError for a negative number: time does not go back."""
        if seconds < 0:
            raise ValueError("a clock is only turned forward")
        self._set(self._ahead_s + seconds)

    def turn_for(self, long_s: float | None, *, asker: str) -> None:
        """Let functions that wait `long_s` seconds or more count as waiting for the clock to be turned.

        None: `asker` needs it no more. The least that anybody asks for counts.
        """
        self._long_by.pop(asker, None)
        if long_s is not None:
            self._long_by[asker] = long_s
        self._set(self._ahead_s)

    def reset(self) -> None:
        """Go back to the start: as far behind the machine's time as then."""
        self._long_by.clear()
        self._set(-self._behind_s)

    def wakes_at(self, pid: int) -> float | None:
        """When the function in a process wakes that waits for the clock to go on; None when it does not wait.

        One that is about to wake counts as awake.
        """
        try:
            until = float((self.folder / f"{ASLEEP}{pid}").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return until if until > self.now() + ABOUT_TO_S else None

    @property
    def _long_s(self) -> float:
        return min(LONG_S, *self._long_by.values()) if self._long_by else LONG_S

    def _set(self, ahead_s: float) -> None:
        with self._lock:
            self._ahead_s = ahead_s
            if self._folder is not None:
                with (self._folder / AHEAD).open("r+b") as file:  # in place: the processes have the file mapped
                    file.write(struct.pack(STATE, ahead_s, self._long_s))
