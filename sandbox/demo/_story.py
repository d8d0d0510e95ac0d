"""The demo's story, played once: the stage is set, four acts, the curtain."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.alarms import EXTRA_PERIODS
from sandbox.client import SandboxClient, SandboxError
from sandbox.deploy import DeployError, Progress, deploy
from settings import Settings

from ._acts import RESTORED, Act, acts
from ._observer import Expectation, Mail, Observer, VanishedError, told_twice, wait_for
from ._people import hire
from ._stage import Stage, StageError
from .document import Observed, Step
from .screen import Screen

T = TypeVar("T")
STACK = "demo"
# How slow the sandbox's clock is while the deploy runs: longer than alarms of 300 s look back (see sandbox.alarms).
CLOCK_BEHIND_S = 300 * (1 + EXTRA_PERIODS) + 60
# The services' own words for what a deploy makes; the rest is counted as "other resources".
_COUNTED = {
    "Trail": "trail",
    "LogMetricFilter": "metric filter",
    "MetricAlarm": "alarm",
    "Topic": "topic",
    "Function": "function",
    "EventRule": "event rule",
}
_TROUBLE = (StageError, VanishedError, SandboxError, DeployError, ClientError, BotoCoreError)


class StoryEndedError(Exception):
    """A step was not seen, and what comes next would rest on it."""


class Story:
    """Plays the story on a stage and a screen, and notes what was seen in `observed`.

    `patience_s` is how long an act's consequences are awaited. `confirm_mail` and `program` are for tests, which leave
    the mail unconfirmed or deploy a changed copy of the program to see that the demo can fail.
    """

    def __init__(
        self,
        *,
        stage: Stage,
        screen: Screen,
        observed: Observed,
        patience_s: float,
        confirm_mail: bool,
        program: Path | None,
    ) -> None:
        self._stage, self._screen, self._observed = stage, screen, observed
        self._patience_s, self._confirm_mail, self._program = patience_s, confirm_mail, program

    def play(self) -> None:
        """Play it to the end, or up to the first act that was not followed by all it should be.

        Raises StoryEndedError in the latter case; the screen and `observed` already tell why.
        """
        started = time.perf_counter()
        try:
            self._play_all()
        except _TROUBLE as error:  # between the steps: the sandbox went away, or does not answer as it should
            self._note("story", False, started, str(error))
            self._end()

    def _play_all(self) -> None:
        sandbox = self._start()
        stack_file, settings = self._answer()
        mallory, auditor = hire(sandbox)
        outputs = self._deploy(sandbox, stack_file, settings)
        observer = Observer(
            auditor=auditor,
            sandbox=sandbox,
            region=settings.home_region,
            trail_arn=outputs["trailArn"],
            alarm_names=outputs["alarmNames"],
            observed=self._observed,
        )
        self._set_the_clock(sandbox, observer)
        if self._confirm_mail:
            self._confirm(sandbox, settings)
        for act in acts(mallory=mallory, observer=observer, region=settings.home_region, trail_arn=outputs["trailArn"]):
            self._play(act, observer)
        sandbox.settle()
        self._count_mails(observer)
        observer.alarms()

    # -- the stage is set

    def _start(self) -> SandboxClient:
        self._screen.step("A local AWS starts")
        sandbox = self._try(
            "sandbox", lambda _: "ready", lambda: self._stage.start_sandbox(clock_behind_s=CLOCK_BEHIND_S)
        )
        self._screen.note(f"{sandbox.endpoint_url} · account {sandbox.health()['account']} · IAM is enforced")
        return sandbox

    def _answer(self) -> tuple[Path, Settings]:
        self._screen.step("The setup wizard gets its answers from a file")
        stack_file = self._try("setup", lambda file: f"{file.name} is written", lambda: self._stage.run_wizard(STACK))
        settings = Settings.from_stack_file(stack_file)
        people = ", ".join(settings.emails)
        kinds = Counter(watch.kind for watch in settings.watches)
        self._screen.note(
            f"home region {settings.home_region} · {people} · {_counted(kinds['event-set'], 'event set')} · "
            f"{_counted(kinds['source-ip'], 'address range')} · remediation {settings.remediation.mode}"
        )
        return stack_file, settings

    def _deploy(self, sandbox: SandboxClient, stack_file: Path, settings: Settings) -> Mapping[str, Any]:
        self._screen.step("The Pulumi program runs, and each of its resources is made")
        kinds: Counter[str] = Counter()
        total = settings.plan().total
        with self._screen.waiting("the program starts") as line:

            def tell(progress: Progress) -> None:
                kind = progress.token.rpartition(":")[2]
                kinds[kind] += 1
                line.now(f"{progress.count} of {total}: {kind} {progress.name}")

            deployment = self._try(
                "deploy",
                lambda done: f"{done.resources} resources",
                lambda: deploy(stack_file, endpoint_url=sandbox.endpoint_url, on_progress=tell, program=self._program),
            )
        self._observed.resources = deployment.resources
        parts = [_counted(kinds[kind], word) for kind, word in _COUNTED.items() if kinds[kind]]
        rest = deployment.resources - sum(kinds[kind] for kind in _COUNTED)
        self._screen.note(" · ".join([*parts, f"{rest} others: keys, policies, roles, queues …"]))
        return deployment.outputs

    def _set_the_clock(self, sandbox: SandboxClient, observer: Observer) -> None:
        """Let the alarms of the deploy, which is itself a change of the account, be long past.

        The sandbox started with a slow clock for this, so all that follows has true times.
        """
        self._screen.step("The sandbox's clock, so far slow, is set right")
        rang: list[str] = []

        def quieten() -> None:
            sandbox.settle()
            sandbox.advance_clock(0)  # the alarms are looked at now, not at the next tick
            rang.extend(_ringing(observer))
            sandbox.advance_clock(CLOCK_BEHIND_S)
            sandbox.settle()  # the sweep was due as well, and must not meet the first act half way
            if still := _ringing(observer):
                raise StageError(f"still in ALARM: {', '.join(still)}")

        self._try("quiet", lambda _: "no alarm is in ALARM", quieten)
        if rang:
            self._screen.note(
                f"The deploy had rung {' and '.join(rang)}, as it does on AWS; it is now "
                f"{CLOCK_BEHIND_S // 60} minutes ago, and nobody has to wait until the alarms are quiet again."
            )
        self._observed.alarms.clear()
        observer.alarms()

    def _confirm(self, sandbox: SandboxClient, settings: Settings) -> None:
        self._screen.step("The mail that AWS sends first is confirmed")

        def confirm() -> list[str]:
            confirmed = sandbox.confirm(None)["confirmed"]
            if missing := set(settings.emails) - set(confirmed):
                raise StageError(f"not confirmed: {', '.join(sorted(missing))}")
            return confirmed

        # Each address has a link for the alerts and one for the last resort.
        self._try(
            "confirm", lambda confirmed: f"{', '.join(sorted(set(confirmed)))} opened {len(confirmed)} links", confirm
        )

    def _count_mails(self, observer: Observer) -> None:
        """Nobody is told of one event twice, although several ways and several event sets find it."""
        self._screen.step("The mails are counted")

        def count() -> int:
            mails = observer.mails()
            if twice := told_twice(mails):
                raise StageError(f"told twice: {', '.join(twice)}")
            return len(mails)

        self._try("once", lambda number: f"{number} mails, and none tells of an event that another tells", count)

    # -- the acts

    def _play(self, act: Act, observer: Observer) -> None:
        self._screen.step(act.title)
        for watch in act.quiet:
            started = time.perf_counter()
            state = observer.alarms()[watch]["StateValue"]
            self._note(f"{act.name}.quiet", state != "ALARM", started, f"before it, alarm {watch} is in state {state}")
            if state == "ALARM":
                self._end()
        mark = observer.mark()
        answered = self._call(act)
        missing = {expectation.name: expectation for expectation in act.expect}
        mails: list[tuple[Mail, int | None]] = []
        with self._screen.waiting(_awaited(missing)) as line:
            for expectation, seen, ms in wait_for(
                act.expect, mark=mark, answered=answered, patience_s=self._patience_s
            ):
                del missing[expectation.name]
                self._observed.steps.append(Step(expectation.name, True, ms))
                self._screen.seen(seen.text, f"+ {ms:.0f} ms")
                line.now(_awaited(missing))
                if seen.mail:
                    mails.append((seen.mail, expectation.lines))
                if expectation.name == RESTORED:
                    self._observed.restored, self._observed.restore_ms = True, ms
        for expectation in missing.values():
            self._note(expectation.name, False, answered, f"not seen: {expectation.what}")
        for mail, lines in mails:
            self._screen.mail(mail, lines=lines)
        if missing:
            self._end()
        if act.note:
            self._screen.note(act.note)

    def _call(self, act: Act) -> float:
        """Make the act's calls; the moment of their answer (`time.perf_counter`)."""
        moments: list[float] = []

        def do() -> str:
            told = act.do()
            moments.append(time.perf_counter())
            return told

        self._try(f"{act.name}.call", str, do)
        return moments[0]

    # -- steps

    def _try(self, name: str, tell: Callable[[T], str], act: Callable[[], T]) -> T:
        """Do one step and show how long it took; what it answers. A failure is shown, and ends the story."""
        started = time.perf_counter()
        try:
            result = act()
        except _TROUBLE as error:
            self._note(name, False, started, str(error))
            self._end()
        self._note(name, True, started, tell(result))
        return result

    def _note(self, name: str, ok: bool, started: float, text: str) -> None:
        ms = (time.perf_counter() - started) * 1000
        self._observed.steps.append(Step(name, ok, ms))
        if ok:
            self._screen.seen(text, f"{ms:.0f} ms")
        else:
            self._screen.missed(text)

    def _end(self) -> NoReturn:
        self._screen.note("The story ends here: what comes next would rest on what was not seen.")
        raise StoryEndedError


def _ringing(observer: Observer) -> list[str]:
    return [watch for watch, alarm in observer.alarms().items() if alarm["StateValue"] == "ALARM"]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _awaited(missing: Mapping[str, Expectation]) -> str:
    return "waiting for " + ", ".join(expectation.what for expectation in missing.values())
