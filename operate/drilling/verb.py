"""`trailwarden drill`: does a stopped trail come back, how fast, and does anybody hear of it?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import account
from account import CouldNotLook, Found, TrailStatus
from exits import Exit
from operate.console import confirm, note, printable, refuse, say, say_json, typed
from operate.deployed import Deployed, Guard, NotOpenedError, Target, open_stack, unseen
from operate.drilling import safety
from operate.drilling.watch import Drilled, Watch
from operate.maintenance import record
from operate.progress import Patience, progress

SCHEMA = 1
POLICY = "drill.json"
TOLD_WITHIN_S = 90.0
"""How long to wait for the guardian's line in its log, which CloudWatch shows with some delay."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Which trail of which stack, what counts as good, and how long to wait. Times in seconds."""

    target: Target
    trail: str | None = None
    yes_really: bool = False
    target_s: float = 60.0
    timeout_s: float = 600.0
    as_json: bool = False
    pause_s: float = 0.5
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def run(options: Options) -> int:
    """Stop the trail and time its return. Returns 0 when the guardian started it within the target and told people (or
    the person said no), 1 when not, 2 when the drill was refused or AWS did not let us look.
    """
    try:
        deployed = open_stack(options.target, policy=POLICY)
        guard = _chosen(deployed, options)
        _refuse_unless_guarded(deployed, guard, options)
        _look(deployed, guard)
        if not options.yes_really and not _asked(deployed, guard):
            note("Nothing was stopped.")
            return Exit.OK
        _prove_that_it_can_be_undone(deployed, guard)
        before = _look(deployed, guard)
    except NotOpenedError as error:
        return refuse(str(error))
    with progress(f"drill on {guard.trail}") as tell:
        done = _watch(deployed, guard, options, tell).run(before)
    if isinstance(done, CouldNotLook):
        return refuse(unseen("the trail was not stopped", done, policy=POLICY))
    code = _code(done, options)
    if options.as_json:
        _json(deployed, guard, done, options, code)
    else:
        _show(guard, done, options)
    return code


# -- before the stop


def _chosen(deployed: Deployed, options: Options) -> Guard:
    guards = deployed.guards
    if not guards:
        raise NotOpenedError(
            f"stack {deployed.stack} has no guardian (remediation mode off): nobody would start the trail again, so it "
            "is not stopped"
        )
    names = ", ".join(f"{each.trail} ({each.region})" for each in guards)
    if options.trail is None:
        if len(guards) > 1:
            raise NotOpenedError(f"stack {deployed.stack} guards several trails; --trail says which: {names}")
        return next(iter(guards))
    found = [each for each in guards if options.trail in (each.trail, each.trail_arn)]
    if not found:
        raise NotOpenedError(f"--trail {options.trail}: stack {deployed.stack} guards {names}")
    if len(found) > 1:
        arns = ", ".join(each.trail_arn for each in found)
        raise NotOpenedError(f"--trail {options.trail}: there are several of that name; give the ARN: {arns}")
    return found[0]


def _refuse_unless_guarded(deployed: Deployed, guard: Guard, options: Options) -> None:
    if guard.mode != "restore":
        raise NotOpenedError(
            f"the guardian of {guard.trail} only tells (mode {guard.mode}): nobody would start the trail again, so it "
            "is not stopped. `test-alert` tests the mails without stopping anything"
        )
    planned = record.read(deployed.session, guard)
    if isinstance(planned, CouldNotLook):
        raise NotOpenedError(unseen("maintenance", planned, policy=POLICY))
    if isinstance(planned, Found) and planned.value.is_on(options.now()):
        raise NotOpenedError(
            f"maintenance is on until {record.written(planned.value.ends or options.now())}: the guardian would leave "
            f"the trail stopped. End it first: .venv/bin/python -m wizard maintenance end {options.target.options}"
        )


