"""A past that several tests look at, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.past import write_past

EVENTS, DAYS, FILES = 3_000, 28, 6


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of four weeks."""
    folder = tmp_path_factory.mktemp("past")
    write_past(folder, EVENTS, days=DAYS, events_a_file=EVENTS // FILES)
    return folder
