"""Is no alarm muted but by the planned changes of the stack file?

A muted alarm goes on to change its state and tells nobody. A rule without names mutes every alarm of the account, also
those that are made after it.
"""

from __future__ import annotations

from datetime import datetime

from account import CouldNotLook, MuteRule, Nothing, found_or
from operate.checking.burst_lines import METRIC
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.words import named
from settings import ANY_ADDRESS, Settings
from settings.muting import Mute

Plan = tuple[str, str, str, datetime | None, datetime | None, frozenset[str]]
"""Expression, duration, time zone, first and last day, and what is muted by the names of the watches."""


def muted_lines(site: Site, findings: Findings) -> None:
    """The mute rules of each home region. Without a stack file nobody knows which of them were planned."""
    settings = site.settings
    if settings is None:
        return
    for region in settings.home_regions:
        _region(region, site, settings, findings)


def _region(region: str, site: Site, settings: Settings, findings: Findings) -> None:
    check, answer = "alarm.muted", site.survey.mutes.get(region, Nothing("alarm mute rules"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"who mutes alarms in {region}", answer, where=region)
        return
    ours = {alarm.name for alarm in site.alarms if alarm.region == region}
    planned = {_planned(each) for each in settings.alerts.mutes}
    rules = [rule for rule in found_or(answer, ()) if any(map(rule.mutes, ours))]
    foreign = [rule for rule in rules if _plan_of(rule, site, settings) not in planned]
    findings.expect(
        check,
        not foreign,
        good=f"nobody mutes alarms in {region}" + (f" but the {len(rules)} planned changes" if rules else ""),
        bad=f"alarms in {region} are muted, and nobody planned it: {named(rule.name for rule in foreign)}",
        fix=" and ".join(
            f"aws cloudwatch delete-alarm-mute-rule --region {region} --alarm-mute-rule-name '{rule.name}'"
            for rule in foreign
        )
        + "; a planned change belongs into alerts.mutes",
        resource=foreign[0].name if foreign else region,
        evidence="; ".join(_said(rule, ours) for rule in foreign),
        where=region,
    )


def _planned(mute: Mute) -> Plan:
    window = mute.windows
    return mute.schedule, mute.duration, mute.timezone, window.start, window.until, frozenset(mute.sets)


def _plan_of(rule: MuteRule, site: Site, settings: Settings) -> Plan:
    by_metric = {(alarm.namespace, alarm.metric): alarm.name for alarm in site.alarms if alarm.region == rule.region}
    watches = {
        by_metric.get((watch.namespace, watch.metric)): watch.name
        for place in settings.trails
        if place.region == rule.region
        for watch in settings.watches_of(place)
    }
    for alarm in site.alarms:
        if alarm.region == rule.region and alarm.expression.startswith(METRIC):
            watches[alarm.name] = ANY_ADDRESS
    names = frozenset(watches.get(name, name) for name in rule.alarm_names or ("every alarm",))
    return rule.expression, rule.duration, rule.timezone, rule.start, rule.until, names


def _said(rule: MuteRule, ours: set[str]) -> str:
    what = "every alarm" if rule.alarm_names is None else named(ours & rule.alarm_names)
    when = f"{rule.expression} for {rule.duration} ({rule.timezone})"
    return f"{rule.name} mutes {what}, {'now, ' if rule.is_active else ''}{when}"
