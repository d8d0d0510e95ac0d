"""What a message and the trail's state call for. Pure: no clock, no AWS, no environment."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from common.text import lapse_s
from common.trail_calls import Whose

from guardian.cause import Cause
from guardian.fields import Call
from guardian.remit import Mode
from guardian.trail import Attempt, Logging, State

if TYPE_CHECKING:
    from guardian.drift import Drift
    from guardian.repair import Repair

SAME_STOP = timedelta(seconds=5)
"""By so much the times may differ that an event and CloudTrail's own memory give one stop."""
ROUNDED = timedelta(seconds=2)
"""By so much at most they differ by rounding alone."""


class Severity(StrEnum):
    """How loud a report is; the same words as the event sets use."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"


class Outcome(StrEnum):
    """How a message ended. The first four say nothing to anybody."""

    NOT_OURS = "not ours"  # an event of another trail
    OWN_REPAIR = "own repair"  # our own call; the mail of the repair has told it
    NOTHING_WRONG = "nothing wrong"  # a hint, and the trail is as it should be
    DEPLOYED = "deployed"  # the desired state was written first, and the trail is as it says
    RESTORED = "restored"  # it did not log, we started it, it logs
    RUNNING_AGAIN = "running again"  # it was stopped, and logs again without us
    STILL_STOPPED = "still stopped"  # told to notify only
    NOT_RESTORED = "not restored"
    GONE = "gone"
    UNREADABLE = "unreadable"  # AWS does not let us look
    CHANGED = "changed"  # somebody did something to the trail that leaves it logging
    REFUSED = "refused"  # somebody tried
    PUT_BACK = "put back"  # it was not as wanted, we changed it, it is
    NOT_PUT_BACK = "not put back"
    DRIFTED = "drifted"  # it is not as wanted, and not ours to change now
    EXTENDED = "extended"  # it does more than is wanted: undoing that would weaken it
    WEAK_WANTED = "desired state refused"  # weaker than the floor, or no desired state at all
    NO_WANTED = "desired state unreadable"
    NO_SETUP = "settings unreadable"


_SILENT = frozenset({Outcome.NOT_OURS, Outcome.OWN_REPAIR, Outcome.NOTHING_WRONG, Outcome.DEPLOYED})
_STOPPED = frozenset({Outcome.RESTORED, Outcome.RUNNING_AGAIN, Outcome.STILL_STOPPED, Outcome.NOT_RESTORED})
_FAILED = frozenset({Outcome.NOT_RESTORED, Outcome.UNREADABLE, Outcome.NOT_PUT_BACK})
_OVER = frozenset({Outcome.RESTORED, Outcome.RUNNING_AGAIN, Outcome.CHANGED, Outcome.REFUSED, Outcome.PUT_BACK})
DRIFTS = frozenset({Outcome.PUT_BACK, Outcome.NOT_PUT_BACK, Outcome.DRIFTED, Outcome.EXTENDED})
"""Outcomes that are about settings of the trail."""
DOCUMENT = frozenset({Outcome.WEAK_WANTED, Outcome.NO_WANTED})
"""Outcomes that are about the desired state itself."""
_BLINDING = frozenset({"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"})
CHANGES = frozenset({*Call, "CreateTrail"})
"""Operations that may change what the desired state describes."""
DEPLOYED = CHANGES | {"StartLogging", "AddTags", "RemoveTags"}
"""Operations of a deployment."""
HARMLESS = frozenset({"CreateTrail", "StartLogging"})
"""Operations that leave nothing to put back when the trail logs."""


class Finding(NamedTuple):
    """Everything that is known at the end: the reports are written from this alone.

    `before` is None when nothing had to be looked at, `attempt` when nothing was started; `after` is the last state.
    `drifts` are the settings that were not as wanted, `repairs` the calls that changed them, `left` says why nothing
    was changed, `is_dry_run` whether it would have been but for the dry run. `problems` are the desired state's, or
    the code with which AWS refused to show something. `is_follow_up` is whether another mail tells the same without
    a name. `is_explained` is whether another run has undone what this message tells of. `aside` is what was seen
    beside it and has a mail of its own: settings that are not the guardian's to put back.
    """

    cause: Cause
    outcome: Outcome
    severity: Severity
    before: State | None = None
    attempt: Attempt | None = None
    after: State | None = None
    drifts: "tuple[Drift, ...]" = ()
    repairs: "tuple[Repair, ...]" = ()
    left: str = ""
    problems: tuple[str, ...] = ()
    seen_at: datetime | None = None
    is_dry_run: bool = False
    is_follow_up: bool = False
    is_explained: bool = False
    aside: "Finding | None" = None

    @property
    def was_unreadable(self) -> bool:
        """Nobody knows whether the trail was logging before."""
        return self.before is not None and self.before.logging is Logging.UNREADABLE

    @property
    def culprit_is_unknown(self) -> bool:
        """The trail is found stopped or gone, and the message is about something else or tells of nobody."""
        if self.outcome is Outcome.GONE:
            return not self.cause.is_deletion
        if self.outcome in DRIFTS:
            return not self.has_culprit
        return self.outcome in _STOPPED and not self.cause.is_stop

    @property
    def has_culprit(self) -> bool:
        """The message tells of a call that may have made what the trail's settings are now."""
        return self.cause.operation in CHANGES and not self.cause.error_code

    @property
    def names_culprit(self) -> bool | None:
        """Whether the message tells who did what is told; None where nothing of that kind is told."""
        if self.outcome is Outcome.GONE:
            return self.cause.is_deletion
        if self.outcome in DRIFTS:
            return self.has_culprit
        return self.cause.is_stop if self.outcome in _STOPPED or self.outcome is Outcome.UNREADABLE else None

    @property
    def lasts(self) -> bool:
        """It goes on until somebody does something: people are reminded, and told when it is over."""
        return not self.is_silent and self.outcome not in _OVER

    @property
    def stopped_at(self) -> datetime | None:
        """When the trail stopped: as the event says, else as CloudTrail remembers."""
        remembered = self.before.stopped_at if self.before else None
        return (self.cause.at or remembered) if self.cause.is_stop else remembered

    @property
    def gap_s(self) -> float | None:
        """Seconds without logging, once they are over; None when they are not, or not known."""
        if self.outcome is Outcome.RESTORED and self.attempt:
            return lapse_s(self.stopped_at, self.attempt.at)
        if self.outcome is Outcome.RUNNING_AGAIN and self.after and not self._was_stopped_since:
            return lapse_s(self.stopped_at, self.after.started_at)
        return None

    @property
    def _was_stopped_since(self) -> bool:
        """The event is about an older stop than CloudTrail remembers: the last start ended another one."""
        remembered, told = self.before.stopped_at if self.before else None, self.stopped_at
        return bool(remembered and told and remembered - told > SAME_STOP)

    @property
    def is_silent(self) -> bool:
        """Nobody is told; one line in the log."""
        return self.outcome in _SILENT

    @property
    def is_failure(self) -> bool:
        """The trail is not known to log although it should: told first, then failed, so that Lambda tries again."""
        return self.outcome in _FAILED


