"""The labelled lines of the mail: who, what, where, when, and what was done about it."""

from common.actor import Kind
from common.record import is_trimmed, parameters, where
from common.text import clean, clock_time, duration, error_name, lapse_s, moment
from common.trail_calls import Whose, named_trail

from guardian.cause import Trigger
from guardian.decide import DOCUMENT, DRIFTS, HARMLESS, Finding, Outcome
from guardian.told import Told
from guardian.trail import Logging

_CONTINUED = "\n" + 9 * " "  # a second line under the same label


def rows(told: Told) -> list[tuple[str, str]]:
    """Label and text of each line that has something to say."""
    texts = {
        "Who": _who(told),
        "What": _what(told),
        "Where": where(told.finding.cause.record, told.environment.trail),
        "When": _when(told),
        "Changed": _changed(told.finding),
        "Problem": _problem(told.finding),
        "Done": _done(told.finding),
        "Gap": _gap(told.finding),
        "Delivery": _delivery(told.finding),
        "Missing": _missing(told),
        "Told": "by another mail without a name; this one adds who it was" if told.finding.is_follow_up else "",
    }
    return [(label, text) for label, text in texts.items() if text]


def _who(told: Told) -> str:
    if told.actor is None:
        source = "the alarm message" if told.finding.cause.trigger is Trigger.ALARM else "the message"
        return f"not in {source}; look in Event history (below)"
    line = told.actor.line
    if told.finding.cause.by_guardian:
        line += " · this is the guardian's own role, and not a call of its own"
    if told.finding.culprit_is_unknown:
        outcome = told.finding.outcome
        did = "deleted" if outcome is Outcome.GONE else "changed" if outcome in DRIFTS else "stopped"
        line += f" · called {told.finding.cause.operation}; who {did} the trail is not in this event"
    return line


def _what(told: Told) -> str:
    cause = told.finding.cause
    if not cause.operation:
        return f"alarm {clean(cause.alarm, 255)}" if cause.alarm else f"looked because of {cause.trigger}"
    named = clean(named_trail(cause.record), 200)
    arn = told.environment.trail.arn
    name = told.environment.trail.name if named.casefold() == arn.casefold() else named
    what = f"{cause.operation} on {name or 'a trail that the event does not name'}"
    if cause.error_code:
        refusal = clean(cause.record.get("errorMessage"), 300)
        return f"{what}: refused, {error_name(cause.error_code)}" + (f" ({refusal})" if refusal else "")
    return what + parameters(cause.record)


def _when(told: Told) -> str:
    cause = told.finding.cause
    at = cause.at if cause.operation else told.finding.stopped_at
    by = f"alarm {clean(cause.alarm, 60)}" if cause.alarm else str(cause.trigger)
    if at is None:
        return f"not known · noticed {moment(told.noticed_at)} by {by}"
    lapse = lapse_s(at, told.noticed_at)
    noticed = moment(told.noticed_at) if lapse is None else f"after {duration(lapse)}"
    stopped = "" if cause.operation else "stopped "
    return f"{stopped}{moment(at)} · noticed {noticed} by {by}"


def _changed(finding: Finding) -> str:
    """The settings that were not as wanted, one a line. The values may be an attacker's choice."""
    return _CONTINUED.join(clean(drift.told, 300) for drift in finding.drifts)


def _problem(finding: Finding) -> str:
    if finding.outcome in DOCUMENT or finding.outcome is Outcome.NO_SETUP:
        return _CONTINUED.join(clean(problem, 200) for problem in finding.problems)
    return ""


