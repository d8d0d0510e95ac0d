"""The pins agree, name no host, and the version stands in one place."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from settings.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
IMPORT = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
FILES = ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt")


def pins(name: str) -> dict[str, str]:
    """Normalised package name → version in one requirements file."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if match := PINNED.match(line):
            found[normal(match[1])] = match[2]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_a_hash_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")]
    assert blocks
    assert [block for block in blocks if not PINNED.match(block) or "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_the_larger_environments_hold_the_smaller_ones_unchanged() -> None:
    runtime, sandbox, dev = (pins(name) for name in FILES)
    assert runtime.items() <= sandbox.items()
    assert sandbox.items() <= dev.items()


def test_boto3_is_the_release_that_the_emulator_demands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    exact = dict(item.split("==") for item in project["dependencies"] if "==" in item)
    assert pins("requirements.txt")["boto3"] == exact["boto3"]
    assert pins("requirements-sandbox.txt")["botocore"] == exact["boto3"]


# boto3's own pages take errors and configuration from botocore, and its exact pin is ours (see above).
BROUGHT = {"botocore"}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = {
        room: {normal(re.split(r"[=<>]", each)[0]) for each in items}
        for room, items in {
            "": project["dependencies"],
            "sandbox": [*project["dependencies"], *extras["sandbox"]],
            "tests": [*project["dependencies"], *extras["sandbox"], *extras["dev"]],
        }.items()
    }
    brings = packages_distributions()
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    functions = {path.parent.name for path in ROOT.glob("lambda/*/__init__.py")}
    ours = rooms | functions | {"exits"}
    undeclared = [
        f"{path.relative_to(ROOT)} imports {name}"
        for room in ("", "lambda", *rooms)
        for path in sorted((ROOT / room).rglob("*.py") if room else ROOT.glob("*.py"))
        for name in (imported(path) & brings.keys()) - ours - BROUGHT
        if not declared.get(room, declared[""]) & {normal(each) for each in brings[name]}
    ]
    assert undeclared == []


def normal(name: str) -> str:
    """A distribution's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """The first names of a file's imports, one for each line. Prose may begin with such a word too."""
    return set(IMPORT.findall(path.read_text(encoding="utf-8")))


def test_every_package_is_installed() -> None:
    include = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    rooms = {pattern.removesuffix("*") for pattern in include["find"]["include"]}
    packages = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/__init__.py")}
    # The Lambda's package travels in its archive, and tests and benchmarks stay in the checkout.
    assert packages - {"lambda", "tests", "benchmarks"} == rooms


def test_the_changelog_knows_the_version() -> None:
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
