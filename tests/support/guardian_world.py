"""A trail, a topic and a clock for the guardian's tests: one fake of AWS, which refuses what AWS refuses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from guardian.environment import Environment
from guardian.handler import guard
from guardian.retry import Clock

DATA = Path(__file__).resolve().parents[1] / "data" / "guardian"
TRAIL_ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-prod"
TOPIC_ARN = "arn:aws:sns:eu-west-1:111122223333:alerts-5e6f708"
ROLE_ARN = "arn:aws:iam::111122223333:role/trailwarden-prod-guardian-1a2b3c4"
VARIABLES: Mapping[str, str] = {
    "TRAIL_ARN": TRAIL_ARN,
    "ALERTS_TOPIC_ARN": TOPIC_ARN,
    "GUARDIAN_ROLE_ARN": ROLE_ARN,
    "MODE": "restore",
    "STACK": "prod",
    "TRAILWARDEN_VERSION": "0.1.0",
}
STOPPED_AT = datetime(2026, 11, 21, 3, 12, 9, tzinfo=UTC)
"""The eventTime of the sample events."""


def sample(name: str) -> Any:
    """One sample Lambda event, parsed."""
    return json.loads((DATA / f"{name}.json").read_text())


def environment(**changed: str) -> Environment:
    return Environment.read({**VARIABLES, **changed})


def refusal(code: str, operation: str = "Operation", *, status: int = 400) -> Exception:
    return ClientError(
        {"Error": {"Code": code, "Message": "refused"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # pyright: ignore[reportArgumentType]
        operation,
    )


@dataclass
class Hands:
    """The hands of a clock that only moves when somebody sleeps or a call takes time."""

    at: datetime = STOPPED_AT + timedelta(seconds=2)
    passed_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed_s += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, monotonic=lambda: self.passed_s, sleep=self.sleep, jitter=lambda: 0.0)


@dataclass
class FakeAws:
    """CloudTrail with one trail, and SNS with one topic. `refuse` holds the errors of the next calls, by operation.

    `trail_arn` is also the guardian's TRAIL_ARN. `obeys` is whether StartLogging has an effect. Each call takes
    `call_s` seconds.
    """

    hands: Hands = field(default_factory=Hands)
    trail_arn: str = TRAIL_ARN
    is_logging: bool = False
    is_gone: bool = False
    obeys: bool = True
    call_s: float = 0.25
    started_at: datetime | None = None
    stopped_at: datetime | None = STOPPED_AT
    status: dict[str, Any] = field(default_factory=dict)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)

    def client_for(self, service: str, region: str) -> Any:
        arn = {"cloudtrail": self.trail_arn, "sns": TOPIC_ARN}[service]
        assert region == arn.split(":")[3]  # the trail can only be started in its home region
        return {"cloudtrail": _CloudTrail(self), "sns": _Sns(self)}[service]

    def took(self, operation: str) -> None:
        self.calls.append(operation)
        self.hands.move(self.call_s)
        if self.refuse.get(operation):
            raise self.refuse[operation].pop(0)


class _CloudTrail:
    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def get_trail_status(self, *, Name: str) -> dict[str, Any]:
        self._call("GetTrailStatus", Name)
        times = {"StartLoggingTime": self._aws.started_at, "StopLoggingTime": self._aws.stopped_at}
        known = {name: at for name, at in times.items() if at}
        return {"IsLogging": self._aws.is_logging, **known, **self._aws.status}

    def start_logging(self, *, Name: str) -> dict[str, Any]:
        self._call("StartLogging", Name)
        if self._aws.obeys:
            self._aws.is_logging, self._aws.started_at = True, self._aws.hands.at
        return {}

    def _call(self, operation: str, name: str) -> None:
        assert name == self._aws.trail_arn
        self._aws.took(operation)
        if self._aws.is_gone:
            raise refusal("TrailNotFoundException", operation)


class _Sns:
    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def publish(self, **request: Any) -> dict[str, str]:
        self._aws.took("Publish")
        subject, message = request["Subject"], request["Message"]
        # What SNS refuses (API Publish). ASCII is stricter than today's page, and what its older editions demand.
        good = 0 < len(subject) < 100 and all(" " <= char <= "~" for char in subject)
        if not good or not 0 < len(message.encode()) <= 262_144:
            raise refusal("InvalidParameter", "Publish")
        assert request["TopicArn"] == TOPIC_ARN
        assert all(attribute["StringValue"] for attribute in request["MessageAttributes"].values())
        self._aws.published.append(request)
        return {"MessageId": f"message-{len(self._aws.published)}"}


@dataclass
class Woken:
    """What one call of the guardian did: its answer or what it raised, its log, and the AWS it worked on."""

    aws: FakeAws
    log: list[Mapping[str, Any]]
    answer: dict[str, Any] | None = None
    raised: Exception | None = None

    @property
    def subject(self) -> str:
        """The subject of the only mail."""
        (request,) = self.aws.published
        return request["Subject"]

    @property
    def body(self) -> str:
        """The body of the only mail."""
        (request,) = self.aws.published
        return request["Message"]

    def row(self, label: str) -> str:
        """What the mail says beside a label; fails unless the label is there once."""
        (line,) = [line for line in self.body.splitlines() if line.startswith(f"{label:<9}")]
        return line[9:]


def deliver(event: object, aws: FakeAws | None = None, *, remaining_s: float = 60.0, **changed: str) -> Woken:
    """Let the guardian handle an event; `changed` are environment variables."""
    woken = Woken(aws=aws or FakeAws(), log=[])
    try:
        woken.answer = guard(
            event,
            environment=environment(**{"TRAIL_ARN": woken.aws.trail_arn, **changed}),
            client_for=woken.aws.client_for,
            clock=woken.aws.hands.clock(),
            log=woken.log.append,
            remaining_s=remaining_s,
        )
    except Exception as error:
        woken.raised = error
    return woken


def wake(name: str, aws: FakeAws | None = None, *, remaining_s: float = 60.0, **changed: str) -> Woken:
    """Let the guardian handle a sample event."""
    return deliver(sample(name), aws, remaining_s=remaining_s, **changed)
