"""Which incident of the trail a finding belongs to. Pure.

An incident is the trail, what is wrong with it, and since when (or a hash of the drift): all messages about it, by
whichever trigger, are its members and make one mail.
"""

import hashlib
import json
from datetime import datetime

from common.incident import Incident
from common.text import clean

from guardian.decide import DOCUMENT, DRIFTS, ROUNDED, SAME_STOP, Finding, Outcome
from guardian.drift import fingerprint
from guardian.ledger import stop_key
from guardian.trail import Logging


def is_exact(finding: Finding) -> bool:
    """Whether the key of a stop is CloudTrail's own time of it, which every trigger reads alike.

    A trail that is found stopped tells it, and so does a memory that an event differs from by rounding only. Otherwise
    the event may be about another stop, and the nearest that is known is looked for. So two stops within seconds are
    two incidents, and each is told.
    """
    if finding.before is None or finding.before.stopped_at is None:
        return False
    at = finding.cause.at if finding.cause.is_stop else None
    return finding.before.logging is Logging.OFF or at is None or abs(finding.before.stopped_at - at) <= ROUNDED


def incident_of(finding: Finding, *, what: str, seen_at: datetime) -> Incident:
    """The incident that a finding belongs to. `what` is its headline; `seen_at` when the run began to look."""
    key = key_of(finding)
    if finding.drifts and finding.outcome in DRIFTS:
        what = "The trail was changed: " + "; ".join(clean(drift.told, 160) for drift in finding.drifts)
    return Incident(
        key=key,
        what=what,
        severity=finding.severity.value,
        seen_at=finding.seen_at or seen_at,
        # A stop or an event that was told is told for good; but what still lasts is never silent, not even when it
        # follows a stop of the same second that was undone.
        returns=finding.lasts or key == stop_key(None) or not key.startswith(("stopped#", "event#")),
        # More than was wanted is good news that somebody should know once.
        reminds=finding.outcome is not Outcome.EXTENDED,
        names_culprit=finding.names_culprit,
    )


def key_of(finding: Finding) -> str:
    """The key of the incident, unless another run found the same stop by another time (`Ledger.same_stop`)."""
    if finding.outcome in DRIFTS:
        return f"drift#{fingerprint(finding.drifts)}"
    if finding.outcome in DOCUMENT:
        return f"wanted#{_hash(finding.problems)}"
    match finding.outcome:
        case Outcome.GONE | Outcome.UNREADABLE | Outcome.NO_SETUP:
            return str(finding.outcome).replace(" ", "-")
        case Outcome.CHANGED | Outcome.REFUSED:
            return f"event#{clean(finding.cause.record.get('eventID'), 64) or _hash(finding.cause.record)}"
        case _:
            return stop_key(_time_of(finding))


def _time_of(finding: Finding) -> datetime | None:
    """CloudTrail's own time of the stop, which every trigger reads alike, unless the event is about an older stop."""
    remembered = finding.before.stopped_at if finding.before else None
    told = finding.cause.at if finding.cause.is_stop else None
    if remembered and told and abs(remembered - told) > SAME_STOP:
        return told
    return remembered or told


def _hash(facts: object) -> str:
    try:
        text = json.dumps(facts, sort_keys=True, default=repr)
    except (ValueError, TypeError, RecursionError):
        text = "of unknown shape"
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
