"""An account as AWS's APIs tell it, from a table: `account`'s own readers read it, and no network is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

import account
from account import Session

ACCOUNT, OTHER = "111122223333", "999988887777"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/ops"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/delivery"
HOME = "eu-west-1"
REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def refusal(code: str = "AccessDeniedException", message: str = "") -> ClientError:
    """An error as AWS answers it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Op")


@dataclass(kw_only=True)
class FakeTrail:
    """One trail; `group` is its log group's name, None for none."""

    name: str = "org-trail"
    home: str = HOME
    owner: str = ACCOUNT
    group: str | None = "trail-logs"
    group_owner: str = ""
    multi: bool = True
    organization: bool = False
    validates: bool = True
    logging: bool = True
    selectors: list[dict[str, Any]] = field(
        default_factory=lambda: [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
    )
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudtrail:{self.home}:{self.owner}:trail/{self.name}"

    def raw(self) -> dict[str, Any]:
        """As DescribeTrails tells it."""
        group = f"arn:aws:logs:{self.home}:{self.group_owner or self.owner}:log-group:{self.group}:*"
        logs = {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": ROLE} if self.group else {}
        return {
            "Name": self.name,
            "TrailARN": self.arn,
            "HomeRegion": self.home,
            "IsMultiRegionTrail": self.multi,
            "IsOrganizationTrail": self.organization,
            "IncludeGlobalServiceEvents": True,
            "LogFileValidationEnabled": self.validates,
            "S3BucketName": f"{self.name}-logs",
            **logs,
            **self.more,
        }


@dataclass(kw_only=True)
class World:
    """One account. `groups` are log groups as (region, name) → class; `fails` are operations that AWS refuses."""

    trails: list[FakeTrail] = field(default_factory=list[FakeTrail])
    classes: dict[str, str] = field(default_factory=dict[str, str])
    lost_groups: set[str] = field(default_factory=set[str])
    filters: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    alarms: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    """ARN → the stack of ours that made it."""
    subscriptions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    executions: tuple[int, int] = (1000, 1000)
    measured: Mapping[str, float] = field(default_factory=dict[str, float])
    """Sums of AWS/Logs metrics over the time that is measured, by metric."""
    alias: str | None = "acme-prod"
    fails: dict[str, Exception] = field(default_factory=dict[str, Exception])
    asked: list[str] = field(default_factory=list[str])

    def session(self, *, region: str | None = None, profile: str | None = None, **_: Any) -> Session:
        """What `account.session` gives."""
        made = Session(None, profile=profile, endpoint_url=None, region=region or HOME, attempts=1)
        made.client = lambda service, region=None: _Client(self, service, region or HOME)  # pyright: ignore[reportAttributeAccessIssue]
        return made

    def answer(self, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What an operation answers, or raises."""
        self.asked.append(operation)
        if error := self.fails.get(operation) or self.fails.get(f"{operation}@{region}"):
            raise error
        return _ANSWERS[operation](self, region, params)

    def _named(self, params: Mapping[str, Any]) -> FakeTrail:
        name = params.get("Name") or params["TrailName"]
        return next(each for each in self.trails if each.arn == name)


def live_in(world: World) -> None:
    """Let this process find that account: for a program that runs in a terminal of its own."""
    account.session = world.session  # pyright: ignore[reportAttributeAccessIssue]


@dataclass
class _Client:
    world: World
    service: str
    region: str

    def can_paginate(self, _name: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**params: Any) -> Any:
            return self.world.answer(name, self.region, params)

        call.__name__ = name
        return call


def _trails(world: World, region: str, _: Mapping[str, Any]) -> dict[str, Any]:
    return {"trailList": [each.raw() for each in world.trails if each.multi or each.home == region]}


def _status(world: World, _region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    trail = world._named(params)
    return {"IsLogging": trail.logging, "StartLoggingTime": SINCE, "StopLoggingTime": SINCE}


def _selectors(world: World, _region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    trail = world._named(params)
    if trail.owner != ACCOUNT:
        raise refusal()
    kind = "AdvancedEventSelectors" if "FieldSelectors" in trail.selectors[0] else "EventSelectors"
    return {kind: trail.selectors}


def _insights(_: World, _region: str, _params: Mapping[str, Any]) -> dict[str, Any]:
    raise refusal("InsightNotEnabledException")


def _groups(world: World, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    name = params["logGroupNamePrefix"]
    if name in world.lost_groups or not any((each.home, each.group) == (region, name) for each in world.trails):
        return {"logGroups": []}
    arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}:*"
    stored = 1 if world.measured else 0
    return {
        "logGroups": [
            {
                "logGroupName": name,
                "arn": arn,
                "logGroupClass": world.classes.get(name, "STANDARD"),
                "storedBytes": stored,
            }
        ]
    }


def _filters(world: World, _region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"metricFilters": world.filters.get(params["logGroupName"], [])}


def _alarms(world: World, region: str, _: Mapping[str, Any]) -> dict[str, Any]:
    return {"MetricAlarms": world.alarms if region == HOME else []}


def _tagged(world: World, region: str, _: Mapping[str, Any]) -> dict[str, Any]:
    here = {arn: stack for arn, stack in world.tags.items() if f":{region}:" in arn}
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": "trailwarden:stack", "Value": stack}]} for arn, stack in here.items()
        ]
    }


def _measured(world: World, _region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for query in params["MetricDataQueries"]:
        name = query["MetricStat"]["Metric"]["MetricName"]
        results.append({"Id": query["Id"], "Values": [world.measured[name]] if name in world.measured else []})
    return {"MetricDataResults": results}


def _subscriptions(world: World, _region: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"Subscriptions": [each for each in world.subscriptions if each["TopicArn"] == params["TopicArn"]]}


_ANSWERS: dict[str, Callable[[World, str, Mapping[str, Any]], dict[str, Any]]] = {
    "get_caller_identity": lambda *_: {"Account": ACCOUNT, "Arn": CALLER},
    "list_account_aliases": lambda world, *_: {"AccountAliases": [world.alias] if world.alias else []},
    "describe_regions": lambda *_: {"Regions": [{"RegionName": each} for each in REGIONS]},
    "describe_trails": _trails,
    "get_trail_status": _status,
    "get_event_selectors": _selectors,
    "get_insight_selectors": _insights,
    "describe_log_groups": _groups,
    "describe_metric_filters": _filters,
    "describe_alarms": _alarms,
    "get_resources": _tagged,
    "get_metric_data": _measured,
    "get_account_settings": lambda world, *_: {
        "AccountLimit": {
            "ConcurrentExecutions": world.executions[0],
            "UnreservedConcurrentExecutions": world.executions[1],
        }
    },
    "list_subscriptions_by_topic": _subscriptions,
    "get_subscription_attributes": lambda *_: {"Attributes": {}},
}


def metric_filter(
    name: str, *, pattern: str = "{ $.eventName = X }", namespace: str = "CISBenchmark"
) -> dict[str, Any]:
    """A filter as DescribeMetricFilters tells it, its metric called as itself."""
    made = {"metricName": name, "metricNamespace": namespace, "metricValue": "1"}
    return {"filterName": name, "filterPattern": pattern, "metricTransformations": [made]}


def alarm_on(
    metric: str, *, namespace: str = "CISBenchmark", target: str = "arn:aws:sns:eu-west-1:1:x"
) -> dict[str, Any]:
    """An alarm as DescribeAlarms tells it."""
    return {
        "AlarmName": f"{metric}-alarm",
        "AlarmArn": f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:{metric}-alarm",
        "MetricName": metric,
        "Namespace": namespace,
        "AlarmActions": [f"arn:aws:sns:{HOME}:{ACCOUNT}:theirs"],
    }


SHAPES: dict[str, Callable[[], World]] = {
    "none": World,
    "good": lambda: World(trails=[FakeTrail()]),
    "per region": lambda: World(
        trails=[
            FakeTrail(name="dublin", multi=False, group="dublin-logs"),
            FakeTrail(name="virginia", home="us-east-1", multi=False, group="virginia-logs"),
        ]
    ),
}
"""Accounts that a program in a terminal of its own can be let find, by name."""

if __name__ == "__main__":
    from wizard.__main__ import main

    live_in(SHAPES[sys.argv.pop(1)]())
    main()
