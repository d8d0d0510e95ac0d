"""The processes that run Lambda code: all of them end with the sandbox."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from typing import Any

GRACE_S = 2.0  # for a worker to end by itself


class Workers:
    """Stands where ministack looks for `subprocess`, and knows every process it has started.

    ministack forgets a worker that it is just starting, or that a retry starts after the others were ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[Any]] = []
        self._is_closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, *args: Any, **kwargs: Any) -> subprocess.Popen[Any]:  # noqa: N802 - the name ministack calls
        """Start a process as `subprocess` does. Raises RuntimeError once the sandbox stops."""
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the sandbox is stopping")
            self._started = [process for process in self._started if process.poll() is None]
            process = subprocess.Popen(*args, **kwargs)  # noqa: S603 - what ministack starts
            self._started.append(process)
            return process

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