def _look(deployed: Deployed, guard: Guard) -> TrailStatus:
    status = account.trail_status(deployed.session, guard.trail_arn, guard.region)
    if isinstance(status, CouldNotLook):
        raise NotOpenedError(unseen(f"trail {guard.trail}", status, policy=POLICY))
    if not isinstance(status, Found):
        raise NotOpenedError(f"trail {guard.trail} is not there: pulumi up --stack {deployed.stack} makes it again")
    if not status.value.is_logging:
        raise NotOpenedError(
            f"trail {guard.trail} is not logging, and that is no drill. Start it: {safety.command(guard)}"
        )
    return status.value


def _asked(deployed: Deployed, guard: Guard) -> bool:
    note(f"This stops trail {guard.trail} of account {deployed.identity.account} ({guard.region}) for real.")
    note("Until it logs again it records nothing, and everybody on the alerts topic gets a critical mail.")
    flag = "--yes-really"
    sure = f"Type the trail's name ({guard.trail}) to stop it:"
    return confirm("Stop it?", flag=flag) and typed(sure, guard.trail, flag=flag)


def _prove_that_it_can_be_undone(deployed: Deployed, guard: Guard) -> None:
    """Start the trail that logs, before it is stopped: whoever may not start it shall not stop it."""
    started = safety.start(deployed.session, guard)
    if isinstance(started, CouldNotLook):
        raise NotOpenedError(
            unseen(f"you may not start {guard.trail} again, so it is not stopped", started, policy=POLICY)
        )


def _watch(deployed: Deployed, guard: Guard, options: Options, tell: Callable[[str], None]) -> Watch:
    return Watch(
        deployed=deployed,
        guard=guard,
        until_logging=Patience(timeout_s=options.timeout_s, pause_s=options.pause_s, sleep=options.sleep),
        until_told=Patience(timeout_s=TOLD_WITHIN_S, pause_s=options.pause_s, sleep=options.sleep),
        tell=tell,
        now=options.now,
    )


# -- after it


def _code(done: Drilled, options: Options) -> Exit:
    if done.blind:
        return Exit.NO_ANSWER
    is_good = done.after_s is not None and done.after_s <= options.target_s and done.by_guardian and done.message_id
    return Exit.OK if is_good else Exit.FOUND


def _json(deployed: Deployed, guard: Guard, done: Drilled, options: Options, code: Exit) -> None:
    say_json(
        {
            "schema": SCHEMA,
            "stack": deployed.stack,
            "trail": guard.trail_arn,
            "exit_code": int(code),
            "stopped_at": record.written(done.stopped_at),
            "logging_after_s": None if done.after_s is None else round(done.after_s, 1),
            "target_s": options.target_s,
            "restored_by": "guardian" if done.by_guardian else "drill" if done.after_s is None else None,
            "trigger": done.trigger or None,
            "sns_message_id": done.message_id or None,
            "is_logging": done.is_logging,
            "blind": done.blind or None,
        }
    )


def _show(guard: Guard, done: Drilled, options: Options) -> None:
    name = printable(guard.trail)
    if done.after_s is None:
        said = "It was started by this drill." if done.is_logging else "IT IS NOT LOGGING NOW."
        say(f"✗ {name} did not log again within {options.timeout_s:.0f} s. {said}")
        say("  Look at the guardian: `check` says whether its rule, permissions and role are in order.")
        return
    mark = "✓" if done.after_s <= options.target_s else "✗"
    say(f"{mark} {name} was logging again after {done.after_s:.1f} s (target {options.target_s:.0f} s)")
    if done.blind:
        say(f"? who started it and whether people were told could not be looked at: {printable(done.blind)}")
        return
    if done.by_guardian:
        say(f"✓ the guardian started it, woken by {done.trigger or 'something'}: {done.outcome}")
    else:
        say("✗ the guardian's log says nothing of it: somebody else started it. Who did is in the event history:")
        say(
            f"  aws cloudtrail lookup-events --region {guard.region} "
            "--lookup-attributes AttributeKey=EventName,AttributeValue=StartLogging"
        )
    if done.message_id:
        say(f"✓ the mail was published to the alerts topic: SNS message {done.message_id}")
    else:
        say(f"✗ no mail was published: look at log group {guard.log_group}, and run `test-alert`")
