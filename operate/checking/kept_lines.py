"""Are log files kept for as long as the stack file says, and are the stack's keys rotated?"""

from __future__ import annotations

from collections.abc import Iterator

from account import Ageing, Bucket, CouldNotLook, Found, Lock, found_or, name_of
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.words import named
from settings import Lifecycle, Settings


def kept_lines(site: Site, findings: Findings) -> None:
    """The buckets that the stack made, against its stack file, and its keys."""
    if site.settings is not None:
        for name, answer in sorted(site.survey.buckets.items()):
            # One that could not be looked at has its line at the trail.
            if isinstance(answer, Found) and any(arn.endswith(f":::{name}") for arn in site.arns):
                _ageing(answer.value, site.settings, findings)
                _lock(answer.value, site.settings, findings)
    _rotation(site, findings)


def _ageing(bucket: Bucket, settings: Settings, findings: Findings) -> None:
    if isinstance(bucket.ageing, CouldNotLook):
        findings.blind("trail.bucket-lifecycle", f"the lifecycle of bucket {bucket.name}", bucket.ageing)
        return
    have = found_or(bucket.ageing, frozenset[Ageing]())
    wanted = frozenset(_wanted(settings.trail.lifecycle) if settings.trail.lifecycle else ())
    faults = [
        *(f"asked for and not there: {each}" for each in sorted(map(str, wanted - have))),
        *(f"there and not asked for: {each}" for each in sorted(map(str, have - wanted))),
    ]
    findings.agree(
        "trail.bucket-lifecycle",
        faults,
        good=f"bucket {bucket.name} keeps log files as the stack file says"
        + ("" if wanted else ": none is moved or deleted"),
        bad=f"bucket {bucket.name} does not keep log files as the stack file says",
        fix=f"pulumi up --stack {settings.stack} makes it so; S3 looks once a day, and what it has deleted is an old "
        "version until that ends too",
        resource=bucket.name,
    )


def _wanted(lifecycle: Lifecycle) -> Iterator[Ageing]:
    """What was deleted or overwritten goes the same way, counted from then on."""
    for of in ("files", "old versions"):
        if lifecycle.archive_days is not None:
            yield Ageing(of=of, days=lifecycle.archive_days, storage_class=lifecycle.archive_class)
        if lifecycle.expire_days is not None:
            yield Ageing(of=of, days=lifecycle.expire_days)


def _lock(bucket: Bucket, settings: Settings, findings: Findings) -> None:
    check = "trail.bucket-lock"
    if isinstance(bucket.lock, CouldNotLook):
        findings.blind(check, f"Object Lock of bucket {bucket.name}", bucket.lock)
        return
    asked, have = settings.trail.object_lock, found_or(bucket.lock, None)
    wanted = Lock(mode=asked.mode, days=asked.days) if asked else None
    findings.expect(
        check,
        have == wanted,
        good=f"bucket {bucket.name} locks new log files: {_said(wanted)}"
        if wanted
        else f"bucket {bucket.name} locks no log file, as the stack file says",
        bad=f"bucket {bucket.name} locks new log files: {_said(have)}; the stack file says {_said(wanted)}",
        fix=f"pulumi up --stack {settings.stack} makes it so for files that come from then on",
        resource=bucket.name,
    )


def _said(lock: Lock | None) -> str:
    return f"{lock.mode} for {lock.days} days" if lock else "none"


def _rotation(site: Site, findings: Findings) -> None:
    """Keys of the stack; one that is disabled or dying has a worse line already."""
    keys = {answer.value.arn: answer.value for answer in site.survey.keys.values() if isinstance(answer, Found)}
    for arn, key in sorted(keys.items()):
        if arn not in site.arns or not key.is_enabled:
            continue
        if isinstance(key.is_rotated, CouldNotLook):
            findings.blind("key.rotation", f"the rotation of key {name_of(arn)}", key.is_rotated, resource=arn)
            continue
        users = [f"topic {topic.name}" for topic in site.topics if topic.kms_key == arn]
        users += [f"trail {trail.name}" for trail in site.trails if trail.kms_key == arn]
        findings.expect(
            "key.rotation",
            found_or(key.is_rotated, False),
            good=f"the key of {named(users)} is rotated every year",
            bad=f"the key of {named(users)} is not rotated",
            fix=f"aws kms enable-key-rotation --region {key.region} --key-id {arn}",
            resource=arn,
            where=key.region,
        )
