"""`backtest` over a million events: its speed over bare gzip + orjson on the same cores, and its memory."""

import gzip
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import orjson

from benchmarks._ratio import Figure
from operate.backtest.choice import choose
from operate.backtest.folder import Folder
from operate.backtest.watching import Watching
from operate.backtest.work import cores, count_all
from tests.support.past import write_past

EVENTS = 1_000_000
DAYS = 30
REPEATS = 3
_KILOBYTES = 1 if sys.platform != "darwin" else 1 / 1024  # ru_maxrss is in bytes there


def figures() -> Iterator[Figure]:
    """Speed and memory."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_past(Path(folder), EVENTS, days=DAYS)
        jobs, patterns = cores(), choose(stack=None, names=(), folder=Path()).patterns

        def ours() -> int:
            counts = count_all(Folder(Path(folder)).pieces(), Watching(patterns), jobs=jobs, seen=lambda *_: None)
            return counts.events

        def bare() -> int:
            with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
                return sum(pool.map(count_bare, map(str, files), chunksize=20))

        least, whole = _best_s(bare, ours)
        size = sum(path.stat().st_size for path in files) / 1e6
        about = (
            f"{EVENTS:,} events of {DAYS} days in {len(files):,} files, {size:.0f} MB gzipped; {jobs} processes, "
            f"{len(patterns)} event sets: {EVENTS / whole:,.0f} events/s, bare {EVENTS / least:,.0f} events/s"
        )
        yield Figure("backtest speed / bare", least / whole, 0.5, about, at_least=True)
        own, child = (resource.getrusage(who).ru_maxrss * _KILOBYTES / 1024 for who in _WHO)
        about = f"peak of this process {own:.0f} MB, of the largest of {jobs} others {child:.0f} MB"
        yield Figure("backtest memory / 300 MB", (own + jobs * child) / 300, 1.0, about)


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def count_bare(path: str) -> int:
    """The least work possible: unpack and parse one file."""
    return len(orjson.loads(gzip.decompress(Path(path).read_bytes()))["Records"])


def _best_s(*works: Callable[[], Any]) -> list[float]:
    """The least time of each on the clock, in turns, starting and ending processes included."""
    best = [float("inf") for _ in works]
    for _ in range(REPEATS):
        for number, work in enumerate(works):
            begin = time.perf_counter()
            assert work() == EVENTS
            best[number] = min(best[number], time.perf_counter() - begin)
    return best
