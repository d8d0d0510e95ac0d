"""Does the trail record, and deliver to, what the stack file says? And does everything carry the file's tags?

The desired state is compared with the trail elsewhere; both may be what an older stack file said.
"""

from __future__ import annotations

from collections.abc import Iterator

from account import CouldNotLook, Selectors, Trail, found_or, name_of
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.words import named
from settings import Baseline, Settings, TrailSettings, TrailSite


def recorded_lines(site: Site, findings: Findings) -> None:
    """Each trail of the stack file, and the tags of what the stack made."""
    settings = site.settings
    if settings is None:
        return
    up = f"pulumi up --stack {site.stack} makes it as the file says"
    for trail in site.trails:
        place = site.guarded(trail)
        if place is not None:
            _trail(trail, place, settings, up, findings)
    _tags(site, settings, up, findings)


def _trail(trail: Trail, place: TrailSite, settings: Settings, up: str, findings: Findings) -> None:
    differ = _of_adopted(trail, place.baseline) if place.baseline else _of_made(trail, place, settings.trail)
    faults = sorted(differ)
    unseen = next((each for each in (trail.selectors, trail.insights) if isinstance(each, CouldNotLook)), None)
    if not faults and unseen is not None:
        findings.blind("drift.trail", f"what trail {trail.name} records", unseen, resource=trail.arn)
        return
    findings.agree(
        "drift.trail",
        faults,
        good=f"trail {trail.name} records and delivers what the stack file says",
        bad=f"trail {trail.name} does not record or deliver what the stack file says",
        fix=up if place.baseline is None else "change the trail, or its baseline in the stack file and pulumi up",
        resource=trail.arn,
        where=trail.home_region,
    )


def _of_made(trail: Trail, place: TrailSite, options: TrailSettings) -> Iterator[str]:
    selectors = found_or(trail.selectors, None)
    if selectors is not None:
        if selectors.management != options.management:
            yield f"management events: {selectors.management} instead of {options.management}"
        asked = {(each.type, each.record, tuple(sorted(each.only))) for each in options.data_events}
        if selectors.data != asked:
            kinds = {kind for kind, _half, _only in selectors.data}
            yield f"data events: {named(kinds) or 'none'}, or not those resources"
    yield from _insights(trail, options.insights)
    yield from _organization(trail, is_wanted=place.is_organization)
    if bool(trail.topic_arn) != options.delivery_topic:
        yield "notices of log files go to " + (name_of(trail.topic_arn) if trail.topic_arn else "nobody")
    yield from _places(trail, options.bucket, options.kms_key, options.log_group)


def _of_adopted(trail: Trail, baseline: Baseline) -> Iterator[str]:
    selectors = found_or(trail.selectors, None)
    if selectors is not None and selectors.canonical != _selectors(baseline).canonical:
        yield "event selectors"
    yield from _insights(trail, baseline.insights)
    yield from _organization(trail, is_wanted=baseline.organization)
    yield from _places(trail, baseline.bucket, baseline.kms_key or "", baseline.log_group_name)
    topic = name_of(trail.topic_arn) if trail.topic_arn else ""
    if topic != (baseline.delivery_topic or "").rpartition(":")[2]:
        yield f"notices of log files go to {topic or 'nobody'}"
    if trail.bucket_prefix != baseline.prefix:
        yield f"keys in the bucket begin with {trail.bucket_prefix or 'nothing'}"
    if trail.logs_role_arn != baseline.delivery_role:
        yield f"the delivery role is {trail.logs_role_arn or 'none'}"


def _selectors(baseline: Baseline) -> Selectors:
    is_advanced = any("FieldSelectors" in each for each in baseline.selectors)
    return Selectors(advanced=baseline.selectors) if is_advanced else Selectors(basic=baseline.selectors)


def _insights(trail: Trail, wanted: tuple[str, ...]) -> Iterator[str]:
    if isinstance(trail.insights, CouldNotLook):
        return
    have = set(found_or(trail.insights, ()))
    if have != set(wanted):
        yield f"Insights: {named(have) or 'none'} instead of {named(wanted) or 'none'}"


def _organization(trail: Trail, *, is_wanted: bool) -> Iterator[str]:
    if trail.is_organization != is_wanted:
        yield "it is the trail of an organization" if trail.is_organization else "it is of this account only"


def _places(trail: Trail, bucket: str | None, key: str | None, group: str | None) -> Iterator[str]:
    """Where it delivers, as far as the file names places; None where the stack makes one."""
    if bucket is not None and trail.bucket != bucket:
        yield f"the bucket is {trail.bucket}"
    if key is not None and trail.kms_key != key:
        yield f"the key is {trail.kms_key or 'none'}"
    have = trail.log_group_arn.rpartition(":log-group:")[2]
    if group is not None and have != group:
        yield f"the log group is {have or 'none'}"


def _tags(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    if not settings.trail.tags:
        return
    wanted = dict(settings.trail.tags)
    lacking = [
        name_of(each.arn) for each in site.tagged if any(each.tags.get(name) != value for name, value in wanted.items())
    ]
    findings.expect(
        "drift.tags",
        not lacking,
        good=f"all {len(site.tagged)} tagged resources carry the tags of the stack file",
        bad=f"the tags of the stack file are missing or others on {named(lacking)}",
        fix=up,
        resource=site.stack,
    )
