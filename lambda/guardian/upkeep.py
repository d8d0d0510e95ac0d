"""The trail's settings: look, wait, look again, put back, read back.

A stop is undone at once and elsewhere. Everything else waits for the grace time, because `pulumi up` changes a trail in
several calls and writes the desired state first: what is still wrong afterwards is nobody's deployment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from guardian.cause import Cause
from guardian.decide import CHANGES, DEPLOYED, Finding, Outcome, Severity
from guardian.drift import Drift, to_undo
from guardian.fields import Call
from guardian.repair import Repair
from guardian.sight import Sight
from guardian.trail import NOT_FOUND, Logging, State
from guardian.wanted import Refused, Wanted

REPAIR_S = 40.0
"""Seconds that must be left after the grace time: to put back, read back and tell."""

NAMELESS_WAIT_S = 10.0
"""Seconds that an alarm or a sweep, which know nobody, wait longer: the event's own run can say who did it, and whoever
puts the settings back tells it."""


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What upkeep acts with. Handed in, so that deciding stays apart from AWS and from time.

    `look` reads both sides. `grace_s` is how long drift is waited for, `fields` what may be put back (in the desired
    state's words), `is_dry_run` whether that is only told. `wait` sleeps so many seconds. `left_s` tells how many are
    left of this run. `may_act` tells why nothing may be changed now ("" when it may). `begin` is told of the drift
    before anything is changed. `put_back` changes the trail. `is_own` tells whether a call was the guardian's own
    (None: nobody knows).
    """

    look: Callable[[], Sight]
    grace_s: float
    fields: frozenset[str]
    is_dry_run: bool
    wait: Callable[[float], None]
    left_s: Callable[[], float]
    may_act: Callable[[], str]
    begin: Callable[[Finding], None]
    put_back: Callable[[Wanted, tuple[Drift, ...]], tuple[Repair, ...]]
    is_own: Callable[[Cause], bool | None]


def keep(cause: Cause, *, told_as: Finding, hands: Hands) -> Finding:
    """How the trail's settings are, and what was done about them.

    `told_as` is what the look at the trail's status found: it is what is told when nothing is wrong with the settings.
    """
    first = hands.look()
    if first.is_gone:
        return _gone(cause, first)
    is_stranger = cause.by_guardian and cause.operation in CHANGES and hands.is_own(cause) is False
    if first.is_as_wanted and not is_stranger:
        return _as_wanted(cause, told_as=told_as, first=first, last=first, is_own=cause.by_guardian)
    wait_s = hands.grace_s if cause.operation else hands.grace_s + NAMELESS_WAIT_S
    has_time = hands.left_s() >= wait_s + REPAIR_S
    last = first
    if has_time:
        hands.wait(wait_s)
        last = hands.look()
    if last.is_gone:
        return _gone(cause, last, drifts=first.to_undo)
    if isinstance(last.wanted, Refused):
        return _document(cause, last.wanted)
    if last.setup is None:
        return _finding(cause, Outcome.NO_SETUP, Severity.CRITICAL, problems=(last.error_code,))
    if not last.drifts:
        is_own = cause.by_guardian and hands.is_own(cause) is not False
        return _as_wanted(cause, told_as=told_as, first=first, last=last, is_own=is_own)
    return _drifted(cause, last, last.wanted, hands=hands, has_time=has_time)


def _drifted(cause: Cause, sight: Sight, wanted: Wanted, *, hands: Hands, has_time: bool) -> Finding:
    """What may be put back and what may not are two incidents: each has its own end."""
    kept = tuple(drift for drift in sight.to_undo if drift.field.key not in hands.fields)
    others = tuple(drift for drift in sight.drifts if drift not in kept)
    aside = None
    if kept:
        names = ", ".join(drift.field.key for drift in kept)
        left = f"remediation.fields does not name {names}"
        aside = _finding(cause, Outcome.DRIFTED, Severity.CRITICAL, drifts=kept, left=left, seen_at=sight.at)
        if not others:
            return aside
    if not to_undo(others):
        finding = _finding(cause, Outcome.EXTENDED, Severity.MEDIUM, drifts=others, seen_at=sight.at)
    else:
        finding = _undo(cause, others, wanted, hands=hands, has_time=has_time, seen_at=sight.at)
    return finding._replace(aside=aside)


