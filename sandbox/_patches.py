"""What the sandbox replaces inside ministack, each by the thinnest function that will do.

ministack delivers where AWS would silently drop, knows no pending mail, has no alarm clock, and answers some calls that
AWS refuses. The functions below stand where ministack looks the originals up, ask ours first, and then call those.
Their parameters are ministack's. One test per replacement fails when ministack no longer calls it.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sandbox._emulator import Answer, Emulator
from sandbox.authorization import action_of, condition_keys, resource_of
from sandbox.clock import Clock

FORGET_EVERY_S = 3600.0


@dataclass(frozen=True)
class Request:
    """A call as a service's handler sees it: signature and IAM policies are checked, the body is decoded."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    account: str
    region: str

    @property
    def operation(self) -> str:
        """The operation of a JSON service; "" for services that say it otherwise."""
        return self.headers.get("x-amz-target", "").rsplit(".", 1)[-1]

    @property
    def asked(self) -> dict[str, Any]:
        """What a call of a JSON service asks for; nothing where the body is not JSON."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            return {}


Forward = Callable[[Request], Awaitable[Answer]]
Around = Callable[[Request, Forward], Awaitable[Answer]]


class Deliveries(Protocol):
    """What the sandbox decides about deliveries. Each `refuse_…` returns why AWS would drop it, or None."""

    def refuse_function(self, function_arn: str, *, service: str, source_arn: str) -> str | None: ...

    def refuse_queue(self, queue_arn: str, *, service: str, source_arn: str) -> str | None: ...

    def refuse_topic(self, topic_arn: str, *, service: str, source_arn: str) -> str | None: ...

    def refuse_bus(self, bus_arn: str, *, role_arn: str, source_arn: str) -> str | None: ...

    def refuse_destination(self, target_arn: str, *, function_name: str) -> str | None: ...

    def dropped(self, what: str, *, where: str, why: str) -> None: ...

    def failed(self, invocation: Mapping[str, Any], *, target_arn: str) -> None: ...

    def undelivered(
        self, payload: str, *, what: str, where: str, why: str, dead_letter_arn: str, service: str, source_arn: str
    ) -> None: ...

    def mail(self, subscription: Mapping[str, Any], message: Mapping[str, Any]) -> None: ...


AlarmActions = Callable[[dict[str, Any], str, str, str], None]


def wrap_services(emulator: Emulator, around: Mapping[str, Around]) -> None:
    """Let `around[service]` see each call of a service after authentication, and answer or forward it."""
    for service, wrapper in around.items():
        emulator.handlers[service] = _wrapped(emulator, service, wrapper)


def _wrapped(emulator: Emulator, service: str, wrapper: Around) -> Any:
    original = emulator.handlers[service]

    async def forward(request: Request) -> Answer:
        return await original(request.method, request.path, request.headers, request.body, request.query)

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        account, region = emulator.here()
        return await wrapper(Request(service, method, path, headers, body, query, account, region), forward)

    return handle


def replace_alarm_engine(emulator: Emulator, on_actions: AlarmActions) -> None:
    """Take evaluation and notification of alarms away from ministack.

    `on_actions(alarm, old_state, new_state, reason)` runs in the scope of the alarm, also after SetAlarmState.
    """

    def leave_to_the_clock(alarm: dict[str, Any]) -> None:
        del alarm  # ministack knows no periods, no M of N and no missing data

    emulator.replace("services.cloudwatch", "_evaluate_alarm", leave_to_the_clock)
    emulator.replace("services.cloudwatch", "_dispatch_alarm_actions", on_actions)


def forget_metrics_seldom(emulator: Emulator, clock: Clock) -> None:
    """Look for data that are too old once an hour. ministack looks through all of all metrics at each call."""
    forget = emulator.inside("services.cloudwatch", "_evict_old_metrics")
    forgot_at = 0.0

    def forget_seldom() -> None:
        nonlocal forgot_at
        if not 0 <= clock.now() - forgot_at < FORGET_EVERY_S:  # a clock that was set back counts as another
            forgot_at = clock.now()
            forget()

    emulator.replace("services.cloudwatch", "_evict_old_metrics", forget_seldom)


def remember_policies(emulator: Emulator) -> None:
    """Read the text of a policy once. ministack reads all policies of the caller's role at each call.

    Statements are only ever read, and texts are not many: those of the last thousand policies are kept.
    """
    parse = emulator.inside("core.iam_evaluator", "parse_policy_document")
    known = functools.lru_cache(maxsize=1_000)(parse)
    emulator.replace(
        "core.iam_evaluator",
        "parse_policy_document",
        lambda policy: known(policy) if isinstance(policy, str) else parse(policy),
    )


def tell_reasons_in_history(emulator: Emulator) -> None:
    """An alarm's history holds the reason of its new state as data, in an object (CloudWatch, DescribeAlarmHistory)."""
    record = emulator.inside("services.cloudwatch", "_record_history")

    def record_history(name: str, old: str, new: str, reason: str, *rest: Any, **more: Any) -> None:
        here = emulator.here()
        told = (alarm for *place, alarm in emulator.alarms() if (*place, alarm["AlarmName"]) == (*here, name))
        data = next(told, {}).get("StateReasonData")
        known = {"reason_data": json.loads(data)} if data else {}
        record(name, old, new, reason, *rest, **{**known, **more})

    emulator.replace("services.cloudwatch", "_record_history", record_history)


