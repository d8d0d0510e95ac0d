"""A stack file as it was at a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from settings import Settings, StackFile

TIMEOUT_S = 60


class RevisionError(ValueError):
    """The revision could not be read; the message says why."""


def settings_at(path: Path, revision: str) -> Settings | None:
    """The settings in the stack file `path` at a revision; None if it did not exist there.

    Raises RevisionError where git cannot tell, and SettingsError where the file of that time is not valid today.
    """
    if not revision or revision.startswith("-") or ":" in revision:
        raise RevisionError(f"--against {revision}: not a revision; write one such as main, HEAD~1 or a commit's hash")
    commit = _git(path.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise RevisionError(
            f"--against {revision}: git knows no such revision here; a shallow clone may lack it "
            "(`git fetch origin main`, or fetch-depth: 0 in a workflow)"
        )
    place = f"{commit.decode().strip()}:./{path.name}"
    if _git(path.parent, "cat-file", "-e", place) is None:
        return None
    text = _git(path.parent, "cat-file", "blob", place)  # plumbing: no filter and no pager of a repository runs
    if text is None:
        raise RevisionError(f"--against {revision}: git cannot show {path.name} of that revision")
    return StackFile(path, stack=StackFile.read(path).stack, text=text.decode("utf-8", "replace")).settings()


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None where it says no. Raises RevisionError where it cannot be asked."""
    command = ["git", "--no-pager", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell; the revision cannot be an option
            command, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RevisionError(f"git could not be asked: {error}") from error
    problem = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and "not a git repository" in problem:
        raise RevisionError(f"{folder}: not a git repository, so there is nothing to compare with")
    if done.returncode and "dubious ownership" in problem:
        raise RevisionError(problem)
    return None if done.returncode else done.stdout
