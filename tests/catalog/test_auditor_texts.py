"""What auditors compare is shipped byte for byte, and the control numbers are theirs."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog import BENCHMARKS, EVENT_SETS

DATA = json.loads((Path(__file__).parents[1] / "data/catalog/security_hub_patterns.json").read_text(encoding="utf-8"))
SHIPPED = [
    pytest.param(control, id=control["set_name"]) for control in [*DATA["controls"], *DATA["not_in_security_hub"]]
]


def test_the_copy_of_the_data_is_whole() -> None:
    assert [control["control"] for control in DATA["controls"]] == [f"CloudWatch.{n}" for n in range(1, 15)]


@pytest.mark.parametrize("control", SHIPPED)
def test_the_text_is_the_auditors_text(control: dict[str, Any]) -> None:
    pattern = EVENT_SETS[control["set_name"]].pattern
    assert pattern.encode() == control["pattern"].encode()
    assert len(pattern) == control["pattern_length"]


@pytest.mark.parametrize("control", SHIPPED)
def test_the_control_numbers_are_complete(control: dict[str, Any]) -> None:
    expected = {f"cis-{version.removeprefix('v')}": tuple(ids) for version, ids in control["cis_ids"].items()}
    expected = {benchmark: ids for benchmark, ids in expected.items() if benchmark in BENCHMARKS}
    if control["control"]:
        expected["security-hub"] = (control["control"],)
    assert dict(EVENT_SETS[control["set_name"]].controls) == expected


def test_only_audited_sets_carry_control_numbers() -> None:
    audited = {control["set_name"] for control in [*DATA["controls"], *DATA["not_in_security_hub"]]}
    assert [name for name, event_set in EVENT_SETS.items() if event_set.controls and name not in audited] == []


def test_auditor_exact_names_the_sets_whose_text_is_compared() -> None:
    exact = {name for name, event_set in EVENT_SETS.items() if event_set.auditor_exact}
    assert exact == {control["set_name"] for control in DATA["controls"]}


def test_which_auditor_refuses_which_text() -> None:
    """As the facts have it: no text satisfies everybody on 4.1, and Elastic has not followed AWS on 4.4 and 4.13."""
    refused = {
        (auditor, name)
        for name, event_set in EVENT_SETS.items()
        for auditor, verdict in event_set.auditors.items()
        if not verdict.accepts
    }
    assert refused == {
        ("elastic", "unauthorized-api-calls"),
        ("elastic", "iam-policy-changes"),
        ("elastic", "route-table-changes"),
        ("elastic", "organizations-changes"),
        ("security-hub", "organizations-changes"),
    }
