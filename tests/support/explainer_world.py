"""A log group with filters, alarms, a ledger and a topic: one fake of AWS, for the explainer's tests."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from explainer.environment import Environment
from explainer.facts import Facts
from explainer.handler import explain

import filterpattern
from catalog import EVENT_SETS
from settings.burst import WHY
from tests.support.fake_table import FakeTable
from tests.support.guardian_world import Hands, refusal

ACCOUNT, REGION = "111122223333", "eu-west-1"
LOG_GROUP = "trail-log-group-1a2b3c4"
NAMESPACE = "trailwarden/prod"
TABLE = "ledger-3f2e1d0"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts-5e6f708"
TRAIL_ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/trailwarden-prod"
VARIABLES: Mapping[str, str] = {
    "LOG_GROUP_ARN": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOG_GROUP}",
    "ALERTS_TOPIC_ARN": TOPIC_ARN,
    "LEDGER_ARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}",
    "METRIC_NAMESPACE": NAMESPACE,
    "STACK": "prod",
    "TRAILWARDEN_VERSION": "0.1.0",
    "RUNBOOKS": "docs/{page}",
    "TRAIL_ARN": TRAIL_ARN,
}
BEGAN_AT = datetime(2026, 11, 21, 3, 12, 9, tzinfo=UTC)
GUARDED = ("StopLogging", "StartLogging", "UpdateTrail", "DeleteTrail", "PutEventSelectors")
SWEEP = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "time": "2026-11-21T03:15:00Z"}


def watch(name: str, **changed: Any) -> dict[str, Any]:
    """One event set of the catalogue as the deployment writes it."""
    entry = EVENT_SETS[name]
    return {
        "name": name,
        "title": entry.title,
        "why": entry.why,
        "advice": entry.runbook,
        "severity": entry.severity,
        "threshold": entry.default_threshold,
        "period": entry.default_period,
        "metric": entry.metric,
        "kind": "event-set",
        "pack": entry.pack,
        "pattern": entry.pattern,
        "byEvent": entry.severity == "critical",
        **changed,
    }


OFFICE = {
    **watch("iam-activity"),
    "name": "office",
    "title": "Many calls from office",
    "why": "So many calls from 203.0.113.0/24 are unusual.",
    "advice": "",
    "severity": "medium",
    "threshold": 30,
    "metric": "SourceIpOffice",
    "kind": "source-ip",
    "pack": "",
    "pattern": '{ ($.sourceIPAddress = "203.0.113.*") }',
    "byEvent": False,
}
ANY = {
    **OFFICE,
    "name": "any-address",
    "title": "Many calls from one address",
    "why": WHY,
    "metric": "any-address-prod",
    "kind": "any-address",
    "pattern": "",
}
WATCHES = (
    watch("trail-changes"),
    watch("root-account-use"),
    watch("iam-policy-changes"),
    watch("unauthorized-api-calls"),
    watch("console-signin-failures"),
    OFFICE,
)


def record(
    name: str = "PutUserPolicy", *, event_id: str = "", at: datetime = BEGAN_AT, **changed: Any
) -> dict[str, Any]:
    """A CloudTrail record of one call by the IAM user mallory."""
    made = {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEMALLORY00",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLE0000007Q4",
            "userName": "mallory",
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.77",
        "userAgent": "aws-cli/2.31.0 md/Botocore#1.40",
        "requestParameters": {"userName": "mallory", "policyName": "work"},
        "responseElements": None,
        "requestID": f"request-{event_id}",
        "eventID": event_id or "0c8f1e9a-0000-4000-8000-000000000001",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
    }
    return {**made, **changed}


def many(number: int, name: str = "PutUserPolicy", *, within_s: float = 60, **changed: Any) -> list[dict[str, Any]]:
    """So many records of one kind, spread over some time."""
    return [
        record(
            name,
            event_id=f"{index:08d}-0000-4000-8000-000000000000",
            at=BEGAN_AT + timedelta(seconds=within_s * index / number),
            **changed,
        )
        for index in range(number)
    ]


@dataclass
class World:
    """The account. `late_s` is how long after an event the log shows it; `page` how many events a page looks at.

    Every second page is empty with `empty_pages`. `refuse` holds errors of the next calls, by operation; `down`
    services that refuse every call. `published` is what the topic took: `Message` is what a mail holds.
    """

    watches: Sequence[Mapping[str, Any]] = WATCHES
    suppressions: Sequence[Mapping[str, Any]] = ()
    mutes: Sequence[Mapping[str, Any]] = ()
    hands: Hands = field(default_factory=lambda: Hands(at=BEGAN_AT + timedelta(seconds=120)))
    log: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    table: FakeTable = field(default_factory=FakeTable)
    late_s: float = 0.0
    page: int = 500
    empty_pages: bool = False
    call_s: float = 0.1
    down: set[str] = field(default_factory=set)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)
    lines: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for each in self.watches:
            if each["kind"] != "any-address":
                self.filters[each["metric"]] = each["pattern"]
            self.alarms[self.alarm(each["name"])] = self._alarm(each)

    # -- what happens

    @staticmethod
    def alarm(name: str) -> str:
        """The name of a watch's alarm."""
        return f"watch-{name}-1a2b3c4"

    def happens(self, *records: Mapping[str, Any], logged_at: datetime | None = None) -> None:
        """Records come into the log, at the time of each or at another."""
        for each in records:
            at = logged_at or datetime.fromisoformat(each["eventTime"])
            self.log.append((round(at.timestamp() * 1000), copy.deepcopy(dict(each))))

    def rings(
        self, name: str, value: float | None = 1.0, *, at: datetime | None = None, reason: str = ""
    ) -> dict[str, Any]:
        """The alarm of a watch goes to ALARM: the message that Lambda gets of it."""
        at = at or self.hands.at
        told = next(each for each in self.watches if each["name"] == name)
        start = at - timedelta(seconds=told["period"])
        data = {
            "version": "1.0",
            "queryDate": f"{at:%Y-%m-%dT%H:%M:%S}.000+0000",
            "statistic": "Sum",
            "period": told["period"],
            "recentDatapoints": [value],
            "threshold": float(told["threshold"]),
            "evaluatedDatapoints": [{"timestamp": f"{start:%Y-%m-%dT%H:%M:%S}.000+0000", "value": value}],
        }
        self._becomes(name, "ALARM", at, data if value is not None else None, reason)
        return sns({"AlarmName": self.alarm(name), "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed"})

    def quiet(self, name: str) -> None:
        """The alarm of a watch goes back to OK."""
        self._becomes(name, "OK", self.hands.at, None)

    def _becomes(self, name: str, state: str, at: datetime, data: Mapping[str, Any] | None, reason: str = "") -> None:
        alarm, reason = self.alarms[self.alarm(name)], reason or f"Threshold Crossed: {state}"
        alarm |= {"StateValue": state, "StateUpdatedTimestamp": at, "StateReason": reason}
        alarm["StateReasonData"] = json.dumps(data) if data else None
        new = {"stateValue": state, "stateReason": alarm["StateReason"], "stateReasonData": data}
        told = {"version": "1.0", "oldState": {"stateValue": "OK"}, "newState": new}
        self.history.insert(
            0,
            {
                "AlarmName": self.alarm(name),
                "Timestamp": at,
                "HistoryItemType": "StateUpdate",
                "HistoryData": json.dumps(told),
            },
        )

    def _alarm(self, told: Mapping[str, Any]) -> dict[str, Any]:
        if told["kind"] == "any-address":
            expression = f'INSIGHT_RULE_METRIC("{told["metric"]}", "MaxContributorValue")'
            what = {"Metrics": [{"Id": "calls", "Expression": expression, "Period": told["period"]}]}
        else:
            what = {"Namespace": NAMESPACE, "MetricName": told["metric"], "Period": told["period"]}
        return {
            "AlarmName": self.alarm(told["name"]),
            **what,
            "Threshold": float(told["threshold"]),
            "StateValue": "OK",
            "StateReason": "",
            "StateUpdatedTimestamp": BEGAN_AT - timedelta(days=1),
        }

    # -- the explainer

    @property
    def facts(self) -> Facts:
        """What the archive holds."""
        return Facts.of(
            {"watches": self.watches, "suppressions": self.suppressions, "guarded": GUARDED, "mutes": self.mutes}
        )

    def deliver(self, event: object, *, remaining_s: float = 120.0, **changed: str) -> dict[str, Any]:
        """Let the explainer handle an event; `changed` are environment variables, "" leaves one out."""
        variables = {name: value for name, value in {**VARIABLES, **changed}.items() if value}
        return explain(
            event,
            environment=Environment.read(variables),
            facts=self.facts,
            client_for=self.client_for,
            clock=self.hands.clock(),
            log=self.lines.append,
            remaining_s=remaining_s,
        )

    def sweep(self, *, after_s: float = 300.0) -> dict[str, Any]:
        """The schedule wakes the explainer, some time later."""
        self.hands.move(after_s)
        return self.deliver(SWEEP)

    @property
    def subjects(self) -> list[str]:
        """The subjects of all mails."""
        return [request["Subject"] for request in self.published]

    @property
    def body(self) -> str:
        """The body of the only mail."""
        (request,) = self.published
        return request["Message"]

    def row(self, label: str, *, mail: int = 0) -> str:
        """What a mail says beside a label, with the lines that follow under it."""
        lines = self.published[mail]["Message"].splitlines()
        (first,) = [index for index, line in enumerate(lines) if line.startswith(f"{label:<9}")]
        found = [lines[first][9:]]
        for line in lines[first + 1 :]:
            if not line.startswith(" " * 9):
                break
            found.append(line.strip())
        return "\n".join(found)

    # -- AWS

    def client_for(self, service: str, region: str) -> Any:
        """A client of one service."""
        assert region == REGION
        clients = {"cloudwatch": _CloudWatch, "logs": _Logs, "sns": _Sns, "dynamodb": _DynamoDb}
        return clients[service](self)

    def took(self, operation: str, service: str) -> None:
        """A call that takes its time."""
        self.calls.append(operation)
        if service != "dynamodb":
            self.hands.move(self.call_s)
        if service in self.down:
            raise refusal("AccessDeniedException", operation)
        if self.refuse.get(operation):
            raise self.refuse[operation].pop(0)


