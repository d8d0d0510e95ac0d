"""What happened, in a subject and in a sentence."""

import re
from collections.abc import Sequence

from common.places import Trail
from common.text import cut, duration, error_name, lapse_s
from common.trail_calls import Whose

from guardian.decide import DRIFTS, Finding, Outcome
from guardian.told import Told

_CLAUSE_END = re.compile(r"(?<!\.)[.:;,](?: |$)")

SUBJECT_LIMIT = 99
"""SNS takes subjects of less than 100 characters without line breaks or control characters (API Publish)."""


def subject(told: Told) -> str:
    """`[critical] Trail stopped by mallory, running again after 4 s - 111122223333 eu-west-1`.

    Printable ASCII, never longer than SUBJECT_LIMIT. The caller's name gives way first, then the account; what happened
    is only cut when even that is not enough.
    """
    trail = told.environment.trail
    head = f"[{told.finding.severity}] "
    short = told.actor.short if told.actor else ""
    where = (f" - {trail.account} {trail.region}", f" - {trail.region}")
    for tail in where:
        for limit in (60, 40, 30, 20, 16, 12, 9):
            text = head + _happened(told, cut(short, limit)) + tail
            if len(text) <= SUBJECT_LIMIT:
                return text
    return head + cut(_happened(told, cut(short, 9)), SUBJECT_LIMIT - len(head) - len(where[-1])) + where[-1]


def fitted(severity: str, titles: Sequence[tuple[str, str]], *, trail: Trail) -> str:
    """A subject as above, from pairs of a prefix and what happened, the fullest first and the last without any name.

    What happened is its first clause. What follows that may be cut, so that names and account may stay.
    """
    head = f"[{severity}] "
    tails = (f" - {trail.account} {trail.region}", f" - {trail.region}")
    for is_whole, tail in ((True, tails[0]), (False, tails[0]), (False, tails[1])):
        room = SUBJECT_LIMIT - len(head) - len(tail)
        for prefix, told in titles:
            clause = _CLAUSE_END.split(told, maxsplit=1)[0]
            if len(prefix + (told if is_whole else clause)) <= room:
                # A dozen characters more tell something; fewer would only be dots.
                has_room = is_whole or room >= len(prefix + clause) + 12
                return head + (cut(prefix + told, room) if has_room else prefix + clause) + tail
    prefix, told = titles[-1]
    return head + cut(prefix + told, SUBJECT_LIMIT - len(head) - len(tails[-1])) + tails[-1]


def _happened(told: Told, who: str) -> str:
    finding, cause = told.finding, told.finding.cause
    stopped = f"Trail stopped by {who}" if cause.is_stop else "Trail found stopped"
    code = error_name(finding.after.error_code) if finding.after else ""
    match finding.outcome:
        case Outcome.RESTORED if finding.was_unreadable and not cause.is_stop:
            return "Trail could not be looked at, started to be safe"
        case Outcome.RUNNING_AGAIN if finding.gap_s is None or not finding.is_follow_up:
            return f"{stopped}, already running again"
        case Outcome.RESTORED | Outcome.RUNNING_AGAIN:
            gap = "" if finding.gap_s is None else f" after {_brief(finding.gap_s)}"
            return f"{stopped}, running again{gap}"
        case Outcome.NOT_RESTORED:
            return f"{stopped}, {_failure(finding)}"
        case Outcome.STILL_STOPPED:
            why = "dry run" if finding.is_dry_run else "maintenance" if finding.left else "notify only"
            return f"{stopped} and NOT LOGGING ({why})"
        case Outcome.GONE:
            return (f"Trail deleted by {who}" if cause.is_deletion else "Trail is gone") + ", NOT LOGGING"
        case Outcome.UNREADABLE:
            return (f"Trail stopped by {who}, status" if cause.is_stop else "Trail status") + f" unknown: {code}"
        case Outcome.REFUSED:
            return f"{cause.operation} by {who} refused: {error_name(cause.error_code)}"
        case outcome if outcome in DRIFTS:
            return _drifted(finding, who)
        case Outcome.CHANGED if finding.is_explained:
            return f"Trail changed by {who}, as wanted again"
        case Outcome.WEAK_WANTED:
            return "Desired state refused: weaker than the floor, or none at all"
        case Outcome.NO_WANTED:
            return f"Desired state cannot be read: {error_name(finding.problems[0])}"
        case Outcome.NO_SETUP:
            return f"Trail settings cannot be read: {error_name(finding.problems[0])}"
        case _:
            return f"{cause.operation} by {who}, trail is logging"


