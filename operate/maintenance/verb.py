"""`trailwarden maintenance start|end|show`: one record for each trail that a guardian of the stack looks after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from account import Answer, CouldNotLook, Found, found_or
from exits import Exit
from operate.console import confirm, note, printable, refuse, say, say_json
from operate.deployed import Deployed, Guard, NotOpenedError, Target, open_stack, unseen
from operate.maintenance import record
from operate.maintenance.record import Record

SCHEMA = 1
POLICY = "maintenance.json"
LOOKS_EVERY = "within five minutes"
"""The guardian's sweep comes every five minutes."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every one of the three is told: which stack, in which account, and how to answer."""

    target: Target
    as_json: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class _Trail:
    """A guarded trail and its record, None where there is none."""

    guard: Guard
    record: Record | None


def show(options: Options) -> int:
    """Say what is planned. Returns 0 whether or not something is; 2 when AWS did not let us look."""
    try:
        deployed = _opened(options)
        _print(deployed, _read(deployed), options)
    except NotOpenedError as error:
        return refuse(str(error))
    return Exit.OK


def start(options: Options, *, reason: str, lasts: str = "2h", yes: bool = False) -> int:
    """Plan work from now on, for every guarded trail. Returns 0, also when the person said no; 1 when work is planned
    already or the record could not be written everywhere; 2 on bad input.
    """
    reason = " ".join(reason.split())
    try:
        span = record.lasts(lasts)
    except ValueError as error:
        return refuse(f"--for {error}")
    if not reason:
        return refuse("--reason: say why, in a few words; everybody reads it in the mail that tells of the maintenance")
    try:
        deployed = _opened(options)
        trails = _read(deployed)
    except NotOpenedError as error:
        return refuse(str(error))
    acting = [each.guard for each in trails if each.guard.mode == "restore"]
    if not acting:
        return refuse(_nothing_to_lower(deployed))
    begins = options.now().replace(microsecond=0)
    ends = begins + span
    if planned := [each for each in trails if each.record and each.record.is_on(begins)]:
        for each in planned:
            note(_line(each, begins))
        note(f"maintenance is on already; end it first: {_end_it(options)}")
        return Exit.FOUND
    _explain(trails, ends, begins)
    if not yes and not confirm("Begin?", flag="--yes"):
        note("Nothing was written.")
        return Exit.OK
    code = _write(deployed, trails, begins=begins, ends=ends, reason=reason)
    if code is Exit.OK:
        note(f"End it as soon as you are done: {_end_it(options)}")
        _print(deployed, _read(deployed), options)
    return code


def end(options: Options) -> int:
    """End what is planned, now. Returns 0, also when nothing was; 1 when it could not be ended everywhere."""
    try:
        deployed = _opened(options)
        trails = _read(deployed)
    except NotOpenedError as error:
        return refuse(str(error))
    now = options.now().replace(microsecond=0)
    failed = False
    for each in trails:
        if each.record is None or not each.record.is_on(now):
            continue
        answer = record.end(deployed.session, each.guard, each.record, at=now)
        if not isinstance(answer, Found):
            failed = True
            note(f"{each.guard.trail}: {_why_not(answer)}; until its end nothing is put back")
    if not failed:
        is_any = any(each.record and each.record.is_on(now) for each in trails)
        note(
            f"Ended. What is not as wanted is put back from now on, {LOOKS_EVERY}, and a mail says that it is over."
            if is_any
            else "No maintenance was on: every trail is guarded as usual."
        )
        _print(deployed, _read(deployed), options)
    return Exit.FOUND if failed else Exit.OK


# -- reading and writing


def _opened(options: Options) -> Deployed:
    deployed = open_stack(options.target, policy=POLICY)
    if not deployed.guards:
        raise NotOpenedError(
            f"stack {deployed.stack} has no guardian (remediation mode off): nothing is put back in any case, and "
            "there is nothing to lower"
        )
    return deployed


def _read(deployed: Deployed) -> list[_Trail]:
    guards = deployed.guards
    answers = deployed.session.spread(lambda guard: record.read(deployed.session, guard), guards)
    for guard, answer in zip(guards, answers, strict=True):
        if isinstance(answer, CouldNotLook):
            raise NotOpenedError(unseen(f"maintenance of {guard.trail}", answer, policy=POLICY))
    return [_Trail(guard=guard, record=found_or(answer, None)) for guard, answer in zip(guards, answers, strict=True)]


