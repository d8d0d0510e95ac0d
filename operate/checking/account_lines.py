"""An account without a stack file at hand: is it audited at all, and does somebody hear of changes to trails?"""

from __future__ import annotations

from account import Found, Trail, found_or
from operate.checking.controls import Coverage
from operate.checking.line import Findings
from operate.checking.survey import Survey
from operate.checking.verdicts import OURS
from operate.checking.words import named

TRAIL_CHANGES = "trail-changes"


def looked_lines(survey: Survey, findings: Findings) -> None:
    """What could not be asked for at all."""
    for what, blind in (("trails", survey.trails.blind), ("tags", survey.tagged.blind)):
        for each in blind:
            findings.blind("account.looked", f"the {what} of {each.where}", each)


def account_lines(survey: Survey, coverage: Coverage, findings: Findings) -> None:
    """The audit of an account that trailwarden may never have touched."""
    whole = _whole(survey)
    setup = f"{OURS} setup makes one, with alarms and a guardian"
    unsure = [trail for trail in survey.trails.found if not isinstance(trail.status, Found)]
    if not whole and (survey.trails.blind or unsure):
        blind = (*survey.trails.blind, *(trail.status for trail in unsure))[0]
        if not isinstance(blind, Found):
            findings.unsure(
                "account.trail",
                "whether a trail logs all management events of all regions cannot be told",
                str(blind),
                fix="see what could not be looked at",
            )
    else:
        findings.expect(
            "account.trail",
            bool(whole),
            good=f"trail {named(trail.name for trail in whole)} logs all management events of all regions",
            bad="no trail logs all management events of all regions",
            fix=setup,
            resource=whole[0].arn if whole else survey.identity.account_id,
            where=whole[0].home_region if whole else "",
        )
    covered = coverage.of(TRAIL_CHANGES)
    region = whole[0].home_region if whole else ""
    if covered.blind is not None:
        findings.blind("account.trail-changes", "whether an alarm watches for changes to trails", covered.blind)
        return
    findings.expect(
        "account.trail-changes",
        covered.is_heard,
        good=f"changes to trails ring alarm {covered.alarm}, counted by filter {covered.filter}",
        bad="no alarm that reaches somebody watches for changes to trails"
        + (f"; it belongs in {region}, where the trail has its home" if region else ""),
        fix=setup if not covered.filter else covered.why,
        evidence=covered.why,
        resource=covered.filter or survey.identity.account_id,
        where=region,
    )


def _whole(survey: Survey) -> list[Trail]:
    """The trails that together log all management events of all regions: a multi-region one, or one for each."""
    records = [trail for trail in survey.trails.found if _records_all(trail)]
    if everywhere := [trail for trail in records if trail.is_multi_region]:
        return everywhere
    covered = {trail.home_region for trail in records}
    # The events of global services arise in one region, and only a trail there that asks for them has them.
    return records if covered >= set(survey.regions) and any(trail.has_global_events for trail in records) else []


def _records_all(trail: Trail) -> bool:
    status, selectors = found_or(trail.status, None), found_or(trail.selectors, None)
    is_logging = status is not None and status.is_logging
    return is_logging and (selectors is None or (selectors.management == "all" and not selectors.narrowed))
