"""What the sandbox replaces inside ministack, each by the thinnest function that will do.

ministack delivers where AWS would silently drop, knows no pending mail, has no alarm clock, and answers some calls that
AWS refuses. The functions below stand where ministack looks the originals up, ask ours first, and then call those.
Their parameters are ministack's. One test per replacement fails when ministack no longer calls it.
"""

from __future__ import annotations

import contextvars
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sandbox._emulator import Answer, Emulator
from sandbox.authorization import action_of, condition_keys, resource_of
from sandbox.clock import Clock
from sandbox.names import ENABLED_STATES
from sandbox.running import Running
from sandbox.workers import Workers


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


def count_functions(emulator: Emulator, running: Running) -> None:
    """Let `running` know of every run of a function, and of those that are certain to come."""
    submit = emulator.inside("services.lambda_svc", "invoke_async_with_retry")
    execute = emulator.inside("services.lambda_svc", "_execute_function")

    def submit_counted(func: Mapping[str, Any], event: Any) -> None:
        if func.get("concurrency") == 0:
            # Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations": at once, without retries.
            target = (_failure_config(func).get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
            if target:
                name = (func.get("config") or func)["FunctionName"]
                emulator.inside("services.lambda_svc", "_route_async_failure")(target, name, event, {})
            return
        submit({**func, "sandbox_era": running.submit(event)}, event)

    def execute_counted(func: Mapping[str, Any], event: Any) -> Any:
        if func.get("sandbox_era", running.era) != running.era:
            return {"body": None}  # a retry of what was before a reset
        era = running.begin(event)
        try:
            return execute(func, event)
        finally:
            running.done(era)

    emulator.replace("services.lambda_svc", "invoke_async_with_retry", submit_counted)
    emulator.replace("services.lambda_svc", "_execute_function", execute_counted)


def _failure_config(func: Mapping[str, Any]) -> Mapping[str, Any]:
    """What PutFunctionEventInvokeConfig said of a function."""
    return func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}


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


def keep_workers(emulator: Emulator, workers: Workers) -> None:
    """Let `workers` start the processes that run Lambda code."""
    emulator.replace("core.lambda_runtime", "subprocess", workers)


