"""The command `demo --attacks`: the table on a screen or as one JSON document, and a meaningful exit code."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from sandbox.client import SandboxError
from sandbox.demo._run import terminated_like_interrupted
from sandbox.demo._stage import Stage, StageError
from sandbox.demo.screen import Screen
from sandbox.deploy import DeployError
from sandbox.verbs import missing_extra
from settings.version import VERSION

from ._play import Result, play
from ._range import Range
from ._row import Row
from ._rows import ROWS
from ._stacks import make_range

_TROUBLE = (StageError, SandboxError, DeployError, ClientError, BotoCoreError)


def run(as_json: bool, *, rows: Sequence[Row] = ROWS) -> int:
    """Play the table: 0 if each attack ended as its row says, 1 if not, 2 if it could not be played, 130 on Ctrl-C.

    With `as_json` standard output gets one document (see `document`) and nothing else, the story goes to standard
    error. `rows` are for tests, which play a few.
    """
    if problem := missing_extra():
        sys.stderr.write(f"{problem}\n")
        return 2
    screen = Screen(Console(stderr=as_json, highlight=False, soft_wrap=False))
    screen.opening(
        f"trailwarden {VERSION}: ways to blind the audit trail, and what becomes of them",
        "Each attack is made in a local AWS by an administrator gone bad. Times are by that AWS's clock, which is "
        "turned over waiting: the guardian's 30 s of grace, the sweep's 5 minutes.",
    )
    began, results, trouble = time.perf_counter(), [], ""
    with terminated_like_interrupted():
        try:
            _play(screen, rows, results)
        except KeyboardInterrupt:
            screen.verdict(ok=False, text="Interrupted. The sandbox is stopped, and nothing is left behind.")
            return 130
        except _TROUBLE as error:
            trouble = str(error)
            screen.missed(trouble)
    _close(screen, results, trouble=trouble, seconds=time.perf_counter() - began)
    told = document(results, complete=not trouble)
    if as_json:
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return 0 if told["ok"] else 1


def document(results: Sequence[Result], *, complete: bool) -> dict[str, Any]:
    """The document of `demo --attacks --json`.

    `ok`: every attack was played and ended as its row says. A row has `ending` (`repaired and told`, `told`, `silent`,
    `not answered yet`), the mail's `subject`, the `trigger`, `after_s` by the sandbox's clock (all three null if no
    mail is claimed), `why` for what is not answered, and `problem` for what went otherwise.
    """
    return {
        "ok": complete and bool(results) and not any(result.problem for result in results),
        "rows": [
            {
                "name": result.row.name,
                "title": result.row.title,
                "ending": result.ending,
                "subject": result.subject or None,
                "trigger": result.trigger or None,
                "after_s": result.after_s,
                "others": list(result.others),
                "why": result.row.unanswered or None,
                "problem": result.problem or None,
            }
            for result in results
        ],
    }


def _play(screen: Screen, rows: Sequence[Row], results: list[Result]) -> None:
    with Stage() as stage:
        ranges: dict[bool, Range] = {}
        for row in rows:
            at = ranges.get(row.explained)
            if at is None:
                at = ranges[row.explained] = _begin(screen, stage, is_explained=row.explained)
            with screen.waiting(row.title):
                result = play(row, at)
            results.append(result)
            _show(screen, result)


def _begin(screen: Screen, stage: Stage, *, is_explained: bool) -> Range:
    screen.step("A local AWS starts, and the program is deployed")
    began = time.perf_counter()
    at = make_range(stage, is_explained=is_explained)
    screen.seen("deployed, confirmed and quiet", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    screen.step("The attacks on the explainer" if is_explained else "The attacks")
    return at


def _show(screen: Screen, result: Result) -> None:
    row = result.row
    if result.problem:
        screen.missed(f"{row.title}: {result.problem}")
    elif row.unanswered:
        screen.left_open(f"{row.title}: not answered yet, because {row.unanswered}")
    else:
        screen.seen(f"{row.title}: {result.ending} by the {result.trigger}", f"+ {result.after_s:.1f} s")
        screen.note(result.subject)


def _close(screen: Screen, results: Sequence[Result], *, trouble: str, seconds: float) -> None:
    wrong = sum(bool(result.problem) for result in results)
    left_open = sum(bool(result.row.unanswered) and not result.problem for result in results)
    answered = len(results) - left_open - wrong
    counts = f"{answered} answered, {left_open} not answered yet; {seconds:.0f} s on this machine."
    if trouble or wrong:
        screen.verdict(ok=False, text=f"Not as the table says: {wrong}; {counts}")
    else:
        screen.verdict(ok=True, text=f"Every attack ended as the table says: {counts}")
