"""Writing the suggested thresholds into the stack file: the difference first, then the question, then the file."""

from __future__ import annotations

import sys
from typing import Any

from exits import Exit
from operate.backtest.choice import Choice
from operate.backtest.result import Result, Row
from operate.console import confirm, note, refuse
from settings import Settings, SettingsError, block

NOTHING_WRITTEN = "Nothing was written."


def write_thresholds(result: Result, choice: Choice, *, yes: bool) -> Exit:
    """Write what the past suggests. Returns the exit code: 0 written, or nothing to write; 2 refused."""
    file = choice.stack_file
    assert file is not None
    try:
        settings = file.settings()
        ours = {watch.name for watch in settings.watches}
        rows = [row for row in result.rows if row.suggestion.threshold is not None and row.watch.name in ours]
        burst = result.bursts.suggested if result.bursts and settings.burst else None
        wanted = with_thresholds(settings, rows, burst=burst)
        change = file.plan_changes(wanted)
    except SettingsError as error:
        return refuse(f"{error}\n{NOTHING_WRITTEN}")
    if change.is_empty:
        note(f"{file.path.name}: no threshold to change")
        return Exit.OK
    out = sys.stderr if not sys.stdout.isatty() else sys.stdout  # a document on standard output stays one
    out.write(f"\n{change.diff}\n")
    if not yes:
        if not sys.stdin.isatty():
            return refuse(f"{NOTHING_WRITTEN} Add --yes to write it.")
        if not confirm("Write it?", flag="--yes"):
            note(NOTHING_WRITTEN)
            return Exit.OK
    try:
        change.write()
    except SettingsError as error:
        return refuse(f"{error}\n{NOTHING_WRITTEN}")
    note(f"Written: {file.path.name}")
    return Exit.OK


def with_thresholds(settings: Settings, rows: list[Row], *, burst: int | None = None) -> Settings:
    """The settings with the suggested threshold of each row, and of the burst alarm. Raises SettingsError."""
    data: dict[str, Any] = block(settings)
    if burst is not None:
        data["burst"]["threshold"] = burst
    for row in rows:
        entry = _entry(data, row)
        entry["threshold"] = row.suggestion.threshold
    return Settings.parse(data, stack=settings.stack, source="the suggested thresholds")


def _entry(data: dict[str, Any], row: Row) -> dict[str, Any]:
    """Where the settings of a watch stand in plain data."""
    match row.watch.kind:
        case "event-set":
            return data["eventSets"][row.watch.name]
        case "custom":
            return data["customSets"][row.watch.name]
        case _:
            return next(each for each in data["sourceIps"] if each["name"] == row.watch.name)
