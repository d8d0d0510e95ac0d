"""From the outside: commands in a shell, and a boto3 script that knows nothing of this project."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog import EVENT_SETS
from sandbox import SandboxClient

ROOT = Path(__file__).resolve().parents[2]
OUTSIDER = ROOT / "tests" / "data" / "deploy" / "outsider.py"
STACK, TRAIL, HOME, MAIL = "outside", "audit-of-acme", "eu-central-1", "oncall@example.org"
ANSWERS = f"""\
homeRegion: {HOME}
trail: {{mode: create, name: {TRAIL}}}
regions: [{HOME}, us-east-1]
emails: [{MAIL}]
eventSets: [trail-changes, console-signin-failures]
evidence: disposable
"""
DEADLINE_S = 60
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """`sandbox start` as a command; its address out of the line it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "wizard", "sandbox", "start", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        words = server.stdout.readline().split()
        assert words[0] == "ready"
        assert words[2:] == ["account=000000000000", "key=test", "secret=test"]
        yield words[1]
        server.terminate()
        assert server.wait(timeout=30) == 0
        assert server.stdout.read() == "", "the ready line is the only one"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "answers.yaml").write_text(ANSWERS)
    return folder


@pytest.fixture(scope="module")
def run(endpoint: str, project: Path) -> Run:
    """A verb of the command line in the project's folder, with the endpoint in the environment."""

    def run(*words: str, expect: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "wizard", *words],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": endpoint, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def deployed(run: Run) -> str:
    """Setup, deploy, confirm; what deploy said."""
    run("setup", "--stack", STACK, "--answers", "answers.yaml", "--yes")
    said = run("sandbox", "deploy", "--stack", STACK).stdout
    before = run("sandbox", "mail").stdout
    assert before.startswith(f"No mail yet.\nNot confirmed, and so without mail: {MAIL}.\nNext: ")
    assert run("sandbox", "confirm").stdout.split() == ["confirmed", MAIL]
    return said


def mails(run: Run) -> list[dict[str, str]]:
    return json.loads(run("sandbox", "mail", "--json").stdout)


def wait_for_mail(run: Run, *parts: str) -> dict[str, str]:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for mail in mails(run):
            if all(part in mail["subject"] + mail["body"] for part in parts):
                return mail
    raise AssertionError(f"no mail with {parts} in {[mail['subject'] for mail in mails(run)]}")


@pytest.mark.parametrize("by", ["name", "arn"])
def test_a_strangers_stop_is_undone_and_told(run: Run, deployed: str, endpoint: str, by: str) -> None:
    SandboxClient(endpoint).advance_clock(10)  # the guardian takes two stops within five seconds for one
    trail = {"name": TRAIL, "arn": f"arn:aws:cloudtrail:{HOME}:000000000000:trail/{TRAIL}"}[by]
    done = subprocess.run(
        [sys.executable, "-I", str(OUTSIDER), endpoint, HOME, trail],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    mail = wait_for_mail(run, "running again", f"{seen['user']} (IAM user", "StopLogging", TRAIL)
    assert mail["to"] == MAIL
    assert mail["subject"].startswith("[critical]")


def test_deploy_says_what_is_there_and_what_to_do_next(deployed: str) -> None:
    assert f"resources are there, stack '{STACK}'" in deployed
    assert f"arn:aws:cloudtrail:{HOME}:000000000000:trail/{TRAIL}" in deployed
    assert "No state is kept" in deployed
    assert "sandbox confirm" in deployed


def test_a_second_deploy_is_refused(run: Run, deployed: str) -> None:
    done = run("sandbox", "deploy", "--stack", STACK, expect=2)
    assert "already deployed" in done.stderr
    assert "--reset" in done.stderr
    assert done.stdout == ""


def test_a_ready_record_rings_its_alarm(run: Run, deployed: str, project: Path) -> None:
    sample = next(sample for sample in EVENT_SETS["console-signin-failures"].samples if sample.matches)
    elsewhere = {**sample.event, "recipientAccountId": "111122223333"}
    here = {**sample.event, "recipientAccountId": "000000000000"}
    (project / "one.json").write_text(json.dumps({"Records": [here]}))
    (project / "two.jsonl").write_text(json.dumps(elsewhere) + "\n" + json.dumps(here) + "\n")
    assert run("sandbox", "emit", "one.json").stdout == "1 of 1 records were delivered\n"
    assert wait_for_mail(run, "ConsoleLogin by", "console-signin-failures")["to"] == MAIL
    some = run("sandbox", "emit", "two.jsonl", expect=1)
    assert some.stdout == "1 of 2 records were delivered\n"
    assert "this sandbox's account is 000000000000" in some.stderr


def test_the_mail_as_people_read_it(run: Run, deployed: str) -> None:
    wait_for_mail(run, "stopped by stranger")
    said = run("sandbox", "mail").stdout
    assert "Subject" in said
    assert MAIL in said
    assert "stopped by stranger" in said


def test_there_is_nothing_left_to_confirm(run: Run, deployed: str) -> None:
    assert run("sandbox", "confirm").stdout == "No subscription is pending.\n"
    assert "no subscription of 'nobody@example.org' is pending" in (
        run("sandbox", "confirm", "nobody@example.org", expect=1).stderr
    )


# -- what is refused


@pytest.mark.parametrize(
    "words",
    [["deploy", "--stack", STACK], ["confirm"], ["mail"], ["mail", "--json"], ["emit", "answers.yaml"]],
    ids=" ".join,
)
@pytest.mark.parametrize("url", ["https://sts.amazonaws.com", "http://192.0.2.7:4566"])
def test_only_this_machine_is_talked_to(run: Run, words: list[str], url: str) -> None:
    by_variable = run("sandbox", *words, expect=2, AWS_ENDPOINT_URL=url)
    by_option = run("sandbox", *words, "--endpoint-url", url, expect=2)
    for done in (by_variable, by_option):
        assert url in done.stderr
        assert "on this machine" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["deploy", "--stack", "none"], "Pulumi.none.yaml: there is no such file"),
        (["emit", "none.json"], "none.json: cannot be read"),
        (["emit", "answers.yaml"], "answers.yaml: is neither JSON nor one JSON record per line"),
    ],
    ids=["a stack that is not there", "a file that is not there", "a file that is not JSON"],
)
def test_bad_input_is_named(run: Run, words: list[str], says: str) -> None:
    assert says in run("sandbox", *words, expect=2).stderr


def test_without_a_sandbox_the_way_to_one_is_named(run: Run) -> None:
    done = run("sandbox", "mail", expect=2, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "no sandbox answers at http://127.0.0.1:9" in done.stderr
    assert "sandbox start" in done.stderr


def test_a_port_that_is_taken_is_named(run: Run, endpoint: str) -> None:
    done = run("sandbox", "start", "--port", endpoint.rpartition(":")[2], expect=2)
    assert done.stderr.count("cannot listen") == done.stderr.count("--port") == 1
