"""What the verbs make of bad input, and what they say to type next."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox import SandboxClient, verbs
from sandbox.deploy import Deployment

RECORD = {
    "eventName": "StopLogging",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventTime": "2026-11-21T03:12:09Z",
    "eventType": "AwsApiCall",
    "awsRegion": "eu-west-1",
}
PACKED = gzip.compress(json.dumps({"Records": [RECORD]}).encode())
HEADER = 10  # bytes of a gzip file before its first block


def test_a_file_of_cloudtrail_is_read(tmp_path: Path) -> None:
    file = tmp_path / "records.json.gz"
    file.write_bytes(PACKED)
    assert verbs.read_records(file) == [RECORD]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("truncated.json.gz", PACKED[:-12]),
        ("no-block.json.gz", PACKED[:HEADER] + b"\xff" + PACKED[HEADER + 1 :]),
        ("wrong-sum.json.gz", PACKED[:-8] + b"\0" * 4 + PACKED[-4:]),
        ("plain.json.gz", b"{}"),
    ],
    ids=["truncated", "no block", "wrong sum", "plain"],
)
def test_a_file_that_cannot_be_unpacked_is_named(
    sandbox: SandboxClient, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert verbs.emit(tmp_path / name, sandbox.endpoint_url) == 2
    assert f"{name}: cannot be unpacked; it is cut short, or no gzip file (" in capsys.readouterr().err


def test_json_that_nests_without_end_is_refused(
    sandbox: SandboxClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deep.json"
    file.write_text(json.dumps(RECORD)[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}")
    assert verbs.emit(file, sandbox.endpoint_url) == 2
    assert capsys.readouterr().err == f"{file}: is nested too deeply for a CloudTrail record\n"


def test_half_an_address_is_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.mail(False, "http://[::1") == 2
    assert "http://[::1: the sandbox is on this machine" in capsys.readouterr().err


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deploy that is over at once."""
    alarms = {"short": "arn:a", "a-watch-with-a-name-that-is-long": "arn:b"}
    done = Deployment(resources=2, outputs={"alarms": alarms, "trailName": "t"})

    def deploy(*_: Any, **__: Any) -> Deployment:
        return done

    monkeypatch.setattr(verbs, "_deploy", deploy)


def test_what_was_made_is_shown_in_columns(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.deploy("x", None, False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.index("arn:") for line in lines if "arn:" in line} == {38}


def test_parts_of_parts_are_lines_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trail = {"homeRegion": "eu-west-1", "alarmNames": {"root": "a-1", "trail-changes": "a-2"}, "name": "t"}
    done = Deployment(resources=2, outputs={"guardedTrails": [trail, {"name": "u"}, {}], "nextSteps": ["one", "two"]})
    monkeypatch.setattr(verbs, "_deploy", lambda *_, **__: done)
    assert verbs.deploy("x", None, False) == 0
    assert capsys.readouterr().out.splitlines()[1:13] == [
        "  guardedTrails",
        "    - homeRegion  eu-west-1",
        "      alarmNames",
        "        root           a-1",
        "        trail-changes  a-2",
        "      name        t",
        "    - name  u",
        "    {}",
        "  nextSteps",
        "    one",
        "    two",
        "",
    ]


@pytest.mark.parametrize(
    ("given", "option"), [(None, ""), ("http://127.0.0.1:4570", " --endpoint-url http://127.0.0.1:4570")]
)
def test_the_next_commands_lead_to_the_same_sandbox(
    deployed: None, capsys: pytest.CaptureFixture[str], given: str | None, option: str
) -> None:
    assert verbs.deploy("x", given, False) == 0
    said = capsys.readouterr().out
    for verb in ("confirm", "mail"):
        assert f"  .venv/bin/python -m wizard sandbox {verb}{option}  " in said


def test_who_waits_for_mail_is_led_to_the_same_sandbox(
    sandbox: SandboxClient, capsys: pytest.CaptureFixture[str]
) -> None:
    sns = sandbox.aws("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    assert verbs.mail(False, sandbox.endpoint_url) == 0
    command = f".venv/bin/python -m wizard sandbox confirm --endpoint-url {sandbox.endpoint_url}"
    assert command in capsys.readouterr().out