def _done(finding: Finding) -> str:
    attempt, state = finding.attempt, finding.after
    if finding.repairs:
        return _repaired(finding)
    if attempt is not None:
        read_back = _read_back(finding)
        tries = "" if attempt.tries == 1 else f" ({attempt.tries} tries)"
        if attempt.at is None:
            return f"StartLogging refused: {error_name(attempt.error_code)}{tries}; {read_back}"
        return f"StartLogging at {clock_time(attempt.at, beside=finding.stopped_at)}{tries}; {read_back}"
    match finding.outcome:
        case Outcome.RUNNING_AGAIN:
            since = state.started_at if state else None
            known = f", since {clock_time(since, beside=finding.stopped_at)}" if since else ""
            return f"nothing in this run: the trail was logging again when it was looked at{known}"
        case Outcome.STILL_STOPPED:
            return f"nothing: {finding.left or 'remediation mode is notify'}"
        case Outcome.DRIFTED:
            return f"nothing: {finding.left}"
        case Outcome.EXTENDED:
            return "nothing: undoing this would weaken the trail"
        case Outcome.NOT_PUT_BACK:
            return "could not be read back" if finding.problems else "nothing yet"
        case outcome if outcome in DOCUMENT:
            return "settings are left as they are; the trail is kept logging"
        case Outcome.NO_SETUP:
            return "nothing: what cannot be read is not changed"
        case Outcome.GONE:
            return "nothing: a trail that does not exist cannot be started"
        case Outcome.UNREADABLE:
            return f"nothing: GetTrailStatus refused, {error_name(state.error_code if state else '')}"
        case Outcome.CHANGED if finding.is_explained:
            return "nothing in this run: the trail was as wanted again when it was looked at"
        case Outcome.CHANGED if finding.cause.operation not in HARMLESS:
            return f"nothing had to be: {finding.left or 'the trail is logging, and as it should be'}"
        case _:
            return "nothing had to be: the trail is logging"


def _repaired(finding: Finding) -> str:
    """Each call with its time, or with what AWS refused it for; then what the trail reads like."""
    calls = []
    for repair in finding.repairs:
        what = f"{repair.call} ({', '.join(repair.labels)})"
        at = clock_time(repair.at, beside=finding.cause.at)
        calls.append(f"{what} refused: {error_name(repair.error_code)}" if repair.error_code else f"{what} at {at}")
    reads = {Outcome.PUT_BACK: "as wanted", Outcome.GONE: "the trail does not exist any more"}
    read_back = reads.get(finding.outcome, "not as wanted")
    if finding.problems:
        return _CONTINUED.join([*calls, f"could not be read back: {error_name(finding.problems[0])}"])
    return _CONTINUED.join([*calls, f"read back: {read_back}"])


def _read_back(finding: Finding) -> str:
    if finding.after is None or finding.after.logging is Logging.UNREADABLE:
        return f"could not be read back: {error_name(finding.after.error_code if finding.after else '')}"
    return f"read back: {finding.after.logging}"


def _gap(finding: Finding) -> str:
    if finding.outcome in (Outcome.RESTORED, Outcome.RUNNING_AGAIN):
        if finding.gap_s is None:
            return "" if finding.was_unreadable else "length not known; Event history has its management events"
        return f"{duration(finding.gap_s)} not logged by the trail; Event history has its management events"
    if finding.outcome in (Outcome.STILL_STOPPED, Outcome.NOT_RESTORED):
        since = finding.stopped_at
        return f"open since {moment(since)}" if since else "open"
    return ""


def _delivery(finding: Finding) -> str:
    state = finding.after
    if state is None or state.logging is not Logging.ON or not state.delivery_error:
        return ""
    return f"the trail logs, but its last delivery failed: {clean(state.delivery_error, 120)}"


def _missing(told: Told) -> str:
    """What a complete CloudTrail event would have told and this one did not."""
    cause, record = told.finding.cause, told.finding.cause.record
    if not cause.operation:
        return ""
    present = {
        "caller": told.actor is not None and told.actor.kind is not Kind.UNKNOWN,
        "trail": cause.whose is not Whose.UNNAMED,
        "source address": bool(clean(record.get("sourceIPAddress"))),
        "user agent": bool(clean(record.get("userAgent"))),
        "time": cause.at is not None,
        "event id": bool(clean(record.get("eventID"))),
    }
    missing = [name for name, is_there in present.items() if not is_there]
    if not missing:
        return ""
    why = " (request too large: CloudTrail left its parameters out)" if is_trimmed(record) else ""
    return f"{', '.join(missing)}: not in the event{why}"
