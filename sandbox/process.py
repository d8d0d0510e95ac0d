"""A sandbox in a process of its own, for as long as a `with` lasts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from sandbox.client import SandboxClient, SandboxError

START_DEADLINE_S = 90.0  # a busy machine once took 21 s
STOP_DEADLINE_S = 20.0
_READY = re.compile(r"ready (?P<url>http://127\.0\.0\.1:\d+) account=\d{12} key=\S+ secret=\S+\Z")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_REPOSITORY = Path(__file__).resolve().parent.parent


class SandboxProcess:
    """Starts the server on entering, and stops it on leaving.

    `client` talks to it; `ready_line` is what it printed; `stop` gives its exit status; `clock_behind_s` starts it
    with a slow clock, and `by_hand` without tickers: alarms and schedules are looked at when the clock is turned.
    Raises SandboxError when it does not get ready.

    The server has a session of its own: Ctrl-C on the terminal reaches only whoever started it, who then stops it.
    """

    client: SandboxClient

    def __init__(self, *, port: int = 0, clock_behind_s: float = 0.0, by_hand: bool = False) -> None:
        self._port, self._clock_behind_s, self._by_hand = port, clock_behind_s, by_hand
        self._process: subprocess.Popen[str] | None = None
        self.ready_line = ""

    def __enter__(self) -> SandboxProcess:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "sandbox.server",
                *("--port", str(self._port)),
                *("--clock-behind", str(self._clock_behind_s)),
                *(["--by-hand"] if self._by_hand else []),
            ],
            cwd=_REPOSITORY,
            # Even the environment that the server replaces can be read by its children (/proc/…/environ).
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        # A server that hangs at start must not hang us: it is ended, and readline returns.
        watchdog = threading.Timer(START_DEADLINE_S, self._process.kill)
        watchdog.start()
        try:
            self.ready_line = self._process.stdout.readline().strip()
        except BaseException:  # Ctrl-C, most likely: `with` does not leave what it has not entered
            self.stop()
            raise
        finally:
            watchdog.cancel()
        found = _READY.match(self.ready_line)
        if found is None:
            self._process.kill()
            raise SandboxError(f"the sandbox did not start (exit {self.stop()}): {self.ready_line}")
        self.client = SandboxClient(found["url"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """End the server (again: only says how it ended); its exit status."""
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(signum)
            try:
                process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if process.stdout is not None:
            process.stdout.close()
        return process.wait()
