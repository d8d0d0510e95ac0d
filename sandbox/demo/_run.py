"""The demo as a command: screen or JSON, clean-up in every case, and an exit code that means something."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from exits import Exit
from sandbox.verbs import missing_extra
from settings.version import VERSION

from ._stage import Stage, StageError
from ._story import Story, StoryEndedError
from .document import Observed, Step
from .screen import Screen

PATIENCE_S = 30.0  # consequences are seen within a second; a throttled machine may take ten times as long
_COMMAND = ".venv/bin/python -m wizard"


def run(
    as_json: bool, *, patience_s: float = PATIENCE_S, confirm_mail: bool = True, program: Path | None = None
) -> int:
    """Play the demo: 0 if everything it claims was observed, 1 if not, 2 if it could not be played, 130 on Ctrl-C.

    With `as_json` standard output gets one document (see `document.Observed`) and nothing else, the story goes to
    standard error. The other parameters are for tests that must see it fail: how many seconds an act's consequences
    are awaited, whether the mail is confirmed, and the directory of a changed copy of the program.
    """
    console = Console(stderr=as_json, highlight=False, soft_wrap=False)
    if problem := missing_extra():
        sys.stderr.write(f"{problem}\n")
        return Exit.NO_ANSWER
    screen, observed = Screen(console), Observed()
    screen.opening(
        f"trailwarden {VERSION}: somebody stops the audit trail",
        "All of it happens on this machine, in a local AWS that is thrown away afterwards. Every number is measured; "
        "those with + begin when a call of mallory's was answered.",
    )
    began = time.perf_counter()
    with terminated_like_interrupted():
        try:
            _play(screen, observed, patience_s=patience_s, confirm_mail=confirm_mail, program=program)
        except KeyboardInterrupt:
            screen.verdict(ok=False, text="Interrupted. The sandbox is stopped, and nothing is left behind.")
            return Exit.INTERRUPTED
    _close(screen, observed, seconds=time.perf_counter() - began)
    if as_json:
        sys.stdout.write(json.dumps(observed.document(), indent=2, ensure_ascii=False) + "\n")
    return Exit.OK if observed.ok else Exit.FOUND


def _play(screen: Screen, observed: Observed, *, patience_s: float, confirm_mail: bool, program: Path | None) -> None:
    """Story and clean-up. `observed.complete` only if the last act was played and nothing is left behind."""
    played = False
    with Stage() as stage:
        story = Story(
            stage=stage,
            screen=screen,
            observed=observed,
            patience_s=patience_s,
            confirm_mail=confirm_mail,
            program=program,
        )
        try:
            story.play()
            played = True
        except StoryEndedError:
            pass  # the screen and `observed` tell why
        screen.step("Clean-up")
        started = time.perf_counter()
        try:
            stage.clear()
            problem = ""
        except (StageError, OSError) as error:
            problem = str(error)
    ms = (time.perf_counter() - started) * 1000
    observed.steps.append(Step("clean-up", not problem, ms))
    if problem:
        screen.missed(problem)
    else:
        screen.seen("the sandbox's process has ended, and the temporary folder is gone", f"{ms:.0f} ms")
    observed.complete = played


def _close(screen: Screen, observed: Observed, *, seconds: float) -> None:
    """What was not shown, how to go on, and the verdict."""
    screen.listing(
        "Not shown, because it cannot be shown here",
        [
            "Real mail: AWS's own confirmation mail, spam filters, and the unsubscribe link under every mail.",
            "AWS's times: a call takes about five minutes to the log group; the event rule hears of it in seconds.",
            "AWS's alarms look once a minute, these once a second. And AWS promises none of these times.",
            "Pulumi's engine: preview, state, updates and destroy. Here the program ran under Pulumi's mock monitor.",
        ],
    )
    screen.listing(
        "On a real account",
        [
            f"{_COMMAND:<36} asks what to watch and whom to tell, and writes Pulumi.<stack>.yaml",
            f"{'pulumi up --stack <stack>':<36} makes it so; then confirm the mail that AWS sends",
        ],
    )
    failed = sum(not step.ok for step in observed.steps)
    seen = f"{sum(step.ok for step in observed.steps)} steps were seen, in {seconds:.1f} s"
    if observed.ok:
        screen.verdict(ok=True, text=f"Everything the demo claims was observed: {seen}.")
    else:
        screen.verdict(ok=False, text=f"Not everything the demo claims was observed: {seen}; {failed} not.")


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """A closed terminal or a polite kill cleans up like Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
