"""The cases of AWS's own documentation: any implementation of the language has to give these answers."""

import json
from pathlib import Path

import pytest

import filterpattern

CASES = json.loads((Path(__file__).parents[1] / "data/filterpattern/documented_cases.json").read_text())


def answer(case):
    try:
        return filterpattern.compile(case["pattern"]).matches(case["event"])
    except filterpattern.PatternError:
        return "error"


@pytest.mark.parametrize("case", [case for case in CASES if not case.get("superseded")], ids=lambda case: case["id"])
def test_the_documented_answer(case):
    assert answer(case) == case["expect"]


def test_the_superseded_case_is_turned_round():
    """The 2020 guide takes a `*` in mid-string literally; the service was seen in 2026 to take it as a wildcard."""
    (case,) = [case for case in CASES if case.get("superseded")]
    assert answer(case) is not case["expect"]


def test_no_case_was_lost():
    assert len(CASES) == 203
    assert len({case["id"] for case in CASES}) == 203
