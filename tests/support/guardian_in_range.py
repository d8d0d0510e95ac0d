"""The guardian's code in this process, against a deployed stack: with the rights of its role, and a clock of its own.

boto3, the sandbox's IAM, CloudTrail, DynamoDB, SSM, EventBridge and SNS are all real; only Lambda is not, so that no
run waits, and every call that is made can be counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.retry import Clock
from guardian.environment import Environment
from guardian.handler import guard
from guardian.memory import Memory

from sandbox.demo.attacks import Range


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
    """One guardian of a range. `calls` are the actions of everything it asked AWS for."""

    def __init__(self, at: Range) -> None:
        self.at, self.calls = at, set[str]()
        self.role = at.role("guardian")
        self._environment = Environment.read(at.environment())
        self._keys = self._assume()
        self._clients: dict[tuple[str, str], Any] = {}
        self._hands = _Hands(at.now())
        scheduler = at.aws("scheduler")
        (schedule,) = scheduler.list_schedules()["Schedules"]
        self.sweep = json.loads(scheduler.get_schedule(Name=schedule["Name"])["Target"]["Input"])
        """What the schedule wakes it with."""

    def _assume(self) -> dict[str, str]:
        """Keys of the role. Its trust is widened for that: Lambda alone may have them otherwise."""
        iam, arn = self.at.aws("iam", region="us-east-1"), self.at.environment()["GUARDIAN_ROLE_ARN"]
        trust = iam.get_role(RoleName=self.role)["Role"]["AssumeRolePolicyDocument"]
        root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
        wider = {**trust, "Statement": [*trust["Statement"], root]}
        iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=json.dumps(wider))
        found = self.at.aws("sts").assume_role(RoleArn=arn, RoleSessionName=self.at.function)["Credentials"]
        iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=json.dumps(trust))
        return {"key": found["AccessKeyId"], "secret": found["SecretAccessKey"], "token": found["SessionToken"]}

    def client(self, service: str, region: str) -> Any:
        """A client with the role's keys that notes what it is asked for."""
        if (service, region) not in self._clients:
            client = self._clients[service, region] = self.at.sandbox.aws(service, region=region, **self._keys)
            client.meta.events.register(
                "before-call",
                lambda model, **_: self.calls.add(f"{service}:{model.name}"),
                unique_id=f"note-{id(self)}",
            )
        return self._clients[service, region]

    def wake(self, event: object) -> Woken:
        """Let it handle an event, 20 s after the last, by a clock that only its own waiting moves."""
        self._hands.sleep(20)
        woken = Woken()
        try:
            woken.answer = guard(
                event,
                environment=self._environment,
                client_for=self.client,
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

    # -- its policy

    @property
    def policies(self) -> dict[str, dict[str, Any]]:
        """The role's own policies, by name."""
        iam = self.at.aws("iam", region="us-east-1")
        names = iam.list_role_policies(RoleName=self.role)["PolicyNames"]
        return {
            name: iam.get_role_policy(RoleName=self.role, PolicyName=name)["PolicyDocument"] for name in sorted(names)
        }

    @property
    def rights(self) -> set[tuple[str, str]]:
        """Every action with the statement that grants it."""
        statements = [statement for policy in self.policies.values() for statement in policy["Statement"]]
        return {(each["Sid"], action) for each in statements for action in actions_of(each)}

    @contextmanager
    def without(self, sid: str, action: str) -> Iterator[None]:
        """Its policies with one action less in one statement, for as long as the context lasts."""
        iam = self.at.aws("iam", region="us-east-1")
        ((name, before),) = [
            (name, policy)
            for name, policy in self.policies.items()
            if any(each["Sid"] == sid and action in actions_of(each) for each in policy["Statement"])
        ]
        statements = [
            {**each, "Action": [one for one in actions_of(each) if (each["Sid"], one) != (sid, action)]}
            for each in before["Statement"]
        ]
        less = {**before, "Statement": [each for each in statements if each["Action"]]}
        iam.put_role_policy(RoleName=self.role, PolicyName=name, PolicyDocument=json.dumps(less))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=self.role, PolicyName=name, PolicyDocument=json.dumps(before))


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement, one or many."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


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
