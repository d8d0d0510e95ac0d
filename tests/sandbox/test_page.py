"""The page about the sandbox says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox._needed import SUPPORTED_VERSION
from sandbox.control import Control

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


async def _no_reset() -> None: ...


def test_every_endpoint_is_on_the_page_and_no_other() -> None:
    control = Control(None, reset_emulator=_no_reset)  # pyright: ignore[reportArgumentType]
    told = re.findall(r"^\| `(GET|POST) /_trailwarden/(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(control.routes)


def test_the_version_of_the_emulator_is_on_the_page() -> None:
    assert f"It is ministack {SUPPORTED_VERSION} " in PAGE


def test_every_module_that_the_page_names_exists() -> None:
    section = PAGE.split("## How it is built")[1]
    names = set(re.findall(r"`(\w+)`", section))
    room = {path.stem for path in (Path(__file__).parents[2] / "sandbox").glob("*.py")}
    assert names <= room