class _CloudWatch:
    def __init__(self, world: World) -> None:
        self._world = world

    def describe_alarms(
        self, *, AlarmNames: Sequence[str] = (), MaxRecords: int, AlarmTypes: Sequence[str] = (), NextToken: str = "0"
    ) -> dict[str, Any]:
        self._world.took("DescribeAlarms", "cloudwatch")
        assert len(AlarmNames) <= MaxRecords == 100
        assert bool(AlarmNames) != (AlarmTypes == ["MetricAlarm"])
        alarms = self._world.alarms
        if AlarmNames:
            return {"MetricAlarms": [dict(alarms[name]) for name in AlarmNames if name in alarms]}
        first, some = int(NextToken), sorted(alarms)
        page = {"MetricAlarms": [dict(alarms[name]) for name in some[first : first + 2]]}
        return page | ({"NextToken": str(first + 2)} if first + 2 < len(some) else {})

    def describe_alarm_history(self, **request: Any) -> dict[str, Any]:
        self._world.took("DescribeAlarmHistory", "cloudwatch")
        assert (request["HistoryItemType"], request["ScanBy"]) == ("StateUpdate", "TimestampDescending")
        since, until = (request.get(name) for name in ("StartDate", "EndDate"))
        ours = [
            item
            for item in self._world.history
            if item["AlarmName"] == request["AlarmName"]
            and (since is None or since <= item["Timestamp"])
            and (until is None or item["Timestamp"] <= until)
        ]
        return {"AlarmHistoryItems": ours[: request["MaxRecords"]]}

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        """What the deployed filters counted of the log, minute by minute; the second metric on a page of its own."""
        world = self._world
        world.took("GetMetricData", "cloudwatch")
        first = int(request.get("NextToken", 0))
        queries = request["MetricDataQueries"]
        results = []
        for query in queries[first : first + 1]:
            stat = query["MetricStat"]
            assert (stat["Period"], stat["Stat"], stat["Metric"]["Namespace"]) == (60, "Sum", NAMESPACE)
            matches = filterpattern.compile(world.filters[stat["Metric"]["MetricName"]]).matches
            span = (request["StartTime"].timestamp(), request["EndTime"].timestamp())
            minutes = Counter(
                at // 60_000 for at, each in world.log if span[0] <= at / 1000 < span[1] and matches(each)
            )
            times = [datetime.fromtimestamp(60 * minute, UTC) for minute in minutes]
            results.append(
                {"Id": query["Id"], "Timestamps": times, "Values": [float(each) for each in minutes.values()]}
            )
        return {"MetricDataResults": results} | ({"NextToken": str(first + 1)} if first + 1 < len(queries) else {})

    def get_insight_rule_report(self, **request: Any) -> dict[str, Any]:
        """Counts of the rule that is deployed, over the whole span and minute by minute."""
        world = self._world
        world.took("GetInsightRuleReport", "cloudwatch")
        assert request["RuleName"] in {each["metric"] for each in world.watches if each["kind"] == "any-address"}
        span = (request["StartTime"].timestamp() * 1000, request["EndTime"].timestamp() * 1000)
        counts = Counter(
            each["sourceIPAddress"]
            for at, each in world.log
            if span[0] <= at <= span[1] and each["sourceIPAddress"][0] in "123456789"
        )
        contributors = [
            {"Keys": [address], "ApproximateAggregateValue": float(number), "Datapoints": []}
            for address, number in counts.most_common(request["MaxContributorCount"])
        ]
        return {"KeyLabels": ["$.sourceIPAddress"], "AggregationStatistic": "Sum", "Contributors": contributors}


