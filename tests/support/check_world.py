"""A stack deployed in a sandbox, everybody confirmed, and `check` looking at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import account
from account import Access, Found, Session
from operate.checking.audit import Audit, audit
from operate.checking.line import Line
from operate.checking.site import trails_named
from operate.checking.survey import Survey, take
from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from settings import Settings
from tests.support.recorded_program import ROOT

HOME, OTHER = "eu-west-1", "us-east-1"
ACCOUNT = "000000000000"
STACK = "prod"
MAIL = "security@example.com"
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:trail:
    mode: create
    dataEvents: [{{type: "AWS::S3::Object", only: ["arn:aws:s3:::acme-data/"], record: write}}]
    insights: [ApiCallRateInsight]
    lifecycle: {{archiveDays: 90, expireDays: 2557}}
    objectLock: {{mode: GOVERNANCE, days: 365}}
    tags: {{team: security}}
  trailwarden:regions: [{HOME}, {OTHER}]
  trailwarden:emails: [{MAIL}]
  trailwarden:eventSets:
    trail-changes: {{}}
    iam-policy-changes: {{}}
    unauthorized-api-calls: {{threshold: 10}}
    trail-storage: {{}}
    self-alarms-logs: {{}}
    self-delivery: {{}}
    self-functions: {{}}
    self-roles: {{}}
    self-state: {{}}
    self-queues: {{}}
  trailwarden:sourceIps:
    - {{name: office, cidr: 203.0.113.0/24, threshold: 30, period: 300}}
  trailwarden:burst: {{threshold: 500}}
  trailwarden:subscribers:
    - {{protocol: email-json, endpoint: robot@example.com, gets: alerts, filter: {{severity: [critical]}}}}
  trailwarden:remediation: {{mode: restore}}
  trailwarden:alerts:
    digest: {{hour: 6, weekday: sunday}}
    deliveryStatus: 10
    allowSubscribe: ["444455556666"]
    mutes:
      - name: release
        sets: [unauthorized-api-calls, office]
        schedule: cron(0 2 * * SUN)
        duration: PT4H
        timezone: Europe/Berlin
        start: "2026-12-01"
        reason: the weekly release
  trailwarden:evidence: keep
"""


@dataclass(frozen=True)
class World:
    """The sandbox, the project folder, and what the program exported."""

    client: SandboxClient
    folder: Path
    outputs: dict[str, Any]

    @cached_property
    def root(self) -> Session:
        return self.session()

    @cached_property
    def settings(self) -> Settings:
        return Settings.from_stack_file(self.folder / f"Pulumi.{STACK}.yaml")

    @property
    def access(self) -> Access:
        """How the verbs reach it: as they reach AWS, by its endpoint."""
        return Access(endpoint_url=self.client.endpoint_url)

    def session(self) -> Session:
        return self.access.session(region=HOME)

    def survey(self, session: Session | None = None, *, stack: str | None = STACK) -> Survey:
        session = session or self.root
        who = account.identity(session)
        assert isinstance(who, Found)
        return take(
            session,
            who.value,
            regions=(HOME, OTHER),
            stack=stack,
            trails_named=trails_named(self.settings),
        )

    def aws(self, service: str, region: str = HOME) -> Any:
        return self.client.aws(service, region=region)


@contextmanager
def deployed(folder: Path) -> Iterator[World]:
    """A fresh deployment with every mail confirmed. Alarms and schedules stand still."""
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / f"Pulumi.{STACK}.yaml").write_text(STACK_FILE)
    with SandboxProcess(by_hand=True) as process:
        client = process.client
        made = deploy(folder / f"Pulumi.{STACK}.yaml", endpoint_url=client.endpoint_url, program=ROOT)
        client.confirm()
        client.settle()
        yield World(client, folder, made.outputs)


def judged(survey: Survey, settings: Settings | None) -> Audit:
    """What `check --stack prod` says of a survey."""
    return audit(survey, settings=settings, stack=STACK)


def not_holding(lines: Iterable[Line], state: str = "fails") -> dict[str, list[Line]]:
    """Lines by check."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.state == state:
            found.setdefault(line.check, []).append(line)
    return found
