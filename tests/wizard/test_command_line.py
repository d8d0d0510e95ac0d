"""The command line itself: help, exit codes, what is loaded when, and mistakes without tracebacks."""

import ast
import errno
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import operate.report as report_room
from catalog import EVENT_SETS
from exits import Exit
from operate.alerting.verb import Options as Alerting
from operate.backtest import Access, Options
from operate.drilling.verb import Options as Drilling
from operate.maintenance.verb import Options as Planned
from operate.sets import as_document
from settings import VERSION, Settings
from settings.regions import REGIONS
from tests.support.wizard_bench import bench, command, environ
from wizard.__main__ import app
from wizard.__main__ import setup as setup_verb
from wizard.next_steps import next_steps
from wizard.questions import QUESTIONS, STACK

# Not pydantic: typer itself reads arguments with it.
HEAVY = ("boto3", "pulumi", "pulumi_aws", "questionary", "prompt_toolkit", "ruamel", "settings", "catalog", "operate")
NOT_FOR_SETUP = ("boto3", "botocore", "pulumi", "pulumi_aws", "sandbox")


def leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every verb with its path: `("sandbox", "deploy")`."""
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from leaves(each, (*path, name))
        else:
            yield (*path, name), each


ROOT_COMMAND: Any = typer.main.get_command(app)
VERBS = [pytest.param(path, verb, id=" ".join(path)) for path, verb in leaves(ROOT_COMMAND)]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command line in a project folder; what nobody foresaw is raised, not summed up."""
    bench(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAILWARDEN_DEBUG", "1")
    return CliRunner()


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


def test_the_exit_codes_are_what_they_are() -> None:
    assert {each.name: each.value for each in Exit} == {"OK": 0, "FOUND": 1, "NO_ANSWER": 2, "INTERRUPTED": 130}


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
    tree = ast.parse(Path(inspect.getfile(setup_verb)).read_text(encoding="utf-8"))
    inside = [each for verb in tree.body if isinstance(verb, ast.FunctionDef) for each in ast.walk(verb)]
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


def test_setup_loads_neither_aws_nor_pulumi_nor_the_sandbox(tmp_path: Path) -> None:
    bench(tmp_path)
    loaded = modules_after(
        "setup", "--stack", "x", "--home-region", "eu-west-1", "--email", "a@example.com", "--yes", folder=tmp_path
    )
    assert "settings" in loaded
    assert loaded & {*NOT_FOR_SETUP} == set()
    assert "questionary" not in loaded, "nobody was asked"


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


def test_every_question_has_a_flag_that_help_explains(cli: CliRunner) -> None:
    words = " ".join(cli.invoke(app, ["setup", "--help"], env={"COLUMNS": "300"}).output.split())
    for question in (STACK, *QUESTIONS):
        assert f"{question.flag} " in words
        assert question.help in words
    flags = {option for parameter in ROOT_COMMAND.commands["setup"].params for option in parameter.opts}
    others = {"--answers", "--yes", "-y", "--look", "--profile", "--endpoint-url"}
    assert {question.flag for question in (STACK, *QUESTIONS)} | others >= flags


@pytest.mark.parametrize("arguments", [["--stack", "x"], ["setup", "--stack", "x"]])
def test_setup_is_what_runs_without_a_verb(cli: CliRunner, tmp_path: Path, arguments: list[str]) -> None:
    answers = ["--home-region", "eu-west-1", "--email", "a@example.com", "-y"]
    result = cli.invoke(app, [*arguments, *answers])
    assert result.exit_code == Exit.OK, result.output
    assert (tmp_path / "Pulumi.x.yaml").exists()


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["setup", "-h"]], ids=" ".join)
def test_help_has_a_short_flag(cli: CliRunner, arguments: list[str]) -> None:
    result = cli.invoke(app, arguments)
    assert result.exit_code == Exit.OK
    assert "Usage" in result.output


