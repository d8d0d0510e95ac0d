"""A planned change, as deployed: no mail in its window, a number in the summary of the week, mails again after it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from settings.checks import WEEKDAYS
from tests.support.recorded_program import ROOT

HOME = "eu-west-1"
BEHIND_S = 1_200
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
STACK_FILE = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [eu-west-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {{iam-policy-changes: {{}}}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {{mode: "off"}}
  trailwarden:alerts:
    digest: {{hour: 0, weekday: {weekday}}}
    mutes:
      - name: clean-up
        sets: [iam-policy-changes]
        schedule: at({start:%Y-%m-%dT%H:%M})
        duration: PT1H
        reason: old users are taken away
  trailwarden:evidence: disposable
"""


class Stack:
    """A deployed stack, quiet, with its mail confirmed. The planned change begins at `start`."""

    def __init__(self, client: SandboxClient, start: datetime) -> None:
        self.client, self.start = client, start
        self.names = 0

    def aws(self, service: str) -> Any:
        return self.client.aws(service, region=HOME)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.client.health()["now"], UTC)

    def later(self, seconds: float) -> None:
        """Time passes, and everything that follows from it happens."""
        self.client.advance_clock(seconds)
        self.client.settle()

    def goes_to(self, moment: datetime) -> None:
        """In steps of the look around, so that each comes at its time."""
        while (left := (moment - self.now).total_seconds()) > 0:
            self.later(min(left, 300))

    def writes_a_policy(self) -> None:
        """What the planned change does: its event is recorded, counted, and has the alarm ring."""
        self.names += 1
        self.client.aws("iam").put_user_policy(UserName="old", PolicyName=f"p{self.names}", PolicyDocument=POLICY)
        self.client.settle()
        self.later(1)

    def mails(self, *about: str) -> list[str]:
        """Subjects of the mails that have one of some words in them, in their order."""
        return [mail["subject"] for mail in self.client.mail() if any(word in mail["subject"] for word in about)]

    def alarm(self) -> dict[str, Any]:
        (found,) = self.aws("cloudwatch").describe_alarms(AlarmNamePrefix="watch-iam-policy-changes")["MetricAlarms"]
        return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("planned")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    with SandboxProcess(clock_behind_s=BEHIND_S, by_hand=True) as process:
        now = datetime.fromtimestamp(process.client.health()["now"], UTC)
        start = (now + timedelta(minutes=30)).replace(second=0, microsecond=0)
        tomorrow = WEEKDAYS[(start + timedelta(days=1, hours=2)).weekday()]
        (folder / "Pulumi.planned.yaml").write_text(STACK_FILE.format(weekday=tomorrow, start=start), encoding="utf-8")
        deploy(folder / "Pulumi.planned.yaml", endpoint_url=process.client.endpoint_url)
        process.client.aws("iam").create_user(UserName="old")
        found = Stack(process.client, start)
        found.client.settle()
        for _ in range(3):  # the deployment itself rang; that is told to nobody and over
            found.later(BEHIND_S / 3)
        found.client.confirm(None)
        yield found


def test_the_story(stack: Stack) -> None:
    stack.goes_to(stack.start + timedelta(minutes=1))
    stack.writes_a_policy()
    assert stack.alarm()["StateValue"] == "ALARM"
    for _ in range(2):
        stack.later(300)
    stack.writes_a_policy()
    assert stack.mails("IAM policy") == []
    stack.goes_to(stack.start + timedelta(minutes=61))
    assert (stack.alarm()["StateValue"], stack.mails("IAM policy")) == ("OK", [])

    stack.writes_a_policy()
    (mail,) = stack.mails("IAM policy")
    assert "PutUserPolicy" in mail
    stack.later(600)

    midnight = (stack.start + timedelta(days=1, hours=2)).replace(hour=0, minute=0)
    stack.later((midnight - stack.now).total_seconds() + 1)
    stack.later(300)
    (summary,) = stack.mails("Week to")
    assert "2 events muted by 1 planned change" in summary
    (body,) = [mail["body"] for mail in stack.client.mail() if mail["subject"] == summary]
    assert "clean-up: 2 events while alarms were muted" in body
    assert "Reason   old users are taken away" in body
    assert "Rang     iam-policy-changes 1" in body  # it still rang when the second came
