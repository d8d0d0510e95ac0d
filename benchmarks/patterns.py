"""The filter-pattern language: evaluating the catalogue, reading archives, importing, parsing."""

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import catalog
import filterpattern
from benchmarks._ratio import Figure, best_s
from operate.events import read_events

ARCHIVED_EVENTS = 200_000
EVENTS_A_FILE = 1_000
IMPORT_RUNS = 15
BASE_IMPORTS = "import re, json, dataclasses"


def events() -> list[dict[str, Any]]:
    """The samples of the catalogue: full records of many services."""
    return [
        json.loads(json.dumps(dict(sample.event))) for entry in catalog.EVENT_SETS.values() for sample in entry.samples
    ]


def catalogue() -> filterpattern.PatternSet:
    """Every event set."""
    return filterpattern.compile_all({name: entry.pattern for name, entry in catalog.EVENT_SETS.items()})


def figures() -> Iterator[Figure]:
    """All figures of this room."""
    yield evaluation()
    yield one_by_one()
    yield from archive()
    yield importing()
    yield parsing()


def evaluation() -> Figure:
    """All event sets on one parsed event, over parsing that event with orjson."""
    found, patterns = events(), catalogue()
    raw = [orjson.dumps(event) for event in found]
    singles = patterns.patterns.items()
    for event in found:
        assert patterns.matches(event) == {name for name, pattern in singles if pattern.matches(event)}
    parse, match = best_s(
        lambda: [orjson.loads(text) for text in raw],
        lambda: [patterns.matches(event) for event in found],
    )
    size = sum(map(len, raw)) / len(raw)
    about = (
        f"{len(patterns.patterns)} event sets on a parsed event {match / len(found) * 1e6:.1f} µs, orjson "
        f"{parse / len(found) * 1e6:.1f} µs; {len(found)} events, {size:,.0f} bytes on average"
    )
    return Figure("PatternSet / orjson", match / parse, 3.0, about)


def one_by_one() -> Figure:
    """The index, over asking every pattern."""
    found, patterns = events(), catalogue()
    singles = list(patterns.patterns.values())
    match, asked = best_s(
        lambda: [patterns.matches(event) for event in found],
        lambda: [[pattern.matches(event) for pattern in singles] for event in found],
    )
    about = f"one pattern on a parsed event {asked / len(found) / len(singles) * 1e6:.2f} µs on average"
    return Figure("PatternSet / one by one", match / asked, 0.5, about)


def archive() -> Iterator[Figure]:
    """Reading gzipped CloudTrail files and evaluating all event sets, as events per second over bare gzip + orjson."""
    with tempfile.TemporaryDirectory() as folder:
        files = _write_archive(Path(folder))
        patterns = catalogue()

        def bare() -> int:
            return sum(len(orjson.loads(gzip.decompress(path.read_bytes()))["Records"]) for path in files)

        def ours() -> int:
            return sum(
                1 for event in read_events([folder], stdin=sys.stdin.buffer) if _evaluate(patterns, event.record)
            )

        assert bare() == ours() == ARCHIVED_EVENTS
        least, whole = best_s(bare, ours, repeats=5)
        size = sum(path.stat().st_size for path in files) / 1e6
        about = (
            f"{ARCHIVED_EVENTS:,} events in {len(files)} files, {size:.0f} MB gzipped: "
            f"{ARCHIVED_EVENTS / whole:,.0f} events/s, bare {ARCHIVED_EVENTS / least:,.0f} events/s"
        )
        yield Figure("archive speed / bare", least / whole, 0.4, about, at_least=True)
        yield _memory(folder, files[: len(files) // 4], patterns)


def _evaluate(patterns: filterpattern.PatternSet, record: dict[str, Any] | None) -> bool:
    assert record is not None
    patterns.matches(record)
    return True


def _memory(folder: str, some: list[Path], patterns: filterpattern.PatternSet) -> Figure:
    """Peak memory of a whole archive over that of a quarter of it: flat is 1."""

    def peak(sources: list[str]) -> int:
        tracemalloc.start()
        for event in read_events(sources, stdin=sys.stdin.buffer):
            _evaluate(patterns, event.record)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    quarter, whole = peak([str(path) for path in some]), peak([folder])
    return Figure(
        "archive memory, whole / quarter", whole / quarter, 1.1, f"peak {whole / 1e6:.1f} MB for the whole archive"
    )


def _write_archive(folder: Path) -> list[Path]:
    """Gzipped files like CloudTrail's. Ids differ in every record, or the files would shrink as no real ones do."""
    found, chance = events(), random.Random(2026)
    files: list[Path] = []
    for number in range(ARCHIVED_EVENTS // EVENTS_A_FILE):
        first = number * EVENTS_A_FILE
        records = [
            found[(first + index) % len(found)]
            | {
                "eventID": str(uuid.UUID(int=chance.getrandbits(128))),
                "requestID": str(uuid.UUID(int=chance.getrandbits(128))),
            }
            for index in range(EVENTS_A_FILE)
        ]
        path = folder / f"111122223333_CloudTrail_eu-west-1_{number:05}.json.gz"
        path.write_bytes(gzip.compress(orjson.dumps({"Records": records}), compresslevel=6))
        files.append(path)
    return files


def importing() -> Figure:
    """Importing the package in a fresh interpreter, over three modules of the standard library."""
    with tempfile.TemporaryDirectory() as cache:
        # Both load compiled code, as an installed package and a warm Lambda do, whatever this machine's settings are.
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = cache
        imports = (BASE_IMPORTS, "import filterpattern")
        for statement in imports:
            _import_s(statement, environment)  # compiles
        runs = [[_import_s(statement, environment) for statement in imports] for _ in range(IMPORT_RUNS)]
    base, ours = (min(times) for times in zip(*runs, strict=True))
    about = (
        f"`import filterpattern` {ours * 1e3:.1f} ms, `{BASE_IMPORTS}` {base * 1e3:.1f} ms; best of {IMPORT_RUNS} runs"
    )
    return Figure("import / standard modules", ours / base, 1.3, about)


def _import_s(statement: str, environment: dict[str, str]) -> float:
    program = f"import time; begin = time.process_time(); {statement}; print(time.process_time() - begin)"
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=Path(__file__).parents[1], capture_output=True, check=True
    )
    return float(answer.stdout)


def parsing() -> Figure:
    """Time for each character of a pattern of full length, over that of one an eighth as long: linear is 1."""
    short, full = ("{ " + " || ".join(["$.eventName = StopLogging"] * count) + " }" for count in (4, 34))
    assert len(filterpattern.compile(full).selectors) == 34
    one, other = best_s(lambda: filterpattern.compile(short), lambda: filterpattern.compile(full))
    about = f"{len(short)} characters {one * 1e6:.0f} µs, {len(full)} characters {other * 1e6:.0f} µs"
    return Figure("parsing, a character long / short", (other / len(full)) / (one / len(short)), 1.5, about)
