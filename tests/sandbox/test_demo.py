"""The demo: green from one command, and red as soon as something it claims does not happen."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import SandboxClient, SandboxError, demo
from sandbox.demo import _acts
from settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "wizard", "demo"]
PATIENCE_S = 5.0  # for what will not come; what comes takes a second
SLOWEST_S = 120.0  # it takes about 8 s; more than this only if something awaited never came
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "settings", "catalog", "filterpattern", "lambda")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path, float]:
    """`demo --json`, once: how it ended, the folder in which it was to leave nothing, and its seconds."""
    temporary = tmp_path_factory.mktemp("temporary")
    began = time.monotonic()
    done = subprocess.run(
        [*COMMAND, "--json"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done, temporary, time.monotonic() - began


@pytest.fixture(scope="module")
def document(played: tuple[subprocess.CompletedProcess[str], Path, float]) -> dict[str, Any]:
    return json.loads(played[0].stdout)


# -- what it claims when all is well


def test_it_ends_well_in_time_and_leaves_nothing(
    played: tuple[subprocess.CompletedProcess[str], Path, float],
) -> None:
    done, temporary, seconds = played
    assert done.returncode == 0, done.stderr
    assert seconds < SLOWEST_S
    assert list(temporary.iterdir()) == []
    assert "Everything the demo claims was observed" in done.stderr
    assert "Traceback" not in done.stderr


def test_standard_output_is_one_document_with_exactly_these_keys(document: dict[str, Any]) -> None:
    assert list(document) == ["ok", "resources", "restored", "restore_ms", "alarms", "mails", "steps"]
    assert document["ok"] is True
    assert all(set(mail) == {"to", "subject", "body"} for mail in document["mails"])
    assert all(set(step) == {"name", "ok", "ms"} for step in document["steps"])
    assert all(step["ok"] is True and step["ms"] >= 0 for step in document["steps"])


def test_every_custom_resource_of_the_plan_was_made(document: dict[str, Any], tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "Pulumi.yaml", tmp_path / "Pulumi.yaml")
    settings = Settings.parse(
        _answers(), stack="demo", source="the demo's answers"
    )  # what the wizard made of them is proven elsewhere
    assert document["resources"] == settings.plan().total


def test_the_trail_came_back(document: dict[str, Any]) -> None:
    (step,) = [step for step in document["steps"] if step["name"] == _acts.RESTORED]
    assert document["restored"] is True
    assert isinstance(document["restore_ms"], float)
    assert document["restore_ms"] == step["ms"]


def test_three_alarms_rang_and_only_those_that_had_a_reason(document: dict[str, Any]) -> None:
    rang = {watch for watch, state in document["alarms"].items() if state == "ALARM"}
    assert rang == {"trail-changes", "iam-policy-changes", _acts.SOURCE_IP_WATCH}
    assert set(document["alarms"]) == {*_answers()["eventSets"], _acts.SOURCE_IP_WATCH}


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (["[critical]", "stopped by mallory", "running again"], ["StopLogging", "203.0.113.77", "eu-west-1"]),
        (["[critical]", "deleted by mallory"], ["DeleteTrail", "203.0.113.77"]),
        (
            ["[high]", "PutUserPolicy by mallory", "us-east-1"],
            ["203.0.113.77", "mallory (IAM user", "update-access-key"],
        ),
        (["calls from 198.51.100.23 in 5 min (threshold 30)"], ["ListBuckets", "DescribeTrails", "mallory"]),
    ],
    ids=["who stopped it", "who deleted it", "who opened a policy", "who called so often"],
)
def test_people_read_who_did_what(document: dict[str, Any], subject: list[str], body: list[str]) -> None:
    found = [
        mail
        for mail in document["mails"]
        if all(part in mail["subject"] for part in subject) and all(part in mail["body"] for part in body)
    ]
    assert found
    assert {mail["to"] for mail in found} == {"security@example.com"}


def test_the_deletion_is_the_last_thing_that_people_hear_of(document: dict[str, Any]) -> None:
    assert "deleted by mallory" in document["mails"][-1]["subject"]
    names = [step["name"] for step in document["steps"]]
    assert names.index("delete.call") > max(names.index(f"{act}.alarm-mail") for act in ("policy", "calls"))
    assert names[-1] == "clean-up"


def test_no_alarm_is_claimed_that_was_not_seen_quiet_before_the_act(document: dict[str, Any]) -> None:
    names = [step["name"] for step in document["steps"]]
    for act in ("stop", "policy", "calls"):
        order = [names.index(f"{act}.{part}") for part in ("quiet", "call", "alarm")]
        assert order == sorted(order)


def _answers() -> dict[str, Any]:
    from settings import read_answers

    return dict(read_answers(ROOT / "sandbox" / "demo" / "answers.yaml"))


# -- it can fail


def played_here(capsys: pytest.CaptureFixture[str], **changed: Any) -> tuple[int, dict[str, Any], str]:
    """The demo in this process: exit code, document, and what the screen said."""
    code = demo.run(True, patience_s=PATIENCE_S, **changed)
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_without_the_permission_to_start_logging_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program"
    program.mkdir()
    for name in PROGRAM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, program / name)
    policy = program / "components" / "_guardian_policies.py"
    before = policy.read_text()
    assert before.count('"cloudtrail:StartLogging"') == 1
    policy.write_text(before.replace('"cloudtrail:StartLogging"', '"cloudtrail:GetTrailStatus"'))

    code, document, screen = played_here(capsys, program=program)
    assert (code, document["ok"], document["restored"], document["restore_ms"]) == (1, False, False, None)
    assert [step["name"] for step in document["steps"] if not step["ok"]] == [_acts.RESTORED, "stop.guardian-mail"]
    assert document["alarms"]["trail-changes"] == "ALARM"
    assert any("could not be restarted: AccessDenied" in mail["subject"] for mail in document["mails"])
    assert "delete.call" not in [step["name"] for step in document["steps"]]
    assert "not seen: the trail to log again" in screen
    assert "Not everything the demo claims was observed" in screen


def test_with_the_mail_left_unconfirmed_it_claims_no_mail(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, screen = played_here(capsys, confirm_mail=False)
    assert (code, document["ok"], document["restored"]) == (1, False, True)
    assert document["mails"] == []
    assert {step["name"] for step in document["steps"] if not step["ok"]} == {"stop.guardian-mail"}
    assert document["alarms"]["trail-changes"] == "ALARM"
    assert "to security@example.com" not in screen


def test_a_wizard_that_refuses_its_answers_ends_the_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("homeRegion: eu-west-1\nemails: [nobody]\n")
    monkeypatch.setattr("sandbox.demo._stage.ANSWERS", answers)
    code, document, screen = played_here(capsys)
    assert code == 1
    assert [(step["name"], step["ok"]) for step in document["steps"]] == [
        ("sandbox", True),
        ("setup", False),
        ("clean-up", True),
    ]
    assert "nobody" in screen
    assert document["resources"] == 0


def test_a_sandbox_that_goes_away_ends_the_story_and_still_gives_the_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(sandbox: SandboxClient) -> None:
        raise SandboxError(f"no sandbox answers at {sandbox.endpoint_url}")

    monkeypatch.setattr("sandbox.demo._story.hire", gone)
    code, document, screen = played_here(capsys)
    assert (code, document["ok"]) == (1, False)
    assert [(step["name"], step["ok"]) for step in document["steps"]] == [
        ("sandbox", True),
        ("setup", True),
        ("story", False),
        ("clean-up", True),
    ]
    assert "no sandbox answers" in screen


# -- interrupted


@pytest.fixture
def under_way(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Whoever runs the tests in the background may have them ignore Ctrl-C, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a polite kill"])
def test_interrupted_it_cleans_up(under_way: subprocess.Popen[str], tmp_path: Path, signum: int) -> None:
    assert under_way.stdout is not None
    url = ""
    for line in under_way.stdout:
        if "http://127.0.0.1:" in line:
            url = line.split()[0]
        if "Pulumi program runs" in line:
            break
    under_way.send_signal(signum)
    rest = under_way.stdout.read()
    assert under_way.wait(timeout=60) == 130
    assert "Interrupted." in rest
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/_trailwarden/health", timeout=5)
