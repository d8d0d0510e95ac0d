"""A project folder of its own with the wizard in it, driven without a terminal or by somebody at the keyboard."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from exits import Exit
from tests.support.typist import Step, at_the_keyboard
from wizard.setup import Options, run
from wizard.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "name: somebody-elses\nruntime: python\n"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one run of the wizard ended, and what it said."""

    code: Exit
    out: str
    err: str
    screen: str = ""
    """Everything that stood on the screen at some time."""
    at_the_end: tuple[str, ...] = ()
    """The lines that were left on it."""


@dataclass
class Bench:
    """A folder with a `Pulumi.yaml`, which is not this repository."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    columns: int = 100

    def stack_file(self, stack: str = "prod") -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def files(self) -> dict[str, bytes]:
        """Everything in the folder; left-over temporary files would show."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir()) if path.is_file()}

    def setup(self, **options: Any) -> Outcome:
        """One run where nobody can be asked."""
        return self._run(is_interactive=False, options=options)

    def dialogue(self, steps: Sequence[Step], **options: Any) -> Outcome:
        """One run with somebody at the keyboard."""
        outcomes: list[Outcome] = []
        _, seen = at_the_keyboard(
            lambda: outcomes.append(self._run(is_interactive=True, options=options)), steps, columns=self.columns
        )
        return replace(outcomes[0], screen=seen.everything, at_the_end=seen.at_the_end)

    def _run(self, *, is_interactive: bool, options: dict[str, Any]) -> Outcome:
        out, err = StringIO(), StringIO()
        terminal = Terminal(
            folder=self.folder,
            environ=self.environ,
            out=_console(out, self.columns),
            err=_console(err, self.columns),
            is_interactive=is_interactive,
        )
        code = run(Options(**options), terminal=terminal)
        return Outcome(code=code, out=out.getvalue(), err=err.getvalue())


def bench(folder: Path) -> Bench:
    """A bench in an empty folder."""
    (folder / "Pulumi.yaml").write_text(PROJECT)
    return Bench(folder)


def command(*arguments: str) -> list[str]:
    """`python -m wizard …` of this repository, to be run in any folder."""
    return [sys.executable, "-m", "wizard", *arguments]


def environ(**more: str) -> dict[str, str]:
    """An environment for `command`: it finds this repository, and knows nothing else."""
    nothing = {"HOME": os.devnull, "LANG": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **nothing, **more}


def _console(file: StringIO, columns: int) -> Console:
    return Console(file=file, width=columns, markup=False, highlight=False, emoji=False)
