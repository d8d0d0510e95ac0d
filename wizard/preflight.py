"""What stands in the way of a deployment, said before anything is written: quotas, names, doubles, the wrong account.

Each look answers with sentences; what AWS did not let us see becomes a sentence too, never silence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import account
from account import (
    FILTERS_PER_LOG_GROUP,
    TRAILS_PER_REGION,
    UNRESERVED_AT_LEAST,
    Answer,
    Concurrency,
    CouldNotLook,
    Found,
    MetricFilter,
    found_or,
)
from filterpattern import PatternError
from filterpattern import compile as compile_pattern
from settings import Settings, TrailSite
from settings.plan import HEALTH_FILTERS
from wizard.look import SeenTrail, Sight
from wizard.sight_screen import blindness
from wizard.trail_answers import differences

SCARCE: Final = 10
"""Executions that Lambda gives a new account in all: with no more, any other function can crowd ours out."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """Sentences: `stops` makes `pulumi up` fail or blind, `doubles` is told twice, `unseen` nobody let us look at.

    `differs` are adopted trails that are not what their baselines say. `pending` are addresses of this stack that
    nobody has confirmed yet, `confirmed` those that get alerts.
    """

    stops: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()


def preflight(settings: Settings, sight: Sight) -> Preflight:
    """What is in the way of these settings in this account. Asks AWS for what the first look did not need."""
    if wrong := tuple(_wrong_account(settings, sight)):
        return Preflight(stops=wrong)
    session = sight.session
    rooms, filters = session.together(
        lambda: session.spread(lambda region: account.concurrency(session, region), settings.home_regions),
        lambda: session.spread(lambda site: _filters_at(settings, sight, site), settings.trails),
    )
    pending, confirmed, unheard = _addresses(settings, sight)
    answers: list[Answer[object]] = [*(rooms if settings.has_guardian else ()), *filters]
    return Preflight(
        stops=(
            *_trails(settings, sight),
            *_filter_quota(settings, filters),
            *_concurrency(settings, rooms),
        ),
        doubles=tuple(_doubles(settings, sight, filters)),
        differs=tuple(_differences(settings, sight)),
        unseen=tuple(blindness(each for each in (*answers, *unheard) if isinstance(each, CouldNotLook))),
        pending=pending,
        confirmed=confirmed,
    )


def _wrong_account(settings: Settings, sight: Sight) -> Iterator[str]:
    """The credentials of another account than the one whose trails the stack file names."""
    for site in settings.trails:
        if site.baseline and site.baseline.account != sight.identity.account_id:
            yield (
                f"Trail {site.name} is of account {site.baseline.account}, and these credentials are of "
                f"{sight.identity.account_id}: look with others (--profile), or choose another trail."
            )


def _trails(settings: Settings, sight: Sight) -> Iterator[str]:
    """Trails that CloudTrail will not make: their name is taken, or the region is full."""
    for site in settings.trails:
        if site.is_adopted:
            continue
        here = [each for each in sight.own_trails if each.trail.home_region == site.region]
        if own := next((each for each in here if each.trail.name == site.name), None):
            if own.made_by != settings.stack:
                whose = f"the stack {own.made_by}" if own.made_by else "somebody else"
                yield (
                    f"{site.region} has a trail {site.name} already, made by {whose}, and two cannot share a name: "
                    "choose another with trail.name."
                )
        elif len(here) >= TRAILS_PER_REGION:
            yield (
                f"{site.region} has {len(here)} trails, and CloudTrail allows {TRAILS_PER_REGION} in a region: "
                "`pulumi up` will fail. Adopt one of them, or delete one first; the quota cannot be raised."
            )


def _filters_at(settings: Settings, sight: Sight, site: TrailSite) -> Answer[tuple[MetricFilter, ...]]:
    """The filters that are on a trail's log group now; none where the stack will make the group."""
    if site.baseline:
        for seen in sight.own_trails:
            if (seen.trail.home_region, seen.trail.name) == (site.region, site.name) and isinstance(seen.group, Found):
                return seen.group.value.filters
        return account.metric_filters(sight.session, site.region, site.baseline.log_group_name)
    name = settings.trail.log_group
    return account.metric_filters(sight.session, site.region, name) if name else Found(())


def _others(settings: Settings, site: TrailSite, found: Answer[tuple[MetricFilter, ...]]) -> list[MetricFilter]:
    """Those that are not this stack's."""
    return [each for each in found_or(found, ()) if each.namespace != settings.namespace_of(site)]