def _undo(
    cause: Cause, drifts: tuple[Drift, ...], wanted: Wanted, *, hands: Hands, has_time: bool, seen_at: datetime
) -> Finding:
    weakening = to_undo(drifts)
    left = hands.may_act() if has_time else "too little time was left in this run; the next one tries"
    is_dry_run = hands.is_dry_run and not left
    if is_dry_run:
        left = f"a dry run; it would call {_calls(weakening)}"
    if left:
        finding = _finding(cause, Outcome.DRIFTED, Severity.CRITICAL, drifts=drifts, left=left, seen_at=seen_at)
        return finding._replace(is_dry_run=is_dry_run)
    hands.begin(_finding(cause, Outcome.NOT_PUT_BACK, Severity.CRITICAL, drifts=drifts, seen_at=seen_at))
    repairs = hands.put_back(wanted, weakening)
    after = hands.look()
    if after.is_gone or any(repair.finds_no_trail for repair in repairs):
        return _gone(cause, after, drifts=drifts, repairs=repairs)
    # Believe the read, not the write; and what cannot be read is not known to be put back.
    is_back = after.setup is not None and not to_undo(_still(weakening, after))
    return _finding(
        cause,
        Outcome.PUT_BACK if is_back else Outcome.NOT_PUT_BACK,
        Severity.CRITICAL,
        drifts=drifts,
        repairs=repairs,
        problems=(after.error_code,) if after.setup is None else (),
        seen_at=seen_at,
    )


def _calls(drifts: tuple[Drift, ...]) -> str:
    """`UpdateTrail (bucket, prefix in the bucket), PutEventSelectors (event selectors)`."""
    labels = {call: [drift.field.label for drift in drifts if drift.field.call is call] for call in Call}
    return ", ".join(f"{call} ({', '.join(named)})" for call, named in labels.items() if named)


def _still(drifts: tuple[Drift, ...], after: Sight) -> tuple[Drift, ...]:
    """Those whose field does not read as wanted yet."""
    return tuple(drift for drift in drifts if getattr(after.setup, drift.field.name) != drift.wanted)


def _as_wanted(cause: Cause, *, told_as: Finding, first: Sight, last: Sight, is_own: bool) -> Finding:
    if told_as.outcome is not Outcome.CHANGED:
        return _finding(cause, Outcome.NOTHING_WRONG, Severity.MEDIUM)
    if cause.operation in CHANGES and is_own:
        return _finding(cause, Outcome.OWN_REPAIR, Severity.MEDIUM)
    at = cause.at or last.at
    is_deployment = isinstance(last.wanted, Wanted) and last.wanted.is_settling(at)
    if is_deployment and not cause.by_guardian and cause.operation in DEPLOYED:
        return _finding(cause, Outcome.DEPLOYED, Severity.MEDIUM)
    lapse = round((last.at - first.at) / timedelta(seconds=1))
    left = f"as wanted again {lapse} s later" if first.to_undo else ""
    return Finding(
        cause=cause,
        outcome=Outcome.CHANGED,
        severity=told_as.severity,
        before=told_as.before,
        after=told_as.after,
        drifts=first.to_undo,
        left=left,
    )


def _gone(cause: Cause, sight: Sight, *, drifts: tuple[Drift, ...] = (), repairs: tuple[Repair, ...] = ()) -> Finding:
    """The trail was logging when its status was read, and was deleted meanwhile: the deletion's own incident."""
    found = _finding(cause, Outcome.GONE, Severity.CRITICAL, drifts=drifts, repairs=repairs, seen_at=sight.at)
    return found._replace(after=State(logging=Logging.GONE, error_code=NOT_FOUND))


def _document(cause: Cause, refused: Refused) -> Finding:
    if refused.error_code:
        return _finding(cause, Outcome.NO_WANTED, Severity.CRITICAL, problems=(refused.error_code,))
    return _finding(cause, Outcome.WEAK_WANTED, Severity.CRITICAL, problems=refused.problems)


def _finding(
    cause: Cause,
    outcome: Outcome,
    severity: Severity,
    *,
    drifts: tuple[Drift, ...] = (),
    repairs: tuple[Repair, ...] = (),
    left: str = "",
    problems: tuple[str, ...] = (),
    seen_at: datetime | None = None,
) -> Finding:
    return Finding(
        cause=cause,
        outcome=outcome,
        severity=severity,
        drifts=drifts,
        repairs=repairs,
        left=left,
        problems=problems,
        seen_at=seen_at,
    )
