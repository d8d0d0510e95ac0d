"""What no event tells, seen by looking: deliveries that fail or cease, a rule that no longer wakes us. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.steps import Step
from common.text import clean, duration, error_name, lapse_s

from guardian.environment import Environment
from guardian.trail import Logging, State

STALE = timedelta(hours=1)
"""CloudTrail delivers about every five minutes, and the sweep's own reads are events: an hour of silence is a fault."""
ENABLED = ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that is wrong for as long as it is seen. `title` is its subject, `key` that of its incident."""

    key: str
    title: str
    sentence: str
    severity: str
    steps: tuple[Step, ...] = ()


def conditions(state: State, rule_state: str, *, environment: Environment, now: datetime) -> Iterator[Condition]:
    """Everything that is wrong. `rule_state` is the rule's state, "" when it is gone, or `?` and AWS's error code."""
    if state.logging is Logging.ON:
        yield from _delivery(state, environment=environment, now=now)
    if rule_state in ENABLED:
        return
    name = environment.rule
    if rule_state.startswith("?"):
        what = f"cannot be looked at: {error_name(rule_state[1:])}"
    else:
        what = "is disabled" if rule_state else "does not exist any more"
    yield Condition(
        key="rule",
        title=f"The guardian's event rule {what}",
        sentence=f"Event rule {name} {what}. Until it works, only alarms and the sweep tell the guardian of a stop.",
        severity="critical",
        steps=(
            Step(
                "Switch it on, and see who switched it off:",
                (f"aws events enable-rule --name {name} --region {environment.trail.region}",),
            ),
        ),
    )


def _delivery(state: State, *, environment: Environment, now: datetime) -> Iterator[Condition]:
    places = {
        "bucket": (state.delivered_at, state.bucket_error),
        "log group": (state.logs_delivered_at, state.logs_error),
    }
    trail = f"CloudTrail trail {environment.trail.name}"
    for place, (delivered_at, error) in places.items():
        # What was delivered before the last start says nothing about now.
        since = max((at for at in (delivered_at, state.started_at) if at), default=None)
        age_s = lapse_s(since, now)
        if error:
            what = f"fails: {clean(error, 60)}"
        elif age_s is not None and age_s > STALE.total_seconds():
            what = f"has ceased: nothing for {duration(age_s)}"
        else:
            continue
        yield Condition(
            key=f"delivery#{place.replace(' ', '-')}",
            title=f"Delivery to the {place} {what}",
            sentence=f"Delivery to the {place} of {trail} {what}. The trail is logging.",
            severity="critical",
            steps=(Step(f"See what stands in the way: the {place}, its policy, the key, the delivery role."),),
        )
