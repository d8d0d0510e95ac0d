"""The guardian as it is deployed, under its own role, against what an attacker does to the trail's settings."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.recorded_program import ROOT

HOME = "eu-west-1"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {mode: create}
  trailwarden:regions: [eu-west-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {trail-changes: {}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {mode: restore}
  trailwarden:alerts: {explain: false}
  trailwarden:evidence: disposable
"""
GRACE_S = 30
READ_ONLY = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": []}]


class Stack:
    """A deployed stack, its mail confirmed and its guardian awake."""

    def __init__(self, client: SandboxClient, outputs: dict[str, Any]) -> None:
        self.client, self.outputs = client, outputs
        self.cloudtrail = client.aws("cloudtrail", region=HOME)

    def sweep(self) -> dict[str, Any]:
        """What the schedule does every five minutes."""
        target = self.client.aws("scheduler", region=HOME)
        (schedule,) = target.list_schedules()["Schedules"]
        message = target.get_schedule(Name=schedule["Name"])["Target"]["Input"]
        answer = self.client.aws("lambda", region=HOME).invoke(
            FunctionName=self.outputs["guardianFunctionName"], Payload=message
        )
        return json.loads(answer["Payload"].read())

    def mails(self) -> list[str]:
        """The subjects of the guardian's mails."""
        ours = f" - 000000000000 {HOME}"
        return [mail["subject"].removesuffix(ours) for mail in self.client.mail() if mail["subject"].endswith(ours)]

    def selectors(self) -> list[dict[str, Any]]:
        return self.cloudtrail.get_event_selectors(TrailName=self.outputs["trailArn"])["EventSelectors"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.whole.yaml").write_text(STACK_FILE, encoding="utf-8")
    with SandboxProcess() as process:
        made = deploy(folder / "Pulumi.whole.yaml", endpoint_url=process.client.endpoint_url)
        process.client.confirm(None)
        process.client.settle()
        yield Stack(process.client, made.outputs)


def test_a_sweep_over_a_fresh_stack_may_read_everything_and_finds_nothing(stack: Stack) -> None:
    """Each read of the sweep under the role that is deployed: a missing permission would be told as a fault."""
    answer = stack.sweep()
    assert (answer["outcome"], answer["settings"], answer["mails"]) == ("nothing wrong", "nothing wrong", 0)
    assert stack.mails() == []


def test_two_attacks_on_the_settings_are_undone_after_the_grace_time_and_told_once(stack: Stack) -> None:
    before = stack.selectors()
    began = time.monotonic()
    stack.cloudtrail.update_trail(Name=stack.outputs["trailArn"], IsMultiRegionTrail=False)
    stack.cloudtrail.put_event_selectors(TrailName=stack.outputs["trailArn"], EventSelectors=READ_ONLY)
    while stack.selectors() != before and time.monotonic() - began < GRACE_S + 20:
        time.sleep(0.5)
    assert GRACE_S - 1 < time.monotonic() - began < GRACE_S + 20
    assert stack.selectors() == before
    assert stack.cloudtrail.get_trail(Name=stack.outputs["trailArn"])["Trail"]["IsMultiRegionTrail"] is True
    stack.client.settle()
    (mail,) = stack.mails()
    assert mail.startswith("[critical] Trail changed by root, put back after ")
    # Its own two calls came back as events, and were known as its own.
    assert stack.sweep()["mails"] == 0
    assert stack.mails() == [mail]
