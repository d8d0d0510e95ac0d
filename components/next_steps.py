"""What people have to do after a deployment, in words."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from components._subscriber_steps import subscriber_steps
from components._trail_steps import trail_steps
from settings import Settings, blind_spots

PENDING_FOR_H = 48  # AWS forgets an unconfirmed subscription then (AWS What's New, May 2023)


def next_steps(settings: Settings, *, topic_arns: Mapping[str, str]) -> list[str]:
    """The steps after `pulumi up`, one text each, shown as a stack output. `topic_arns`: by what a topic tells."""
    return list(_steps(settings, topic_arns))


def _steps(settings: Settings, topic_arns: Mapping[str, str]) -> Iterator[str]:
    addresses = ", ".join(settings.mail_addresses)
    mails = "mail" if len(topic_arns) == 1 else f"{len(topic_arns)} mails ({_listed(list(topic_arns))})"
    yield (
        f"Open the {mails} that AWS sent to {addresses} and confirm each subscription within {PENDING_FOR_H} hours; "
        "until then that address gets nothing."
    )
    for topic, arn in topic_arns.items():
        yield (
            f"To confirm {topic} without a one-click unsubscribe link in every later mail, take TOKEN out of that "
            f"mail's link: aws sns confirm-subscription --region {_region_of(arn)} "
            f"--authenticate-on-unsubscribe true --topic-arn {arn} --token TOKEN"
        )
    yield from subscriber_steps(settings, topic_arns=topic_arns)
    yield "Alarms count the events that arrive from now on; CloudTrail needs about five minutes for each."
    if own := [name for name in settings.event_sets if name.startswith("self-")]:
        yield (
            f"A deployment that changes trailwarden's own things rings {_listed(own)} once, with the role that "
            "deployed in the mail. Anybody else in such a mail is the reason why they exist."
        )
    yield from trail_steps(settings.trail, event_sets=settings.event_sets)
    yield from blind_spots(settings)
    yield from settings.alerts.over(now=datetime.now(UTC))
    if settings.remediation.mode == "notify" and settings.remediation.restart:
        yield "A stopped trail is started again; whatever else is changed is only reported: remediation.mode is notify."
    elif settings.remediation.mode == "notify":
        yield "A stopped trail is reported, but not started again: remediation.mode is notify."
    if settings.remediation.mode == "off":
        yield "A stopped trail is not started again, and only the alarms tell of it: remediation.mode is off."
    if settings.evidence == "keep" and not settings.trail.is_adopted:
        yield (
            "What this stack makes of bucket, audit log group and their key is protected and outlives it: "
            "pulumi destroy --exclude-protected removes everything else."
        )


def _region_of(arn: str) -> str:
    """SNS takes a confirmation only in the topic's own region."""
    return arn.split(":")[3]


def _listed(names: list[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])
