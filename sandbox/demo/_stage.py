"""What the story is played on: a temporary folder, the sandbox's process, and the wizard's. All of it goes again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from sandbox.client import SandboxClient
from sandbox.deploy.environment import ROOT, clean_environment
from sandbox.process import SandboxProcess

ANSWERS = Path(__file__).with_name("answers.yaml")


class StageError(Exception):
    """The wizard or the sandbox did not do its part; the text is what it said."""


class Stage:
    """A context: on entering there is a temporary project folder; on leaving, neither folder nor sandbox is left."""

    def __init__(self) -> None:
        self._things = ExitStack()
        self.project = Path()
        self.server: SandboxProcess | None = None

    def __enter__(self) -> Stage:
        self.project = Path(self._things.enter_context(tempfile.TemporaryDirectory(prefix="trailwarden-demo-")))
        shutil.copyfile(ROOT / "Pulumi.yaml", self.project / "Pulumi.yaml")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._things.close()

    def start_sandbox(self, *, clock_behind_s: float = 0.0, by_hand: bool = False) -> SandboxClient:
        """Start the sandbox on a free port and wait until it is ready. Raises SandboxError.

        The clock may be slow, and `by_hand`: see SandboxProcess.
        """
        self.server = self._things.enter_context(SandboxProcess(clock_behind_s=clock_behind_s, by_hand=by_hand))
        return self.server.client

    def run_wizard(self, stack: str) -> Path:
        """Let the setup wizard turn the shipped answers into a stack file; its path. Raises StageError."""
        done = subprocess.run(  # noqa: S603 (our own interpreter and module; the stack's name is ours, too)
            [sys.executable, "-m", "wizard", "setup", "--stack", stack, "--answers", str(ANSWERS), "--yes"],
            cwd=self.project,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        stack_file = self.project / f"Pulumi.{stack}.yaml"
        if done.returncode or not stack_file.is_file():
            said = (done.stderr.strip() or done.stdout.strip()) or "it said nothing"
            raise StageError(f"the wizard ended with exit code {done.returncode}: {said}")
        return stack_file

    def clear(self) -> None:
        """Stop the sandbox and remove the folder. Raises StageError if either is still there afterwards."""
        self._things.close()
        status = self.server.stop() if self.server else 0  # again: only says how it ended
        if status:
            raise StageError(f"the sandbox ended with exit status {status}")
        if self.project.exists():
            raise StageError(f"{self.project} is still there")