def without_looking(cause: Cause) -> Finding | None:
    """The end of a message that needs no look at the trail; None for all others.

    Our own StartLogging is left alone whatever the trail's state: acting on it would be the loop in which one repair
    wakes the next.
    """
    if cause.whose is Whose.OTHER:
        return Finding(cause=cause, outcome=Outcome.NOT_OURS, severity=Severity.MEDIUM)
    if cause.operation == "StartLogging" and cause.by_guardian:
        return Finding(cause=cause, outcome=Outcome.OWN_REPAIR, severity=Severity.MEDIUM)
    return None


def should_start(state: State, *, mode: Mode) -> bool:
    """Whether to call StartLogging. A state that cannot be read counts as stopped: starting can only strengthen."""
    return mode is Mode.RESTORE and state.logging in (Logging.OFF, Logging.UNREADABLE)


def conclude(cause: Cause, *, mode: Mode, before: State, attempt: Attempt | None = None, after: State) -> Finding:
    """How it ended, from the message and the states before and after; `after` is `before` when nothing was started."""
    outcome = _outcome(cause, mode=mode, before=before, attempt=attempt, after=after)
    return Finding(
        cause=cause,
        outcome=outcome,
        severity=_severity(cause, outcome),
        before=before,
        attempt=attempt,
        after=after,
    )


def overlooked(finding: Finding) -> Finding:
    """A hint that found the trail logging, once it turns out that nobody was told of its last stop."""
    return finding._replace(outcome=Outcome.RUNNING_AGAIN, severity=Severity.CRITICAL)


def _outcome(cause: Cause, *, mode: Mode, before: State, attempt: Attempt | None, after: State) -> Outcome:
    match after.logging:
        case Logging.GONE:
            return Outcome.GONE
        case Logging.UNREADABLE:
            return Outcome.UNREADABLE
        case Logging.OFF:
            return Outcome.NOT_RESTORED if mode is Mode.RESTORE else Outcome.STILL_STOPPED
        case Logging.ON:
            stopped_ours = cause.is_stop and cause.whose is Whose.OURS
            doubtful = before.logging is Logging.UNREADABLE and (cause.is_stop or not cause.operation)
            if before.logging is Logging.OFF or doubtful:
                return Outcome.RESTORED if attempt and attempt.at else Outcome.RUNNING_AGAIN
            if stopped_ours:
                return Outcome.RUNNING_AGAIN
            if not cause.operation:
                return Outcome.NOTHING_WRONG
            return Outcome.REFUSED if cause.error_code else Outcome.CHANGED


def _severity(cause: Cause, outcome: Outcome) -> Severity:
    if outcome not in (Outcome.CHANGED, Outcome.REFUSED) or cause.by_guardian:
        return Severity.CRITICAL  # by_guardian: somebody uses the guardian's role for what the guardian never does
    return Severity.HIGH if cause.operation in _BLINDING else Severity.MEDIUM
