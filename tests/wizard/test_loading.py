"""What the command line loads, and when: `--help` waits for no room, and no verb for what it does not need."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import wizard.verbs
from tests.support.wizard_bench import bench, environ

# Not pydantic: typer itself reads arguments with it.
HEAVY = ("boto3", "pulumi", "pulumi_aws", "questionary", "prompt_toolkit", "ruamel", "settings", "catalog", "operate")


VERB_MODULES = sorted(Path(wizard.verbs.__path__[0]).glob("*.py"))
NOT_FOR_SETUP = ("boto3", "botocore", "pulumi", "pulumi_aws", "sandbox")


def modules_after(*arguments: str, folder: Path) -> set[str]:
    """The modules that are loaded after the command line has run with these arguments."""
    code = (
        "import sys, json\n"
        "from wizard.__main__ import app\n"
        "try:\n"
        f"    app({list(arguments)!r})\n"
        "finally:\n"
        "    print(json.dumps(sorted(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environ(), capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, 2), run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["setup", "--help"], ["sandbox", "deploy", "--help"]], ids=" ".join)
def test_help_loads_no_room(tmp_path: Path, arguments: list[str]) -> None:
    assert modules_after(*arguments, folder=tmp_path) & {*HEAVY} == set()


@pytest.mark.parametrize("verb", ["backtest", "report"])
def test_help_and_work_on_this_machine_load_neither_aws_nor_pulumi_nor_duckdb(tmp_path: Path, verb: str) -> None:
    heavy = {"boto3", "botocore", "pulumi", "pulumi_aws", "duckdb", "sandbox"}
    assert modules_after(verb, "--help", folder=tmp_path) & {*HEAVY, *heavy} == set()
    bench(tmp_path)
    (tmp_path / "events.json").write_text('{"Records": [{"eventTime": "2026-03-02T09:30:00Z"}]}')
    (tmp_path / "Pulumi.x.yaml").write_text("config: {aws:region: eu-west-1, trailwarden:emails: [a@example.com]}\n")
    arguments = ["backtest", "events.json", "--stack", "x"] if verb == "backtest" else ["report", "--stack", "x"]
    loaded = modules_after(*arguments, folder=tmp_path)
    assert f"operate.{verb}" in loaded
    assert loaded & heavy == set()


def rooms_of_the_verbs() -> set[str]:
    """Every module that a verb imports when it runs."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in VERB_MODULES]
    verbs = [verb for tree in trees for verb in tree.body if isinstance(verb, ast.FunctionDef)]
    inside = [each for verb in verbs for each in ast.walk(verb)]
    return {each.module for each in inside if isinstance(each, ast.ImportFrom) and each.module} | {
        name.name for each in inside if isinstance(each, ast.Import) for name in each.names
    }


def modules_of(*modules: str) -> set[str]:
    """What is loaded once these are imported."""
    code = f"import sys, json, {', '.join(modules)}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], env=environ(), capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


def test_no_verb_loads_aws_or_pulumi_before_it_needs_them() -> None:
    """boto3 comes with the first session, and the provider only with what deploys into the sandbox."""
    rooms = rooms_of_the_verbs()
    theirs = {each for each in rooms if each.partition(".")[0] == "sandbox"}
    assert {"operate.drilling.verb", "operate.alerting.verb", "operate.maintenance.verb"} <= rooms - theirs
    loaded = modules_of(*(rooms - theirs))
    assert loaded & {"boto3", "botocore", "pulumi", "pulumi_aws", "components", "sandbox", "duckdb"} == set()
    assert modules_of(*theirs) & {"pulumi", "pulumi_aws", "components"} == set()


@pytest.mark.parametrize("verb", ["check", "drill", "test-alert", "maintenance show"])
def test_who_asks_aws_loads_no_pulumi(tmp_path: Path, verb: str) -> None:
    bench(tmp_path)
    (tmp_path / "Pulumi.x.yaml").write_text("config: {aws:region: eu-west-1, trailwarden:emails: [a@example.com]}\n")
    loaded = modules_after(*verb.split(), "--stack", "x", "--endpoint-url", "http://127.0.0.1:1", folder=tmp_path)
    assert "boto3" in loaded
    assert loaded & {"pulumi", "pulumi_aws", "components", "sandbox", "questionary"} == set()


def test_setup_loads_neither_aws_nor_pulumi_nor_the_sandbox(tmp_path: Path) -> None:
    bench(tmp_path)
    loaded = modules_after(
        "setup", "--stack", "x", "--home-region", "eu-west-1", "--email", "a@example.com", "--yes", folder=tmp_path
    )
    assert "settings" in loaded
    assert loaded & {*NOT_FOR_SETUP} == set()
    assert "questionary" not in loaded, "nobody was asked"
