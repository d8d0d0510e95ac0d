"""The clockwork behind alarms: looks at each once a second, changes states, runs actions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from datetime import UTC, datetime
from typing import Any

from sandbox import alarm_message
from sandbox._emulator import Answer, Emulator, Point
from sandbox._patches import Forward, Request
from sandbox.alarms import Rule, insight_metric, is_filled, judge
from sandbox.answers import json_error
from sandbox.aws import ApiError, Aws
from sandbox.clock import Clock
from sandbox.grants import CLOUDWATCH, Grants
from sandbox.insights import InsightRules
from sandbox.mutes import MuteRules

log = logging.getLogger(__name__)

QUEUE_METRIC = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
"""Read from the queue itself when somebody looks: the emulator's queues write no metrics."""
TICK_S = 1.0
MAX_WARM_UP_MIN = 2880
_KEPT = ("EvaluateLowSampleCountPercentile", "EvaluationWindow", "Metrics", "WarmUpConfiguration")
# A state set by SetAlarmState stays until CloudWatch looks again, which it does once a minute.
SET_STATE_LASTS_S = 60.0


class AlarmClock:
    """Evaluates all metric alarms."""

    def __init__(
        self,
        emulator: Emulator,
        aws: Aws,
        *,
        clock: Clock,
        grants: Grants,
        insights: InsightRules,
        mutes: MuteRules,
    ) -> None:
        self._emulator, self._aws, self._clock, self._grants = emulator, aws, clock, grants
        self._insights, self._mutes = insights, mutes
        # What muted alarms would have told: old state, new state and reason of the last change of each.
        self._held: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._set_until: dict[tuple[str, str, str], float] = {}
        # New alarms: until when they wait for data, and whether they do so even if data come.
        self._warming_up: dict[tuple[str, str, str], tuple[float, bool]] = {}

    async def run(self) -> None:
        """Tick until cancelled, but not while the clock is slow.

        What is made then, such as a whole deployment, would else ring alarms before those are made that hear them; on
        AWS alarms are minutes behind.
        """
        while True:
            await asyncio.sleep(TICK_S)
            if self._clock.is_slow:
                continue
            try:
                await self.evaluate()
            except Exception:  # one alarm that cannot be judged must not stop the clock
                log.exception("could not evaluate the alarms")

    async def evaluate(self) -> None:
        """Look at every alarm once, and let those act that change state."""
        now = self._clock.now()
        for account, region, alarm in self._emulator.alarms():
            rule = Rule.of(alarm)
            key = (account, region, alarm["AlarmName"])
            if rule is None or self._set_until.get(key, 0.0) > now:
                continue
            points = self._points(account, region, alarm, since=now - rule.range_s)
            if self._is_warming_up(key, has_data=is_filled(rule, points, now=now)):
                continue
            verdict = judge(rule, points, now=now, state=alarm["StateValue"])
            if verdict.state != alarm["StateValue"]:
                with contextlib.suppress(ApiError):  # deleted meanwhile
                    await self._aws.call_bare(
                        "cloudwatch",
                        "SetAlarmState",
                        account=account,
                        region=region,
                        AlarmName=alarm["AlarmName"],
                        StateValue=verdict.state,
                        StateReason=verdict.reason,
                        StateReasonData=json.dumps(verdict.data),
                    )
        self._let_go()

    def _let_go(self) -> None:
        """Let alarms act that are muted no more and still are in the state in which they were muted.

        Source: CloudWatch User Guide, "How alarm mute rules work"; API reference, DeleteAlarmMuteRule.
        """
        for key in [key for key in self._held if not self._mutes.mutes(*key)]:
            old, new, reason = self._held.pop(key)
            account, region, name = key
            with self._emulator.scope(account, region):
                for *place, alarm in self._emulator.alarms():
                    if (*place, alarm["AlarmName"]) == (account, region, name) and alarm["StateValue"] == new:
                        self.act(alarm, old, new, reason)

    def _points(self, account: str, region: str, alarm: dict[str, Any], *, since: float) -> list[Point]:
        """The data that an alarm looks at: of its metric, or of its Contributor Insights rule."""
        if insight := insight_metric(alarm):
            return self._insights.points(account, region, insight.rule, since=since)
        dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or ()}
        with self._emulator.scope(account, region):
            if (alarm["Namespace"], alarm["MetricName"]) == QUEUE_METRIC:
                depth = self._emulator.queue_depth(dimensions.get("QueueName", ""))
                return [] if depth is None else [Point(self._clock.now() - 1.0, 1.0, depth, depth, depth)]
            return self._emulator.points(alarm["Namespace"], alarm["MetricName"], dimensions, since=since)

    def _is_warming_up(self, key: tuple[str, str, str], *, has_data: bool) -> bool:
        """Whether a new alarm still waits for its first data (CloudWatch User Guide, "Alarm warm-up periods")."""
        until, waits_in_any_case = self._warming_up.get(key, (0.0, False))
        if until > self._clock.now() and (waits_in_any_case or not has_data):
            return True
        self._warming_up.pop(key, None)
        return False

    def _note_new(self, request: Request, asked: dict[str, Any]) -> None:
        """A warm-up counts from the making of the alarm; putting it again does not start another."""
        key = (request.account, request.region, asked.get("AlarmName", ""))
        if key not in {(account, region, alarm["AlarmName"]) for account, region, alarm in self._emulator.alarms()}:
            warm_up = asked.get("WarmUpConfiguration") or {}
            until = self._clock.now() + 60.0 * warm_up.get("WarmUpPeriodDurationInMinutes", 0)
            self._warming_up[key] = (until, warm_up.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds", False))

    def _forget_reason(self, key: tuple[str, str, str]) -> None:
        """A state that is set by hand has no datapoints behind it, and the last ones are not its reason."""
        for account, region, alarm in self._emulator.alarms():
            if (account, region, alarm["AlarmName"]) == key:
                alarm.pop("StateReasonData", None)

    def _keep_rest(self, request: Request, asked: dict[str, Any]) -> None:
        """What the emulator forgets. For metric queries it would answer with a metric of no name instead."""
        key = (request.account, request.region, asked.get("AlarmName", ""))
        for account, region, alarm in self._emulator.alarms():
            if (account, region, alarm["AlarmName"]) != key:
                continue
            alarm.update({name: asked[name] for name in _KEPT if asked.get(name)})
            if asked.get("Metrics"):
                for name in ("MetricName", "Namespace", "Statistic", "Period", "Dimensions"):
                    alarm.pop(name, None)

    def clear(self) -> None:
        """Forget states that were set by hand, alarms that were new, and what is held back."""
        self._set_until.clear()
        self._warming_up.clear()
        self._held.clear()

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `monitoring`."""
        asked = request.asked
        match request.operation:
            case "PutMetricAlarm" if (problem := _action_problem(asked, request.region)) is not None:
                return json_error("ValidationError", problem)
            case "PutMetricAlarm" if (problem := _warm_up_problem(asked)) is not None:
                return json_error("ValidationError", problem)
            case "PutMetricAlarm" if (kind := _not_evaluated(asked)) is not None:
                return json_error(
                    "InvalidParameterValueException",
                    f"The sandbox evaluates no {kind}, and an alarm that never fires would look like a quiet one.",
                )
            case "PutMetricAlarm":
                self._note_new(request, asked)
                answer = await forward(request)
                self._keep_rest(request, asked)
                return answer
            case "SetAlarmState":
                key = (request.account, request.region, asked.get("AlarmName", ""))
                self._set_until[key] = self._clock.now() + SET_STATE_LASTS_S
                if not asked.get("StateReasonData"):
                    self._forget_reason(key)
        return await forward(request)

    def act(self, alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        """Run the actions of a state that an alarm has entered, unless it is muted. Runs in the alarm's scope."""
        account, region = self._emulator.here()
        if self._mutes.mutes(account, region, alarm["AlarmName"]):
            self._held[account, region, alarm["AlarmName"]] = (old, new, reason)
            return
        told: dict[str, Any] = {
            "old": old,
            "new": new,
            "reason": reason,
            "at": self._clock.now(),
            "account": account,
            "region": region,
        }
        message = json.dumps(
            {
                "default": alarm_message.machine_message(alarm, **told),
                "email": alarm_message.mail_message(alarm, **told),
            }
        )
        for arn in alarm_message.actions_of(alarm, new):
            why = self._publish(alarm, arn, message, alarm_message.subject(alarm, new, region), region)
            if why is not None:
                self._grants.dropped(f"{new} of alarm {alarm['AlarmName']}", where=arn, why=why)
            self._note(alarm, arn, new, why)

    def _publish(self, alarm: dict[str, Any], arn: str, message: str, subject: str, region: str) -> str | None:
        if arn.split(":")[2:4] != ["sns", region]:
            return "the sandbox runs no action but publishing to a topic of the alarm's region"
        why = self._grants.refuse_topic(arn, service=CLOUDWATCH, source_arn=alarm["AlarmArn"])
        if why is None:
            publish = self._emulator.inside("services.sns", "publish_internal")
            publish(arn, message, subject, message_structure="json")
        return why

    def _note(self, alarm: dict[str, Any], arn: str, new: str, why: str | None) -> None:
        summary = f"Successfully executed action {arn}"
        if why is not None:
            denied = f"Resource: {alarm['AlarmArn']} is not authorized to perform: SNS:Publish on resource: {arn}"
            summary = f'Failed to execute action {arn}. Received error: "{denied if "policy" in why else why}"'
        data = {"actionState": "Failed" if why else "Succeeded", "stateUpdateTimestamp": int(self._clock.now() * 1000)}
        if why is not None:
            data["error"] = why
        self._emulator.note_alarm_history(
            {
                "AlarmName": alarm["AlarmName"],
                "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
                "Timestamp": f"{datetime.fromtimestamp(self._clock.now(), UTC):%Y-%m-%dT%H:%M:%SZ}",
                "HistoryItemType": "Action",
                "HistorySummary": summary,
                "HistoryData": json.dumps({**data, "notificationResource": arn, "publishedMessage": new}),
            }
        )


def _action_problem(asked: dict[str, Any], region: str) -> str | None:
    """CloudWatch takes no action in another region."""
    for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for arn in asked.get(key) or ():
            there = arn.split(":")[3] if arn.count(":") >= 5 else region
            if there not in (region, ""):
                return f"Invalid region {there} specified. Only {region} is supported. ({arn})"
    return None


def _warm_up_problem(asked: dict[str, Any]) -> str | None:
    """A warm-up lasts from a minute to two days (CloudWatch API reference, WarmUpConfiguration)."""
    warm_up = asked.get("WarmUpConfiguration")
    if warm_up is None or 1 <= warm_up.get("WarmUpPeriodDurationInMinutes", 0) <= MAX_WARM_UP_MIN:
        return None
    return f"WarmUpPeriodDurationInMinutes must be 1 to {MAX_WARM_UP_MIN}."


def _not_evaluated(asked: dict[str, Any]) -> str | None:
    for name, kind in (
        ("Metrics", "metric math"),
        ("ExtendedStatistic", "percentiles"),
        ("ThresholdMetricId", "anomaly bands"),
        ("EvaluationCriteria", "PromQL"),
    ):
        if name == "Metrics" and insight_metric(asked):
            continue
        if asked.get(name):
            return kind
    return "wall clock windows" if "WallClockWindow" in (asked.get("EvaluationWindow") or {}) else None