def test_version(cli: CliRunner) -> None:
    result = cli.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (Exit.OK, f"trailwarden {VERSION}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "No such command 'nope'"),
        (["setp"], "Did you mean 'setup'"),
        (["setup", "--nope"], "--nope"),
        (["setup", "prod"], "prod"),
        (["setup", "--stack"], "--stack"),
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


BACKTEST = [
    "backtest",
    "logs",
    "--stack",
    "x",
    "--set",
    "a",
    "--set",
    "b",
    "--from",
    "2026-03-01",
    "--to",
    "2026-03-02",
    "--alarms-a-week",
    "2",
    "--jobs",
    "3",
    "--profile",
    "p",
    "--region",
    "r",
    "--endpoint-url",
    "http://127.0.0.1:1",
    "--workgroup",
    "w",
    "--json",
    "--html",
    "x.html",
    "--apply",
    "--yes",
]
BACKTEST_OPTIONS = Options(
    source="logs",
    stack="x",
    sets=["a", "b"],
    first="2026-03-01",
    last="2026-03-02",
    a_week=2,
    jobs=3,
    access=Access(profile="p", region="r", endpoint_url="http://127.0.0.1:1"),
    workgroup="w",
    as_json=True,
    html=Path("x.html"),
    apply=True,
    yes=True,
)

CHECK_DEFAULTS = {
    "stack": None,
    "regions": (),
    "all_regions": False,
    "output": "text",
    "all_lines": False,
    "resend": None,
    "profile": None,
    "endpoint_url": None,
}


REPORT = [
    *["report", "--stack", "x", "--format", "json", "--against", "main", "--prices", "p.yaml"],
    *["--log-gigabytes", "2", "--preview", "t.txt"],
]
REPORT_OPTIONS = report_room.Options(
    stack="x", form="json", against="main", prices=Path("p.yaml"), log_gigabytes=2, preview=Path("t.txt")
)

ACCOUNT = ["--profile", "p", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:1"]
WHERE: dict[str, Any] = {"profile": "p", "region": "eu-west-1", "endpoint_url": "http://127.0.0.1:1"}
MAINTENANCE: list[tuple[list[str], tuple[str, tuple[Any, ...]]]] = [
    (
        ["maintenance", "start", "--stack", "x", "--reason", "r"],
        ("maintenance start", (Planned(stack="x"), {"reason": "r", "lasts": "2h", "yes": False})),
    ),
    (
        ["maintenance", "start", "--stack", "x", "--reason", "r", "--for", "1h", "--yes", "--json", *ACCOUNT],
        (
            "maintenance start",
            (Planned(stack="x", as_json=True, **WHERE), {"reason": "r", "lasts": "1h", "yes": True}),
        ),
    ),
    (["maintenance", "end", "--stack", "x"], ("maintenance end", (Planned(stack="x"),))),
    (["maintenance", "show", "--stack", "x", "--json"], ("maintenance show", (Planned(stack="x", as_json=True),))),
    (
        ["maintenance", "end", "--stack", "x", "--json", *ACCOUNT],
        ("maintenance end", (Planned(stack="x", as_json=True, **WHERE),)),
    ),
    (["maintenance", "show", "--stack", "x", *ACCOUNT], ("maintenance show", (Planned(stack="x", **WHERE),))),
]
PROOFS: list[tuple[list[str], tuple[str, tuple[Any, ...]]]] = [
    (["test-alert", "--stack", "x"], ("test-alert", (Alerting(stack="x"),))),
    (
        ["test-alert", "--stack", "x", "--set", "s", "--timeout", "5", "--json", *ACCOUNT],
        ("test-alert", (Alerting(stack="x", set_name="s", timeout_s=5.0, as_json=True, **WHERE),)),
    ),
    (["drill", "--stack", "x"], ("drill", (Drilling(stack="x"),))),
    (
        [
            "drill",
            "--stack",
            "x",
            "--trail",
            "t",
            "--yes-really",
            "--target",
            "5",
            "--timeout",
            "9",
            "--json",
            *ACCOUNT,
        ],
        (
            "drill",
            (Drilling(stack="x", trail="t", yes_really=True, target_s=5, timeout_s=9, as_json=True, **WHERE),),
        ),
    ),
]


def test_the_verbs_of_other_rooms_hand_on_what_was_typed(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each verb reaches its function with its arguments, and ends with the function's own exit code."""
    import operate.alerting.verb
    import operate.backtest
    import operate.checking
    import operate.drilling.verb
    import operate.maintenance.verb
    import operate.report
    import sandbox.demo.attacks
    from sandbox import verbs

    calls: list[tuple[str, tuple[Any, ...]]] = []

    def note(name: str) -> Any:
        def verb(*arguments: Any, **more: Any) -> int:
            calls.append((name, (*arguments, more) if more else arguments))
            return Exit.FOUND

        return verb

    for name in ("start", "deploy", "confirm", "mail", "emit"):
        monkeypatch.setattr(verbs, name, note(name))
    monkeypatch.setattr(sandbox.demo, "run", note("demo"))
    monkeypatch.setattr(sandbox.demo.attacks, "run", note("attacks"))
    monkeypatch.setattr(operate, "sets", note("sets"))
    monkeypatch.setattr(operate, "try_pattern", note("test-pattern"))
    monkeypatch.setattr(operate.backtest, "backtest", note("backtest"))
    monkeypatch.setattr(operate.report, "report", note("report"))
    monkeypatch.setattr(operate.checking, "check", note("check"))
    monkeypatch.setattr(operate.alerting.verb, "run", note("test-alert"))
    monkeypatch.setattr(operate.drilling.verb, "run", note("drill"))
    for name in ("start", "end", "show"):
        monkeypatch.setattr(operate.maintenance.verb, name, note(f"maintenance {name}"))
    url = ["--endpoint-url", "http://127.0.0.1:1"]
    typed: list[tuple[list[str], tuple[str, tuple[Any, ...]]]] = [
        (["sandbox", "start"], ("start", (4566,))),
        (["sandbox", "start", "--port", "0"], ("start", (0,))),
        (["sandbox", "deploy", "--stack", "x"], ("deploy", ("x", None, False))),
        (["sandbox", "deploy", "--stack", "x", "--reset", *url], ("deploy", ("x", url[1], True))),
        (["sandbox", "confirm"], ("confirm", (None, None))),
        (["sandbox", "confirm", "a@example.com", *url], ("confirm", ("a@example.com", url[1]))),
        (["sandbox", "mail", "--json"], ("mail", (True, None))),
        (["sandbox", "emit", "records.json", *url], ("emit", (Path("records.json"), url[1]))),
        (["sets"], ("sets", (None, {"coverage": False, "as_json": False, "stack": None}))),
        (
            ["sets", "trail-changes", "--json", "--coverage", "--stack", "x"],
            ("sets", ("trail-changes", {"coverage": True, "as_json": True, "stack": "x"})),
        ),
        (
            ["test-pattern", "{ $.a = b }", "one.json", "-"],
            ("test-pattern", (["{ $.a = b }", "one.json", "-"], {"set_name": None, "as_json": False, "live": False})),
        ),
        (
            ["test-pattern", "--set", "trail-changes", "--live", "--json"],
            ("test-pattern", ([], {"set_name": "trail-changes", "as_json": True, "live": True})),
        ),
        (
            ["test-pattern", "--", "-ERROR", "one.log"],
            ("test-pattern", (["-ERROR", "one.log"], {"set_name": None, "as_json": False, "live": False})),
        ),
        (["backtest", "logs"], ("backtest", (Options(source="logs"),))),
        ([*BACKTEST], ("backtest", (BACKTEST_OPTIONS,))),
        (["report", "--stack", "x"], ("report", (report_room.Options(stack="x"),))),
        ([*REPORT], ("report", (REPORT_OPTIONS,))),
        (["check"], ("check", ({**CHECK_DEFAULTS},))),
        (
            ["check", "--stack", "x", "--region", "a", "--region", "b", "--json", "--all", "--profile", "p", *url],
            (
                "check",
                (
                    {
                        **CHECK_DEFAULTS,
                        "stack": "x",
                        "regions": ["a", "b"],
                        "output": "json",
                        "all_lines": True,
                        "profile": "p",
                        "endpoint_url": url[1],
                    },
                ),
            ),
        ),
        (
            ["check", "--all-regions", "--format", "sarif", "--resend", "a@example.com"],
            ("check", ({**CHECK_DEFAULTS, "all_regions": True, "output": "sarif", "resend": "a@example.com"},)),
        ),
        *MAINTENANCE,
        *PROOFS,
        (["demo"], ("demo", (False,))),
        (["demo", "--json"], ("demo", (True,))),
        (["demo", "--attacks"], ("attacks", (False,))),
        (["demo", "--attacks", "--json"], ("attacks", (True,))),
    ]
    for arguments, call in typed:
        result = cli.invoke(app, arguments)
        assert result.exit_code == Exit.FOUND, result.output
        assert calls.pop() == call
    verbs_there = {" ".join(path).removeprefix("sandbox ") for path, _ in leaves(ROOT_COMMAND)}
    assert verbs_there == {"setup", *(call[0] for _, call in typed)} - {"attacks"}


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


@pytest.mark.parametrize("is_debugging", [False, True])
def test_what_nobody_foresaw_is_told_in_short_unless_one_asks(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, is_debugging: bool
) -> None:
    import sandbox.demo

    def broken(as_json: bool) -> int:
        raise RuntimeError("the moon is in the way")

    monkeypatch.setattr(sandbox.demo, "run", broken)
    if is_debugging:
        result = cli.invoke(app, ["demo"])
        assert isinstance(result.exception, RuntimeError)
        return
    monkeypatch.delenv("TRAILWARDEN_DEBUG")
    result = cli.invoke(app, ["demo"])
    assert result.exit_code == Exit.NO_ANSWER
    assert "RuntimeError: the moon is in the way" in result.stderr
    assert "TRAILWARDEN_DEBUG=1" in result.stderr


def test_ctrl_c_in_any_verb_exits_with_130(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    import sandbox.demo

    def interrupted(as_json: bool) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox.demo, "run", interrupted)
    result = cli.invoke(app, ["demo"])
    assert result.exit_code == Exit.INTERRUPTED
    assert "Interrupted." in result.stderr


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


FULL_DISK = Path("/dev/full")


@pytest.mark.skipif(not FULL_DISK.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments", [["sets"], ["sets", "--json"], ["--version"], ["--help"], ["sets", "--help"]], ids=" ".join
)
def test_a_result_that_cannot_be_written_is_said_so(tmp_path: Path, arguments: list[str]) -> None:
    with FULL_DISK.open("w") as full:
        run = subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=environ(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == Exit.NO_ANSWER
    assert run.stderr == "cannot write the result: No space left on device\n"


def test_a_file_that_does_not_fit_is_not_the_result(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    import sandbox.demo

    def broken(as_json: bool) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "some/file")

    monkeypatch.setattr(sandbox.demo, "run", broken)
    monkeypatch.delenv("TRAILWARDEN_DEBUG")
    result = cli.invoke(app, ["demo"])
    assert result.exit_code == Exit.NO_ANSWER
    assert "some/file" in result.stderr
    assert "the result" not in result.stderr


def test_a_reader_that_goes_away_is_no_crash(tmp_path: Path) -> None:
    run = subprocess.run(
        ["bash", "-c", f"{shlex.join(command('sets', '--json'))} | head -1"],
        cwd=tmp_path,
        env=environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "[\n"
    assert run.stderr == ""
