"""Machines that are told: the flag for them, what the summary says of them, and how their secrets are made."""

from pathlib import Path
from typing import Any

import pytest

from exits import Exit
from settings import Settings
from tests.support.wizard_bench import bench

ENOUGH: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:siem"
SECRET_STEP = "pulumi config set --secret --stack prod trailwarden:webhookUrl"


def test_the_flag_says_what_the_answers_file_can_say(tmp_path: Path) -> None:
    project = bench(tmp_path)
    flags = [f"sqs={QUEUE},raw=true,gets=alerts", "https=secret:webhookUrl,deadLetters=true", "sms=+15555550123"]
    outcome = project.setup(stack="prod", yes=True, flags={**ENOUGH, "subscribers": flags})
    assert outcome.code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert [(each.protocol, each.endpoint, each.endpoint_secret) for each in settings.subscribers] == [
        ("sqs", QUEUE, None),
        ("https", None, "webhookUrl"),
        ("sms", "+15555550123", None),
    ]
    assert [each.raw for each in settings.subscribers] == [True, False, False]
    assert settings.subscribers[1].dead_letters
    assert f"also tells {QUEUE}, the secret webhookUrl" in " ".join(outcome.out.split())
    assert SECRET_STEP in outcome.out
    # Once it is there, nobody is told to make it.
    path = project.stack_file()
    path.write_text(path.read_text().replace("config:\n", "config:\n  trailwarden:webhookUrl:\n    secure: v1:abc==\n"))
    again = project.setup(stack="prod", yes=True, flags={"emails": ["other@example.com"]})
    assert (again.code, SECRET_STEP in again.out) == (Exit.OK, False)
    assert "secure: v1:abc==" in path.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sqs", "write PROTOCOL=ENDPOINT, such as sms=+15555550123"),
        ("sqs=", "write PROTOCOL=ENDPOINT, such as sms=+15555550123"),
        ("https=https://hooks.example.com/hush?key=hush", "holds what looks like a password"),
        ("https=secret:https://hooks.example.com/hush", "is the URL itself; it must not stand in a plain file"),
        ("sms=+15555550123,raw=yes", "must be true or false"),
    ],
)
def test_what_the_flag_refuses(tmp_path: Path, text: str, said: str) -> None:
    outcome = bench(tmp_path).setup(stack="prod", yes=True, flags={**ENOUGH, "subscribers": [text]})
    assert outcome.code is Exit.NO_ANSWER
    assert said in outcome.err
    assert "hush" not in outcome.out + outcome.err
