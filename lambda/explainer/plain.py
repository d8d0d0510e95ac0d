"""An alarm without an explanation, so that it reaches people in any case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common import links
from common.incident import Incident
from common.ledger import Claim
from common.report import Report, line
from common.steps import Step, step_lines
from common.text import clean, moment

from explainer.alarms import Alarm
from explainer.envelope import attributes, fitted, footer
from explainer.environment import Environment
from explainer.kit import Kit
from explainer.message import Message


def alarm_report(
    name: str, *, told: Mapping[str, Any], alarm: Alarm | None, why: str, environment: Environment, now: datetime
) -> Report:
    """What an alarm's own message says, and why there is no more.

    `alarm` is what CloudWatch knows of it, None when that could not be read; then only `told`, the message, speaks.
    """
    shown, place = clean(name, 255) or "an alarm without a name", environment.place
    reason = alarm.reason if alarm else told.get("NewStateReason")
    since = moment(alarm.since) if alarm else clean(told.get("StateChangeTime"), 40)
    rows = {
        "Alarm": shown,
        "Says": clean(told.get("AlarmDescription"), 600),
        "Reason": clean(reason, 400),
        "Since": since,
        "Missing": f"who, what and where: {why}",
    }
    lines = [f"Alarm {shown} went to ALARM.", "", *(line(label, text) for label, text in rows.items() if text), ""]
    steps = [Step("Look at the alarm, and at the events of its filter:", tuple(filter(None, [_page(place, name)])))]
    for position, step in enumerate(steps):
        lines += step_lines(step, label="" if position else "Next")
    lines += ["", footer(environment), f"Written {moment(now)}"]
    subject = fitted(
        "critical",
        [f"ALARM {shown}, not explained", "ALARM, not explained"],
        account=place.account,
        region=place.region,
    )
    return Report(subject=subject, body="\n".join(lines) + "\n", severity="critical")


def event_report(what: str, *, severity: str, environment: Environment, at: datetime) -> Report:
    """One event whose mail never went out, in the one line that was kept of it."""
    body = [
        f"Told late: {clean(what, 400)}",
        "",
        line("When", f"noticed {moment(at)}; the run that should have told it did not end"),
        "",
        footer(environment),
    ]
    place = environment.place
    texts = [f"Told late: {clean(what, limit)}" for limit in (80, 60, 40, 20)]
    subject = fitted(severity, texts, account=place.account, region=place.region)
    return Report(subject=subject, body="\n".join(body) + "\n", severity=severity)


def _page(place: Any, name: str) -> str:
    return links.alarm_link(place, name) if name else ""


def tell_plainly(message: Message, alarm: Alarm | None, why: str, kit: Kit) -> str:
    """Tell of an alarm as it is, once for each time that it rang."""
    rang = alarm.since.isoformat() if alarm else clean(message.told.get("StateChangeTime"), 40)
    plainly = Incident(
        key=f"plain#{clean(message.alarm, 255)}#{rang}",
        what=f"Alarm {clean(message.alarm, 255)} rang",
        severity="critical",
        seen_at=kit.noticed_at,
        returns=False,
    )
    if kit.memory.claim(plainly) is Claim.TOLD:
        return "told already"
    environment = kit.environment
    report = alarm_report(
        message.alarm, told=message.told, alarm=alarm, why=why, environment=environment, now=kit.clock.now()
    )
    kit.publish(report, attributes=attributes(report, watch="", environment=environment), alarm=message.alarm)
    kit.memory.told(plainly.key, lasts=False)
    return "told as it is"
