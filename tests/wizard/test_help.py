"""What the command line says of itself: help with examples, completion, the version, the pages that list it."""

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog import EVENT_SETS
from exits import Exit
from operate.sets import as_document
from settings import VERSION
from tests.support.command_line import ROOT_COMMAND, VERBS, leaves
from wizard.__main__ import app
from wizard.questions import QUESTIONS, STACK


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("trailwarden ", {"setup", "check", "drill", "maintenance", "sandbox"}),
        ("trailwarden dri", {"drill"}),
        ("trailwarden maintenance ", {"start", "end", "show"}),
        ("trailwarden drill --yes", {"--yes-really"}),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes(cli: CliRunner, line: str, offered: set[str], shell: str) -> None:
    """As the script of `trailwarden --show-completion` asks."""
    words = line.split(" ")
    asked = {
        "_TRAILWARDEN_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    result = cli.invoke(app, [], prog_name="trailwarden", env=asked)
    assert result.exit_code == Exit.OK
    assert all(word in result.output for word in offered)
    assert "--home-region" not in result.output, "the verb that runs when none is named is not meant"


def test_every_json_document_is_described() -> None:
    """By the verb's row in the page of documents; the keys of two that this page itself describes are compared."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    with_json = {
        " ".join(path) for path, verb in leaves(ROOT_COMMAND) if any("--json" in each.opts for each in verb.params)
    }
    told = set(re.findall(r"`([a-z -]+)`", page.partition("## sets")[0])) - {"schema", "null"}
    assert told - {"--json", "--format json"} == with_json | {"report"}
    section = page.partition("## sets")[2].partition("## test-pattern")[0].partition("With `--coverage`")[0]
    known = set(re.findall(r"`([a-z_]+)`", section)) - {"event"}
    assert known == {*as_document(EVENT_SETS["trail-changes"])}


@pytest.mark.parametrize(("path", "verb"), VERBS)
def test_every_verb_has_an_example_that_can_be_typed(path: tuple[str, ...], verb: Any) -> None:
    head, _, example = verb.epilog.partition(": ")
    assert head == "Example"
    words = shlex.split(example)
    assert words[: 3 + len(path)] == [".venv/bin/python", "-m", "wizard", *path]
    verb.make_context(path[-1], words[3 + len(path) :])  # raises a usage error if a flag does not exist


@pytest.mark.parametrize(("path", "verb"), VERBS)
def test_help_says_what_a_verb_does_and_shows_the_example(cli: CliRunner, path: tuple[str, ...], verb: Any) -> None:
    result = cli.invoke(app, [*path, "--help"], env={"COLUMNS": "100"})
    assert result.exit_code == Exit.OK
    words = " ".join(result.output.split())
    assert " ".join(inspect.cleandoc(verb.help).partition("\n\n")[0].split()) in words
    assert verb.epilog in words


@pytest.mark.parametrize(("path", "verb"), VERBS)
def test_help_is_whole_on_a_narrow_terminal(cli: CliRunner, path: tuple[str, ...], verb: Any) -> None:
    """What has no place to break, such as an example, would be cut."""
    lines = cli.invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).output.splitlines()
    assert [line for line in lines if line.rstrip(" │").endswith("…")] == []


def test_every_question_has_a_flag_that_help_explains(cli: CliRunner) -> None:
    words = " ".join(cli.invoke(app, ["setup", "--help"], env={"COLUMNS": "300"}).output.split())
    for question in (STACK, *QUESTIONS):
        assert f"{question.flag} " in words
        assert question.help in words
    flags = {option for parameter in ROOT_COMMAND.commands["setup"].params for option in parameter.opts}
    others = {"--answers", "--yes", "-y", "--look", "--no-look", "--offline", "--profile", "--endpoint-url"}
    assert {question.flag for question in (STACK, *QUESTIONS)} | others >= flags


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["setup", "-h"]], ids=" ".join)
def test_help_has_a_short_flag(cli: CliRunner, arguments: list[str]) -> None:
    result = cli.invoke(app, arguments)
    assert result.exit_code == Exit.OK
    assert "Usage" in result.output


def test_version(cli: CliRunner) -> None:
    result = cli.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (Exit.OK, f"trailwarden {VERSION}\n")
