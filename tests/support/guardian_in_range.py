"""The guardian's code in this process, against a deployed stack: with the rights of its role, and a clock of its own.

boto3, the sandbox's IAM, CloudTrail, DynamoDB, SSM, EventBridge and SNS are all real; only Lambda is not, so that no
run waits, and every call that is made can be counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.retry import Clock
from guardian.environment import Environment
from guardian.handler import guard
from guardian.memory import Memory

from sandbox.demo.attacks import Range
from tests.support.deployed_role import DeployedRole


@dataclass
class Woken:
    """What one run did: its answer or what it raised, and its log."""

    log: list[Mapping[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    raised: Exception | None = None

    @property
    def said(self) -> str:
        """All lines of the log, for a look at what is in one of them."""
        return "\n".join(json.dumps(line, default=str) for line in self.log)


class GuardianInRange:
    """One guardian of a range, with the keys of its `role`."""

    def __init__(self, at: Range) -> None:
        self.at = at
        variables = at.environment()
        self._environment = Environment.read(variables)
        self.role = DeployedRole(
            variables["GUARDIAN_ROLE_ARN"],
            owner=lambda service, region: at.aws(service, region=region),
            make=at.sandbox.aws,
            region=at.region,
            session=at.function,
        )
        self._hands = _Hands(at.now())
        scheduler = at.aws("scheduler")
        (schedule,) = scheduler.list_schedules()["Schedules"]
        self.sweep = json.loads(scheduler.get_schedule(Name=schedule["Name"])["Target"]["Input"])
        """What the schedule wakes it with."""

    def wake(self, event: object) -> Woken:
        """Let it handle an event, 20 s after the last, by a clock that only its own waiting moves."""
        self._hands.sleep(20)
        woken = Woken()
        try:
            woken.answer = guard(
                event,
                environment=self._environment,
                client_for=self.role.client,
                clock=self._hands.clock(),
                log=woken.log.append,
                remaining_s=180.0,
                memory=Memory(),
            )
        except Exception as error:
            woken.raised = error
        return woken

    def pass_time(self, seconds: float) -> None:
        """Turn its own clock, which the sandbox's does not follow."""
        self._hands.sleep(seconds)


@dataclass
class _Hands:
    at: float
    passed_s: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds

    def clock(self) -> Clock:
        return Clock(
            now=lambda: datetime.fromtimestamp(self.at + self.passed_s, UTC),
            monotonic=lambda: self.passed_s,
            sleep=self.sleep,
            jitter=lambda: 0.0,
        )