def _write(deployed: Deployed, trails: Sequence[_Trail], *, begins: datetime, ends: datetime, reason: str) -> Exit:
    """All or none: a half of the trails unguarded is what nobody planned."""
    done: list[Guard] = []
    for each in trails:
        if each.guard.mode != "restore":
            continue
        answer = record.put(
            deployed.session,
            each.guard,
            begins=begins,
            ends=ends,
            reason=reason,
            author=deployed.identity.arn,
            over=each.record,
        )
        if isinstance(answer, Found):
            done.append(each.guard)
            continue
        note(f"{each.guard.trail}: {_why_not(answer)}")
        for guard in done:
            written = record.read(deployed.session, guard)
            is_undone = isinstance(written, Found) and isinstance(
                record.end(deployed.session, guard, written.value, at=begins), Found
            )
            note(f"{guard.trail}: {'ended again' if is_undone else 'COULD NOT be ended again: end it by hand'}")
        return Exit.FOUND
    return Exit.OK


def _why_not(answer: Answer[bool]) -> str:
    if isinstance(answer, CouldNotLook):
        return unseen("the record could not be written", answer, policy=POLICY)
    return "somebody else has just changed the record; look again"


# -- words


def _nothing_to_lower(deployed: Deployed) -> str:
    modes = ", ".join(f"{each.trail} is {each.mode}" for each in deployed.guards)
    return f"no guardian of stack {deployed.stack} puts anything back ({modes}): there is nothing to lower"


def _explain(trails: Sequence[_Trail], ends: datetime, now: datetime) -> None:
    guards = [each.guard for each in trails if each.guard.mode == "restore"]
    names = ", ".join(f"{printable(each.trail)} ({each.region})" for each in guards)
    note(f"Until {_until(ends, now)} the guardian tells what happens to {names} and puts nothing back:")
    note("a trail that somebody stops stays stopped, whoever that is. A mail says that maintenance began and by whom.")


def _until(at: datetime, now: datetime) -> str:
    """`14:30 UTC (15:30 CET)`, with the day when it is another."""
    local = at.astimezone()
    form = "%H:%M" if local.date() == now.astimezone().date() and at.date() == now.date() else "%Y-%m-%d %H:%M"
    here = f" ({local:{form}} {local.tzname()})" if local.utcoffset() else ""
    return f"{at:{form}} UTC{here}"


def _line(trail: _Trail, now: datetime) -> str:
    found, head = trail.record, f"{printable(trail.guard.trail)} ({trail.guard.region})"
    if trail.guard.mode != "restore":
        return f"{head}: the guardian only tells (mode {printable(trail.guard.mode)}), with or without maintenance"
    if found is None:
        return f"{head}: no maintenance; the guardian puts back what is changed"
    if found.problem:
        return f"{head}: a record that the guardian does not obey: {found.problem}; it goes on putting things back"
    assert found.begins
    assert found.ends
    who = f"by {printable(found.author)}: {printable(found.reason)}"
    if not found.is_on(now):
        return f"{head}: no maintenance; the last one ended {_until(found.ends, now)}, {who}"
    if not found.has_begun(now):
        return f"{head}: maintenance from {_until(found.begins, now)} until {_until(found.ends, now)} {who}"
    return f"{head}: MAINTENANCE until {_until(found.ends, now)} {who}. Nothing is put back"


def _end_it(options: Options) -> str:
    return f".venv/bin/python -m wizard maintenance end {options.target.options}"


def _print(deployed: Deployed, trails: Sequence[_Trail], options: Options) -> None:
    now = options.now()
    if options.as_json:
        say_json({"schema": SCHEMA, "stack": deployed.stack, "trails": [_document(each, now) for each in trails]})
        return
    for each in trails:
        say(_line(each, now))


def _document(trail: _Trail, now: datetime) -> dict[str, Any]:
    found = trail.record
    state = "none"
    if found is not None:
        state = (
            "unusable"
            if found.problem
            else "over"
            if not found.is_on(now)
            else "on"
            if found.has_begun(now)
            else "planned"
        )
    return {
        "trail": trail.guard.trail_arn,
        "region": trail.guard.region,
        "mode": trail.guard.mode,
        "state": state,
        "begins": record.written(found.begins) if found and found.begins else None,
        "ends": record.written(found.ends) if found and found.ends else None,
        "reason": found.reason if found else None,
        "author": found.author if found else None,
        "problem": (found.problem or None) if found else None,
    }
