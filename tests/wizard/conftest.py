"""A project folder, and the command line in it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.wizard_bench import Bench, bench


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command line in a project folder; what nobody foresaw is raised, not summed up."""
    bench(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAILWARDEN_DEBUG", "1")
    return CliRunner()


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    return bench(tmp_path)
