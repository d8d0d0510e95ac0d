"""The clock itself: what it tells, and what it leaves for the processes of functions."""

from __future__ import annotations

import struct
import sys
import threading
import time
from pathlib import Path

import pytest

from sandbox.clock import ABOUT_TO_S, Clock


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def ahead(clock: Clock) -> float:
    return struct.unpack("<dd", (clock.folder / "ahead").read_bytes())[0]


def test_the_processes_read_what_the_clock_tells() -> None:
    clock = Clock(behind_s=100)
    assert ahead(clock) == -100
    clock.advance(250)
    assert ahead(clock) == 150
    assert abs(clock.now() - time.time() - 150) < 5
    clock.reset()
    assert ahead(clock) == -100


def test_the_processes_read_which_wait_is_worth_turning_for() -> None:
    clock = Clock()

    def long() -> float:
        return struct.unpack("<dd", (clock.folder / "ahead").read_bytes())[1]

    assert long() == 5
    clock.turn_for(1, asker="quotas")
    clock.turn_for(3, asker="logs")
    assert long() == 1
    clock.advance(250)
    assert (ahead(clock), long()) == (250, 1)
    clock.turn_for(None, asker="quotas")
    assert long() == 3
    clock.reset()
    assert long() == 5


def test_the_file_stays_the_same_one() -> None:
    """Processes have it mapped: another under its name would be another clock."""
    clock = Clock()
    before = (clock.folder / "ahead").stat().st_ino
    clock.advance(1)
    assert (clock.folder / "ahead").stat().st_ino == before


def test_threads_that_ask_at_once_get_one_folder(tmp_path: Path) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            clock, found = Clock(), set[Path]()
            start = threading.Barrier(4)

            def ask(clock: Clock = clock, found: set[Path] = found, start: threading.Barrier = start) -> None:
                start.wait()
                found.add(clock.folder)

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == {clock.folder}
    finally:
        sys.setswitchinterval(interval)
    assert len(list(tmp_path.iterdir())) == 50


@pytest.mark.parametrize(
    ("text", "waits"), [(None, False), ("", False), ("nonsense", False), ("in 60", True), ("in 0.1", False)]
)
def test_who_waits(text: str | None, waits: bool) -> None:
    clock = Clock()
    if text is not None:
        said = str(clock.now() + float(text.removeprefix("in "))) if text.startswith("in ") else text
        (clock.folder / "asleep-7").write_text(said, encoding="ascii")
    assert (clock.wakes_at(7) is not None) is waits
    assert clock.wakes_at(8) is None
    clock.advance(60 - ABOUT_TO_S / 2)
    assert clock.wakes_at(7) is None  # about to wake


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="only turned forward"):
        Clock().advance(-1)
    with pytest.raises(ValueError, match="not ahead of it"):
        Clock(behind_s=-1)
