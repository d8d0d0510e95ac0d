"""From what was read to what is said: every line of one check, in the order in which a person reads them."""

from __future__ import annotations

from dataclasses import dataclass, field

from account import Found, MetricFilter, by_owner, found_or, is_ours
from operate.checking import (
    account_lines,
    burst_lines,
    dashboard_lines,
    drift_lines,
    event_lines,
    explained_lines,
    function_lines,
    kept_lines,
    muted_lines,
    recorded_lines,
    state_lines,
    told_lines,
    topic_lines,
    trail_lines,
    watch_lines,
)
from operate.checking.controls import Control, cover
from operate.checking.line import Findings, Line
from operate.checking.site import Site, stacks, trails_named
from operate.checking.survey import Survey
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What `check` found. `foreign` are names of filters that are not ours, by whose they look like."""

    survey: Survey
    stacks: tuple[str, ...]
    lines: tuple[Line, ...]
    controls: tuple[Control, ...]
    foreign: dict[str, tuple[str, ...]] = field(default_factory=dict)


def audit(survey: Survey, *, settings: Settings | None = None, stack: str | None = None) -> Audit:
    """Judge a survey: one stack, with its stack file, or the whole account and every stack in it."""
    names = (stack,) if stack else stacks(survey)
    sites = [Site(stack=name, survey=survey, settings=settings if name == stack else None) for name in names]
    namespaces = sorted({name for site in sites for name in site.namespaces})
    coverage = cover(survey, namespaces=namespaces)
    lines: list[Line] = []
    looked = Findings(where="")
    account_lines.looked_lines(survey, looked)
    if stack is None:
        account_lines.account_lines(survey, coverage, looked)
    lines += looked
    if stack is None:
        guarded = {trail.arn for site in sites for trail in site.trails}
        for trail in survey.trails.found:
            if trail.arn not in guarded:
                findings = Findings(where=trail.home_region)
                trail_lines.trail_lines(trail, survey, findings, trail_lines.Wanted())
                lines += findings
    for site in sites:
        lines += _site_lines(site)
    return Audit(
        survey=survey,
        stacks=names,
        lines=tuple(dict.fromkeys(lines)),  # two trails may share a bucket or a key
        controls=coverage.controls(),
        foreign=dict(by_owner(_foreign(survey, namespaces), namespaces=namespaces)),
    )


def _foreign(survey: Survey, namespaces: list[str]) -> list[MetricFilter]:
    return [
        each
        for group in survey.groups.values()
        if isinstance(group, Found)
        for each in found_or(group.value.filters, ())
        if not is_ours(each.namespace, namespaces=namespaces)
    ]


def _site_lines(site: Site) -> list[Line]:
    findings = Findings(where=site.home)
    if not drift_lines.deployed_lines(site, findings):
        return list(findings)
    _trails(site, findings)
    kept_lines.kept_lines(site, findings)
    watch_lines.watch_lines(site, findings)
    burst_lines.burst_lines(site, findings)
    muted_lines.muted_lines(site, findings)
    dashboard_lines.dashboard_lines(site, findings)
    topic_lines.topic_lines(site, findings)
    event_lines.event_lines(site, findings)
    function_lines.function_lines(site, findings)
    state_lines.state_lines(site, findings)
    drift_lines.drift_lines(site, findings)
    recorded_lines.recorded_lines(site, findings)
    told_lines.told_lines(site, findings)
    explained_lines.explained_lines(site, findings)
    return list(findings)


def _trails(site: Site, findings: Findings) -> None:
    blind = site.survey.trails.blind
    seen = {(trail.home_region, trail.name) for trail in site.trails}
    for region, name in sorted(trails_named(site.settings) - seen):
        if not blind and region in site.survey.regions:
            findings.fails(
                "trail.present",
                f"trail {name} of stack {site.stack} is not there",
                fix=f"pulumi up --stack {site.stack} makes it again; the meantime is in the event history only",
                resource=name,
                where=region,
            )
    for trail in site.trails:
        here = Findings(where=trail.home_region, found=findings.found)
        here.expect(
            "trail.present",
            True,
            good=f"trail {trail.name} of stack {site.stack} is there",
            bad="",
            fix="",
            resource=trail.arn,
        )
        wanted = trail_lines.Wanted(has_guardian=bool(site.functions), needs_log_group=True, waived=site.waived(trail))
        trail_lines.trail_lines(trail, site.survey, here, wanted)
