"""The stack files of tests/data/program, run through the whole program.

The committed list of logical names changes only by hand:

    .venv/bin/python -m tests.support.reference_stacks
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.recorded_program import Recording, run_program

DATA = Path(__file__).resolve().parents[1] / "data" / "program"
LOGICAL_NAMES = DATA / "logical_names.json"
STACKS = tuple(sorted(path.name.split(".")[1] for path in DATA.glob("Pulumi.*.yaml")))
"""Stacks with one trail of their own in the home region."""
LAYOUTS = tuple(sorted(path.name.split(".")[1] for path in DATA.glob("layouts/Pulumi.*.yaml")))
"""All others: a trail in each region, trails that exist already."""


def stack_file(name: str) -> Path:
    """The file of a reference stack."""
    return DATA / ("layouts" if name in LAYOUTS else "") / f"Pulumi.{name}.yaml"


def wire_config(name: str, *, without: tuple[str, ...] = (), **changes: Any) -> dict[str, str]:
    """What the CLI hands to the program for a reference stack: lists and objects as JSON text, secrets decrypted.

    (What stands under `secure:` in these files is no ciphertext but the secret itself.)
    `changes` replace own keys; `without` names keys to leave out.
    """
    config = {**_written(name), **{f"trailwarden:{key}": value for key, value in changes.items()}}
    return {
        key: value if isinstance(value, str) else value["secure"] if _is_secret(value) else json.dumps(value)
        for key, value in config.items()
        if key not in without
    }


def secrets(name: str) -> list[str]:
    """The full keys of a reference stack's secrets."""
    return [key for key, value in _written(name).items() if _is_secret(value)]


def _written(name: str) -> Mapping[str, Any]:
    return YAML(typ="safe").load(stack_file(name).read_text(encoding="utf-8"))["config"]


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}


@functools.cache
def recorded(name: str, *, stack: str | None = None, preview: bool = False) -> Recording:
    """The recording of a reference stack, made once."""
    partition = "aws-us-gov" if name == "government" else "aws"
    return run_program(
        wire_config(name), secrets=secrets(name), stack=stack or name, preview=preview, partition=partition
    )


def logical_names(recording: Recording) -> list[list[str]]:
    """[type, logical name] of every resource but the stack itself, sorted."""
    return sorted([kind, name] for kind, name in recording.identities if kind != "pulumi:pulumi:Stack")


def main() -> None:
    """Write the list of logical names anew."""
    names = {name: logical_names(recorded(name)) for name in ("full", "named", "options")}
    LOGICAL_NAMES.write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
