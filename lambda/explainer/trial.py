"""Somebody tests on purpose whether alerts arrive: sets an alarm by hand, with a reason that says so.

It is told as a test, and as loud as the alarm is, so that whoever gets these alerts gets the test. That is all it
changes: the log is searched as for every alarm and looked at again while it lasts, so that nobody hides behind a test.
"""

import re

from common.report import Report, line
from common.steps import Step, step_lines
from common.text import clean, moment

from explainer.alarms import Alarm, Episode
from explainer.envelope import fitted, footer
from explainer.environment import Environment
from explainer.facts import Watch

_MARK = re.compile(r"TEST of trailwarden alerts ([0-9a-f]{12})\b", re.ASCII)
"""What the reason of such an alarm begins with, as `test-alert` writes it."""


def trial_of(alarm: Alarm, episode: Episode) -> str:
    """The id of the test that made an alarm ring; "" when it is none.

    CloudWatch looks at the metric again within a minute, so the alarm may have gone on: then its history tells.
    """
    found = _MARK.match(alarm.reason if alarm.rings else episode.reason)
    return found[1] if found and episode.value is None else ""


def key(trial: str) -> str:
    """The key of a test in the ledger."""
    return f"trial#{trial}"


def trial_report(trial: str, *, alarm: Alarm, watch: Watch, episode: Episode, environment: Environment) -> Report:
    """The mail of a test."""
    title, place = clean(watch.title, 120), environment.place
    look = (
        f"aws cloudtrail lookup-events --region {place.region} "
        "--lookup-attributes AttributeKey=EventName,AttributeValue=SetAlarmState"
    )
    step = Step("Nothing, if this test was announced. If not, find out who set the alarm:", (look,))
    body = [
        f"This is a TEST: somebody set the alarm of {title} by hand, to see that alerts arrive. They do.",
        "",
        line("Alarm", clean(alarm.name, 255)),
        line("Says", clean(episode.reason or alarm.reason, 400)),
        line("When", moment(episode.began_at)),
        line("Test", trial),
        "",
        *step_lines(step, label="Next"),
        "",
        footer(environment),
    ]
    texts = [f"TEST of alerts, no event: {title}", f"TEST of alerts: {watch.name}"]
    subject = fitted(watch.severity, texts, account=place.account, region=place.region)
    return Report(subject=subject, body="\n".join(body) + "\n", severity=watch.severity)