def name_resources_as_aws(emulator: Emulator) -> None:
    """What a call is and is about, as policies name it (`sandbox.authorization`)."""
    extract = emulator.inside("core.iam_actions", "extract_resource_arn")
    tags = emulator.inside("core.iam_actions", "request_tag_context")
    actions = emulator.inside("core.iam_actions", "extract_iam_action")

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, Any],
        region: str,
        account: str,
    ) -> str:
        arn = extract(service, method, path, headers, body, query, region, account)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        return resource_of(arn, service=service, action=action, body=body, region=region, account=account)

    def request_context(service: str, action: str, body: bytes, query: Mapping[str, Any]) -> dict[str, Any]:
        return {**tags(service, action, body, query), **condition_keys(service, action, body=body, query=query)}

    def extract_action(service: str, method: str, path: str, *rest: Any) -> Any:
        return action_of(actions(service, method, path, *rest), method=method, path=path)

    emulator.replace("core.iam_actions", "extract_iam_action", extract_action)
    emulator.replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)
    emulator.replace("core.iam_actions", "request_tag_context", request_context)


def stop_ticks(emulator: Emulator) -> None:
    """Take the ticking of schedules away from ministack, which asks no role and knows one clock only."""
    emulator.replace("services.scheduler", "_tick_schedules", lambda: None)


def lend_clock(emulator: Emulator, clock: Clock) -> None:
    """Let trails, parameters and the metrics of functions have the sandbox's time, and take signatures made by it.

    Functions live by that clock, and compare their own time with what they read.
    """
    ours = _TimeModule(clock)
    emulator.replace("services.cloudtrail", "time", ours)
    emulator.replace("services.cloudwatch", "time", ours)
    emulator.replace("services.ssm", "_now_epoch", clock.now)
    refuse = emulator.inside("core.sigv4", "request_time_failure")

    def refuse_time(signature: Any) -> tuple[str, str] | None:
        """Clients sign by the machine's clock, functions by the sandbox's."""
        return refuse(signature) and refuse(signature, now=datetime.fromtimestamp(clock.now(), UTC))

    emulator.replace("core.sigv4", "request_time_failure", refuse_time)


class _TimeModule:
    """The module `time`, but that `time.time` is ours."""

    def __init__(self, clock: Clock) -> None:
        self.time = clock.now

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)
