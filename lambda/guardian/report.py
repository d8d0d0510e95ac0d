"""The mail: a finding in words, plain text made for a telephone at 3 a.m.

Pure and total: whatever the message held, a report comes out of it. Everything that a stranger may have chosen passes
`text.clean` on the way.
"""

from datetime import datetime

from common import links
from common.actor import actor_of
from common.record import region_of
from common.report import Report, line
from common.steps import step_lines
from common.text import clean

from guardian.advice import next_steps
from guardian.decide import Finding
from guardian.environment import Environment
from guardian.headline import headline, subject
from guardian.incident import key_of
from guardian.rows import rows
from guardian.runbooks import runbook_line
from guardian.told import Told


def compose(finding: Finding, *, environment: Environment, noticed_at: datetime, now: datetime) -> Report:
    """The report of a finding that is not silent.

    `noticed_at` is when the guardian woke, `now` when it writes, both UTC.
    """
    record = finding.cause.record
    actor = actor_of(record, account=environment.trail.account) if record else None
    told = Told(finding=finding, environment=environment, actor=actor, noticed_at=noticed_at, now=now)
    return Report(subject=subject(told), body=_body(told), severity=finding.severity.value)


def _body(told: Told) -> str:
    environment = told.environment
    lines = [headline(told), "", *(line(label, text) for label, text in rows(told)), ""]
    steps = next_steps(told.finding, told.actor, environment=environment, now=told.now)
    for position, step in enumerate(steps):
        lines += step_lines(step, label="" if position else "Next")
    lines.append("")
    if event_id := clean(told.finding.cause.record.get("eventID"), 64):
        region = region_of(told.finding.cause.record, environment.trail)
        link = links.event_link(environment.trail, event_id, region=region)
        lines += [line("Event", event_id), *([f"  {link}"] if link else [])]
    lines.append(runbook_line(key_of(told.finding), base=environment.runbooks))
    lines += ["", f"trailwarden {clean(environment.version, 40)} · stack {clean(environment.stack, 100)}"]
    return "\n".join(lines) + "\n"
