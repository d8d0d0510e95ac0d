"""Is the number of calls from any single address counted, and does somebody ring when there are too many?

An alarm on a rule that was disabled or deleted reads no data and stays quiet for ever, and CloudWatch says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from account import Alarm, CouldNotLook, InsightRule, Nothing, Trail, found_or
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import DEPLOY
from settings import Burst
from settings.burst import insight_rule_definition, insight_rule_metric, insight_rule_name

METRIC = "INSIGHT_RULE_METRIC("


def burst_lines(site: Site, findings: Findings) -> None:
    """The Contributor Insights rule of each trail and the alarm on it; without a stack file, those of the alarms."""
    rung = [alarm for alarm in site.alarms if alarm.expression.startswith(METRIC)]
    if site.settings is None:
        for alarm in rung:
            trails = [trail for trail in site.trails if trail.home_region == alarm.region]
            _rule(alarm.expression.split('"')[1], alarm.region, trails, site, findings)
        return
    for trail in site.trails:
        place = site.guarded(trail)
        if place is None:
            continue
        name = insight_rule_name(site.stack, place.suffix)
        on_it = [each for each in rung if (each.region, each.expression) == (place.region, insight_rule_metric(name))]
        if site.settings.burst is None:
            _not_asked_for(name, place.region, site, findings)
            continue
        _rule(name, place.region, [trail], site, findings)
        if not isinstance(site.survey.alarms.get(place.region), CouldNotLook):  # said once for the region
            _alarm(name, on_it, site.settings.burst, findings)


def _rules(region: str, site: Site) -> Mapping[str, InsightRule] | CouldNotLook:
    answer = site.survey.insight_rules.get(region, Nothing("Contributor Insights rules"))
    if isinstance(answer, CouldNotLook):
        return answer
    return {rule.name: rule for rule in found_or(answer, ())}


def _rule(name: str, region: str, trails: list[Trail], site: Site, findings: Findings) -> None:
    check, rules = "burst.rule", _rules(region, site)
    if isinstance(rules, CouldNotLook):
        findings.blind(check, f"Contributor Insights rule {name}", rules, resource=name)
        return
    rule = rules.get(name)
    if rule is None:
        bad = "is gone, so no alarm can ring for many calls from one address"
    elif not rule.is_enabled:
        bad = "is disabled, so no alarm can ring for many calls from one address"
    else:
        bad = "" if _counts_all(rule, trails) else "does not count every address in the trail's log group"
    on = f"aws cloudwatch enable-insight-rules --region {region} --rule-names {name}"
    findings.expect(
        check,
        not bad,
        good=f"Contributor Insights rule {name} counts the calls of each address",
        bad=f"Contributor Insights rule {name} {bad}",
        fix=on if rule is not None and not rule.is_enabled else DEPLOY,
        resource=name,
        where=region,
    )


def _counts_all(rule: InsightRule, trails: list[Trail]) -> bool:
    groups = [trail.log_group_arn.rpartition(":log-group:")[2] for trail in trails if trail.log_group_arn]
    # A trail that is not linked to a log group has a line of its own.
    return not groups or any(dict(rule.definition) == insight_rule_definition(group) for group in groups)


def _alarm(name: str, on_it: list[Alarm], burst: Burst, findings: Findings) -> None:
    if not on_it:
        findings.fails(
            "burst.alarm", f"no alarm is on what Contributor Insights rule {name} counts", fix=DEPLOY, resource=name
        )
        return
    for alarm in on_it:
        faults = [
            *([f"{alarm.comparison}"] if alarm.comparison != "GreaterThanOrEqualToThreshold" else []),
            *([f"threshold {alarm.threshold:g}"] if alarm.threshold not in (None, burst.threshold) else []),
            *([f"period {alarm.period} s"] if alarm.period != burst.period else []),
            *([f"{alarm.evaluation_periods} periods"] if alarm.evaluation_periods != 1 else []),
            *([f"missing data taken as {alarm.missing_data}"] if alarm.missing_data != "notBreaching" else []),
        ]
        findings.expect(
            "burst.alarm",
            not faults,
            good=f"alarm {alarm.name} rings at {burst.threshold} calls from one address in {burst.period} s",
            bad=f"alarm {alarm.name} does not ring at {burst.threshold} calls from one address in {burst.period} s: "
            + "; ".join(faults),
            fix=DEPLOY,
            resource=alarm.arn,
            where=alarm.region,
        )


def _not_asked_for(name: str, region: str, site: Site, findings: Findings) -> None:
    rules = _rules(region, site)
    if isinstance(rules, CouldNotLook):
        findings.blind("burst.rule", f"whether there is a Contributor Insights rule {name}", rules, resource=name)
        return
    findings.expect(
        "burst.rule",
        name not in rules,
        good="calls of single addresses are not counted, as the stack file says",
        bad=f"Contributor Insights rule {name} is there, and the stack file does not ask for it",
        fix=f"pulumi up --stack {site.stack} takes it away",
        resource=name,
        where=region,
    )
