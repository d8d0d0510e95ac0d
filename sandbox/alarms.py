"""Whether an alarm is in ALARM: periods, M of N, and what missing data mean. Nothing here asks or changes anything."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox._emulator import Point

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
# So many periods beyond EvaluationPeriods are looked at when some are missing (CloudWatch User Guide, "Configuring how
# CloudWatch alarms treat missing data": 5 for an alarm of 3 periods).
EXTRA_PERIODS = 2


@dataclass(frozen=True)
class InsightMetric:
    """What an alarm reads of a Contributor Insights rule."""

    rule: str
    metric: str
    period_s: int


_INSIGHT = re.compile(r'INSIGHT_RULE_METRIC\(\s*["\'](?P<rule>[^"\']+)["\']\s*,\s*["\']?(?P<metric>\w+)["\']?\s*\)')
_INSIGHT_METRICS = frozenset({"MaxContributorValue", "UniqueContributors", "SampleCount", "Sum"})


def insight_metric(alarm: Mapping[str, Any]) -> InsightMetric | None:
    """The one query of an alarm on a Contributor Insights rule; None for every other alarm."""
    queries: list[Mapping[str, Any]] = list(alarm.get("Metrics") or ())
    found = _INSIGHT.fullmatch(queries[0].get("Expression") or "") if len(queries) == 1 else None
    if found is None or found["metric"] not in _INSIGHT_METRICS:
        return None
    return InsightMetric(found["rule"], found["metric"], int(queries[0].get("Period") or 60))


@dataclass(frozen=True)
class Rule:
    """What an alarm compares. `needed` of the `periods` newest periods must breach."""

    statistic: str
    period_s: int
    periods: int
    needed: int
    comparison: str
    threshold: float
    missing: str  # missing, ignore, breaching, notBreaching

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> Rule | None:
        """The rule of a metric alarm as PutMetricAlarm has it; None for one that compares nothing known here."""
        if insight := insight_metric(alarm):
            alarm = {**alarm, "MetricName": insight.rule, "Statistic": insight.metric, "Period": insight.period_s}
        if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in _COMPARISONS:
            return None
        periods = int(alarm.get("EvaluationPeriods") or 1)
        return cls(
            statistic=alarm.get("Statistic") or "Average",
            period_s=int(alarm.get("Period") or 60),
            periods=periods,
            needed=int(alarm.get("DatapointsToAlarm") or periods),
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm.get("Threshold") or 0),
            missing=alarm.get("TreatMissingData") or "missing",
        )

    @property
    def range_s(self) -> int:
        """How far back the rule looks, in seconds."""
        return self.period_s * (self.periods + EXTRA_PERIODS)

    def breaches(self, value: float) -> bool:
        """Whether one value is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state an alarm should be in and the reason in CloudWatch's words."""

    state: str
    reason: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Period:
    """One period's value and when the period began (epoch seconds)."""

    began: float
    value: float


def judge(rule: Rule, points: Sequence[Point], *, now: float, state: str) -> Verdict:
    """The state of an alarm at `now`, given its present `state` and the metric's points.

    Periods slide: the newest one ends now. CloudWatch looks every minute; the sandbox every second. Missing data are
    treated as the tables of the CloudWatch User Guide do ("Configuring how CloudWatch alarms treat missing data").
    """
    aged = [(age, period) for age, period in enumerate(_periods(rule, points, now), start=1) if period is not None]
    used = aged[: rule.periods]  # real data first, however old; what is missing is filled in only as often as needed
    if not used:
        return _nothing_seen(rule, now, state)
    breaching = [(age, period) for age, period in used if rule.breaches(period.value)]
    lacking = rule.periods - len(used)
    counted = len(breaching) + (lacking if rule.missing == "breaching" else 0)
    newest = [period for _age, period in used]
    if counted >= rule.needed:
        return _verdict(ALARM, rule, newest, [period for _age, period in breaching], now, state)
    if len(breaching) == len(used) and lacking and rule.missing in ("missing", "ignore"):
        return _too_few(rule, newest, now, state, oldest=breaching[-1][0])
    return _verdict(OK, rule, newest, [period for period in newest if not rule.breaches(period.value)], now, state)


