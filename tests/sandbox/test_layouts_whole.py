"""Trails that are not one for all regions, deployed whole: stopped where they live, started there, and told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.recorded_program import ROOT
from tests.support.sandbox_story import Story, wait_for

HOME, FAR = "eu-west-1", "us-east-1"
COMMON = """\
  aws:region: eu-west-1
  trailwarden:regions: [eu-west-1, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {trail-changes: {}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {mode: restore}
  trailwarden:alerts: {explain: false}
  trailwarden:evidence: disposable
"""
PER_REGION = f"config:\n{COMMON}  trailwarden:trail: {{mode: create, layout: per-region}}\n"
ADOPTED = f"""\
config:
{COMMON.replace("mode: restore", "restart: true")}  trailwarden:trail:
    mode: adopt
    trails: [guarded]
    baseline:
      guarded:
        logGroup: /trail/guarded
        deliveryRole: arn:aws:iam::000000000000:role/guarded-delivery
        bucket: guarded-logs
"""


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    with SandboxProcess() as process:
        yield process.client


def deployed(client: SandboxClient, folder: Path, *, stack: str, text: str) -> dict[str, Any]:
    """The outputs of a stack, once its people have confirmed."""
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    made = deploy(folder / f"Pulumi.{stack}.yaml", endpoint_url=client.endpoint_url)
    client.confirm(None)
    client.settle()
    return made.outputs


def stop(client: SandboxClient, trail_arn: str) -> None:
    """Stop a trail where it lives, and wait until it logs again."""
    trails = client.aws("cloudtrail", region=trail_arn.split(":")[3])
    before = trails.get_trail_status(Name=trail_arn).get("StartLoggingTime")
    client.advance_clock(10)
    trails.stop_logging(Name=trail_arn)

    def is_back() -> bool:
        status = trails.get_trail_status(Name=trail_arn)
        return status["IsLogging"] and status["StartLoggingTime"] != before

    wait_for(f"{trail_arn} logs again", is_back)


def told(client: SandboxClient, trail: str, region: str) -> dict[str, Any]:
    """The guardian's mail about a trail of a region."""

    def mail() -> dict[str, Any] | None:
        ours = [each for each in client.mail() if each["subject"].endswith(f" {region}") and trail in each["body"]]
        return next((each for each in ours if "running again" in each["subject"]), None)

    return wait_for(f"a mail about {trail} in {region}", mail)


def test_a_trail_of_the_second_region_is_started_there_and_told(client: SandboxClient, tmp_path: Path) -> None:
    outputs = deployed(client, tmp_path, stack="regions", text=PER_REGION)
    by_region = {each["homeRegion"]: each for each in outputs["guardedTrails"]}
    assert by_region.keys() == {HOME, FAR}
    stop(client, by_region[FAR]["trailArn"])
    mail = told(client, "trailwarden-regions", FAR)
    assert mail["to"] == "security@example.com"
    assert FAR in mail["body"]
    # The trail at home was left alone: nobody there heard of it.
    at_home = client.aws("cloudtrail", region=HOME).get_trail_status(Name=by_region[HOME]["trailArn"])
    assert at_home["IsLogging"]
    assert "StopLoggingTime" not in at_home
    assert not [each for each in client.mail() if each["subject"].endswith(f" {HOME}")]


def test_an_adopted_trail_is_started_and_told(client: SandboxClient, tmp_path: Path) -> None:
    client.reset()
    story = Story(client, region=HOME)
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    outputs = deployed(client, tmp_path, stack="adopted", text=ADOPTED)
    assert outputs["trailArn"] == story.trail_arn
    stop(client, story.trail_arn)
    mail = told(client, "guarded", HOME)
    assert "StopLogging" in mail["body"]
    # The stack put nothing on the trail, not even a tag.
    assert client.aws("cloudtrail", region=HOME).list_tags(ResourceIdList=[story.trail_arn])["ResourceTagList"] == [
        {"ResourceId": story.trail_arn, "TagsList": []}
    ]
