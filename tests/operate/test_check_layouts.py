"""Whatever a stack decides, `check` is green on it when it is fresh; and what it gives up is no fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import account
from account import Found
from operate.checking.audit import audit
from operate.checking.site import trails_named
from operate.checking.survey import take
from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from settings import Settings
from tests.support.recorded_program import ROOT
from tests.support.sandbox_story import Story

COMMON = """\
config:
  aws:region: eu-west-1
  trailwarden:regions: [eu-west-1, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {trail-changes: {}, self-delivery: {}, self-roles: {}, self-alarms-logs: {}}
  trailwarden:sourceIps: []
  trailwarden:evidence: disposable
"""
PER_REGION = """\
  trailwarden:trail: {mode: create, layout: per-region}
  trailwarden:remediation: {mode: restore}
  trailwarden:alerts:
    explain: true
    alarmPrefix: acme-
    metricNamespace: Acme
    mutes:
      - {name: scan, sets: [any-address], schedule: cron(0 2 * * SUN), duration: PT4H, reason: the weekly scan}
  trailwarden:burst: {threshold: 100}
"""
UNGUARDED = """\
  trailwarden:trail: {mode: create, deliveryTopic: true}
  trailwarden:remediation: {mode: "off"}
  trailwarden:dashboard: false
  trailwarden:alerts:
    explain: false
    topicName: acme
    displayName: Acme
    deliveryStatus: 0
    allowPublish: ["444455556666"]
"""
ADOPTED = """\
  trailwarden:trail:
    mode: adopt
    trails: [guarded]
    baseline:
      guarded:
        logGroup: /trail/guarded
        deliveryRole: arn:aws:iam::000000000000:role/guarded-delivery
        bucket: guarded-logs
  trailwarden:remediation: {restart: true}
  trailwarden:subscribers:
    - protocol: sqs
      endpoint: arn:aws:sqs:eu-west-1:000000000000:siem
      raw: true
      deadLetters: true
      filter: {severity: [critical, high]}
"""


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    with SandboxProcess(by_hand=True) as process:
        yield process.client


def nothing(client: SandboxClient) -> None:
    """An empty account."""


def a_trail(client: SandboxClient) -> None:
    """A trail and a queue of somebody else's."""
    story = Story(client)
    for make in (story.make_bucket, story.make_log_group, story.make_delivery_role, story.make_trail):
        make()
    client.aws("sqs", region="eu-west-1").create_queue(QueueName="siem")
    client.settle()


@pytest.mark.parametrize(
    ("text", "before"),
    [
        pytest.param(PER_REGION, nothing, id="a trail for each region, explained, a burst alarm and names of its own"),
        pytest.param(UNGUARDED, nothing, id="no guardian, and notices of log files"),
        pytest.param(ADOPTED, a_trail, id="adopted"),
    ],
)
def test_a_fresh_stack_is_green_with_its_file_and_without(
    client: SandboxClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    before: Callable[[SandboxClient], None],
) -> None:
    client.reset()
    before(client)
    shutil.copyfile(ROOT / "Pulumi.yaml", tmp_path / "Pulumi.yaml")
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(COMMON + text)
    deploy(file, endpoint_url=client.endpoint_url, program=ROOT)
    client.confirm()
    client.settle()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    session = account.session(region="eu-west-1", endpoint_url=client.endpoint_url)
    who = account.identity(session)
    assert isinstance(who, Found)
    look = partial(take, session, who.value, regions=("eu-west-1", "us-east-1"))
    settings = Settings.from_stack_file(file)
    with_file = audit(look(stack="prod", trails_named=trails_named(settings)), settings=settings, stack="prod")
    assert [line for line in with_file.lines if line.state != "holds"] == []
    without = audit(look(stack=None))
    assert {line.check for line in without.lines if line.state != "holds"} == set()
    assert "account.trail-changes" in {line.check for line in without.lines}
