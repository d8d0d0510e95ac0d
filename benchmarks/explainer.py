"""The explainer: how long a cold start imports."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._ratio import Figure

ROOT = Path(__file__).resolve().parents[1]
RUNS = 9
BASE = "import boto3"
GOAL = 1.1


def figures() -> Iterator[Figure]:
    """All figures of this room."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        # Both load compiled code, as a function does whose archive Lambda keeps.
        environment |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))}
        yield cold_import("explainer", environment)


def cold_import(name: str, environment: dict[str, str]) -> Figure:
    """Importing a handler in a fresh interpreter, over importing boto3 alone, in processor time."""
    programs = (BASE, f"{BASE}; import {name}.handler")
    for program in programs:
        _import_s(program, environment)  # compiles
    runs = [[_import_s(program, environment) for program in programs] for _ in range(RUNS)]
    base, ours = (min(times) for times in zip(*runs, strict=True))
    about = f"`import {name}.handler` {ours * 1e3:.0f} ms, `{BASE}` {base * 1e3:.0f} ms; best of {RUNS} runs"
    return Figure(f"cold import of {name} / boto3", ours / base, GOAL, about)


def _import_s(statement: str, environment: dict[str, str]) -> float:
    program = f"import time; begin = time.process_time(); {statement}; print(time.process_time() - begin)"
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return float(answer.stdout)
