"""docs/requirements.md lists every requirement once, and each test it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "requirements.md"

# How many rows each of the five sources has. The page may not drop one, nor list one twice.
ROWS = {"R0": 15, "R1": 12, "R2": 11, "R3": 27, "R4": 20}
STATES = {"done", "part", "open", "n/a"}


def rows() -> list[list[str]]:
    """The cells of each table row whose first cell is a requirement's id."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if re.match(r"\| R\d\.\d", line)
    ]


@cache
def functions_in(path: str) -> frozenset[str]:
    """Names of the test functions in one file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_is_listed_once() -> None:
    expected = [f"{source}.{number}" for source, count in ROWS.items() for number in range(1, count + 1)]
    assert [cells[0] for cells in rows()] == expected


def test_every_row_says_where_it_stands() -> None:
    assert [cells for cells in rows() if len(cells) != 5 or cells[2] not in STATES] == []


def test_what_is_done_names_a_test_and_every_named_test_exists() -> None:
    broken = []
    for identifier, _, state, _, shown_by in rows():
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown_by)
        if state == "done" and not named:
            broken.append(f"{identifier} is called done and names no test")
        for path, name in named:
            if not (ROOT / path).is_file() or name not in functions_in(path):
                broken.append(f"{identifier} names {path}::{name}, which does not exist")
    assert not broken, "\n".join(broken)


def test_what_is_not_done_says_what_is_missing() -> None:
    assert [cells[0] for cells in rows() if cells[2] in {"part", "open"} and "Missing:" not in cells[3]] == []