def is_filled(rule: Rule, points: Sequence[Point], *, now: float) -> bool:
    """Whether there are data in each of the periods that the rule compares."""
    return all(period is not None for period in _periods(rule, points, now)[: rule.periods])


def _too_few(rule: Rule, newest: Sequence[Period], now: float, state: str, *, oldest: int) -> Verdict:
    """Every value seen breaches, but there are too few of them. `oldest`: the age in periods of the oldest one."""
    if rule.missing == "ignore":
        return _verdict(state, rule, newest, newest, now, state)
    if oldest >= rule.needed:  # it would have been M of N by now, had data not stopped
        return _verdict(ALARM, rule, newest, newest, now, state)
    return Verdict(INSUFFICIENT, _unknown(rule), _reason_data(rule, newest, now))


def _periods(rule: Rule, points: Sequence[Point], now: float) -> list[Period | None]:
    """The periods looked at, the newest first; None for one without data."""
    found: list[Period | None] = []
    for index in range(rule.periods + EXTRA_PERIODS):
        end = now - index * rule.period_s
        inside = [point for point in points if end - rule.period_s < point.at <= end]
        count = sum(point.count for point in inside)
        found.append(Period(end - rule.period_s, _value(rule.statistic, inside, count)) if count else None)
    return found


def _value(statistic: str, points: Sequence[Point], count: float) -> float:
    total = sum(point.total for point in points)
    match statistic:
        case "MaxContributorValue":
            return float(max(Counter(point.who for point in points).values()))
        case "UniqueContributors":
            return float(len({point.who for point in points}))
        case "Sum":
            return total
        case "SampleCount":
            return count
        case "Minimum":
            return min(point.low for point in points)
        case "Maximum":
            return max(point.high for point in points)
    return total / count


def _nothing_seen(rule: Rule, now: float, state: str) -> Verdict:
    by_mode = {"breaching": ALARM, "notBreaching": OK, "ignore": state}
    becomes = by_mode.get(rule.missing, INSUFFICIENT)
    if becomes == INSUFFICIENT:
        reason = _unknown(rule)
    else:
        treated = {"breaching": "[Breaching]", "notBreaching": "[NonBreaching]"}.get(rule.missing, "[Ignored]")
        many = "s" if rule.periods > 1 else ""
        reason = (
            f"Threshold Crossed: no datapoints were received for {rule.periods} period{many} and {rule.periods} "
            f"missing datapoint{many} {'were' if many else 'was'} treated as {treated}."
        )
    return Verdict(becomes, reason, _reason_data(rule, [], now))


def _unknown(rule: Rule) -> str:
    return f"Insufficient Data: {rule.periods} datapoint{'s were' if rule.periods > 1 else ' was'} unknown."


def _verdict(
    becomes: str, rule: Rule, newest: Sequence[Period], shown: Sequence[Period], now: float, state: str
) -> Verdict:
    shown = list(shown) or list(newest)
    values = ", ".join(f"{period.value} ({_day(period.began):%d/%m/%y %H:%M:%S})" for period in shown)
    words = _COMPARISONS[rule.comparison][1]
    verb = ("was" if len(shown) == 1 else "were") + ("" if becomes == ALARM else " not")
    least = rule.needed if becomes == ALARM else rule.periods - rule.needed + 1
    reason = (
        f"Threshold Crossed: {len(shown)} out of the last {rule.periods} datapoints [{values}] {verb} {words} "
        f"the threshold ({rule.threshold}) "
        f"(minimum {least} datapoint{'s' if least > 1 else ''} for {state} -> {becomes} transition)."
    )
    return Verdict(becomes, reason, _reason_data(rule, newest, now))


def _reason_data(rule: Rule, newest: Sequence[Period], now: float) -> dict[str, Any]:
    return {
        "version": "1.0",
        "queryDate": f"{_day(now):%Y-%m-%dT%H:%M:%S.000+0000}",
        "statistic": rule.statistic,
        "period": rule.period_s,
        "recentDatapoints": [period.value for period in newest],
        "threshold": rule.threshold,
        "evaluatedDatapoints": [
            {"timestamp": f"{_day(period.began):%Y-%m-%dT%H:%M:%S.000+0000}", "value": period.value}
            for period in newest
        ],
    }


def _day(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