def _drifted(finding: Finding, who: str) -> str:
    changed = f"Trail changed by {who}" if finding.has_culprit else "Trail found changed"
    match finding.outcome:
        case Outcome.PUT_BACK:
            lapse = (
                lapse_s(finding.cause.at, finding.repairs[-1].at) if finding.has_culprit and finding.repairs else None
            )
            return f"{changed}, put back" + ("" if lapse is None else f" after {_brief(lapse)}")
        case Outcome.NOT_PUT_BACK:
            codes = [repair.error_code for repair in finding.repairs if repair.error_code] or list(finding.problems)
            return f"{changed}, NOT PUT BACK" + (f": {error_name(codes[0])}" if codes else "")
        case Outcome.EXTENDED:
            return f"{changed}: it records more than is wanted"
        case _:
            return f"{changed} and NOT PUT BACK ({'dry run' if finding.is_dry_run else 'see why'})"


def _brief(seconds: float) -> str:
    """A duration for a subject, where every character counts."""
    return "< 1 s" if seconds < 1 else duration(seconds)


def _failure(finding: Finding) -> str:
    refused = finding.attempt.error_code if finding.attempt else ""
    return f"could not be restarted: {error_name(refused)}" if refused else "restarted, but stopped again"


def headline(told: Told) -> str:
    """The first line of the mail."""
    finding, cause = told.finding, told.finding.cause
    trail = f"CloudTrail trail {told.environment.trail.name}"
    was = "was stopped" if cause.is_stop else "was found stopped"
    match finding.outcome:
        case Outcome.RESTORED if finding.was_unreadable:
            return f"{trail} could not be looked at; it was started to be safe, and it is logging."
        case Outcome.RESTORED | Outcome.RUNNING_AGAIN:
            return f"{trail} {was} and is logging again."
        case Outcome.NOT_RESTORED:
            return f"{trail} {was} and IS NOT LOGGING: it {_failure(finding)}."
        case Outcome.STILL_STOPPED:
            why = (
                f"Nothing is restarted now: {finding.left}."
                if finding.left
                else "The guardian was told to notify only."
            )
            return f"{trail} {was} and IS NOT LOGGING. {why}"
        case Outcome.GONE:
            return f"{trail} does not exist any more and IS NOT LOGGING. The guardian cannot bring it back."
        case Outcome.UNREADABLE:
            return f"{trail} may be stopped: AWS does not let the guardian look."
        case Outcome.REFUSED:
            which = trail if cause.whose is Whose.OURS else "a trail that the event does not name"
            it = "it" if cause.whose is Whose.OURS else trail
            who = told.actor.short if told.actor else "Somebody"
            return f"{who} tried {cause.operation} on {which} and was refused. Nothing was changed; {it} is logging."
        case Outcome.PUT_BACK:
            return f"{trail} was changed and is as wanted again."
        case Outcome.NOT_PUT_BACK:
            return f"{trail} was changed, and the guardian could not put it back. It is NOT as wanted."
        case Outcome.DRIFTED:
            return f"{trail} was changed and is NOT as wanted. Not put back: {finding.left}."
        case Outcome.EXTENDED:
            return f"{trail} records more than is wanted. The guardian leaves that alone: it only strengthens."
        case Outcome.WEAK_WANTED:
            return f"The desired state of {trail} is refused: it is weaker than the guardian's floor, or none."
        case Outcome.NO_WANTED:
            return f"The desired state of {trail} cannot be read: only a stop is undone until it can."
        case Outcome.NO_SETUP:
            return f"The settings of {trail} cannot be read: AWS does not let the guardian see them. It is logging."
        case Outcome.CHANGED if finding.is_explained:
            return f"{trail} was changed ({cause.operation}), and is as wanted again. It is logging."
        case Outcome.CHANGED if finding.left:
            return f"{trail} was changed ({cause.operation}), and was {finding.left}. It is logging."
        case _ if cause.whose is Whose.UNNAMED:
            return f"{cause.operation} was called on a trail that the event does not name. {trail} is logging."
        case _ if cause.is_deletion:
            return f"{trail} was deleted, but a trail of that name exists again and is logging."
        case _:
            return f"{trail} was changed ({cause.operation}). It is logging."
