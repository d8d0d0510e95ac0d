"""The rows of the attack table that are on the explainer, on a stack in which alarms reach people through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.demo._stage import Stage
from sandbox.demo.attacks import ROWS, Range, Row, play
from sandbox.demo.attacks._stacks import make_range


@pytest.fixture(scope="module")
def at() -> Iterator[Range]:
    """A deployed stack that all rows share: each clears away what it did."""
    with Stage() as stage:
        yield make_range(stage, is_explained=True)


@pytest.mark.parametrize("row", [row for row in ROWS if row.explained], ids=lambda row: row.name)
def test_an_attack_ends_as_its_row_says(at: Range, row: Row) -> None:
    result = play(row, at)
    assert result.problem == ""
    assert 300 <= (result.after_s or 0) < 345  # the sweep's five minutes, and the grace time
    assert (result.ending == "repaired and told") == bool(row.is_mended)


def test_afterwards_everything_is_as_it_was(at: Range) -> None:
    """What one row leaves behind would be taken for the next one's doing."""
    at.pass_time(300)  # the alarm of the last row is over, which is told
    known = len(at.mails())
    at.pass_time(300)
    at.pass_time(300)
    assert [mail.subject for mail in at.mails()[known:]] == []
