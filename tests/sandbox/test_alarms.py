"""When an alarm is in ALARM: the tables of the CloudWatch User Guide, comparisons, statistics, words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox._emulator import Point
from sandbox.alarms import ALARM, INSUFFICIENT, OK, Rule, judge

NOW = 1_795_000_000.0
PERIOD_S = 300
MODES = ("missing", "ignore", "breaching", "notBreaching")
SAME = "the state it has"


def rule(*, needed: int = 1, periods: int = 1, missing: str = "notBreaching", **changes: Any) -> Rule:
    whole: dict[str, Any] = {
        "statistic": "Sum",
        "period_s": PERIOD_S,
        "periods": periods,
        "needed": needed,
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 1.0,
        "missing": missing,
    }
    return Rule(**whole | changes)


def points(drawing: str) -> list[Point]:
    """Data as the guide draws them, oldest first: X breaches, 0 does not, - is missing."""
    found: list[Point] = []
    for age, mark in enumerate(reversed(drawing.split())):
        if mark != "-":
            value = 1.0 if mark == "X" else 0.0
            found.append(Point(NOW - age * PERIOD_S - 1, 1.0, value, value, value))
    return found


# CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": 5 periods are looked at.
GUIDE = [
    (3, "0 - X - X", (OK, OK, OK, OK)),
    (3, "0 - - - -", (OK, OK, OK, OK)),
    (3, "- - - - -", (INSUFFICIENT, SAME, ALARM, OK)),
    (3, "0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
    (3, "- - - - X", (INSUFFICIENT, SAME, ALARM, OK)),
    (3, "X - - - -", (ALARM, SAME, ALARM, OK)),
    (2, "0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "0 - X - -", (OK, OK, ALARM, OK)),
    (2, "- - - - 0", (OK, OK, ALARM, OK)),
    (2, "- - - - X", (INSUFFICIENT, SAME, ALARM, OK)),
]


@pytest.mark.parametrize("state", [OK, ALARM, INSUFFICIENT])
@pytest.mark.parametrize(("mode", "column"), [(mode, column) for column, mode in enumerate(MODES)])
@pytest.mark.parametrize(("needed", "drawing", "expected"), GUIDE)
def test_the_tables_of_the_guide(
    needed: int, drawing: str, expected: tuple[str, ...], mode: str, column: int, state: str
) -> None:
    verdict = judge(rule(needed=needed, periods=3, missing=mode), points(drawing), now=NOW, state=state)
    assert verdict.state == (state if expected[column] == SAME else expected[column])


@pytest.mark.parametrize(
    ("comparison", "value", "breaches"),
    [
        ("GreaterThanOrEqualToThreshold", 1.0, True),
        ("GreaterThanOrEqualToThreshold", 0.9, False),
        ("GreaterThanThreshold", 1.0, False),
        ("GreaterThanThreshold", 1.1, True),
        ("LessThanThreshold", 1.0, False),
        ("LessThanThreshold", 0.9, True),
        ("LessThanOrEqualToThreshold", 1.0, True),
        ("LessThanOrEqualToThreshold", 1.1, False),
    ],
)
def test_comparisons(comparison: str, value: float, breaches: bool) -> None:
    seen = [Point(NOW - 1, 1.0, value, value, value)]
    verdict = judge(rule(comparison=comparison), seen, now=NOW, state=OK)
    assert (verdict.state == ALARM) is breaches


@pytest.mark.parametrize(
    ("statistic", "value"), [("Sum", 9.0), ("SampleCount", 4.0), ("Average", 2.25), ("Minimum", 1.0), ("Maximum", 4.0)]
)
def test_statistics(statistic: str, value: float) -> None:
    seen = [Point(NOW - 10, 1.0, 4.0, 4.0, 4.0), Point(NOW - 20, 3.0, 5.0, 1.0, 2.0)]
    assert judge(rule(statistic=statistic, threshold=value), seen, now=NOW, state=OK).state == ALARM
    assert judge(rule(statistic=statistic, threshold=value + 0.01), seen, now=NOW, state=OK).state == OK


def test_thirty_three_calls_within_the_period_count_together() -> None:
    seen = [Point(NOW - second, 1.0, 1.0, 1.0, 1.0) for second in range(33)]
    verdict = judge(rule(threshold=30.0), seen, now=NOW, state=OK)
    assert verdict.state == ALARM
    assert "[33.0 " in verdict.reason
    assert "the threshold (30.0)" in verdict.reason


def test_a_burst_that_is_older_than_the_period_counts_no_more_once_there_is_newer_data() -> None:
    seen = [Point(NOW - PERIOD_S - 1, 1.0, 9.0, 9.0, 9.0), Point(NOW - 1, 1.0, 0.0, 0.0, 0.0)]
    assert judge(rule(), seen, now=NOW, state=ALARM).state == OK


def test_silence_keeps_an_alarm_for_three_periods_as_the_evaluation_range_does() -> None:
    seen = points("X")
    assert judge(rule(), seen, now=NOW + 2 * PERIOD_S, state=ALARM).state == ALARM
    assert judge(rule(), seen, now=NOW + 3 * PERIOD_S, state=ALARM).state == OK


@pytest.mark.parametrize(
    ("missing", "state", "words"),
    [
        (
            "notBreaching",
            OK,
            "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]",
        ),
        (
            "breaching",
            ALARM,
            "no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]",
        ),
        ("missing", INSUFFICIENT, "Insufficient Data: 1 datapoint was unknown."),
    ],
)
def test_what_silence_is_said_to_be(missing: str, state: str, words: str) -> None:
    verdict = judge(rule(missing=missing), [], now=NOW, state=OK)
    assert verdict.state == state
    assert words in verdict.reason


def test_the_reason_of_an_alarm_is_cloudwatchs() -> None:
    verdict = judge(rule(), points("X"), now=NOW, state=OK)
    assert verdict.reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (18/11/26 11:01:40)] was greater than or equal to the "
        "threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert verdict.data["recentDatapoints"] == [1.0]
    assert verdict.data["threshold"] == 1.0


def test_the_reason_of_a_recovery_shows_the_good_value() -> None:
    verdict = judge(rule(), points("X 0"), now=NOW, state=ALARM)
    assert "[0.0 (" in verdict.reason
    assert "was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK" in verdict.reason


@pytest.mark.parametrize(
    "alarm",
    [
        {"MetricName": None, "ComparisonOperator": "GreaterThanThreshold"},
        {"MetricName": "m", "ComparisonOperator": "GreaterThanUpperThreshold"},
        {},
    ],
)
def test_an_alarm_that_compares_nothing_known_has_no_rule(alarm: dict[str, Any]) -> None:
    assert Rule.of(alarm) is None


def test_datapoints_to_alarm_are_all_periods_unless_said() -> None:
    alarm = {"MetricName": "m", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3, "Period": 60}
    assert (found := Rule.of(alarm)) is not None
    assert (found.periods, found.needed, found.missing, found.range_s) == (3, 3, "missing", 300)
    assert (other := Rule.of(alarm | {"DatapointsToAlarm": 2})) is not None
    assert other.needed == 2


DRAWINGS = st.lists(st.sampled_from("X0-"), min_size=7, max_size=7).map(" ".join)


@given(DRAWINGS, st.integers(1, 5), st.integers(1, 5), st.sampled_from((OK, ALARM, INSUFFICIENT)))
def test_modes_differ_only_when_data_are_missing(drawing: str, one: int, other: int, state: str) -> None:
    needed, periods = sorted((one, other))
    verdicts = {
        mode: judge(rule(needed=needed, periods=periods, missing=mode), points(drawing), now=NOW, state=state).state
        for mode in MODES
    }
    looked_at = drawing.split()[-(periods + 2) :]
    if periods <= len(looked_at) - looked_at.count("-"):
        assert len(set(verdicts.values())) == 1
    # What counts silence as bad alarms whenever what counts it as good does.
    assert verdicts["breaching"] == ALARM or verdicts["notBreaching"] == OK
