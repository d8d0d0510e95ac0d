"""A trail, a topic and a clock for the guardian's tests: one fake of AWS, which refuses what AWS refuses."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from common.retry import Clock
from guardian.environment import Environment
from guardian.handler import guard
from guardian.inventory.document import PART
from guardian.maintenance import plan
from guardian.memory import Memory

from tests.support.fake_table import FakeTable
from tests.support.fake_things import FAR, FakeThings

DATA = Path(__file__).resolve().parents[1] / "data" / "guardian"
TRAIL_ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-prod"
TOPIC_ARN = "arn:aws:sns:eu-west-1:111122223333:alerts-5e6f708"
LAST_RESORT_ARN = "arn:aws:sns:eu-west-1:111122223333:last-resort-9b8a7c6"
ROLE_ARN = "arn:aws:iam::111122223333:role/trailwarden-prod-guardian-1a2b3c4"
PARAMETER = "trail-desired-state-9c8d7e6"
TABLE = "guardian-ledger-3f2e1d0"
RULE = "guardian-7a8b9c0"
SCHEDULE_ARN = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/guardian-4c8e1f5-sweep"
VARIABLES: Mapping[str, str] = {
    "DESIRED_STATE_ARN": f"arn:aws:ssm:eu-west-1:111122223333:parameter/{PARAMETER}",
    "LEDGER_ARN": f"arn:aws:dynamodb:eu-west-1:111122223333:table/{TABLE}",
    "RULE_ARN": f"arn:aws:events:eu-west-1:111122223333:rule/{RULE}",
    "TRAIL_ARN": TRAIL_ARN,
    "ALERTS_TOPIC_ARN": TOPIC_ARN,
    "LAST_RESORT_TOPIC_ARN": LAST_RESORT_ARN,
    "GUARDIAN_ROLE_ARN": ROLE_ARN,
    "RUNBOOKS": "docs/{page}",
    "MODE": "restore",
    "FIELDS": "all",
    "GRACE_SECONDS": "30",
    "BUDGET_REPAIRS": "5",
    "BUDGET_MINUTES": "15",
    "STACK": "prod",
    "TRAILWARDEN_VERSION": "0.1.0",
}
STOPPED_AT = datetime(2026, 11, 21, 3, 12, 9, tzinfo=UTC)
"""The eventTime of the sample events."""

SETTINGS: Mapping[str, Any] = {
    "IsMultiRegionTrail": True,
    "IncludeGlobalServiceEvents": True,
    "IsOrganizationTrail": False,
    "LogFileValidationEnabled": True,
    "S3BucketName": "trail-bucket-1a2b3c4",
    "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-555555555555",
    "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail-log-group-1a2b3c4:*",
    "CloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/trail-delivery-1a2b3c4",
}
"""The trail as GetTrail shows it."""
ALL_MANAGEMENT: Sequence[Mapping[str, Any]] = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]


def document(**changed: Any) -> dict[str, Any]:
    """The desired state: the trail as it is. `changed` are keys of its `trail`."""
    return {"version": 1, "trail": {"IsLogging": True, **SETTINGS, "EventSelectors": list(ALL_MANAGEMENT), **changed}}


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


def budget(repairs: int, *, minutes: int) -> dict[str, str]:
    """The variables of a budget of repairs."""
    return {"BUDGET_REPAIRS": str(repairs), "BUDGET_MINUTES": str(minutes)}


@dataclass
class FakeAws:
    """CloudTrail with one trail, its desired state, a ledger, a rule, and SNS with one topic.

    `refuse` holds the errors of the next calls, by operation; `down` the services that refuse every call.
    `trail_arn` is also the guardian's TRAIL_ARN, and `variables` are others of its environment. `obeys` is whether
    StartLogging has an effect. Each call that may change something, and each look at the status, takes `call_s`
    seconds and stands in `calls`; reading settings and the ledger takes no time and stands in `reads`. `on` is
    called with each operation before it happens. `published` is what the alerts topic took, `last_resort` what that
    one did: `Message` is what a mail holds, `sms` what a telephone shows.
    """

    hands: Hands = field(default_factory=Hands)
    trail_arn: str = TRAIL_ARN
    variables: dict[str, str] = field(default_factory=dict)
    is_logging: bool = False
    is_gone: bool = False
    obeys: bool = True
    call_s: float = 0.25
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    status: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    selectors: dict[str, Any] = field(default_factory=lambda: {"EventSelectors": list(ALL_MANAGEMENT)})
    insights: list[dict[str, Any]] = field(default_factory=list)
    wanted: Any = field(default_factory=document)
    wanted_at: datetime = STOPPED_AT - timedelta(days=3)
    things: FakeThings = field(default_factory=FakeThings)
    table: FakeTable = field(default_factory=FakeTable)
    memory: Memory = field(default_factory=Memory)
    down: set[str] = field(default_factory=set)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)
    last_resort: list[dict[str, Any]] = field(default_factory=list)
    on: Callable[[str], None] = lambda operation: None

    def __post_init__(self) -> None:
        if not self.is_logging and self.stopped_at is None:
            self.stopped_at = STOPPED_AT

    def client_for(self, service: str, region: str) -> Any:
        arn = {"sns": TOPIC_ARN}.get(service, self.trail_arn)
        # The trail can only be started in its home region, and abroad there are forwarders only.
        assert region == arn.split(":")[3] or (region == FAR and service in ("events", "sqs"))
        clients = {"cloudtrail": _CloudTrail, "sns": _Sns, "ssm": _Ssm, "dynamodb": _DynamoDb}
        return clients[service](self) if service in clients else _Things(self, service)

    def took(self, operation: str) -> None:
        """A call that takes its time."""
        self.calls.append(operation)
        self.on(operation)
        self.hands.move(self.call_s)
        self._answer(operation)

    def was_read(self, operation: str, service: str) -> None:
        """A call that only reads, or keeps the ledger."""
        self.reads.append(operation)
        self.on(operation)
        if service in self.down:
            raise refusal("InternalServerError", operation, status=500)
        self._answer(operation)

    def _answer(self, operation: str) -> None:
        if self.refuse.get(operation):
            raise self.refuse[operation].pop(0)

    @property
    def mails(self) -> list[str]:
        """The subjects of everything published, without where it was."""
        return [request["Subject"].removesuffix(" - 111122223333 eu-west-1") for request in self.published]


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

    def get_trail(self, *, Name: str) -> dict[str, Any]:
        self._read("GetTrail", Name)
        return {"Trail": {"Name": "trailwarden-prod", "TrailARN": Name, **self._aws.settings}}

    def get_event_selectors(self, *, TrailName: str) -> dict[str, Any]:
        self._read("GetEventSelectors", TrailName)
        return {"TrailARN": TrailName, **self._aws.selectors}

    def get_insight_selectors(self, *, TrailName: str) -> dict[str, Any]:
        self._read("GetInsightSelectors", TrailName)
        if not self._aws.insights:
            raise refusal("InsightNotEnabledException", "GetInsightSelectors")
        return {"TrailARN": TrailName, "InsightSelectors": self._aws.insights}

    def update_trail(self, *, Name: str, **changes: Any) -> dict[str, Any]:
        self._call("UpdateTrail", Name)
        changes = {{"EnableLogFileValidation": "LogFileValidationEnabled"}.get(k, k): v for k, v in changes.items()}
        together = {**self._aws.settings, **changes}
        if together["IsMultiRegionTrail"] and not together["IncludeGlobalServiceEvents"]:
            raise refusal("InvalidParameterCombinationException", "UpdateTrail")
        self._aws.settings.update(changes)
        return self._noted("UpdateTrail", changes)

    def put_event_selectors(self, *, TrailName: str, **selectors: Any) -> dict[str, Any]:
        self._call("PutEventSelectors", TrailName)
        self._aws.selectors = selectors
        return self._noted("PutEventSelectors", selectors)

    def put_insight_selectors(self, *, TrailName: str, InsightSelectors: list[dict[str, Any]]) -> dict[str, Any]:
        self._call("PutInsightSelectors", TrailName)
        self._aws.insights = InsightSelectors
        return self._noted("PutInsightSelectors", {"InsightSelectors": InsightSelectors})

    def _noted(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self._aws.requests.append((operation, request))
        return {"ResponseMetadata": {"RequestId": f"request-{len(self._aws.requests)}"}}

    def _call(self, operation: str, name: str) -> None:
        assert name == self._aws.trail_arn
        self._aws.took(operation)
        if self._aws.is_gone:
            raise refusal("TrailNotFoundException", operation)

    def _read(self, operation: str, name: str) -> None:
        assert name == self._aws.trail_arn
        self._aws.was_read(operation, "cloudtrail")
        if self._aws.is_gone:
            raise refusal("TrailNotFoundException", operation)


class _Ssm:
    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def get_parameter(self, *, Name: str) -> dict[str, Any]:
        assert Name == PARAMETER
        self._aws.was_read("GetParameter", "ssm")
        value = self._aws.wanted if isinstance(self._aws.wanted, str) else json.dumps(self._aws.wanted)
        return {"Parameter": {"Name": Name, "Value": value, "LastModifiedDate": self._aws.wanted_at}}


class _Things:
    """Everything else that was deployed."""

    def __init__(self, aws: FakeAws, service: str) -> None:
        self._aws, self._service = aws, service

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        def ask(**request: Any) -> dict[str, Any]:
            self._aws.was_read("".join(part.title() for part in method.split("_")), self._service)
            return self._aws.things.answer(method, request)

        return ask


class _DynamoDb:
    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.title() for part in method.split("_"))

        def ask(**request: Any) -> dict[str, Any]:
            self._aws.was_read(operation, "dynamodb")
            assert request["TableName"] == TABLE
            if method == "get_item" and request["Key"]["trail"] == {"S": PART}:
                text = self._aws.things.inventory
                return {"Item": {**request["Key"], "document": {"S": text}}} if text else {}
            return getattr(self._aws.table, method)(**request)

        return ask


class _Sns(_Things):
    def __init__(self, aws: FakeAws) -> None:
        super().__init__(aws, "sns")

    def publish(self, **request: Any) -> dict[str, str]:
        is_last_resort = request["TopicArn"] == LAST_RESORT_ARN
        self._aws.took("PublishLastResort" if is_last_resort else "Publish")
        subject, message = request["Subject"], request["Message"]
        # One text for each protocol, and one for the rest, which must be there (API Publish, MessageStructure).
        texts = json.loads(message) if request.get("MessageStructure") == "json" else {"default": message}
        if not all(isinstance(text, str) for text in texts.values()) or not texts["default"]:
            raise refusal("InvalidParameter", "Publish")
        # What SNS refuses (API Publish). ASCII is stricter than today's page, and what its older editions demand.
        good = 0 < len(subject) < 100 and all(" " <= char <= "~" for char in subject)
        if not good or not 0 < len(message.encode()) <= 262_144:
            raise refusal("InvalidParameter", "Publish")
        request |= {"Message": texts["default"], "sms": texts.get("sms", texts["default"])}
        if is_last_resort:
            self._aws.last_resort.append(request)
            return {"MessageId": f"last-{len(self._aws.last_resort)}"}
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


def deliver(event: object, aws: FakeAws | None = None, *, remaining_s: float = 180.0, **changed: str) -> Woken:
    """Let the guardian handle an event; `changed` are environment variables."""
    woken = Woken(aws=aws or FakeAws(), log=[])
    if isinstance(event, dict) and event.get("detail-type") == "Scheduled Event":  # as the deployment has it said
        event = {"inventory": woken.aws.things.digest, "schedule": SCHEDULE_ARN, **event}
    try:
        woken.answer = guard(
            event,
            environment=environment(**{"TRAIL_ARN": woken.aws.trail_arn, **woken.aws.variables, **changed}),
            client_for=woken.aws.client_for,
            clock=woken.aws.hands.clock(),
            log=woken.log.append,
            remaining_s=remaining_s,
            memory=woken.aws.memory,
        )
    except Exception as error:
        woken.raised = error
    return woken


def wake(name: str, aws: FakeAws | None = None, *, remaining_s: float = 180.0, **changed: str) -> Woken:
    """Let the guardian handle a sample event."""
    return deliver(sample(name), aws, remaining_s=remaining_s, **changed)


def plan_work(aws: FakeAws, **changed: Any) -> None:
    """Write a maintenance record as the verb does: from now, for an hour."""
    facts = {
        "begins": aws.hands.at,
        "lasts": timedelta(hours=1),
        "reason": "moving the bucket",
        "author": "ana",
        **changed,
    }
    item = {"trail": TRAIL_ARN, "id": "maintenance", **plan(**facts).document()}
    aws.table.items[(TRAIL_ARN, "maintenance")] = {key: {"S": value} for key, value in item.items()}
