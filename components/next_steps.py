"""What people have to do after a deployment, in words."""

from collections.abc import Iterator

from settings import Settings

PENDING_FOR_H = 48  # AWS forgets an unconfirmed subscription then (AWS What's New, May 2023)


def next_steps(settings: Settings, *, alerts_topic_arn: str) -> list[str]:
    """The steps after `pulumi up`, one text each, shown as a stack output."""
    return list(_steps(settings, alerts_topic_arn))


def _steps(settings: Settings, alerts_topic_arn: str) -> Iterator[str]:
    addresses = ", ".join([*settings.emails, *(each.endpoint for each in settings.subscribers)])
    yield (
        f"Open the mail that AWS sent to {addresses} and confirm the subscription within {PENDING_FOR_H} hours; "
        "until then that address gets nothing."
    )
    yield (
        "To confirm without a one-click unsubscribe link in every later mail, take TOKEN out of that mail's link: "
        f"aws sns confirm-subscription --region {settings.home_region} --authenticate-on-unsubscribe true "
        f"--topic-arn {alerts_topic_arn} --token TOKEN"
    )
    yield "Alarms count the events that arrive from now on; CloudTrail needs about five minutes for each."
    if settings.remediation.mode == "notify":
        yield "A stopped trail is reported, but not started again: remediation.mode is notify."
    if settings.remediation.mode == "off":
        yield "A stopped trail is not started again, and only the alarms tell of it: remediation.mode is off."
    if settings.evidence == "keep":
        yield (
            "Bucket, audit log group and their key are protected and outlive the stack: "
            "pulumi destroy --exclude-protected removes everything else."
        )
