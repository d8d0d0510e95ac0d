"""What the sandbox relies on inside the emulator: all of it named, all of it there, and a clear word when it is not."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox._needed import NEEDED_NAMES, SUPPORTED_VERSION

ROOM = Path(__file__).parents[2] / "sandbox"
NEEDED = {(module, name) for module, names in NEEDED_NAMES.items() for name in names}

# Takes one name after the other away, and tells what the sandbox says to that.
REMOVE_EACH = """
import json, os
os.environ.update(AUTH="true", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0", LOG_LEVEL="ERROR")
from sandbox._emulator import Emulator, WrongEmulatorError
from sandbox._needed import NEEDED_NAMES
import importlib
Emulator()
told = {}
for module, names in NEEDED_NAMES.items():
    for name in names:
        home = importlib.import_module(f"ministack.{module}")
        kept = getattr(home, name)
        delattr(home, name)
        try:
            Emulator()
        except WrongEmulatorError as error:
            told[f"{module}.{name}"] = str(error)
        setattr(home, name, kept)
print(json.dumps(told))
"""

WITHOUT_AUTH = """
import os
os.environ.pop("AUTH", None)
from sandbox._emulator import Emulator
Emulator()
"""


def test_the_version_is_the_one_it_was_written_for() -> None:
    assert importlib.metadata.version("ministack") == SUPPORTED_VERSION
    pins = (ROOM.parent / "pyproject.toml").read_text()
    assert f'"ministack=={SUPPORTED_VERSION}"' in pins


def test_every_name_that_is_used_is_declared_and_the_other_way_round() -> None:
    used: set[tuple[str, str]] = set()
    for source in ROOM.glob("*.py"):
        text = source.read_text()
        used |= set(re.findall(r'\b(?:inside|replace)\(\s*"([\w.]+)",\s*"(\w+)"', text))
    assert used == NEEDED


def test_only_the_modules_for_it_reach_inside() -> None:
    reaching = {
        source.name
        for source in ROOM.rglob("*.py")
        if re.search(r"^\s*(from|import) ministack|\bimport_module\(f?.ministack", source.read_text(), re.MULTILINE)
    }
    assert reaching == {"_emulator.py"}
    replacing = {source.name for source in ROOM.rglob("*.py") if "emulator.replace(" in source.read_text()}
    patches = {source.name for source in ROOM.glob("_patch*.py")}
    assert replacing == patches


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOM.parent, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_missing_name_stops_the_start_and_is_named() -> None:
    ran = run(REMOVE_EACH)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    expected = {f"{module}.{name}" for module, name in NEEDED}
    assert set(told) == expected
    assert all(name in message and SUPPORTED_VERSION in message for name, message in told.items())


def test_an_emulator_that_checks_no_signatures_is_refused() -> None:
    ran = run(WITHOUT_AUTH)
    assert ran.returncode != 0
    assert "ministack was imported without AUTH=true" in ran.stderr


def test_importing_the_room_loads_neither_emulator_nor_sdk() -> None:
    ran = run(
        "import sys, sandbox, sandbox.process; print(sorted({'ministack', 'hypercorn', 'boto3'} & set(sys.modules)))"
    )
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize("module", sorted(path.stem for path in ROOM.glob("*.py") if path.stem != "__init__"))
def test_a_module_changes_no_environment_at_import(module: str) -> None:
    text = (ROOM / f"{module}.py").read_text()
    assert not re.search(r"^os\.environ|^[A-Z_]+ = .*os\.(environ|getenv)", text, re.MULTILINE)
