"""What can wait: a mail a day about what is of low severity, and one a week about what was suppressed and muted.

Both add up what the ledger holds of whole days (UTC); what came while alarms were muted, CloudWatch has counted. The
look around every five minutes sends them, so that a day on which it did not come is told by the next.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from common.incident import Incident
from common.ledger import Claim
from common.report import Report, line
from common.shapes import as_mapping
from common.table import moment_of
from common.text import clean, duration, moment

from explainer.envelope import attributes, fitted, footer
from explainer.environment import Environment
from explainer.facts import Facts
from explainer.kit import Kit
from explainer.muted import Muted, muted_between
from explainer.rows import top

SET = "digest"
"""The attribute `set` of these mails."""
_DAY = timedelta(days=1)
LOOK_BACK = 7
"""Days that a digest makes up for, when there was none."""


@dataclass(kw_only=True)
class Low:
    """What a watch of low severity found on one day. `counts` by what, such as `Who`."""

    events: int = 0
    rang: int = 0
    missing: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Suppressed:
    """What a suppression held back in some days."""

    events: int = 0
    days: set[str] = field(default_factory=set)
    watches: set[str] = field(default_factory=set)
    last_at: datetime | None = None


def go(*, kit: Kit) -> dict[str, str]:
    """Send what is due; what was done, by key. Raises NotReported."""
    times, now = kit.environment.digest, kit.clock.now()
    if times is None:
        return {}
    today = now.date() if now.hour >= times.hour else now.date() - _DAY
    week = today - _DAY * ((today.weekday() - times.weekday) % 7)
    done: dict[str, str] = {}
    if _claim(f"digest#{today - _DAY}", "The daily digest", kit):
        days = [today - _DAY * back for back in range(LOOK_BACK, 1, -1)]
        missed = [day for day in days if _claim(f"digest#{day}", "The daily digest", kit)]
        for day in [*missed, today - _DAY]:
            done[f"digest#{day}"] = _send(f"digest#{day}", daily(day, kit=kit), kit)
    if _claim(f"week#{week}", "The weekly summary", kit):
        done[f"week#{week}"] = _send(f"week#{week}", weekly(week, kit=kit), kit)
    return done


def daily(day: date, *, kit: Kit) -> Report | None:
    """The mail about one day; None when there is nothing to tell."""
    found: dict[str, Low] = {}
    for watch, item in kit.memory.low_of(day) or []:
        low = found.setdefault(watch, Low())
        low.events += int(item.get("events", 0))
        low.rang += int(item.get("rang", 0))
        low.missing += int(item.get("missing", 0))
        for label, counts in as_mapping(json.loads(item.get("counts") or "{}")).items():
            low.counts.setdefault(label, Counter()).update(counts)
    if not found:
        return None
    total = sum(low.events for low in found.values())
    many = f"{_number(total, 'event')} of {_number(len(found), 'set')}"
    lines = [f"What was of low severity on {day} (UTC): {many}. No other mail tells of it.", ""]
    for watch, low in sorted(found.items(), key=lambda each: -each[1].events):
        lines += [*_of_watch(watch, low, kit.facts), ""]
    return _report([f"Digest of {day}: {many}"], lines, kit.environment)


def weekly(until: date, *, kit: Kit) -> Report | None:
    """The mail about what was suppressed and muted in the seven days before a day; None when nothing was."""
    found: dict[str, Suppressed] = {}
    for day, name, item in kit.memory.suppressed_between(until - 7 * _DAY, until - _DAY) or []:
        one = found.setdefault(name, Suppressed())
        one.events += int(item.get("total", 0))
        one.days.add(day)
        one.watches |= set(item.get("watches", ()))
        at = moment_of(item.get("lastAt"))
        one.last_at = max(filter(None, (one.last_at, at)), default=None)
    muted = muted_between(_midnight(until - 7 * _DAY), _midnight(until), kit=kit)
    parts, short = [], []
    if found:
        total = sum(one.events for one in found.values())
        parts.append(f"{_number(total, 'event')} held back by {_number(len(found), 'suppression')}")
        short.append(f"{_number(total, 'event')} suppressed")
    if muted:
        total = sum(one.events.total() for one in muted)
        parts.append(f"{_number(total, 'event')} muted by {_number(len(muted), 'planned change')}")
        short.append(f"{_number(total, 'event')} muted")
    if not parts:
        return None
    many = ", ".join(parts)
    lines = [f"From {until - 7 * _DAY} to {until - _DAY} (UTC): {many}. Nobody was mailed about them.", ""]
    for name, one in sorted(found.items(), key=lambda each: -each[1].events):
        lines += [*_of_suppression(name, one, kit.facts), ""]
    for each in sorted(muted, key=lambda each: -each.events.total()):
        lines += [*_of_mute(each), ""]
    titles = [f"Week to {until - _DAY}: {each}" for each in (many, ", ".join(short))]
    return _report(titles, lines, kit.environment)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _claim(key: str, what: str, kit: Kit) -> bool:
    """Whether this run sends it. While the ledger does not answer nobody does: there is nothing to add up."""
    incident = Incident(key=key, what=what, severity="low", seen_at=kit.clock.now(), returns=False)
    return kit.memory.claim(incident) is Claim.MINE


def _send(key: str, report: Report | None, kit: Kit) -> str:
    if kit.memory.is_down:
        return "the ledger does not answer"  # claimed, and taken again when the lease is over
    if report:
        kit.publish(report, attributes=attributes(report, watch=SET, environment=kit.environment), digest=key)
    kit.memory.told(key, lasts=False)
    return "told" if report else "nothing to tell"


def _of_watch(name: str, low: Low, facts: Facts) -> list[str]:
    watch = facts.watches.get(name)
    title = clean(watch.title, 120) if watch else f"{clean(name, 64)} (no longer watched)"
    rows: Mapping[str, str] = {
        "Rang": _number(low.rang, "time") if low.rang else "",
        **{label: _counted(counts) for label, counts in low.counts.items() if counts},
        "Missing": f"{_number(low.missing, 'event')} that the alarm counted and the log never showed"
        if low.missing
        else "",
    }
    return [f"{title}: {_number(low.events, 'event')}", *(line(label, text) for label, text in rows.items() if text)]


def _of_suppression(name: str, one: Suppressed, facts: Facts) -> list[str]:
    known = next((each for each in facts.suppressions if each.name == name), None)
    rows = {
        "Reason": clean(known.reason, 300) if known else "it is no longer in the stack file",
        "Until": moment(known.until) if known and known.until else "",
        "Sets": ", ".join(clean(watch, 64) for watch in sorted(one.watches)),
        "Days": str(len(one.days)),
        "Last": moment(one.last_at) if one.last_at else "",
    }
    head = f"{clean(name, 64)}: {_number(one.events, 'event')}"
    return [head, *(line(label, text) for label, text in rows.items() if text)]


def _of_mute(one: Muted) -> list[str]:
    """What still rang when a window ended was mailed then, and is counted here too: so says a row."""
    mute, total = one.mute, one.events.total()
    hours = sum(((window.end - window.start).total_seconds() for window in one.windows), 0.0)
    rows = {
        "Reason": clean(mute.reason, 300),
        "Muted": f"{_number(len(one.windows), 'time')}, {duration(hours)} in all",
        "Sets": _counted(+one.events) or ", ".join(clean(name, 64) for name in sorted(mute.watches)),
        "Rang": _counted(+one.rang),
        "Missing": "" if one.is_known else "CloudWatch could not be asked for everything: these numbers are the least",
        "Note": "whatever still rang when the time was over was mailed then" if one.rang.total() else "",
    }
    head = f"{clean(mute.name, 64)}: {_number(total, 'event')} while alarms were muted"
    return [head, *(line(label, text) for label, text in rows.items() if text)]


def _report(titles: Sequence[str], lines: Sequence[str], environment: Environment) -> Report:
    place = environment.place
    head = fitted("low", titles, account=place.account, region=place.region)
    return Report(subject=head, body="\n".join([*lines, footer(environment)]) + "\n", severity="low")


def _counted(counts: Counter[str]) -> str:
    """With the number also where there is one name only: a digest is read for its numbers."""
    return top(counts) if len(counts) > 1 else " · ".join(f"{name} {number}" for name, number in counts.items())


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
