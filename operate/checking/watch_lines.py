"""Is what the stack watches really counted, and does somebody ring when it happens?

Read from the filter to the metric to the alarm, never by a fixed name: an alarm on a metric that nobody writes deploys
cleanly and never fires, and CloudWatch says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from account import Alarm, CouldNotLook, Found, MetricFilter, Trail, found_or
from operate.checking.line import Findings
from operate.checking.own_patterns import compared
from operate.checking.site import Site
from operate.checking.verdicts import DEPLOY
from operate.checking.words import named
from settings import CANARY_METRIC, Watch

LACKS_DATA_IS_BAD = frozenset({"LessThanThreshold", "LessThanOrEqualToThreshold"})


def watch_lines(site: Site, findings: Findings) -> None:
    """Filters and alarms of a stack, against its stack file where there is one."""
    blind = _blind(site)
    if blind is not None:
        findings.blind("filter.present", "the metric filters", blind)
    elif site.settings:
        for trail in site.trails:
            place = site.guarded(trail)
            for watch in site.settings.watches_of(place) if place else ():
                _filter_of(watch, trail, site, Findings(where=trail.home_region, found=findings.found))
    for each in site.filters:
        _counts(each, findings)
        if site.settings is None and each.metric != CANARY_METRIC:
            _alarm_on(each, site, findings)
    for region, answer in site.survey.alarms.items():
        if isinstance(answer, CouldNotLook) and region in {site.home, *(trail.home_region for trail in site.trails)}:
            findings.blind("alarm.present", f"the alarms of {region}", answer)
    for alarm in site.alarms:
        _alarm(alarm, site, findings)


def _blind(site: Site) -> CouldNotLook | None:
    for trail in site.trails:
        group = site.survey.groups.get(trail.log_group_arn)
        if isinstance(group, CouldNotLook):
            return group
        if isinstance(group, Found) and isinstance(group.value.filters, CouldNotLook):
            return group.value.filters
    return None


def _filter_of(watch: Watch, trail: Trail, site: Site, findings: Findings) -> None:
    """The filter, and then the alarm, of one watch of the stack file on one trail."""
    mine = [each for each in site.filters_of(trail) if (each.namespace, each.metric) == (watch.namespace, watch.metric)]
    if not findings.expect(
        "filter.present",
        bool(mine),
        good=f"{watch.name} is counted by filter {mine[0].name if mine else ''}",
        bad=f"nothing counts {watch.name}: no filter writes {watch.namespace} {watch.metric}",
        fix=DEPLOY,
        resource=mine[0].name if mine else watch.name,
    ):
        return
    for each in mine:
        difference = compared(watch, each.pattern, trail, site)
        findings.expect(
            "filter.pattern",
            not difference,
            good=f"filter {each.name} has the pattern of {watch.name}",
            bad=f"filter {each.name} does not have the pattern of {watch.name}",
            fix=DEPLOY,
            resource=each.name,
            evidence=difference or "compared character for character",
        )
    _alarm_on(mine[0], site, findings, watch=watch)


def _counts(each: MetricFilter, findings: Findings) -> None:
    faults = [
        *([f"each match counts {each.value}"] if each.value not in ("1", "1.0") else []),
        *([f"it has dimensions ({named(each.dimensions)})"] if each.dimensions else []),
        *([f"it states the unit {each.unit}"] if each.unit not in ("", "None") else []),
        *([f"its default value is {each.default_value:g}"] if each.default_value else []),
    ]
    findings.agree(
        "filter.metric",
        faults,
        good=f"filter {each.name} counts each match as 1",
        bad=f"filter {each.name} does not count each match as 1",
        fix=DEPLOY,
        resource=each.name,
    )


def _alarm_on(each: MetricFilter, site: Site, findings: Findings, *, watch: Watch | None = None) -> None:
    on_it = [alarm for alarm in site.alarms if _is_on(alarm, each)]
    if isinstance(site.survey.alarms.get(each.region), CouldNotLook):
        return  # said once for the region
    what = watch.name if watch else each.name
    there = findings.expect(
        "alarm.present",
        bool(on_it),
        good=f"{what} rings alarm {on_it[0].name if on_it else ''}",
        bad=f"no alarm is on what filter {each.name} counts ({each.namespace} {each.metric})",
        fix=DEPLOY,
        resource=on_it[0].arn if on_it else each.name,
    )
    if there:
        for alarm in on_it:
            _condition(alarm, watch, findings)


def _is_on(alarm: Alarm, each: MetricFilter) -> bool:
    """Whether an alarm reads the metric that a filter writes: metrics are of one region."""
    return (alarm.region, alarm.namespace, alarm.metric) == (each.region, each.namespace, each.metric)


def _condition(alarm: Alarm, watch: Watch | None, findings: Findings) -> None:
    faults = [
        *([f"{alarm.statistic} instead of Sum"] if alarm.statistic != "Sum" else []),
        *([f"{alarm.comparison}"] if alarm.comparison != "GreaterThanOrEqualToThreshold" else []),
        *_periods(alarm, 1),
        *([f"the unit {alarm.unit}, which the filter does not state"] if alarm.unit not in ("", "None") else []),
        *(["dimensions, which the filter does not write"] if alarm.dimensions else []),
    ]
    if watch is not None:
        faults += [
            *(
                [f"threshold {alarm.threshold:g} instead of {watch.threshold}"]
                if alarm.threshold != watch.threshold
                else []
            ),
            *([f"period {alarm.period} s instead of {watch.period} s"] if alarm.period != watch.period else []),
        ]
    findings.expect(
        "alarm.condition",
        not faults,
        good=f"alarm {alarm.name} rings at a sum of {alarm.threshold:g} in {alarm.period} s",
        bad=f"alarm {alarm.name} does not ring when it should: {'; '.join(faults)}",
        fix=DEPLOY,
        resource=alarm.arn,
    )
    if watch is not None:
        _described(alarm, watch, findings)
    findings.expect(
        "alarm.missing-data",
        alarm.missing_data == "notBreaching",
        good=f"alarm {alarm.name} is quiet while nothing happens",
        bad=f"alarm {alarm.name} takes missing data as {alarm.missing_data} instead of notBreaching",
        fix=DEPLOY,
        resource=alarm.arn,
    )


def _described(alarm: Alarm, watch: Watch, findings: Findings) -> None:
    """What its own message says: the severity and the title; and its name, where the stack fixes one."""
    said, wanted = (text.partition(" Raised by ")[0] for text in (alarm.description, watch.description))
    faults = [
        *([f"it says {said[:80]!r} instead of {wanted[:80]!r}"] if said != wanted else []),
        *([f"it is not called {watch.alarm_name}"] if watch.alarm_name not in (None, alarm.name) else []),
    ]
    findings.agree(
        "alarm.description",
        faults,
        good=f"alarm {alarm.name} says that {watch.name} is {watch.severity}",
        bad=f"alarm {alarm.name} does not say what the stack file says of {watch.name}",
        fix=DEPLOY,
        resource=alarm.arn,
    )


def _periods(alarm: Alarm, wanted: int) -> Sequence[str]:
    if (alarm.datapoints_to_alarm, alarm.evaluation_periods) == (wanted, wanted):
        return ()
    return (f"{alarm.datapoints_to_alarm} of {alarm.evaluation_periods} periods instead of {wanted} of {wanted}",)


def _alarm(alarm: Alarm, site: Site, findings: Findings) -> None:
    """What every alarm of the stack has to do, whatever it is on."""
    is_health = alarm.namespace.startswith("AWS/") or alarm.metric == CANARY_METRIC
    if alarm.metric and not alarm.namespace.startswith("AWS/"):
        _reads(alarm, site, findings)
    if is_health:
        _health(alarm, findings)
    findings.expect(
        "alarm.actions-enabled",
        alarm.actions_enabled,
        good=f"alarm {alarm.name} has its actions enabled",
        bad=f"alarm {alarm.name} has its actions disabled",
        fix=f"aws cloudwatch enable-alarm-actions --region {alarm.region} --alarm-names '{alarm.name}'",
        resource=alarm.arn,
    )
    _acts(alarm, site, findings)
    _reached(alarm, site, findings)


def _reads(alarm: Alarm, site: Site, findings: Findings) -> None:
    writes = [each for each in site.all_filters if _is_on(alarm, each)]
    if not writes and _blind(site) is not None:
        return  # said for the filters
    findings.expect(
        "alarm.metric",
        bool(writes),
        good=f"alarm {alarm.name} reads what filter {writes[0].name if writes else ''} writes",
        bad=f"alarm {alarm.name} reads {alarm.namespace} {alarm.metric}, which no filter writes",
        fix=DEPLOY,
        resource=alarm.arn,
    )


def _health(alarm: Alarm, findings: Findings) -> None:
    lack = alarm.comparison in LACKS_DATA_IS_BAD
    wanted = "breaching" if lack else "notBreaching"
    findings.expect(
        "alarm.missing-data",
        alarm.missing_data == wanted,
        good=f"alarm {alarm.name} takes missing data as {wanted}",
        bad=f"alarm {alarm.name} takes missing data as {alarm.missing_data} instead of {wanted}",
        fix=DEPLOY,
        resource=alarm.arn,
    )
    findings.expect(
        "health.quiet",
        alarm.state != "ALARM",
        good=f"alarm {alarm.name} is quiet ({alarm.state})",
        bad=f"alarm {alarm.name} rings"
        + (f" since {alarm.state_since:%Y-%m-%d %H:%M} UTC" if alarm.state_since else ""),
        fix=alarm.description.partition(". Stack ")[0] or "look at what it is on",
        resource=alarm.arn,
        evidence=alarm.state_reason if alarm.state == "ALARM" else "",
    )


def _acts(alarm: Alarm, site: Site, findings: Findings) -> None:
    topics = [action for action in alarm.alarm_actions if action in site.survey.topics]
    ours = [arn for arn in topics if arn in site.arns]
    findings.expect(
        "alarm.actions",
        bool(ours),
        good=f"alarm {alarm.name} acts on {named(arn.rpartition(':')[2] for arn in ours)}",
        bad=f"alarm {alarm.name} acts on no topic of the stack",
        fix=DEPLOY,
        resource=alarm.arn,
    )
    gone = [arn for arn in topics if not isinstance(site.survey.topics[arn], (Found, CouldNotLook))]
    for arn in topics:
        answer = site.survey.topics[arn]
        if isinstance(answer, CouldNotLook) and arn not in site.arns:
            findings.blind("alarm.targets", f"topic {arn}, on which alarm {alarm.name} acts,", answer)
    if topics:
        findings.expect(
            "alarm.targets",
            not gone,
            good=f"every topic that alarm {alarm.name} acts on is there",
            bad=f"alarm {alarm.name} acts on a topic that is gone: {named(gone)}",
            fix=DEPLOY,
            resource=alarm.arn,
        )


def _reached(alarm: Alarm, site: Site, findings: Findings) -> None:
    answer = site.survey.failed.get(alarm.arn)
    if isinstance(answer, CouldNotLook):
        findings.blind("alarm.failed-actions", f"the history of alarm {alarm.name}", answer, resource=alarm.arn)
    elif answer is not None:
        failed = found_or(answer, ())
        findings.expect(
            "alarm.failed-actions",
            not failed,
            good=f"alarm {alarm.name} reached its topics whenever it rang",
            bad=f"alarm {alarm.name} rang and could not reach a topic"
            + (f" on {failed[0].at:%Y-%m-%d %H:%M} UTC" if failed else ""),
            fix="the topic's policy and its key decide: see the lines about the topic; then let it ring once: "
            f"aws cloudwatch set-alarm-state --region {alarm.region} --alarm-name '{alarm.name}' --state-value ALARM "
            "--state-reason test",
            resource=alarm.arn,
            evidence=failed[0].summary if failed else "",
        )
