"""How a verb ends: exit codes, Ctrl-C, a reader that goes away, a full disk, and what nobody foresaw."""

import errno
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exits import Exit
from tests.support.wizard_bench import command, environ
from wizard.__main__ import app


def test_the_exit_codes_are_what_they_are() -> None:
    assert {each.name: each.value for each in Exit} == {"OK": 0, "FOUND": 1, "NO_ANSWER": 2, "INTERRUPTED": 130}


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


def test_a_question_that_nobody_can_answer_exits_with_two(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    import sandbox.demo
    from operate.console import confirm

    monkeypatch.setattr(sandbox.demo, "run", lambda _as_json: confirm("Begin?", flag="--yes"))
    result = cli.invoke(app, ["demo"])
    assert result.exit_code == Exit.NO_ANSWER
    assert (
        result.stderr == "Begin? (y/N) \nnobody is there to answer, so nothing was done; --yes answers in a pipeline\n"
    )


def test_ctrl_c_in_any_verb_exits_with_130(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    import sandbox.demo

    def interrupted(as_json: bool) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox.demo, "run", interrupted)
    result = cli.invoke(app, ["demo"])
    assert result.exit_code == Exit.INTERRUPTED
    assert "Interrupted." in result.stderr


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