def guard_rules(emulator: Emulator, deliveries: Deliveries) -> None:
    """The checks on the way from an EventBridge rule to its targets, and the target's dead-letter queue."""
    under_way: contextvars.ContextVar[tuple[str, Mapping[str, Any]]] = contextvars.ContextVar("under_way")
    invoke_target = emulator.inside("services.eventbridge", "_invoke_target")
    to_queue = emulator.inside("services.eventbridge", "_dispatch_to_sqs")
    service = "events.amazonaws.com"

    def to_target(
        target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any], view: Any = None
    ) -> None:
        token = under_way.set((rule.get("Arn", ""), target))
        try:
            parts = target.get("Arn", "").split(":", 5)
            is_far = len(parts) == 6 and (parts[4], parts[3]) != emulator.here()
            if is_far and parts[2] == "events" and parts[5] == "event-bus/default" and parts[4] == emulator.here()[0]:
                to_bus_of(parts[3], target, event)
            elif is_far and parts[2] in ("events", "lambda", "sns", "sqs"):
                give_up(json.dumps(dict(event), default=str), "the target is in another region or account")
            else:
                invoke_target(target, event, rule, view)
        finally:
            under_way.reset(token)

    def to_bus_of(region: str, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        why = deliveries.refuse_bus(target["Arn"], role_arn=target.get("RoleArn", ""), source_arn=under_way.get()[0])
        if why is not None:
            give_up(json.dumps(dict(event), default=str), why)
            return
        account, _here = emulator.here()
        with emulator.scope(account, region):  # the event keeps the region where it happened
            emulator.put_aws_event(event, rule_states=ENABLED_STATES)

    def give_up(payload: str, why: str) -> None:
        rule_arn, target = under_way.get()
        deliveries.undelivered(
            payload,
            what=f"event of rule {rule_arn}",
            where=target.get("Arn", ""),
            why=why,
            dead_letter_arn=(target.get("DeadLetterConfig") or {}).get("Arn", ""),
            service=service,
            source_arn=rule_arn,
        )

    def to_function(arn: str, payload: str) -> None:
        why = deliveries.refuse_function(arn, service=service, source_arn=under_way.get()[0])
        if why is None and not emulator.invoke(arn, json.loads(payload)):
            why = "there is no such function"
        if why is not None:
            give_up(payload, why)

    def to_guarded_queue(spec: Any, payload: str, sqs_parameters: Mapping[str, Any] | None = None) -> None:
        why = deliveries.refuse_queue(str(spec), service=service, source_arn=under_way.get()[0])
        if why is None:
            to_queue(spec, payload, sqs_parameters)
        else:
            give_up(payload, why)

    def to_topic(arn: str, payload: str) -> None:
        why = deliveries.refuse_topic(arn, service=service, source_arn=under_way.get()[0])
        # EventBridge gives its messages no subject.
        if why is None and emulator.inside("services.sns", "publish_internal")(arn, payload, "") is None:
            why = "there is no such topic"
        if why is not None:
            give_up(payload, why)

    emulator.replace("services.eventbridge", "_invoke_target", to_target)
    emulator.replace("services.eventbridge", "_dispatch_to_lambda", to_function)
    emulator.replace("services.eventbridge", "_dispatch_to_sqs", to_guarded_queue)
    emulator.replace("services.eventbridge", "_dispatch_to_sns", to_topic)


def guard_failure_destinations(emulator: Emulator, deliveries: Deliveries, clock: Clock) -> None:
    """A function's failures reach its destination, in AWS's shape, only if its own role may send there."""
    route = emulator.inside("services.lambda_svc", "_route_async_failure")

    def to_destination(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any]) -> None:
        _to_dead_letters(target_arn, func_name, event, result)
        to_one(target_arn, func_name, event, result)

    def _to_dead_letters(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any]) -> None:
        """A function may have a dead-letter queue beside its destination; then both get the event."""
        _record, config, _name = emulator.inside("services.lambda_svc", "_get_func_record_for_ref")(func_name)
        queue = ((config or {}).get("DeadLetterConfig") or {}).get("TargetArn")
        if queue and queue != target_arn:
            to_one(queue, func_name, event, result)

    def to_one(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any]) -> None:
        why = deliveries.refuse_destination(target_arn, function_name=func_name)
        record, config, _name = emulator.inside("services.lambda_svc", "_get_func_record_for_ref")(func_name)
        if why is not None:
            deliveries.dropped(f"failed event of function {func_name}", where=target_arn, why=why)
        elif target_arn.split(":")[2] == "sqs" and record:
            told = _invocation(config, _failure_config(record), event, result, now=clock.now())
            deliveries.failed(told, target_arn=target_arn)
        else:
            route(target_arn, func_name, event, result)

    emulator.replace("services.lambda_svc", "_route_async_failure", to_destination)


def _invocation(
    config: Mapping[str, Any], settings: Mapping[str, Any], event: Any, result: Mapping[str, Any], *, now: float
) -> dict[str, Any]:
    """The record of a failed asynchronous invocation; `result` is empty when the function was never run.

    Source: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations". What `condition` is for a
    function without concurrency is not told there.
    """
    tried = 1 + int(settings.get("MaximumRetryAttempts", 2)) if result else 0
    told: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": f"{config['FunctionArn']}:$LATEST",
            "condition": "RetriesExhausted" if result else "ZeroReservedConcurrency",
            "approximateInvokeCount": tried,
        },
        "requestPayload": event,
    }
    if result:
        error = result.get("function_error") or "Unhandled"
        told["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error}
        told["responsePayload"] = result["body"] if isinstance(result.get("body"), Mapping) else None
    return told