class _Logs:
    def __init__(self, world: World) -> None:
        self._world = world

    def describe_metric_filters(self, **request: Any) -> dict[str, Any]:
        self._world.took("DescribeMetricFilters", "logs")
        assert request["logGroupName"] == LOG_GROUP
        assert not request.keys() & {"metricName", "metricNamespace"}  # by one or the other
        if "nextToken" not in request:  # the first page may be empty, too
            return {"metricFilters": [], "nextToken": "more"}
        transformations = {
            metric: [{"metricName": metric, "metricNamespace": NAMESPACE, "metricValue": "1"}]
            for metric in self._world.filters
        }
        return {
            "metricFilters": [
                {"filterName": metric, "filterPattern": pattern, "metricTransformations": transformations[metric]}
                for metric, pattern in self._world.filters.items()
            ]
        }

    def filter_log_events(self, **request: Any) -> dict[str, Any]:
        world = self._world
        world.took("FilterLogEvents", "logs")
        assert request["logGroupName"] == LOG_GROUP
        assert 0 < request["limit"] <= 10_000
        first, now_ms = int(request.get("nextToken", 0)), world.hands.at.timestamp() * 1000
        shown = [
            (at, each)
            for at, each in world.log
            if request["startTime"] <= at <= request["endTime"] and at + 1000 * world.late_s <= now_ms
        ]
        if world.empty_pages and first % 2 == 0:
            return {"events": [], "nextToken": str(first + 1)}
        begin = (first // 2 if world.empty_pages else first) * world.page
        matches = filterpattern.compile(request["filterPattern"]).matches
        events = [
            {"timestamp": at, "eventId": f"log-{at}", "message": json.dumps(each)}
            for at, each in shown[begin : begin + world.page]
            if matches(each)
        ]
        answer: dict[str, Any] = {"events": events}
        if begin + world.page < len(shown):
            answer["nextToken"] = str(first + 1)
        return answer


class _Sns:
    def __init__(self, world: World) -> None:
        self._world = world

    def publish(self, **request: Any) -> dict[str, str]:
        self._world.took("Publish", "sns")
        subject, texts = request["Subject"], json.loads(request["Message"])
        assert request["TopicArn"] == TOPIC_ARN
        # What SNS refuses (API Publish). ASCII is stricter than today's page, and what its older editions demand.
        good = 0 < len(subject) < 100 and all(" " <= char <= "~" for char in subject)
        if not good or not 0 < len(request["Message"].encode()) <= 262_144:
            raise refusal("InvalidParameter", "Publish")
        self._world.published.append({**request, "Message": texts["default"]})
        return {"MessageId": f"message-{len(self._world.published)}"}


class _DynamoDb:
    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.title() for part in method.split("_"))

        def ask(**request: Any) -> dict[str, Any]:
            self._world.took(operation, "dynamodb")
            assert request["TableName"] == TABLE
            return getattr(self._world.table, method)(**request)

        return ask


def sns(message: object) -> dict[str, Any]:
    """A message over SNS, as Lambda gets it."""
    text = message if isinstance(message, str) else json.dumps(message)
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": text}}]}


def by_rule(record: Mapping[str, Any]) -> dict[str, Any]:
    """An event of EventBridge, as Lambda gets it."""
    return {"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": dict(record)}
