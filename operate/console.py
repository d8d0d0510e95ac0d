"""Where words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from exits import Exit


def say(text: str = "") -> None:
    """One line of the result."""
    sys.stdout.write(f"{text}\n")


def say_json(document: Any) -> None:
    """The result as one JSON document. ASCII only, so that a half of a surrogate pair can be written too."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def note(text: str) -> None:
    """A remark for the person, not for what reads the result."""
    sys.stderr.write(f"{text}\n")


def refuse(text: str) -> Exit:
    """Say what is wrong with the input, or what could not be looked at; the exit code for that."""
    note(text)
    return Exit.NO_ANSWER


def printable(text: object, *, longest: int = 200) -> str:
    """A value from an event for one line of a terminal: no control characters, cut when long.

    Whoever makes a call chooses its user agent and many of the names in it, so these may hold escape sequences.
    """
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text)[: longest + 1])
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def columns(rows: Sequence[Sequence[str]], *, gap: int = 2) -> list[list[str]]:
    """The cells of a table, each padded to its column's width but the last of a row."""
    widths = [max(len(row[n]) for row in rows) for n in range(max(map(len, rows), default=0) - 1)]
    return [[*(cell.ljust(width + gap) for cell, width in zip(row, widths, strict=False)), row[-1]] for row in rows]


def confirm(question: str, *, flag: str) -> bool:
    """Ask on standard error, so that the result stays alone on standard output; anything but yes is no.

    Raises EOFError where nobody can answer: a pipeline that forgot the `flag` must not read that all went well.
    """
    return _answer(f"{question} (y/N)", flag=flag).lower() in ("y", "yes")


def typed(question: str, expected: str, *, flag: str) -> bool:
    """Ask on standard error for a text that is not typed by accident. Raises EOFError as `confirm` does."""
    return _answer(question, flag=flag) == expected


def _answer(question: str, *, flag: str) -> str:
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # what is said about it begins a line of its own
        raise
    if not line and not sys.stdin.isatty():
        raise EOFError(f"nobody is there to answer, so nothing was done; {flag} answers in a pipeline")
    return line.strip()
