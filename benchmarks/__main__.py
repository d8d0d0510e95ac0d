"""`python -m benchmarks`: every figure with what was measured, the machine and the versions."""

import os
import platform
from itertools import chain

from benchmarks import backtest, cold_start, command_line, guardian, patterns
from settings.version import VERSION


def main() -> None:
    """Measure and print, one figure at a time."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    print(f"trailwarden {VERSION}, Python {platform.python_version()}, {machine}")
    print("Ratios to the least work possible, both measured in this run.\n")
    rooms = (patterns, backtest, command_line, cold_start, guardian)
    for figure in chain.from_iterable(room.figures() for room in rooms):
        sign, mark = (">=" if figure.at_least else "<="), ("met" if figure.is_met else "NOT MET")
        print(f"{figure.name:<36} {figure.ratio:6.2f}   goal {sign} {figure.goal:g}: {mark}")
        print(f"    {figure.about}", flush=True)


if __name__ == "__main__":
    main()
