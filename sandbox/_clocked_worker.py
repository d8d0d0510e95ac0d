"""Runs a worker of Lambda code under the sandbox's clock: started as `python -P _clocked_worker.py FOLDER WORKER`.

`time.time`, `time.monotonic` and `datetime.now` are ahead of the machine's by what the sandbox's clock is, and
`time.sleep` lasts until that clock has gone on so far, so that a function which waits wakes when the clock is turned.
Standard library only, and nothing of this project: what runs afterwards is somebody's function.
"""

from __future__ import annotations

import datetime
import mmap
import os
import runpy
import struct
import sys
import time
from typing import Any

LONG_S = 5.0  # a wait that is worth turning the clock for; shorter ones (between two tries, say) count as work
STATE = "<dd"  # in AHEAD: seconds that the clock is ahead, and the shortest wait that is worth turning it for
POLL_S = 0.02
AHEAD, ASLEEP = "ahead", "asleep-"  # files in FOLDER: see STATE; until when a process sleeps, as text


def follow_clock(folder: str) -> None:
    """Let this process live by the clock whose `ahead` is in the folder."""
    with open(os.path.join(folder, AHEAD), "rb") as file:  # noqa: PTH123, PTH118 - pathlib costs a cold start
        shared = mmap.mmap(file.fileno(), struct.calcsize(STATE), access=mmap.ACCESS_READ)
    real_time, real_monotonic, real_sleep = time.time, time.monotonic, time.sleep
    mark = os.path.join(folder, f"{ASLEEP}{os.getpid()}")  # noqa: PTH118

    def ahead() -> float:
        return struct.unpack(STATE, shared[:])[0]

    def now() -> float:
        return real_time() + ahead()

    def monotonic() -> float:
        return real_monotonic() + ahead()

    def sleep(seconds: float, /) -> None:
        until = monotonic() + seconds
        is_long = seconds >= struct.unpack(STATE, shared[:])[1]
        if is_long:
            with open(mark + ".new", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(repr(now() + seconds))
            os.replace(mark + ".new", mark)  # noqa: PTH105
        try:
            while (left := until - monotonic()) > 0:
                real_sleep(min(left, POLL_S))
        finally:
            if is_long:
                os.unlink(mark)  # noqa: PTH108

    time.time, time.monotonic, time.sleep = now, monotonic, sleep
    _replace_datetime()


def _replace_datetime() -> None:
    """Give `datetime.datetime` a `now` that asks `time.time`; all else, `isinstance` too, is as before."""
    real = datetime.datetime

    class Kind(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real)

    class Clocked(real, metaclass=Kind):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    Clocked.__name__ = Clocked.__qualname__ = "datetime"
    Clocked.__module__ = "datetime"
    datetime.datetime = Clocked  # pyright: ignore[reportAttributeAccessIssue]


if __name__ == "__main__":
    _script, folder_given, worker = sys.argv
    follow_clock(folder_given)
    sys.argv = [worker]
    sys.path.insert(0, os.path.dirname(worker))  # noqa: PTH120 - where Python looks first when it runs the worker itself
    runpy.run_path(worker, run_name="__main__")
