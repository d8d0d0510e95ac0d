"""Contributor Insights, which the emulator lacks: rules over log groups, their counts by key, and their reports."""

from __future__ import annotations

import contextlib
import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox._emulator import Answer, Point
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.clock import Clock

KEPT_S = 24 * 3600.0  # the sandbox forgets what is older than the longest period of an alarm
MAX_KEYS, MAX_FILTERS, MAX_VALUES, MAX_RULES = 4, 4, 10, 100
MAX_CONTRIBUTORS = 100  # CloudWatch API reference, GetInsightRuleReport "MaxContributorCount"


class DefinitionError(ValueError):
    """A rule that CloudWatch would refuse, or one of a kind that is not evaluated here."""


@dataclass
class InsightRule:
    """One rule with what it has counted: (epoch seconds, the contributor's keys)."""

    name: str
    text: str
    groups: frozenset[str]
    keys: tuple[str, ...]
    filters: tuple[Mapping[str, Any], ...]
    is_enabled: bool
    seen: deque[tuple[float, tuple[str, ...]]] = field(default_factory=deque)

    @classmethod
    def parse(cls, name: str, text: str, *, is_enabled: bool) -> InsightRule:
        """The rule of PutInsightRule. Raises DefinitionError."""
        try:
            rule = json.loads(text)
            contribution = rule["Contribution"]
            keys, filters = tuple(contribution["Keys"]), tuple(contribution.get("Filters", ()))
            groups = frozenset(rule["LogGroupNames"])
        except (ValueError, KeyError, TypeError) as error:
            raise DefinitionError("The rule definition is not valid.") from error
        if rule.get("Schema") != {"Name": "CloudWatchLogRule", "Version": 1}:
            raise DefinitionError("The schema must be CloudWatchLogRule, version 1.")
        if rule.get("LogFormat") != "JSON" or rule.get("AggregateOn") != "Count":
            raise DefinitionError("The sandbox evaluates only rules that count events in JSON.")
        if not 1 <= len(keys) <= MAX_KEYS or len(filters) > MAX_FILTERS:
            raise DefinitionError(f"A rule has 1 to {MAX_KEYS} keys and at most {MAX_FILTERS} filters.")
        for each in filters:
            values = each.get("StartsWith")
            if each.keys() != {"Match", "StartsWith"} or not 1 <= len(values) <= MAX_VALUES:
                raise DefinitionError(f"The sandbox evaluates only filters StartsWith of up to {MAX_VALUES} values.")
        return cls(name, text, groups, keys, filters, is_enabled)

    def contributor(self, message: str) -> tuple[str, ...] | None:
        """The keys of a log event that counts; None for one that lacks a key, or that a filter leaves out."""
        with contextlib.suppress(ValueError):
            event = json.loads(message)
            for each in self.filters:
                found = _text(each["Match"], event)
                if found is None or not found.startswith(tuple(each["StartsWith"])):
                    return None
            keys = [_text(key, event) for key in self.keys]
            if None not in keys:
                return tuple(map(str, keys))
        return None

    def counts(self, since: float, until: float) -> Counter[tuple[str, ...]]:
        """How often each contributor was seen after `since`, up to `until`."""
        return Counter(who for at, who in list(self.seen) if since < at <= until)


class InsightRules:
    """Answers the calls about rules, and counts what arrives in log groups."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: dict[tuple[str, str, str], InsightRule] = {}

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer the calls about rules, forward every other call of the service `monitoring`."""
        action, asked = request.operation, request.asked
        match action:
            case "PutInsightRule":
                return self._put(request, asked)
            case "DescribeInsightRules":
                return json_answer({"InsightRules": [_described(rule) for rule in self._in_scope(request)]})
            case "DeleteInsightRules" | "EnableInsightRules" | "DisableInsightRules":
                return self._change(request, action, asked.get("RuleNames", []))
            case "GetInsightRuleReport":
                return self._report(request, asked)
        return await forward(request)

    def count(self, account: str, region: str, group: str, messages: Sequence[str]) -> None:
        """Count log events that have arrived in a group."""
        now = self._clock.now()
        for (owner, where, _name), rule in list(self._rules.items()):
            if (owner, where) != (account, region) or not rule.is_enabled or group not in rule.groups:
                continue
            found = map(rule.contributor, messages)
            rule.seen.extend((now, who) for who in found if who is not None)
            while rule.seen and rule.seen[0][0] < now - KEPT_S:
                rule.seen.popleft()

    def points(self, account: str, region: str, name: str, *, since: float) -> list[Point]:
        """One datum for each counted event after `since`; `who` is its contributor."""
        rule = self._rules.get((account, region, name))
        seen = list(rule.seen) if rule else []
        return [Point(at, 1.0, 1.0, 1.0, 1.0, "\n".join(who)) for at, who in seen if at > since]

    def _in_scope(self, request: Request) -> list[InsightRule]:
        return [rule for key, rule in self._rules.items() if key[:2] == (request.account, request.region)]

    def _put(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        name, state = asked.get("RuleName", ""), asked.get("RuleState") or "ENABLED"
        key = (request.account, request.region, name)
        if key not in self._rules and len(self._in_scope(request)) >= MAX_RULES:
            return json_error("LimitExceededException", f"There are {MAX_RULES} rules already.")
        try:
            rule = InsightRule.parse(name, asked.get("RuleDefinition", ""), is_enabled=state == "ENABLED")
        except DefinitionError as error:
            return json_error("InvalidParameterValueException", str(error))
        self._rules[key] = rule
        return json_answer({})

    def _change(self, request: Request, action: str, names: Sequence[str]) -> Answer:
        failures: list[dict[str, str]] = []
        for name in names:
            key = (request.account, request.region, name)
            if key not in self._rules:
                failures.append({"FailureResource": name, "ExceptionType": "ResourceNotFoundException"})
            elif action == "DeleteInsightRules":
                del self._rules[key]
            else:
                self._rules[key].is_enabled = action == "EnableInsightRules"
        return json_answer({"Failures": failures})

    def _report(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        """The busiest contributors of a time, and how many there were."""
        rule = self._rules.get((request.account, request.region, asked.get("RuleName", "")))
        if rule is None:
            return json_error("ResourceNotFoundException", "There is no such rule.", 404)
        since, until = float(asked["StartTime"]), float(asked["EndTime"])
        counts = rule.counts(since, until)
        most = min(int(asked.get("MaxContributorCount") or 10), MAX_CONTRIBUTORS)
        return json_answer(
            {
                "KeyLabels": list(rule.keys),
                "AggregationStatistic": "Sum",
                "AggregateValue": float(sum(counts.values())),
                "ApproximateUniqueCount": len(counts),
                "Contributors": [
                    {"Keys": list(who), "ApproximateAggregateValue": float(times), "Datapoints": []}
                    for who, times in counts.most_common(most)
                ],
                "MetricDatapoints": [],
            }
        )


def _described(rule: InsightRule) -> dict[str, Any]:
    return {
        "Name": rule.name,
        "State": "ENABLED" if rule.is_enabled else "DISABLED",
        "Schema": json.dumps({"Name": "CloudWatchLogRule", "Version": 1}),
        "Definition": rule.text,
        "ManagedRule": False,
    }


def _text(selector: str, event: Any) -> str | None:
    """What a selector such as `$.userIdentity.type` finds in an event; None for nothing, an object or a list."""
    for step in selector.removeprefix("$.").split("."):
        event = event.get(step) if isinstance(event, Mapping) else None
    return None if event is None or isinstance(event, (Mapping, list)) else str(event)
