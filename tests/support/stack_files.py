"""What the tests of stack files have in common."""

from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml

from settings import Settings, SettingsError

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}
ANSWERS: dict[str, Any] = {
    **GOOD,
    "eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 10}},
    "sourceIps": [{"name": "office", "cidr": "203.0.113.0/24", "match": "inside", "threshold": 30, "period": 300}],
}
BASE = "config:\n  aws:region: eu-west-1\n  trailwarden:emails: [security@example.com]\n"


def identity(path: Path) -> tuple[int, ...]:
    """What changes when a file is written, and not when it is read."""
    state = path.stat()
    return state.st_ino, state.st_mode, state.st_size, state.st_mtime_ns


def parsed(data: dict[str, Any]) -> Settings:
    """The settings of answers."""
    return Settings.parse(data, stack="prod", source="test")


def stack_file(folder: Path, text: str | bytes) -> Path:
    """A stack file of this text."""
    path = folder / "Pulumi.prod.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path) -> list[str]:
    """What is wrong with a stack file, problem by problem."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_stack_file(path)
    return [str(problem) for problem in caught.value.problems]


def others(text: str) -> Any:
    """What is not ours, read by another YAML library than the code uses."""
    data = pyyaml.safe_load(text) or {}
    config = {key: value for key, value in (data.pop("config", None) or {}).items() if key.startswith("other:")}
    return data, config
