"""The command line: how long `--help` takes."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._ratio import Figure

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15
LEAST = ("-c", "import questionary, typer")
HELP = ("-m", "wizard", "--help")


def figures() -> Iterator[Figure]:
    """All figures of this room."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": str(ROOT)}
        for arguments in (LEAST, HELP):
            _process_s(arguments, environment)  # compiles
        runs = [[_process_s(arguments, environment) for arguments in (LEAST, HELP)] for _ in range(RUNS)]
    least, ours = (min(times) for times in zip(*runs, strict=True))
    about = f"`wizard --help` {ours * 1e3:.0f} ms, `{LEAST[1]}` {least * 1e3:.0f} ms, whole processes; best of {RUNS}"
    yield Figure("--help / import questionary, typer", ours / least, 1.3, about)


def _process_s(arguments: tuple[str, ...], environment: dict[str, str]) -> float:
    """Processor seconds of one process of Python, from its start to its end: what others take does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
