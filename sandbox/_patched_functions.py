"""What the sandbox replaces inside ministack's Lambda: which runs are waited for, and where failures go.

See `_patches` for how and why; the parameters of the functions are ministack's.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sandbox._emulator import Emulator
from sandbox._patches import Deliveries
from sandbox.clock import Clock
from sandbox.running import Running
from sandbox.workers import Workers


def keep_workers(emulator: Emulator, workers: Workers) -> None:
    """Let `workers` start the processes that run Lambda code."""
    emulator.replace("core.lambda_runtime", "subprocess", workers)


def count_functions(emulator: Emulator, running: Running) -> None:
    """Let `running` know of every run of a function, and of those that are certain to come."""
    submit = emulator.inside("services.lambda_svc", "invoke_async_with_retry")
    execute = emulator.inside("services.lambda_svc", "_execute_function")
    measure = _measuring(emulator)

    def submit_counted(func: Mapping[str, Any], event: Any) -> None:
        if func.get("concurrency") == 0:
            # Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations": at once, without retries.
            target = (_failure_config(func).get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
            if target:
                name = (func.get("config") or func)["FunctionName"]
                emulator.inside("services.lambda_svc", "_route_async_failure")(target, name, event, {})
            return
        measure(func, Invocations=1)  # of the moment in which it is called, however late it begins
        submit({**func, "sandbox_era": running.submit(event), "sandbox_runs": count()}, event)

    def execute_counted(func: Mapping[str, Any], event: Any) -> Any:
        if func.get("sandbox_era", running.era) != running.era:
            return {"body": None}  # a retry of what was before a reset
        is_retry = "sandbox_runs" in func and next(func["sandbox_runs"]) > 0
        era = running.begin(event)
        try:
            result = execute(func, event)
            if "sandbox_runs" in func and era == running.era and not result.get("throttle"):
                measure(func, Errors=int(bool(result.get("error"))), **({"Invocations": 1} if is_retry else {}))
            return result
        finally:
            running.done(era)

    emulator.replace("services.lambda_svc", "invoke_async_with_retry", submit_counted)
    emulator.replace("services.lambda_svc", "_execute_function", execute_counted)


def _measuring(emulator: Emulator) -> Callable[..., None]:
    """What writes metrics of a function's run. ministack has none of the runs that topics, rules and schedules call."""
    record = emulator.inside("services.cloudwatch", "record_metric")
    told = emulator.inside("services.lambda_svc", "_emit_lambda_metrics")

    def of_a_call(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        """Ones that wait for an answer; it calls with a duration of 0 for those that are only handed over."""
        if duration_ms or throttle:
            told(function_name, duration_ms, error, throttle)

    def measure(func: Mapping[str, Any], **metrics: int) -> None:
        config = func.get("config") or func
        _arn, _aws, _lambda, region, account, *_rest = config["FunctionArn"].split(":")
        with emulator.scope(account, region):
            for name, value in metrics.items():
                record("AWS/Lambda", name, value, "Count", {"FunctionName": config["FunctionName"]})

    emulator.replace("services.lambda_svc", "_emit_lambda_metrics", of_a_call)
    return measure


def guard_failure_destinations(emulator: Emulator, deliveries: Deliveries, clock: Clock) -> None:
    """A function's failures reach its destination, in AWS's shape, only if its own role may send there.

    What does not is counted in CloudWatch, by two metrics: a destination's and a dead-letter queue's (Lambda Developer
    Guide, "Types of metrics for Lambda functions").
    """
    route = emulator.inside("services.lambda_svc", "_route_async_failure")

    def to_destination(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any]) -> None:
        to_dead_letters(target_arn, func_name, event, result)
        to_one(target_arn, func_name, event, result, lost="DestinationDeliveryFailures")

    def to_dead_letters(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any]) -> None:
        """A function may have a dead-letter queue beside its destination; then both get the event."""
        _record, config, _name = emulator.inside("services.lambda_svc", "_get_func_record_for_ref")(func_name)
        queue = ((config or {}).get("DeadLetterConfig") or {}).get("TargetArn")
        if queue and queue != target_arn:
            to_one(queue, func_name, event, result, lost="DeadLetterErrors")

    def to_one(target_arn: str, func_name: str, event: Any, result: Mapping[str, Any], *, lost: str) -> None:
        why = deliveries.refuse_destination(target_arn, function_name=func_name)
        record, config, _name = emulator.inside("services.lambda_svc", "_get_func_record_for_ref")(func_name)
        if why is not None:
            measure = emulator.inside("services.cloudwatch", "record_metric")
            measure("AWS/Lambda", lost, 1, "Count", {"FunctionName": func_name})
            deliveries.dropped(f"failed event of function {func_name}", where=target_arn, why=why)
        elif target_arn.split(":")[2] == "sqs" and record:
            told = _invocation(config, _failure_config(record), event, result, now=clock.now())
            deliveries.failed(told, target_arn=target_arn)
        else:
            route(target_arn, func_name, event, result)

    emulator.replace("services.lambda_svc", "_route_async_failure", to_destination)


def _failure_config(func: Mapping[str, Any]) -> Mapping[str, Any]:
    """What PutFunctionEventInvokeConfig said of a function."""
    return func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}


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
