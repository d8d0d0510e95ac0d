"""What no event tells, seen by looking: deliveries that cease, a rule or schedule that no longer wakes us. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from common import links
from common.steps import Step
from common.text import clean, duration, error_name, lapse_s

from guardian.environment import Environment
from guardian.trail import Logging, State

STALE = timedelta(hours=1)
"""CloudTrail delivers about every five minutes, and the sweep's own reads are events: an hour of silence is a fault."""
ENABLED = ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that is wrong. `title` is its subject, or ways to say it, `key` that of its incident.

    It is wrong for as long as it is seen, unless it was put back and no longer `lasts`. `last_words` are one line for
    the last resort, where the alerts may not reach anybody.
    """

    key: str
    title: str | Sequence[tuple[str, str]]
    sentence: str
    severity: str
    steps: tuple[Step, ...] = ()
    lasts: bool = True
    last_words: str = ""


def deliveries(state: State, *, environment: Environment, now: datetime) -> Iterator[Condition]:
    """What is wrong with what a trail delivers. Nothing while it does not log."""
    if state.logging is Logging.ON:
        yield from _delivery(state, environment=environment, now=now)


def rule(state: str, *, environment: Environment) -> Iterator[Condition]:
    """What is wrong with the rule, without an inventory. `state` is its state, "" when gone, or `?` and a code."""
    if state in ENABLED:
        return
    name = environment.rule
    if state.startswith("?"):
        what = f"cannot be looked at: {error_name(state[1:])}"
    else:
        what = "is disabled" if state else "does not exist any more"
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
    # A trail that leaves our reads out may have nothing to deliver for a day.
    hears_itself = "management-reads" not in environment.waived
    for place, (delivered_at, error) in places.items():
        # What was delivered before the last start says nothing about now.
        since = max((at for at in (delivered_at, state.started_at) if at), default=None)
        age_s = lapse_s(since, now)
        if error:
            what = f"fails: {clean(error, 60)}"
        elif age_s is not None and age_s > STALE.total_seconds() and hears_itself:
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


def schedule(state: str, *, name: str, region: str, silent_s: float, environment: Environment) -> Condition:
    """The sweep has not come for `silent_s` seconds. `state` is its schedule's, as for `rule`."""
    if state.startswith("?"):
        what = f"cannot be looked at: {error_name(state[1:])}"
    elif state in ENABLED:
        what = "is enabled and does not wake the guardian"
    else:
        what = "is disabled" if state else "does not exist any more"
    return Condition(
        key=SCHEDULE,
        title=f"No sweep for {duration(silent_s)}: its schedule {what}",
        sentence=f"The sweep should come every five minutes and has not for {duration(silent_s)}. Schedule "
        f"{clean(name, 100)} {what}. Until it comes, only events and alarms wake the guardian.",
        severity="critical",
        steps=(
            Step("Look at it, at its role and at its target:", (links.schedule(name, region=region),)),
            Step("Make it as the stack says:", (links.pulumi("up --refresh", stack=environment.stack),)),
        ),
    )


SCHEDULE = "schedule"
"""The key of the incident that the sweep has ceased."""
