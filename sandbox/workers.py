"""The processes that run Lambda code: they live by the sandbox's clock, and all of them end with the sandbox."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from typing import Any

from sandbox import _clocked_worker
from sandbox.clock import Clock

GRACE_S = 2.0  # for a worker to end by itself


class Workers:
    """Stands where ministack looks for `subprocess`, and knows every process it has started.

    ministack forgets a worker that it is just starting, or that a retry starts after the others were ended.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[Any]] = []
        self._is_closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, args: Any, **kwargs: Any) -> subprocess.Popen[Any]:  # noqa: N802 - the name ministack calls
        """Start a process as `subprocess` does, Python code under our clock. Raises RuntimeError once we stop."""
        if args[0] == sys.executable:
            args = [args[0], "-P", _clocked_worker.__file__, str(self._clock.folder), *args[1:]]
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the sandbox is stopping")
            self._started = [process for process in self._started if process.poll() is None]
            process = subprocess.Popen(args, **kwargs)  # noqa: S603 - what ministack starts
            self._started.append(process)
            return process

    @property
    def wake_times(self) -> list[float]:
        """When each function wakes that waits for the clock to go on (epoch seconds), the first one first."""
        with self._lock:
            running = [process.pid for process in self._started if process.poll() is None]
        return sorted(at for at in map(self._clock.wakes_at, running) if at is not None)

    def close(self) -> None:
        """End every process, and start no other."""
        with self._lock:
            self._is_closed = True
            running = [process for process in self._started if process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
