"""What `sets` prints: all of the catalogue, one set in full, and the coverage of a choice."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import BENCHMARKS, EVENT_SETS
from catalog.coverage import coverage, tally
from operate import sets
from operate.sets import alarm_in_words, controls_in_words

ROOT = Path(__file__).parents[2]
Out = Callable[[], str]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    """What was printed to standard output; standard error has to be empty."""

    def read() -> str:
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out

    return read


def test_the_table_names_every_set_once_under_its_pack(out: Out) -> None:
    assert sets() == 0
    text = out()
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    assert [line.split()[1] for line in lines] == list(EVENT_SETS)
    assert [line.split()[0] for line in lines] == ["✓" if s.recommended else "·" for s in EVENT_SETS.values()]
    assert re.findall(r"^(\w+): ", text, re.MULTILINE) == list(EVENT_SETS.packs)
    assert len({line.index(EVENT_SETS[line.split()[1]].severity) for line in lines}) == 1, "columns are aligned"


def test_no_line_ends_in_blanks_or_is_cut(out: Out) -> None:
    for coverage_too in (False, True):
        assert sets(coverage=coverage_too) == 0
        text = out()
        assert [line for line in text.splitlines() if line != line.rstrip() or line.endswith("…")] == []


@pytest.mark.parametrize("name", EVENT_SETS)
def test_one_set_in_full(out: Out, name: str) -> None:
    assert sets(name) == 0
    text = out()
    event_set = EVENT_SETS[name]
    parts = [event_set.title, event_set.why, event_set.runbook, event_set.pattern, event_set.severity, event_set.metric]
    parts += [n.what for n in event_set.noise] + [s.why for s in event_set.samples] + list(event_set.parameters)
    parts += [number for ids in event_set.controls.values() for number in ids]
    assert [part for part in parts if part not in text] == []


def test_the_document_carries_every_entry(out: Out) -> None:
    assert sets(as_json=True) == 0
    document = json.loads(out())
    assert [entry["name"] for entry in document] == list(EVENT_SETS)
    for entry in document:
        event_set = EVENT_SETS[entry["name"]]
        assert entry["pattern"] == event_set.pattern
        assert entry["controls"] == {benchmark: list(ids) for benchmark, ids in event_set.controls.items()}
        assert len(entry["samples"]) == len(event_set.samples)
        assert {type(value) for value in entry.values()} <= {str, int, bool, list, dict}


def test_the_document_of_one_set_carries_its_events(out: Out) -> None:
    assert sets("out-of-region", as_json=True) == 0
    document = json.loads(out())
    assert document["parameters"] == {"regions": ["eu-west-1"]}
    assert [sample["event"] for sample in document["samples"]] == [
        sample.event for sample in EVENT_SETS["out-of-region"].samples
    ]


def test_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert sets("trail-change") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "there is no event set 'trail-change'; did you mean 'trail-changes'?\n"


def test_coverage_of_what_a_stack_gets(out: Out) -> None:
    assert sets(coverage=True) == 0
    text = out()
    assert re.search(r"^CIS 1\.4 +13 of 13 +15 of 15 +11 of 15$", text, re.MULTILINE)
    assert re.search(r"^Security Hub ids +14 of 14 +- +-$", text, re.MULTILINE)
    assert "Elastic CIS 1.4: 4.13 (route-table-changes): Elastic still wants" in text
    assert "Security Hub: the topic has at least one subscription" in text


def test_coverage_as_a_document(out: Out) -> None:
    assert sets(coverage=True, as_json=True) == 0
    document = json.loads(out())
    recommended = [name for name, event_set in EVENT_SETS.items() if event_set.recommended]
    assert document["chosen"] == recommended
    assert {(t["auditor"], t["benchmark"]): (t["passed"], t["assessed"]) for t in document["tally"]} == tally(
        coverage(recommended)
    )
    assert len(document["answers"]) == len(coverage(recommended))
    assert set(document["conditions"]) == {"security-hub", "prowler", "elastic"}


def test_coverage_of_one_set(out: Out) -> None:
    assert sets("trail-changes", coverage=True, as_json=True) == 0
    document = json.loads(out())
    assert {answer["event_set"] for answer in document["answers"]} == {"trail-changes"}
    assert {answer["benchmark"] for answer in document["answers"]} == set(BENCHMARKS)


def stack(folder: Path, event_sets: Any, **trail: Any) -> None:
    (folder / "Pulumi.yaml").write_text("name: trailwarden\nruntime: python\n")
    config = {
        "aws:region": "eu-west-1",
        "trailwarden:emails": ["security@example.com"],
        "trailwarden:eventSets": event_sets,
        "trailwarden:trail": {"mode": "create", **trail},
    }
    (folder / "Pulumi.lean.yaml").write_text(json.dumps({"config": config}))


def test_coverage_of_a_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Out) -> None:
    stack(tmp_path, {"vpc-changes": {}, "trail-changes": {}})
    monkeypatch.chdir(tmp_path)
    assert sets(coverage=True, as_json=True, stack="lean") == 0
    document = json.loads(out())
    assert document["chosen"] == ["trail-changes", "vpc-changes"]
    assert {"auditor": "prowler", "benchmark": "cis-5.0", "passed": 2, "assessed": 15} in document["tally"]


@pytest.mark.parametrize(
    ("trail", "elastic_passes", "missed"),
    [
        ({}, 2, ""),
        ({"management": "write"}, 0, "calls that only read"),
        ({"dataEvents": [{"type": "AWS::Lambda::Function"}]}, 0, ""),
    ],
    ids=["everything", "writes", "data events besides"],
)
def test_coverage_knows_what_the_trail_records(
    trail: dict[str, Any],
    elastic_passes: int,
    missed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    out: Out,
) -> None:
    stack(tmp_path, {"vpc-changes": {}, "trail-changes": {}}, **trail)
    monkeypatch.chdir(tmp_path)
    assert sets(coverage=True, as_json=True, stack="lean") == 0
    document = json.loads(out())
    passed = {(each["auditor"], each["benchmark"]): each["passed"] for each in document["tally"]}
    assert passed["elastic", "cis-1.4"] == elastic_passes
    assert passed["prowler", "cis-5.0"] == 2
    assert document["not_recorded"] == missed
    assert sets(coverage=True, stack="lean") == 0
    text = out()
    assert ("CloudTrail.1 of Security Hub fails" in text) is bool(missed)
    assert ("No trail has a classic event selector" in text) is (not elastic_passes)


@pytest.mark.parametrize("is_project", [True, False])
def test_coverage_of_a_stack_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_project: bool
) -> None:
    if is_project:
        stack(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    assert sets(coverage=True, stack="nowhere") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Pulumi." in captured.err


def test_controls_of_versions_that_agree_stand_together() -> None:
    assert controls_in_words(EVENT_SETS["vpc-changes"]) == (
        "CloudWatch.14 · CIS 1.2: 3.14 · CIS 1.4 to 5.0: 4.14 · CIS 6.0 to 7.0: 5.14"
    )
    assert controls_in_words(EVENT_SETS["root-account-use"]) == (
        "CloudWatch.1 · CIS 1.2: 1.1, 3.3 · CIS 1.4: 4.3, 1.7 · CIS 3.0 to 5.0: 4.3 · CIS 6.0 to 7.0: 5.3"
    )
    assert controls_in_words(EVENT_SETS["iam-activity"]) == ""


def test_alarms_in_words() -> None:
    assert alarm_in_words(EVENT_SETS["trail-changes"]) == "1 event in 5 minutes"
    assert alarm_in_words(EVENT_SETS["unauthorized-api-calls"]) == "10 events in 5 minutes"


def test_the_room_needs_neither_aws_nor_pulumi_nor_settings_to_be_imported() -> None:
    code = (
        "import sys, operate; print(sorted({'boto3', 'botocore', 'pulumi', 'settings', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
