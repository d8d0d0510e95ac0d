"""The watching of the watching as it is deployed: heard from abroad, and told at last resort when alerts cannot be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.recorded_program import ROOT
from tests.support.sandbox_story import wait_for

HOME, ABROAD = "eu-west-1", "us-east-1"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {mode: create}
  trailwarden:regions: [eu-west-1, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {trail-changes: {}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {mode: restore}
  trailwarden:alerts: {explain: false}
  trailwarden:evidence: disposable
"""


class Stack:
    """A deployed stack whose mails are confirmed."""

    def __init__(self, client: SandboxClient, outputs: dict[str, Any]) -> None:
        self.client, self.outputs = client, outputs

    def aws(self, service: str, region: str = HOME) -> Any:
        return self.client.aws(service, region=region)

    def sweep(self) -> None:
        """What the schedule does every five minutes."""
        (schedule,) = self.aws("scheduler").list_schedules()["Schedules"]
        message = self.aws("scheduler").get_schedule(Name=schedule["Name"])["Target"]["Input"]
        self.aws("lambda").invoke(FunctionName=self.outputs["guardianFunctionName"], Payload=message)
        self.client.settle()

    def health(self) -> dict[str, str]:
        """The states of the health alarms, by what they watch."""
        alarms = self.aws("cloudwatch").describe_alarms(AlarmNamePrefix="watch-health-")["MetricAlarms"]
        states = {each["AlarmName"]: each["StateValue"] for each in alarms}
        return {name: states[alarm] for name, alarm in self.outputs["healthAlarmNames"].items()}

    def kept(self) -> list[str]:
        """The alarms in the last-resort queue, which holds them until somebody takes them out."""
        found = self.aws("sqs").receive_message(
            QueueUrl=self.outputs["lastResortQueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        messages = [json.loads(json.loads(each["Body"])["Message"]) for each in found.get("Messages", [])]
        return [each["AlarmName"] for each in messages]

    def subjects(self) -> list[str]:
        return [mail["subject"] for mail in self.client.mail()]


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    with SandboxProcess() as process:
        yield process.client


@pytest.fixture
def stack(client: SandboxClient, tmp_path: Path) -> Stack:
    shutil.copyfile(ROOT / "Pulumi.yaml", tmp_path / "Pulumi.yaml")
    (tmp_path / "Pulumi.whole.yaml").write_text(STACK_FILE, encoding="utf-8")
    made = deploy(tmp_path / "Pulumi.whole.yaml", endpoint_url=client.endpoint_url, reset=True)
    client.confirm(None)
    client.settle()
    return Stack(client, made.outputs)


def test_a_try_in_another_region_reaches_people_as_a_try(stack: Stack) -> None:
    dropped = stack.client.dropped()  # mails that nobody had confirmed yet
    with pytest.raises(ClientError, match="InvalidHomeRegionException"):
        stack.aws("cloudtrail", region=ABROAD).stop_logging(Name=stack.outputs["trailArn"])
    stack.client.settle()
    told = [subject for subject in stack.subjects() if "refused: InvalidHomeRegion" in subject]
    assert len(told) == 1
    assert stack.client.dropped() == dropped
    assert stack.aws("cloudtrail").get_trail_status(Name=stack.outputs["trailArn"])["IsLogging"] is True


def test_a_guardian_that_breaks_is_told_without_the_alerts(stack: Stack) -> None:
    """Its environment is emptied and the alerts' key disabled: neither stands between the failure and the mail."""
    name = stack.outputs["guardianFunctionName"]
    topic = stack.aws("sns").get_topic_attributes(TopicArn=stack.outputs["alertsTopicArn"])["Attributes"]
    stack.aws("kms").disable_key(KeyId=topic["KmsMasterKeyId"])
    stack.aws("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    stack.sweep()
    wait_for("the alarm on errors rings", lambda: stack.health()["errors"] == "ALARM")
    alarm = stack.outputs["healthAlarmNames"]["errors"]
    stack.client.settle()
    assert [subject for subject in stack.subjects() if alarm in subject]
    assert alarm in stack.kept()


LACKS = ("silence", "heartbeat", "canary")


def test_a_fresh_stack_is_not_told_of_a_silence(stack: Stack) -> None:
    stack.client.advance_clock(900)
    assert "ALARM" not in stack.health().values()
    assert stack.kept() == []


def test_a_guardian_that_nothing_wakes_is_told(stack: Stack) -> None:
    """Seven sweeps, five minutes apart, fill every period; then somebody deletes the schedule."""
    for _ in range(7):
        stack.sweep()
        stack.client.advance_clock(290)
    assert (stack.health()["heartbeat"], stack.health()["canary"]) == ("OK", "OK")
    scheduler = stack.aws("scheduler")
    (schedule,) = scheduler.list_schedules()["Schedules"]
    scheduler.delete_schedule(Name=schedule["Name"])  # it ticks by the sandbox's clock
    stack.client.advance_clock(3000)
    assert {stack.health()[name] for name in LACKS} == {"ALARM"}
    names = stack.outputs["healthAlarmNames"]
    assert set(stack.kept()) == {names[name] for name in LACKS}
