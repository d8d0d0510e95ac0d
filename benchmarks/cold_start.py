"""What a cold start of each function imports before it does anything."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._ratio import Figure

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15
BASE = "import boto3"
GOAL = 1.1


def figures() -> Iterator[Figure]:
    """All figures of this room."""
    yield from map(_cold_import, ("guardian", "explainer"))


def _cold_import(function: str) -> Figure:
    """Importing a handler in a fresh interpreter, over importing boto3 alone, in processor time."""
    programs = (BASE, f"{BASE}; import {function}.handler")
    with tempfile.TemporaryDirectory() as cache:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        # Both load compiled code, so that what is compared is what the modules do.
        environment |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))}
        for program in programs:
            _import_s(program, environment)  # compiles
        runs = [[_import_s(program, environment) for program in programs] for _ in range(RUNS)]
    base, ours = (min(times) for times in zip(*runs, strict=True))
    about = f"`import {function}.handler` {ours * 1e3:.0f} ms, `{BASE}` {base * 1e3:.0f} ms; best of {RUNS}"
    return Figure(f"{function}, cold import / boto3", ours / base, GOAL, about)


def _import_s(statement: str, environment: dict[str, str]) -> float:
    program = f"import time; begin = time.process_time(); {statement}; print(time.process_time() - begin)"
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
