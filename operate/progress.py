"""What is happening, on standard error, while somebody watches; silent where nobody does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """Shows one line that changes, beginning with `first`. Rich obeys NO_COLOR."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(file=sys.stderr, highlight=False).status(first) as status:
        yield lambda text: status.update(text)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for something, and how often to look. Times in seconds."""

    timeout_s: float
    pause_s: float = 1.0
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def until(self, look: Callable[[], T | None]) -> T | None:
        """What `look` finds, asked again and again; None when the time is over."""
        end = self.monotonic() + self.timeout_s
        while True:
            found = look()
            if found is not None or self.monotonic() >= end:
                return found
            self.sleep(self.pause_s)