def _filter_quota(settings: Settings, filters: Sequence[Answer[tuple[MetricFilter, ...]]]) -> Iterator[str]:
    for site, found in zip(settings.trails, filters, strict=True):
        health = HEALTH_FILTERS if settings.has_guardian and site.records_reads else 0
        needed, others = len(settings.watches_of(site)) + health, len(_others(settings, site, found))
        if needed + others > FILTERS_PER_LOG_GROUP:
            yield (
                f"The log group of {site.name} has {others} filters of others, and this needs {needed} more: AWS "
                f"allows {FILTERS_PER_LOG_GROUP} on one log group. Watch less, or let the stack make a trail."
            )


def _concurrency(settings: Settings, rooms: Sequence[Answer[Concurrency]]) -> Iterator[str]:
    reserved = settings.remediation.reserved_concurrency
    for region, room in zip(settings.home_regions, rooms, strict=True):
        if not settings.has_guardian or not isinstance(room, Found):
            continue
        sites = sum(site.region == region for site in settings.trails)
        wanted, left = (reserved or 0) * sites, room.value.reservable
        if wanted > left:
            yield (
                f"remediation.reservedConcurrency asks for {wanted} executions in {region}, and Lambda can reserve "
                f"{left} there, because it keeps {UNRESERVED_AT_LEAST} of {room.value.limit} free: `pulumi up` will "
                "fail. Ask for a higher quota, or leave it out."
            )
        elif not reserved and room.value.unreserved <= SCARCE:
            yield (
                f"Lambda runs {room.value.unreserved} executions at once in {region}: other functions can crowd the "
                "guardian out. Ask AWS for a higher quota (Service Quotas, “Concurrent executions”)."
            )


def _doubles(settings: Settings, sight: Sight, filters: Sequence[Answer[tuple[MetricFilter, ...]]]) -> Iterator[str]:
    """Filters of others with the same pattern as ours, and an alarm on them: the same event is then told twice."""
    alarmed = {(each.region, each.namespace, each.metric): each.name for each in sight.alarms if each.alarm_actions}
    for site, found in zip(settings.trails, filters, strict=True):
        patterns = {watch.pattern: watch.name for watch in settings.watches_of(site) if watch.pattern}
        trees = {compile_pattern(pattern): name for pattern, name in patterns.items()}
        for other in _others(settings, site, found):
            alarm = alarmed.get((other.region, other.namespace, other.metric))
            try:
                name = trees.get(compile_pattern(other.pattern)) if alarm else None
            except PatternError:
                continue  # somebody else's, and AWS takes it
            if name:
                yield f"{name} is watched already: filter {other.name} has the same pattern, and alarm {alarm} tells."


def _differences(settings: Settings, sight: Sight) -> Iterator[str]:
    """What of an adopted trail is not as its baseline says: the guardian's first mail, known before it comes."""
    for site in settings.trails:
        for seen in sight.own_trails:
            if site.baseline is None or (seen.trail.home_region, seen.trail.name) != (site.region, site.name):
                continue
            if keys := differences(seen.trail, site.baseline):
                yield (
                    f"{site.name} is not what its baseline says: {', '.join(keys)}. The guardian tells of it until one "
                    "of them is changed" + (", or puts the trail back." if settings.remediation.acts else ".")
                )


def _addresses(settings: Settings, sight: Sight) -> tuple[tuple[str, ...], tuple[str, ...], tuple[CouldNotLook, ...]]:
    """Addresses of a deployed stack: pending on any of its topics, confirmed on all, and where nobody let us look."""
    topics = [each.arn for each in sight.ours if each.stack == settings.stack and each.service == "sns"]
    told = sight.session.spread(lambda arn: account.subscriptions(sight.session, arn), topics)
    mails = [
        each
        for answer in told
        if isinstance(answer, Found)
        for each in answer.value
        if each.endpoint in settings.mail_addresses
    ]
    pending = tuple(dict.fromkeys(each.endpoint for each in mails if each.is_pending))
    confirmed = tuple(dict.fromkeys(each.endpoint for each in mails if each.endpoint not in pending))
    return pending, confirmed, tuple(each for each in told if isinstance(each, CouldNotLook))


def other_trail(settings: Settings, sight: Sight) -> SeenTrail | None:
    """A trail that already gets the free copy of management events, where the stack makes another: the busiest."""
    if settings.trail.is_adopted:
        return None
    others = [each for each in sight.trails if each.made_by != settings.stack]
    return max(others, key=lambda each: each.flow.events if each.flow else 0.0, default=None)
