"""Mails that no CloudTrail event stands behind: what the sweep sees, what lasts, what is over.

Pure, like `report`; everything that a stranger may have chosen passes `text.clean`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from common import links
from common.ledger import Entry
from common.report import Report, line
from common.steps import Step, step_lines
from common.text import clean, cut, duration, error_name, lapse_s, moment

from guardian.budget import Spent
from guardian.environment import Environment
from guardian.headline import fitted
from guardian.maintenance import ITEM, Maintenance, Unusable
from guardian.runbooks import runbook_line

_NAME_LIMITS = (60, 40, 30, 20, 16, 12, 9)


def notice(
    *,
    severity: str,
    title: str | Sequence[tuple[str, str]],
    sentence: str,
    rows: Iterable[tuple[str, str]] = (),
    steps: Iterable[Step] = (),
    key: str,
    environment: Environment,
) -> Report:
    """A report: `[severity] title - account region`, then `sentence`, labelled rows, and what to do next.

    `title` may be the ways to say it that `headline.fitted` chooses from, `key` is that of the incident.
    """
    trail = environment.trail
    lines = [sentence, ""]
    lines += [line(label, text) for label, text in rows if text]
    for position, step in enumerate(steps):
        lines += step_lines(step, label="" if position else "Next")
    lines += ["", runbook_line(key, base=environment.runbooks)]
    lines += ["", f"trailwarden {clean(environment.version, 40)} · stack {clean(environment.stack, 100)}"]
    titles = [("", clean(title, 200))] if isinstance(title, str) else title
    subject = fitted(severity, titles, trail=trail)
    return Report(subject=subject, body="\n".join(lines) + "\n", severity=severity)


def reminder(entry: Entry, *, environment: Environment, now: datetime) -> Report:
    """An open incident that still lasts."""
    lasted = duration(lapse_s(entry.opened_at, now) or 0)
    return notice(
        severity=entry.severity,
        title=_later("Still so", lasted, entry.what, environment),
        sentence=f"This was told {lasted} ago and is still so: {clean(entry.what, 400)}",
        rows=[("Since", moment(entry.opened_at))],
        steps=[Step("The first mail of this incident says what to do. Look at the trail:", (_look(environment),))],
        key=entry.key,
        environment=environment,
    )


def cleared(entry: Entry, *, environment: Environment, now: datetime) -> Report:
    """An incident that was open, and is over."""
    lasted = duration(lapse_s(entry.opened_at, now) or 0)
    return notice(
        severity="medium",
        title=_later("Cleared", lasted, entry.what, environment),
        sentence=f"This is over: {clean(entry.what, 400)}",
        rows=[("Since", moment(entry.opened_at)), ("Over", f"{moment(now)}, when it was looked at")],
        key=entry.key,
        environment=environment,
    )


def left_behind(entry: Entry, *, lasts: bool | None, environment: Environment) -> Report:
    """An incident that a run found and did not live to tell. `lasts` is None when nobody knows."""
    now_is = {True: "it is still so", False: "it is no longer so", None: "not known"}[lasts]
    return notice(
        severity=entry.severity,
        title=[("Told late: ", what) for what in _shorter(entry.what, environment)],
        sentence=f"The run that found this ended before it could tell anybody: {clean(entry.what, 400)}",
        rows=[("Found", moment(entry.opened_at)), ("Now", now_is), ("Who", "see Event history around that time")],
        steps=[Step("Look at the trail:", (_look(environment),))],
        key=entry.key,
        environment=environment,
    )


def escalation(
    spent: Spent, *, last: Report, rows: Iterable[tuple[str, str]], goes_on: bool, environment: Environment
) -> Report:
    """More repairs than the budget has; `last` is the report of the latest, `rows` its labelled lines."""
    so_many = f"{spent.repairs} repairs within {spent.budget.minutes} min"
    latest = last.body.partition("\n")[0]
    return notice(
        severity="critical",
        title=f"{so_many}{' and going on' if goes_on else ''}: somebody keeps at it",
        sentence=(
            f"{so_many}, more than {spent.budget.repairs}. From now on there is one mail every {spent.budget.minutes} "
            f"min at most. A stop is still undone each time; other settings are left until it is quiet."
        ),
        rows=[("Latest", latest), *rows],
        steps=[Step("Take the permission away from whoever does this, or stop the program that does.")],
        key="storm",
        environment=environment,
    )


def unsent(error_code: str, *, environment: Environment) -> Report:
    """A report was lost: one line for the last-resort topic.

    That topic is not encrypted with a key of the account's, so nothing of the report is in it, and no more of the
    account than CloudWatch puts into the message of an alarm.
    """
    code = error_name(error_code)
    version, stack = clean(environment.version, 40), clean(environment.stack, 100)
    trail = environment.trail
    return Report(
        subject=f"[critical] The guardian cannot report: {cut(code, 30)} - {trail.account} {trail.region}",
        body=(
            f"A report could not be published to the alerts topic ({code}). It stands whole in the guardian's log, "
            f"and the call is tried again. trailwarden {version}, stack {stack}.\n"
        ),
        severity="critical",
    )


def last_words(sentence: str, *, environment: Environment) -> Report:
    """Something is wrong with the way to the readers of the alerts: one line for the last-resort topic, as `unsent`."""
    trail = environment.trail
    version, stack = clean(environment.version, 40), clean(environment.stack, 100)
    return Report(
        subject=fitted("critical", [("", sentence)], trail=trail),
        body=f"{sentence}. The alerts topic has been told more, if it reaches anybody. "
        f"trailwarden {version}, stack {stack}.\n",
        severity="critical",
    )


def begins(maintenance: Maintenance, *, environment: Environment) -> Report:
    """Planned work was announced: until its end nothing is put back."""
    return notice(
        severity="high",
        title=[
            (f"Maintenance until {maintenance.ends:%H:%M} UTC by {author}: ", "nothing is put back")
            for author in _authors(maintenance)
        ],
        sentence="Maintenance has begun: the guardian tells what happens to the trail and changes nothing.",
        rows=_planned(maintenance),
        steps=[Step("If nobody planned this, end it; the guardian then puts everything back:", (_end(environment),))],
        key=maintenance.key,
        environment=environment,
    )


def ends(entry: Entry, *, environment: Environment, now: datetime) -> Report:
    """Planned work is over: the guardian puts things back again. The record may be gone, or another by now."""
    return notice(
        severity="medium",
        title="Maintenance is over: the trail is guarded again",
        sentence=f"{clean(entry.what, 400)}. It is over, and what is not as wanted is put back from now on.",
        rows=[("Told", moment(entry.opened_at)), ("Over", f"{moment(now)}, when it was looked at")],
        key=entry.key,
        environment=environment,
    )


def was(maintenance: Maintenance, *, environment: Environment) -> Report:
    """Planned work that was over before anybody was told of it."""
    return notice(
        severity="high",
        title=[
            (f"Maintenance by {author} until {maintenance.ends:%H:%M} UTC: ", "told when it was over")
            for author in _authors(maintenance)
        ],
        sentence="There was maintenance, and nobody could be told before it was over: while it lasted the guardian "
        "would have changed nothing. The trail is guarded again.",
        rows=_planned(maintenance),
        steps=[_writers(environment)],
        key=maintenance.key,
        environment=environment,
    )


def unusable(record: Unusable, *, environment: Environment) -> Report:
    """A maintenance record that breaks a rule, and so has no effect."""
    return notice(
        severity="high",
        title="A maintenance record cannot be used: nothing is lowered",
        sentence="There is a maintenance record that the guardian does not obey. It goes on putting things back.",
        rows=[("Problem", clean(problem, 200)) for problem in record.problems],
        steps=[
            Step("Write it anew if it was meant, else take it away:", (_end(environment),)),
            _writers(environment),
        ],
        key=record.key,
        environment=environment,
    )


def _later(said: str, lasted: str, what: str, environment: Environment) -> list[tuple[str, str]]:
    """Titles for what was told before; beside the names the second unit of the duration may go."""
    brief = " ".join(lasted.split()[:2])
    shorter = _shorter(what, environment)
    return [(f"{said} after {lasted}: ", text) for text in shorter] + [(f"{said} after {brief}: ", shorter[-1])]


def _shorter(what: str, environment: Environment) -> list[str]:
    """What happened, with the names of trail and rule ever shorter, and at last without."""
    trail, rule = f"CloudTrail trail {environment.trail.name}", f"Event rule {environment.rule}"
    texts = [
        what.replace(trail, f"CloudTrail trail {cut(environment.trail.name, limit)}").replace(
            rule, f"Event rule {cut(environment.rule, limit)}"
        )
        for limit in _NAME_LIMITS
    ]
    bare = what.replace(trail, "the trail").replace(rule, "the event rule")
    if bare != what:
        bare = bare.removeprefix("the ")  # where the name began the sentence
        bare = bare[:1].upper() + bare[1:]
    return [clean(text, 300).removesuffix(".") for text in (*texts, bare)]


def _authors(maintenance: Maintenance) -> list[str]:
    """Who it was, ever shorter: whole, without what every ARN begins with, its end, and as much of that as fits."""
    whole = clean(maintenance.author, 120)
    bare = whole.rpartition(":")[2] if whole.startswith("arn:") else whole
    name = bare.rpartition("/")[2]
    return [whole, bare, name, *(cut(name, limit) for limit in _NAME_LIMITS)]


def _planned(maintenance: Maintenance) -> list[tuple[str, str]]:
    return [
        ("Who", clean(maintenance.author, 120)),
        ("Why", clean(maintenance.reason, 200)),
        ("From", moment(maintenance.begins)),
        ("Until", moment(maintenance.ends)),
    ]


def _look(environment: Environment) -> str:
    return links.trail_status(environment.trail)


def _end(environment: Environment) -> str:
    trail = environment.trail
    key = f'{{"trail":{{"S":"{trail.arn}"}},"id":{{"S":"{ITEM}"}}}}'
    return f"aws dynamodb delete-item --table-name {environment.ledger} --region {trail.region} --key '{key}'"


def _writers(environment: Environment) -> Step:
    return Step(
        f"If nobody did, find out who may write to table {environment.ledger} (calls on items are in no trail that "
        "records no data events)."
    )
