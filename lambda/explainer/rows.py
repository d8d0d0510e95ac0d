"""The labelled lines of a mail. Pure and total; what a stranger may have chosen passes `text.clean` on the way."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from common.actor import Kind as ActorKind
from common.actor import actor_of
from common.record import is_trimmed, parameters, where
from common.text import clean, clock_time, duration, error_name, lapse_s, moment

from explainer.tally import Line, Tally
from explainer.told import Kind, Told

LISTED = 25
"""So many events are listed one by one: no other mail tells them."""
_TOP = 5
_CONTINUED = "\n" + 9 * " "


def rows(told: Told) -> list[tuple[str, str]]:
    """Label and text of each line that has something to say."""
    if told.tally.count == 1:
        found = _single(told, told.tally.first)
    elif told.tally.count:
        found = _many(told)
    else:
        found = {}
    found |= {
        "Rang": _rang(told),
        "So far": _so_far(told),
        "Also": _also(told),
        "Not here": _not_here(told),
        "Missing": _missing(told),
        "Why": clean(told.watch.why, 400),
    }
    return [(label, text) for label, text in found.items() if text]


def sentence(told: Told) -> str:
    """The first line of a mail: what happened, in words."""
    tally, title = told.tally, clean(told.watch.title, 120)
    if not tally.count and told.episode and told.episode.value is None and told.is_complete:
        return f"{title}. The alarm rang, and nothing was counted: somebody set its state, as a test does."
    if not tally.count:
        return f"{title}. The alarm rang, and the log does not show its events yet."
    begin = {Kind.FIRST: "", Kind.MORE: "It goes on. ", Kind.FOLLOW_UP: "What was missing before. "}[told.kind]
    if tally.count == 1:
        line = tally.first
        refused = f" and was refused: {line.error}" if line.error else ""
        on = f" on {line.target}" if line.target else ""
        return f"{begin}{title}: {line.who} called {line.call}{on}{refused}."
    who = tally.first.who if len(tally.actors) == 1 else f"{len(tally.actors)} callers"
    return f"{begin}{title}: {tally.count} events by {who}."


def _single(told: Told, line: Line) -> dict[str, str]:
    record = line.record or {}
    refusal = clean(record.get("errorMessage"), 300)
    what = f"{line.call} of {clean(record.get('eventSource'), 60) or 'a service that the event does not name'}"
    if line.error:
        what += f": refused, {line.error}" + (f" ({refusal})" if refusal else "")
    else:
        what += parameters(record, without=frozenset())
    return {
        "Who": actor_of(record, account=told.environment.place.account).line,
        "What": what,
        "Where": where(record, told.environment.place),
        "When": _when(told, line),
    }


def _many(told: Told) -> dict[str, str]:
    tally = told.tally
    records = [line.record for line in tally.lines if line.record]
    one = len(tally.actors) == 1 and records
    who = actor_of(records[0], account=told.environment.place.account).line if one else top(tally.actors)
    if tally.count <= LISTED:
        listed = {"Events": _CONTINUED.join(_listed(each, tally) for each in tally.lines)}
    else:
        listed = {"First": _listed(tally.first, tally), "Last": _listed(tally.last, tally)}
    return {
        "Who": who,
        "Calls": top(tally.calls),
        "Errors": _errors(tally),
        "From": top(tally.addresses),
        "Where": top(tally.regions) + (f" · account {tally.first.account}" if len(tally.accounts) == 1 else ""),
        "Accounts": top(tally.accounts) if len(tally.accounts) > 1 else "",
        "When": _span(told),
        **listed,
    }


def _errors(tally: Tally) -> str:
    """Of one kind of error the number too, unless every event is one."""
    if len(tally.errors) == 1 and tally.errors.total() < tally.count:
        return " · ".join(f"{name} {number}" for name, number in tally.errors.items())
    return top(tally.errors)


def top(counted: Counter[str]) -> str:
    """The most frequent, with their numbers: `mallory 19 · bob 8 · and 3 more`."""
    if len(counted) == 1:
        return next(iter(counted))  # how many there are is said above
    shown = [f"{name} {number}" for name, number in counted.most_common(_TOP)]
    left = len(counted) - _TOP
    return " · ".join([*shown, *([f"and {left} more"] if left > 0 else [])])


def _listed(line: Line, tally: Tally) -> str:
    """One event of several: what is not the same of all of them."""
    at = f"{line.at:%H:%M:%S}" if line.at else "--:--:--"
    on = f" on {line.target}" if line.target else ""
    refused = f" ({line.error})" if line.error else ""
    who = f" by {line.who}" if len(tally.actors) > 1 else ""
    address = f" from {line.address}" if len(tally.addresses) > 1 else ""
    region = f", {line.region}" if len(tally.regions) > 1 else ""
    return f"{at} {line.call}{on}{refused}{who}{address}{region}{_CONTINUED}         event {line.event_id}"


def _when(told: Told, line: Line) -> str:
    by = "the alarm" if told.alarm else "the event rule"
    if line.at is None:
        return f"not known · told at {moment(told.noticed_at)} by {by}"
    lapse = lapse_s(line.at, told.noticed_at)
    return f"{moment(line.at)} · noticed {'' if lapse is None else f'after {duration(lapse)} '}by {by}"


def _span(told: Told) -> str:
    first, last = told.tally.first.at, told.tally.last.at
    if first is None or last is None:
        return f"not known · told at {moment(told.noticed_at)}"
    lapse = lapse_s(first, last)
    lasted = "" if lapse is None else f", {duration(lapse)}"
    return f"{moment(first)} to {clock_time(last, beside=first)}{lasted}"


def _rang(told: Told) -> str:
    if not told.alarm or told.episode is None:
        return ""
    episode = told.episode
    if episode.muted_until:
        return (
            f"at {moment(episode.began_at)}, while {clean(episode.muted_by, 60)} muted it; it still rang at "
            f"{clock_time(episode.muted_until, beside=episode.began_at)}, when that ended"
        )
    if episode.value is None:
        said = clean(episode.reason, 200)
        return f"at {moment(episode.began_at)}" + (f": {said}" if said else "")
    span = f"{moment(episode.start)} to {clock_time(episode.end, beside=episode.start)}"
    return f"the alarm counted {episode.value} from {span} (threshold {told.watch.threshold})"


def _so_far(told: Told) -> str:
    if told.kind is not Kind.MORE or told.so_far <= told.tally.count or told.episode is None:
        return ""
    return f"{told.so_far} events since {moment(told.episode.began_at)}, {told.tally.count} of them in this mail"


def _also(told: Told) -> str:
    return ", ".join(f"{clean(watch.title, 80)} ({watch.severity})" for watch in told.also[:_TOP])


def _not_here(told: Told) -> str:
    parts = []
    if told.elsewhere and told.kind is Kind.FIRST:  # later mails are about what the others have not told
        parts.append(f"{told.elsewhere} of its events {'is' if told.elsewhere == 1 else 'are'} told by another mail")
    for name, number in sorted(told.suppressed.items()):
        parts.append(f"{number} suppressed by {clean(name, 60)}")
    if told.muted:
        parts.append(f"{told.muted} came while a planned change muted the alarm")
    return "; ".join(parts)


def _missing(told: Told) -> str:
    parts = []
    if told.error_code:
        parts.append(f"the log could not be read to its end: {error_name(told.error_code)}")
    elif not told.is_complete:
        parts.append("there are more events than could be read in one go: the numbers here are the least")
    if told.missing:
        parts.append(
            f"{told.missing} event{'' if told.missing == 1 else 's'} that the alarm counted: not in the log yet"
        )
    if parts and told.kind is not Kind.FOLLOW_UP:
        parts[-1] += "; another mail tells the rest"
    trimmed = sum(1 for line in told.tally.lines if line.record and is_trimmed(line.record))
    if trimmed:
        many = "" if told.tally.count == 1 else f" of {trimmed} events"
        parts.append(f"request parameters{many}: CloudTrail left them out, the request was too large")
    if told.tally.count == 1 and (names := _lacking(told.tally.first.record or {}, told)):
        parts.append(f"{', '.join(names)}: not in the event")
    return _CONTINUED.join(parts)


def _lacking(record: Mapping[str, Any], told: Told) -> list[str]:
    """What a complete event would have told and this one did not."""
    present = {
        "caller": actor_of(record, account=told.environment.place.account).kind is not ActorKind.UNKNOWN,
        "source address": bool(clean(record.get("sourceIPAddress"))),
        "user agent": bool(clean(record.get("userAgent"))),
        "time": told.tally.first.at is not None,
        "event id": not told.tally.first.event_id.startswith("log:"),
    }
    return [name for name, is_there in present.items() if not is_there]
