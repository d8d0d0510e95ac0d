"""What the demo needs of the sandbox's process: a slow clock to set right, and no orphan when it is interrupted."""

import subprocess
import time
from typing import Any

import pytest

from sandbox import process
from sandbox.clock import Clock
from sandbox.process import SandboxProcess


def test_a_slow_clock_is_set_right_by_as_much_as_it_was_slow() -> None:
    clock = Clock(behind_s=960)
    assert clock.now() == pytest.approx(time.time() - 960, abs=5)
    clock.advance(960)
    assert clock.now() == pytest.approx(time.time(), abs=5)
    clock.reset()
    assert clock.now() == pytest.approx(time.time() - 960, abs=5)


def test_a_clock_does_not_start_ahead() -> None:
    with pytest.raises(ValueError, match="behind"):
        Clock(behind_s=-1)


def test_the_server_starts_with_the_slow_clock() -> None:
    with SandboxProcess(clock_behind_s=960) as sandbox:
        assert sandbox.client.advance_clock(0) == pytest.approx(time.time() - 960, abs=30)
        assert sandbox.client.advance_clock(960) == pytest.approx(time.time(), abs=30)


def test_an_interruption_while_it_starts_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

        def close(self) -> None: ...

    def start(_command: list[str], **options: Any) -> subprocess.Popen[str]:
        assert options["start_new_session"] is True
        started.append(popen(["sleep", "60"], text=True))
        started[0].stdout = Interrupted()  # pyright: ignore[reportAttributeAccessIssue]
        return started[0]

    monkeypatch.setattr(process.subprocess, "Popen", start)
    with pytest.raises(KeyboardInterrupt), SandboxProcess():
        pass
    assert started[0].poll() is not None
