"""What CloudWatch Logs does with log events: metric filters become metrics. `log_search` finds them again."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import filterpattern
from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.aws import ApiError, Aws
from sandbox.clock import Clock
from sandbox.insights import InsightRules
from sandbox.log_search import LogSearch, pattern_problem
from sandbox.log_troubles import LogTroubles
from sandbox.masks import Masks

log = logging.getLogger(__name__)

_CHANGES_FILTERS = frozenset({"PutMetricFilter", "DeleteMetricFilter", "CreateLogGroup", "DeleteLogGroup"})
_NOT_EVALUATED = ("applyOnTransformedLogs", "emitSystemFieldDimensions", "fieldSelectionCriteria")
_CHANGES_KEYS = frozenset({"CreateLogGroup", "DeleteLogGroup"})  # the emulator has no AssociateKmsKey


@dataclass(frozen=True)
class MetricFilter:
    """A metric filter as far as it matters for matching."""

    name: str
    pattern: filterpattern.Pattern | None  # None: everything matches
    transformations: Sequence[Mapping[str, Any]]

    def matches(self, message: str) -> bool:
        """Whether the filter counts this log event."""
        return self.pattern is None or self.pattern.matches(message)


class Logs:
    """Stands around the emulator's CloudWatch Logs."""

    def __init__(
        self,
        emulator: Emulator,
        aws: Aws,
        *,
        clock: Clock,
        insights: InsightRules,
        masks: Masks,
        troubles: LogTroubles,
    ) -> None:
        self._emulator, self._aws, self._clock = emulator, aws, clock
        self._insights, self._masks = insights, masks
        self._search = LogSearch(emulator, clock=clock, troubles=troubles)
        self._filters: dict[tuple[str, str, str], list[MetricFilter]] = {}
        self._defaults: dict[tuple[str, str, str, str], int] = {}
        self._keys: dict[tuple[str, str, str], str] = {}  # a group's key, empty without one

    def clear(self) -> None:
        """Forget what was read of filters and keys."""
        self._filters.clear()
        self._keys.clear()
        self._defaults.clear()

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `logs`."""
        action = request.operation
        try:
            asked = json.loads(request.body or b"{}")
        except ValueError:
            return await forward(request)
        match action:
            case "TestMetricFilter":
                return self._test(asked)
            case "PutMetricFilter" if (problem := pattern_problem(asked.get("filterPattern", ""))) is not None:
                return json_error("InvalidParameterException", problem)
            case "PutMetricFilter" if unknown := [name for name in _NOT_EVALUATED if asked.get(name)]:
                return json_error("InvalidParameterException", f"The sandbox evaluates no {unknown[0]}.")
            case "PutMetricFilter" if any(map(_says_both, asked.get("metricTransformations", []))):
                return json_error("InvalidParameterException", "A metric with dimensions cannot have a default value.")
            case "CreateLogGroup" if (problem := self._key_problem(request, asked)) is not None:
                return json_error("InvalidParameterException", problem)
            case "PutMetricFilter" if await self._has_no_room(request, asked):
                return json_error("LimitExceededException", "Resource limit exceeded.")
            case "PutLogEvents" if (problem := await self._shut_out(request, asked)) is not None:
                return json_error("AccessDeniedException", problem)
            case "FilterLogEvents":
                return await self._search.answer(request, forward, asked)
        answer = await forward(request)
        if action in _CHANGES_FILTERS:
            self._filters.clear()
        if action in _CHANGES_KEYS:
            self._keys.clear()
        if action == "PutLogEvents" and answer[0] == 200:
            messages = [event.get("message", "") for event in asked.get("logEvents", [])]
            place = (request.account, request.region, asked["logGroupName"])
            await self._count(*place, self._masks.masked(*place, messages))
        return answer

    async def _has_no_room(self, request: Request, asked: Mapping[str, Any]) -> bool:
        """Whether the log group has as many filters, or filters with regular expressions, as it may."""
        group, name = asked.get("logGroupName", ""), asked.get("filterName", "")
        try:
            others = [one for one in await self._filters_of(request.account, request.region, group) if one.name != name]
        except ApiError:
            return False  # no such group, which the emulator says itself
        text = asked.get("filterPattern", "")
        if text.strip() and filterpattern.compile(text).regexes:
            with_regexes = [one for one in others if one.pattern is not None and one.pattern.regexes]
            if len(with_regexes) >= filterpattern.MAX_REGEX_FILTERS_PER_LOG_GROUP:
                return True
        return len(others) >= filterpattern.MAX_FILTERS_PER_LOG_GROUP

    def _key_problem(self, request: Request, asked: Mapping[str, Any]) -> str | None:
        """Why a log group cannot be encrypted with the key it asks for."""
        if not asked.get("kmsKeyId"):
            return None
        group = _group_arn(request, asked.get("logGroupName", ""))
        if self._unusable(request, asked["kmsKeyId"], group) is None:
            return None
        return f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group}'"

    async def _shut_out(self, request: Request, asked: Mapping[str, Any]) -> str | None:
        """Why log events cannot be encrypted any more: the key of their group has changed since the group was made."""
        name = asked.get("logGroupName", "")
        place = (request.account, request.region, name)
        if place not in self._keys:
            found = await self._aws.call(
                "logs", "DescribeLogGroups", account=request.account, region=request.region, logGroupNamePrefix=name
            )
            keys = [one.get("kmsKeyId") or "" for one in found["logGroups"] if one["logGroupName"] == name]
            if not keys:
                return None  # no such group, which the emulator says itself
            self._keys[place] = keys[0]
        key = self._keys[place]
        return self._unusable(request, key, _group_arn(request, name)) if key else None

    def _unusable(self, request: Request, reference: str, group_arn: str) -> str | None:
        """Why CloudWatch Logs cannot use a key for a log group."""
        key = self._emulator.key(reference)
        if key is None:
            return f"the log group's key {reference} does not exist"
        if key["KeyState"] != "Enabled":
            return f"the log group's key {key['Arn']} is {key['KeyState']}"
        service = f"logs.{request.region}.amazonaws.com"
        context = {"kms:EncryptionContext:aws:logs:arn": group_arn}
        for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"):
            if not self._emulator.service_may(
                service, action, on=key["Arn"], policy=key.get("Policy"), context=context
            ):
                return f"the policy of the log group's key {key['Arn']} does not let {service} use it ({action})"
        return None

    # -- metric filters

    async def _count(self, account: str, region: str, group: str, messages: Sequence[str]) -> None:
        """Turn the log events into data of the metrics that the group's filters write."""
        now = self._clock.now()
        self._insights.count(account, region, group, messages)
        data: dict[str, list[dict[str, Any]]] = {
            "AWS/Logs": [
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": "LogGroupName", "Value": group}],
                    "Timestamp": now,
                    "Value": float(value),
                }
                for name, value in (("IncomingLogEvents", len(messages)), ("IncomingBytes", sum(map(len, messages))))
            ]
        }
        for one in await self._filters_of(account, region, group):
            matched = [message for message in messages if one.matches(message)]
            for transformation in one.transformations:
                points = _points(transformation, matched, now)
                if not points:
                    points = self._default(account, region, transformation, now)
                data.setdefault(transformation["metricNamespace"], []).extend(points)
        for namespace, points in data.items():
            if points:
                await self._aws.call(
                    "cloudwatch",
                    "PutMetricData",
                    account=account,
                    region=region,
                    Namespace=namespace,
                    MetricData=points,
                )

    def _default(
        self, account: str, region: str, transformation: Mapping[str, Any], now: float
    ) -> list[dict[str, Any]]:
        """The default value, at most once a minute: AWS reports it for a minute with log events and no match."""
        value = transformation.get("defaultValue")
        key = (account, region, transformation["metricNamespace"], transformation["metricName"])
        if value is None or self._defaults.get(key) == int(now // 60):
            return []
        self._defaults[key] = int(now // 60)
        return [{"MetricName": transformation["metricName"], "Timestamp": now, "Value": float(value)}]

    async def _filters_of(self, account: str, region: str, group: str) -> list[MetricFilter]:
        key = (account, region, group)
        if key not in self._filters:
            found: list[MetricFilter] = []
            token: dict[str, str] = {}
            while True:
                page = await self._aws.call(
                    "logs", "DescribeMetricFilters", account=account, region=region, logGroupName=group, **token
                )
                for one in page["metricFilters"]:
                    text = one.get("filterPattern", "")
                    pattern = filterpattern.compile(text) if text.strip() else None
                    found.append(MetricFilter(one["filterName"], pattern, one.get("metricTransformations", [])))
                if not page.get("nextToken"):
                    break
                token = {"nextToken": page["nextToken"]}
            self._filters[key] = found
        return self._filters[key]

    # -- patterns

    def _test(self, asked: Mapping[str, Any]) -> Answer:
        """TestMetricFilter: the numbers (from 1) and texts of the messages that match."""
        text, messages = asked.get("filterPattern", ""), asked.get("logEventMessages", [])
        problem = pattern_problem(text)
        if problem is not None:
            return json_error("InvalidParameterException", problem)
        if not 1 <= len(messages) <= filterpattern.MAX_TEST_MESSAGES:
            return json_error(
                "InvalidParameterException",
                f"between 1 and {filterpattern.MAX_TEST_MESSAGES} log event messages are allowed",
            )
        pattern = filterpattern.compile(text) if text.strip() else None
        return json_answer(
            {
                "matches": [
                    {"eventNumber": number, "eventMessage": message, "extractedValues": {}}
                    for number, message in enumerate(messages, start=1)
                    if pattern is None or pattern.matches(message)
                ]
            }
        )


def _says_both(transformation: Mapping[str, Any]) -> bool:
    """Whether dimensions and a default value are asked for (Terraform registry, cloudwatch_log_metric_filter)."""
    return bool(transformation.get("dimensions")) and transformation.get("defaultValue") is not None


def _group_arn(request: Request, name: str) -> str:
    return f"arn:aws:logs:{request.region}:{request.account}:log-group:{name}"


def _points(transformation: Mapping[str, Any], matched: Sequence[str], now: float) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    for message in matched:
        value = _number(transformation["metricValue"], message)
        if value is None:
            continue
        point: dict[str, Any] = {"MetricName": transformation["metricName"], "Timestamp": now, "Value": value}
        if transformation.get("unit") and transformation["unit"] != "None":
            point["Unit"] = transformation["unit"]
        dimensions = {
            name: _text(selector, message) for name, selector in (transformation.get("dimensions") or {}).items()
        }
        if dimensions:
            if None in dimensions.values():
                continue  # AWS publishes nothing for an event that lacks a dimension
            point["Dimensions"] = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        points.append(point)
    return points


def _number(value: str, message: str) -> float | None:
    """A transformation's value: a number, or a selector of one in the message."""
    text = _text(value, message) if value.startswith("$") else value
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _text(selector: str, message: str) -> str | None:
    """What a plain selector such as `$.userIdentity.type` finds in a JSON message."""
    try:
        found: Any = json.loads(message)
    except ValueError:
        return None
    for step in selector.removeprefix("$").strip(".").split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return None if found is None or isinstance(found, (Mapping, list)) else str(found)
