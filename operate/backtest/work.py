"""Spreading the reading over all cores: small pieces of work go to processes, and their counts are merged."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol

from operate.backtest.counts import Counts, count_events
from operate.backtest.reading import Message
from operate.backtest.watching import Watching
from operate.event_text import EventsError

AHEAD = 3
"""Pieces that wait for each process, so that none is idle and memory stays flat."""


class Piece(Protocol):
    """A part of a source that one process reads. It is sent there, so it holds addresses and no connections."""

    @property
    def size(self) -> int:
        """How much work it is, in the unit of its source (bytes, seconds)."""
        ...

    def read(self, counts: Counts) -> Iterator[tuple[str, Iterable[Message]]]:
        """(name, events) of each file in it. What cannot be read goes to `counts.fail`."""
        ...


class WorkError(Exception):
    """A process of ours died; the message says what to do."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_piece(piece: Piece, watching: Watching) -> Counts:
    """What one piece of a source holds."""
    counts = Counts()
    with _uncollected():
        for name, events in piece.read(counts):
            try:
                count_events(events, watching, counts)
            except EventsError as error:
                counts.fail(str(error))
            except OSError as error:
                counts.fail(f"{name}: {error.strerror or error}")
            counts.sources += 1
    return counts


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: parsed events hold no cycles, and looking for some takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def count_all(pieces: Iterable[Piece], watching: Watching, *, jobs: int, seen: Callable[[int, Counts], None]) -> Counts:
    """What all pieces hold. `seen(size, counts so far)` is called after each. `jobs` of 1 stays in this process.

    Raises WorkError, and what `pieces` raises.
    """
    whole = Counts()
    if jobs == 1:
        for piece in pieces:
            whole.merge(count_piece(piece, watching))
            seen(piece.size, whole)
        return whole
    # Forking a process that has threads (rich's, boto3's) may hang; a new interpreter costs a quarter of a second once.
    context = multiprocessing.get_context("spawn")
    others = {*multiprocessing.active_children()}
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(watching,))
    is_done = False
    try:
        waiting: dict[Future[Counts], int] = {}
        for piece in pieces:
            waiting[pool.submit(_count, piece)] = piece.size
            if len(waiting) >= jobs * AHEAD:
                _take(waiting, whole, seen)
        while waiting:
            _take(waiting, whole, seen)
        is_done = True
    except BrokenProcessPool as error:
        raise WorkError("a process ended unexpectedly, perhaps for want of memory; try --jobs 1") from error
    finally:
        if not is_done:
            # An executor that is interrupted may wait for its processes, and they for work, for ever.
            for process in {*multiprocessing.active_children()} - others:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
    return whole


def _take(waiting: dict[Future[Counts], int], whole: Counts, seen: Callable[[int, Counts], None]) -> None:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        size = waiting.pop(future)
        whole.merge(future.result())
        seen(size, whole)


_watching: Watching | None = None


def _start(watching: Watching) -> None:
    """In a new process: Ctrl-C is for the parent, which ends this one in order."""
    global _watching
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _watching = watching
    _ = watching.matches  # compiles the patterns


def _count(piece: Piece) -> Counts:
    assert _watching is not None
    return count_piece(piece, _watching)
