"""What people have to know and do about the options of the trail."""

from collections.abc import Iterable, Iterator

from settings import TrailSettings
from settings.limits import AUDITED_DAYS
from settings.recording import HALVES, blinded

_ON_SELECTORS = "trail-tampering"
"""The event set that fires on PutEventSelectors and PutInsightSelectors."""


def trail_steps(trail: TrailSettings, *, event_sets: Iterable[str]) -> Iterator[str]:
    """One text for each thing to do or to know; nothing for a trail without options."""
    yield from _recording_steps(trail, event_sets=event_sets)
    given = {"bucket": trail.bucket, "KMS key": trail.kms_key}
    if named := [f"{what} {name}" for what, name in given.items() if name]:
        yield (
            f"The policy of {' and of '.join(named)} is yours to change: it must hold the statements of the stack "
            "output policiesToAdd, or CloudTrail refuses the trail, and later delivers nothing."
        )
    if trail.log_group:
        yield (
            f"Log group {trail.log_group} stays as it is: its retention, its encryption, and who else writes there. "
            "Events of others in it are counted by the same metric filters."
        )
    expire = trail.lifecycle.expire_days if trail.lifecycle else None
    for key, days in (("lifecycle.expireDays", expire), ("retentionDays", trail.retention_days)):
        if days is not None and days < AUDITED_DAYS:
            yield f"Auditors ask for a year of history: trail.{key} is {days} days, and they will find less."
    if trail.object_lock and trail.object_lock.mode == "COMPLIANCE":
        yield (
            f"Each log file is locked for {trail.object_lock.days} days from its delivery: until then nobody can "
            "delete it, nor the bucket, nor the cost of both."
        )
    if trail.organization:
        yield (
            "The trail records every account of the organization: alarms count the events of all of them together, and "
            "mails name the account. CloudTrail must stay a trusted service of the organization: "
            "aws organizations disable-aws-service-access would take the trail away from the other accounts."
        )
    if trail.delivery_topic:
        yield "CloudTrail says each delivered log file on the topic of the stack output deliveryTopicArn."


def _recording_steps(trail: TrailSettings, *, event_sets: Iterable[str]) -> Iterator[str]:
    if trail.management != "all":
        yield (
            f"trail.management is {trail.management}: auditors ask for all management events, and their controls fail "
            "whatever the filters are."
        )
    if partly := blinded(event_sets, management=trail.management).partly:
        sees = f"because trail.management is {trail.management}: {', '.join(partly)}"
        yield f"These event sets see only a part of their events, {sees}."
    if "write" not in HALVES[trail.management]:
        yield (
            "No event tells of a change of the trail, because calls that write are not recorded: the guardian sees it "
            "when it looks, every five minutes."
        )
    chosen = trail.management != "all" or trail.data_events or trail.insights
    if chosen and _ON_SELECTORS in event_sets:
        yield (
            f"After the deployment that makes the trail {_ON_SELECTORS} rings once: the provider starts the trail "
            "before it sets selectors and insights, and these calls are events like any other."
        )
    if trail.data_events:
        kinds = ", ".join(each.type for each in trail.data_events)
        yield (
            f"AWS charges for each data event ({kinds}), and for each in the log group once more: look at the bill of "
            "the first days."
        )
