"""Where the wizard runs: its folder, its environment, its two outputs, and whether a person is there."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Handed to what runs, so that a test can hand in its own."""

    folder: Path
    environ: Mapping[str, str]
    out: Console
    """Results: what would change, what was written, what to do next."""
    err: Console
    """Progress, and what went wrong."""
    is_interactive: bool
    """Whether somebody can answer: input and output are both a terminal, and one that can draw a list (`TERM=dumb`,
    as in an editor's shell, moves no cursor).
    """

    @classmethod
    def real(cls) -> "Terminal":
        """The terminal of this process."""
        return cls(
            folder=Path.cwd(),
            environ=os.environ,
            out=console(),
            err=console(stderr=True),
            is_interactive=sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb",
        )


def console(*, stderr: bool = False) -> Console:
    """A console that prints texts as they are: rich would take `[x]` for markup and paint numbers and paths."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)
