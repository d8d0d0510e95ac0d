"""What auditors will say, compared with what they are known to ask."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from catalog import AUDITORS, BENCHMARKS, EVENT_SETS
from catalog.coverage import ASSESSED, CONDITIONS, Answer, coverage, tally

DATA = json.loads((Path(__file__).parents[1] / "data/catalog/security_hub_patterns.json").read_text(encoding="utf-8"))
CONTROLS: list[dict[str, Any]] = DATA["controls"]
ALL = [name for name, event_set in EVENT_SETS.items() if event_set.controls]


def one(answers: tuple[Answer, ...], auditor: str, benchmark: str, control: str) -> Answer:
    found = [a for a in answers if (a.auditor, a.benchmark, a.control) == (auditor, benchmark, control)]
    assert len(found) == 1
    return found[0]


def test_every_control_chosen() -> None:
    assert tally(coverage(ALL)) == {
        ("security-hub", "security-hub"): (14, 14),
        ("security-hub", "cis-1.2"): (15, 15),
        ("security-hub", "cis-1.4"): (13, 13),
        ("prowler", "cis-1.4"): (15, 15),
        ("prowler", "cis-3.0"): (15, 15),
        ("prowler", "cis-4.0"): (15, 15),
        ("prowler", "cis-5.0"): (15, 15),
        ("prowler", "cis-6.0"): (15, 15),
        ("prowler", "cis-7.0"): (15, 15),
        ("elastic", "cis-1.4"): (11, 15),
    }


def test_nothing_chosen_passes_nothing_and_asks_the_same() -> None:
    assert {passed for passed, _ in tally(coverage([])).values()} == {0}
    assert {k: v[1] for k, v in tally(coverage([])).items()} == {k: v[1] for k, v in tally(coverage(ALL)).items()}


def test_what_a_stack_gets_that_says_nothing_passes_all_that_can_be_passed() -> None:
    recommended = [name for name, event_set in EVENT_SETS.items() if event_set.recommended]
    assert tally(coverage(recommended)) == tally(coverage(ALL))


def test_security_hub_is_asked_exactly_what_its_pages_list() -> None:
    listed = {
        (f"cis-{version}", number)
        for control in CONTROLS
        for requirement in control["security_hub_related_requirements"]
        for version, number in re.findall(r"CIS AWS Foundations Benchmark v([0-9.]+)\.0/([0-9.]+)", requirement)
    }
    asked = {
        (a.benchmark, a.control)
        for a in coverage([])
        if a.auditor == "security-hub" and a.benchmark != "security-hub" and a.outcome != "not assessed"
    }
    assert asked == listed


def test_one_set_left_out_is_named_in_the_reason() -> None:
    answers = coverage([name for name in ALL if name != "vpc-changes"])
    missing = one(answers, "prowler", "cis-5.0", "4.14")
    assert (missing.outcome, missing.why) == ("fails", "vpc-changes is not among the chosen sets.")
    assert tally(answers)["security-hub", "security-hub"] == (13, 14)
    assert one(answers, "prowler", "cis-5.0", "4.13").outcome == "passes"


def test_a_text_that_an_auditor_refuses_fails_whether_it_is_chosen_or_not() -> None:
    for chosen in ([], ALL):
        answer = one(coverage(chosen), "elastic", "cis-1.4", "4.1")
        assert answer.outcome == "fails"
        assert answer.why == EVENT_SETS["unauthorized-api-calls"].auditors["elastic"].why
    assert {a.control for a in coverage(ALL) if a.auditor == "elastic" and a.outcome == "fails"} == {
        "4.1",
        "4.4",
        "4.13",
        "4.15",
    }


@pytest.mark.parametrize(
    ("auditor", "benchmark", "control", "why"),
    [
        ("prowler", "cis-1.4", "1.7", "Only Security Hub answers this control by a filter"),
        ("security-hub", "cis-1.4", "4.15", "Security Hub has no control for this"),
        ("security-hub", "cis-1.4", "4.1", "for CIS 1.2.0 only"),
        ("security-hub", "cis-1.4", "4.2", "for CIS 1.2.0 only"),
    ],
)
def test_what_is_not_assessed_says_why(auditor: str, benchmark: str, control: str, why: str) -> None:
    answer = one(coverage(ALL), auditor, benchmark, control)
    assert answer.outcome == "not assessed"
    assert why in answer.why


def test_a_reason_stands_where_and_only_where_something_does_not_pass() -> None:
    answers = coverage(["trail-changes"])
    assert [a for a in answers if (a.outcome == "passes") == bool(a.why)] == []


def test_controls_come_in_the_order_of_their_numbers() -> None:
    numbers = [a.control for a in coverage([]) if (a.auditor, a.benchmark) == ("prowler", "cis-6.0")]
    assert numbers == [f"5.{n}" for n in range(1, 16)]
    hub = [a.control for a in coverage([]) if (a.auditor, a.benchmark) == ("security-hub", "security-hub")]
    assert hub == [f"CloudWatch.{n}" for n in range(1, 15)]


def test_custom_names_answer_no_control() -> None:
    assert coverage(["mine", *ALL]) == coverage(ALL)


def test_the_tables_know_every_auditor_and_benchmark() -> None:
    assert tuple(ASSESSED) == tuple(CONDITIONS) == AUDITORS
    assert {benchmark for benchmarks in ASSESSED.values() for benchmark in benchmarks} == set(BENCHMARKS)
