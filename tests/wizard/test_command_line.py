"""The command line itself: what runs, and mistakes without tracebacks."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exits import Exit
from settings import Settings
from settings.regions import REGIONS
from tests.support.command_line import ROOT_COMMAND
from tests.support.wizard_bench import bench, command, environ
from wizard.__main__ import app
from wizard.next_steps import next_steps


@pytest.mark.parametrize("arguments", [["--stack", "x"], ["setup", "--stack", "x"]])
def test_setup_is_what_runs_without_a_verb(cli: CliRunner, tmp_path: Path, arguments: list[str]) -> None:
    answers = ["--home-region", "eu-west-1", "--email", "a@example.com", "-y"]
    result = cli.invoke(app, [*arguments, *answers])
    assert result.exit_code == Exit.OK, result.output
    assert (tmp_path / "Pulumi.x.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "No such command 'nope'"),
        (["setp"], "Did you mean 'setup'"),
        (["setup", "--nope"], "--nope"),
        (["setup", "prod"], "prod"),
        (["setup", "--stack"], "--stack"),
        (["setup", "--look", "--offline"], "--look and --no-look exclude each other"),
        (["sandbox"], "Usage"),
        (["sandbox", "deploy"], "--stack"),
        (["sandbox", "start", "--port", "99999"], "65535"),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_explained_and_exits_with_two(cli: CliRunner, arguments: list[str], said: str) -> None:
    result = cli.invoke(app, arguments)
    assert result.exit_code == Exit.NO_ANSWER
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_empty_flag_is_a_wrong_answer_and_not_a_missing_one(cli: CliRunner) -> None:
    enough = ["--stack", "x", "--home-region", "eu-west-1", "--email", "a@example.com", "--yes"]
    for flag in ("--remediation", "--evidence", "--email"):
        result = cli.invoke(app, [*enough, flag, ""])
        assert result.exit_code == Exit.NO_ANSWER
        assert flag in result.stderr


def test_setup_without_a_terminal_shows_the_change_and_exits_with_two(cli: CliRunner, tmp_path: Path) -> None:
    result = cli.invoke(app, ["--stack", "x", "--home-region", "eu-west-1", "--email", "a@example.com"])
    assert result.exit_code == Exit.NO_ANSWER
    assert "trailwarden:emails: [a@example.com]" in result.stdout
    assert "Add --yes" in result.stderr
    assert not (tmp_path / "Pulumi.x.yaml").exists()


def test_the_next_commands_that_are_ours_exist() -> None:
    settings = Settings.parse({"homeRegion": "eu-west-1", "emails": ["a@example.com"]}, stack="x", source="test")
    lines = list(next_steps(settings, is_new=True, new_addresses=["a@example.com"]))
    ours = [shlex.split(line)[3:] for line in lines if line.strip().startswith(".venv/bin/python -m wizard")]
    assert len(ours) >= 2
    for words in ours:
        command: Any = ROOT_COMMAND
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context("verb", words)


@pytest.mark.parametrize("partition", REGIONS)
def test_the_sandbox_is_named_where_it_takes_the_stack(partition: str) -> None:
    from sandbox.deploy._resource import PARTITION

    settings = Settings.parse(
        {"homeRegion": next(iter(REGIONS[partition])), "emails": ["a@example.com"]}, stack="x", source="test"
    )
    said = "\n".join(next_steps(settings, is_new=True, new_addresses=[]))
    assert ("sandbox" in said) is (partition == PARTITION)
    assert "sets --coverage" in said


def test_the_module_runs_as_a_program_in_another_projects_folder(tmp_path: Path) -> None:
    bench(tmp_path)
    arguments = ["--stack", "x", "--home-region", "eu-west-1", "--email", "a@example.com", "--yes"]
    run = subprocess.run(
        command(*arguments),
        cwd=tmp_path,
        env=environ(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == Exit.OK, run.stderr
    assert run.stderr == ""
    assert "Written: Pulumi.x.yaml" in run.stdout
    assert "\x1b" not in run.stdout, "no colours where there is no terminal"
    assert (tmp_path / "Pulumi.x.yaml").exists()


def test_a_terminal_that_only_knows_ascii_still_gets_the_reason(tmp_path: Path) -> None:
    bench(tmp_path)
    run = subprocess.run(
        command("--stack", "x", "--email", "nobody", "--yes"),
        cwd=tmp_path,
        env=environ(PYTHONIOENCODING="ascii"),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == Exit.NO_ANSWER
    assert '? --email: emails[0]: is not a mail address (got "nobody")' in run.stderr
