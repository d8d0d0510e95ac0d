"""What people have to know and do about the options of the trail."""

from collections.abc import Iterator

from settings import TrailSettings
from settings.limits import AUDITED_DAYS


def trail_steps(trail: TrailSettings) -> Iterator[str]:
    """One text for each thing to do or to know; nothing for a trail without options."""
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
    if trail.delivery_topic:
        yield "CloudTrail says each delivered log file on the topic of the stack output deliveryTopicArn."
