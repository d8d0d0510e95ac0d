"""The mail of an alarm or of one event: plain text made for a telephone at 3 a.m.

Pure and total: whatever the events held, a report comes out of it.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from common import links
from common.actor import Actor, actor_of
from common.record import region_of
from common.report import Report, line
from common.steps import Step, contain, step_lines
from common.text import clean, duration, lapse_s, moment

from explainer.envelope import attributes, fitted, footer
from explainer.environment import Environment
from explainer.facts import Watch
from explainer.rows import rows, sentence
from explainer.subject import account_of, subject
from explainer.subject import region_of as region_told
from explainer.told import Told

_AROUND = timedelta(hours=1)
# What can stand in a query and be nobody's trick: ARNs, ids and addresses.
_PLAIN = re.compile(r"[\w+=,.@:/-]{1,256}", re.ASCII)
_FIELDS = "fields @timestamp, eventName, userIdentity.arn, sourceIPAddress, errorCode, eventID"


def compose(told: Told) -> Report:
    """The report of some events."""
    lines = [sentence(told), "", *(line(label, text) for label, text in rows(told)), ""]
    for position, step in enumerate(_steps(told)):
        lines += step_lines(step, label="" if position else "Next")
    lines += [*([""] if lines[-1] else []), *_references(told), "", footer(told.environment)]
    return Report(subject=subject(told), body="\n".join(lines) + "\n", severity=told.severity)


def attributes_of(report: Report, told: Told) -> dict[str, str | Sequence[str]]:
    """As above, of where the events happened, with all sets that the mail is about: no other mail tells its events."""
    one = attributes(
        report,
        watch=told.watch.name,
        environment=told.environment,
        account=account_of(told),
        region=region_told(told),
    )
    return {**one, "set": [told.watch.name, *(each.name for each in told.also)]} if told.also else {**one}


def cleared(
    watch: Watch, *, alarm: str, total: int, began_at: datetime, over_at: datetime, environment: Environment
) -> Report:
    """An alarm that is over: how much there was in all."""
    lasted = duration(lapse_s(began_at, over_at) or 0)
    title, many = clean(watch.title, 120), f"{total} event{'' if total == 1 else 's'}"
    body = [
        f"{title}: it is over. {many} in {lasted}; since then the alarm is quiet.",
        "",
        line("Began", moment(began_at)),
        line("Over", moment(over_at)),
        line("Alarm", clean(alarm, 255)),
        *_runbook(watch, environment),
        "",
        footer(environment),
    ]
    texts = [f"Cleared: {title} ({many} in {lasted})", f"Cleared: {title}"]
    place = environment.place
    head = fitted(watch.severity, texts, account=place.account, region=place.region)
    return Report(subject=head, body="\n".join(body) + "\n", severity=watch.severity)


def never_found(watch: Watch, *, alarm: str, missing: int, environment: Environment, start: datetime) -> Report:
    """Events that an alarm counted and that the log does not show after half an hour."""
    title, many = clean(watch.title, 120), f"{missing} event{'' if missing == 1 else 's'}"
    body = [
        f"{title}: the alarm counted {many} that the log still does not show. Look at it by hand.",
        "",
        line("Alarm", clean(alarm, 255)),
        line("From", moment(start)),
        *_runbook(watch, environment),
        "",
        footer(environment),
    ]
    texts = [f"Details not found: {title}", f"Details not found: {watch.name}"]
    place = environment.place
    head = fitted(watch.severity, texts, account=place.account, region=place.region)
    return Report(subject=head, body="\n".join(body) + "\n", severity=watch.severity)


def _runbook(watch: Watch, environment: Environment) -> list[str]:
    where = environment.runbook(watch.name, kind=watch.kind)
    return [line("Runbook", where)] if where else []


def _references(told: Told) -> list[str]:
    """Where to look further. The longest link stands last: on a telephone it fills the screen."""
    place, tally = told.environment.place, told.tally
    found: list[tuple[str, str, str]] = []
    if tally.count == 1:
        region = region_of(tally.first.record or {}, place)
        found.append(("Event", tally.first.event_id, links.event_link(place, tally.first.event_id, region=region)))
    if told.alarm:
        found.append(("Alarm", clean(told.alarm, 255), links.alarm_link(place, told.alarm)))
    lines = [part for label, text, link in found for part in (line(label, text), *([f"  {link}"] if link else []))]
    return [*lines, *_runbook(told.watch, told.environment), *_log(told)]


def _log(told: Told) -> list[str]:
    tally = told.tally
    records = [each.record for each in tally.lines if each.record]
    what, link = "", ""
    if len(tally.actors) == 1 and records:
        actor = actor_of(records[0], account=told.environment.place.account)
        what, link = (
            f"what {actor.short} did in the hour before and since",
            _what_else(told, actor, records[0].get("userIdentity")),
        )
    elif tally.count:
        what, link = "these events", _the_events(told)
    return [line("Log", f"{what}:"), f"  {link}"] if link else []


def _steps(told: Told) -> list[Step]:
    tally = told.tally
    steps = [Step(clean(told.watch.advice, 600))] if told.watch.advice else []
    records = [each.record for each in tally.lines if each.record]
    if len(tally.actors) == 1 and records:
        place = told.environment.place
        steps.append(contain(actor_of(records[0], account=place.account), place=place, now=told.now))
    return steps


def _what_else(told: Told, actor: Actor, identity: object) -> str:
    """Logs Insights with everything that the caller did around these events; "" when nothing names them safely."""
    arn = identity.get("arn") if isinstance(identity, dict) else None
    if actor.key_id:
        by = f"userIdentity.accessKeyId = {json.dumps(actor.key_id)}"
    elif isinstance(arn, str) and _PLAIN.fullmatch(arn):
        by = f"userIdentity.arn = {json.dumps(arn)}"
    else:
        return ""
    return _insights(told, f"{_FIELDS}\n| filter {by}\n| sort @timestamp asc\n| limit 1000")


def _the_events(told: Told) -> str:
    ids = [each.event_id for each in told.tally.lines[:20] if _PLAIN.fullmatch(each.event_id)]
    return _insights(told, f"{_FIELDS}\n| filter eventID in {json.dumps(ids)}\n| sort @timestamp asc") if ids else ""


def _insights(told: Told, query: str) -> str:
    moments: Sequence[datetime] = [each.at for each in (told.tally.first, told.tally.last) if each.at]
    start = min([*moments, told.noticed_at]) - _AROUND
    return links.insights_link(
        told.environment.place, log_group=told.environment.log_group, query=query, start=start, end=told.now + _AROUND
    )
