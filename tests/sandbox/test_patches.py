"""What is replaced inside the emulator, in one of a few lines whose threads start when a test says so."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import SandboxClient
from sandbox._patched_functions import count_functions, keep_workers
from sandbox._patched_topics import guard_topics
from sandbox._patches import forget_metrics_seldom, remember_policies
from sandbox.clock import Clock
from sandbox.running import Running
from sandbox.workers import Workers

FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:f"
TOPIC = "arn:aws:sns:eu-west-1:000000000000:t"


class FakeEmulator:
    """Looks names up as the real one does. Work that ministack gives to a thread waits in `threads`."""

    def __init__(self) -> None:
        self.threads: list[Callable[[], Any]] = []
        self.ran: list[Any] = []
        self.subscriptions: list[dict[str, Any]] = []
        self.measured: list[tuple[str, float]] = []
        self.names: dict[tuple[str, str], Any] = {
            ("services.lambda_svc", "invoke_async_with_retry"): self._invoke_async,
            ("services.lambda_svc", "_execute_function"): lambda func, event: self.ran.append(event) or {"body": "ran"},
            ("services.lambda_svc", "_emit_lambda_metrics"): None,
            ("services.cloudwatch", "record_metric"): self._record_metric,
            ("services.sns", "_fanout"): self._fan_out,
            ("services.sns", "_deliver_to_sqs"): lambda *args, **kwargs: None,
            ("services.sns", "_deliver_to_lambda"): lambda *args: None,
            ("services.sns", "_deliver_to_http"): None,
            ("services.sns", "_http_post_sync"): None,
            ("services.sns", "_resolve_message_for_protocol"): lambda message, structure, protocol: message,
            ("services.sns", "_matches_filter_policy"): lambda subscription, attributes, text: True,
            ("core.lambda_runtime", "subprocess"): None,
        }

    def inside(self, module: str, name: str) -> Any:
        return self.names[module, name]

    def replace(self, module: str, name: str, replacement: Any) -> Any:
        self.names[module, name] = replacement

    def scope(self, account: str, region: str) -> contextlib.AbstractContextManager[None]:
        assert (account, region) == ("000000000000", "eu-west-1")
        return contextlib.nullcontext()

    def topic(self, arn: str) -> dict[str, Any]:
        return {"subscriptions": self.subscriptions}

    def invoke(self, function_arn: str, event: Any) -> bool:
        func = {"config": {"FunctionArn": function_arn, "FunctionName": function_arn.rpartition(":")[2]}}
        self.inside("services.lambda_svc", "invoke_async_with_retry")(func, event)
        return True

    def _record_metric(self, namespace: str, name: str, value: float, unit: str, dimensions: dict[str, str]) -> None:
        assert (namespace, unit, dimensions) == ("AWS/Lambda", "Count", {"FunctionName": "f"})
        self.measured.append((name, value))

    def _invoke_async(self, func: Any, event: Any) -> None:
        self.threads.append(lambda: self.inside("services.lambda_svc", "_execute_function")(func, event))

    def _fan_out(self, topic_arn: str, msg_id: str, message: str, *rest: Any, **more: Any) -> None:
        envelope = json.dumps({"MessageId": msg_id, "Message": message})
        for one in self.subscriptions:
            deliver, context = self.inside("services.sns", "_deliver_to_lambda"), contextvars.copy_context()
            arguments = (one["endpoint"], envelope, topic_arn, one["arn"], msg_id, message, {})
            self.threads.append(functools.partial(context.run, deliver, *arguments))

    def run_a_thread(self) -> Any:
        return self.threads.pop(0)()


class Allowing:
    """Deliveries that refuse nothing."""

    def refuse_function(self, function_arn: str, *, service: str, source_arn: str) -> None:
        return None


@pytest.fixture
def emulator() -> FakeEmulator:
    return FakeEmulator()


def counted(emulator: FakeEmulator) -> Running:
    running = Running()
    count_functions(emulator, running)  # pyright: ignore[reportArgumentType]
    return running


def test_an_invocation_counts_before_its_thread_runs(emulator: FakeEmulator) -> None:
    running = counted(emulator)
    emulator.invoke(FUNCTION, {"n": 1})
    assert emulator.ran == []
    assert not running.is_idle
    assert emulator.run_a_thread() == {"body": "ran"}
    assert running.is_idle
    assert emulator.measured == [("Invocations", 1), ("Errors", 0)]


def test_a_message_to_a_function_counts_before_either_thread_runs(emulator: FakeEmulator) -> None:
    running = counted(emulator)
    guard_topics(emulator, Allowing(), running)  # pyright: ignore[reportArgumentType]
    emulator.subscriptions = [
        {"protocol": "lambda", "endpoint": FUNCTION, "arn": f"{TOPIC}:1", "confirmed": True, "attributes": {}}
    ]
    emulator.inside("services.sns", "_fanout")(TOPIC, "id", "hello", "subject")
    assert not running.is_idle
    emulator.run_a_thread()
    assert not running.is_idle
    emulator.run_a_thread()
    assert running.is_idle
    assert emulator.ran[0]["Records"][0]["Sns"]["Message"] == "hello"


def test_a_retry_of_what_was_before_a_reset_runs_nothing(emulator: FakeEmulator) -> None:
    running = counted(emulator)
    emulator.invoke(FUNCTION, {"n": 1})
    running.clear()
    assert emulator.run_a_thread() == {"body": None}  # no error, so no retry either
    assert emulator.ran == []
    assert running.is_idle


def test_a_run_that_a_reset_overtook_is_not_counted_when_it_ends(emulator: FakeEmulator) -> None:
    running = Running()
    during: list[Callable[[], None]] = [running.clear]
    emulator.names["services.lambda_svc", "_execute_function"] = lambda func, event: during.pop()()
    count_functions(emulator, running)  # pyright: ignore[reportArgumentType]
    emulator.invoke(FUNCTION, {})
    emulator.run_a_thread()
    assert running.is_idle
    assert emulator.measured == [("Invocations", 1)]  # its end is of no time that there is


def test_a_failing_run_ends_too(emulator: FakeEmulator) -> None:
    def fail(func: Any, event: Any) -> None:
        raise RuntimeError("no")

    emulator.names["services.lambda_svc", "_execute_function"] = fail
    running = counted(emulator)
    emulator.invoke(FUNCTION, {})
    with pytest.raises(RuntimeError):
        emulator.run_a_thread()
    assert running.is_idle


def test_no_worker_starts_once_the_sandbox_stops(emulator: FakeEmulator) -> None:
    workers = Workers(Clock())
    keep_workers(emulator, workers)  # pyright: ignore[reportArgumentType]
    module = emulator.inside("core.lambda_runtime", "subprocess")
    started = module.Popen(["sleep", "600"], stdin=module.PIPE)
    workers.close()
    assert started.returncode is not None
    started.stdin.close()
    with pytest.raises(RuntimeError, match="stopping"):
        module.Popen(["sleep", "600"])


def test_a_worker_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.workers.GRACE_S", 0.1)
    workers = Workers(Clock())
    deaf = workers.Popen(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], stdout=workers.PIPE)
    assert deaf.stdout is not None
    assert deaf.stdout.readline() == b"up\n"
    workers.close()
    assert deaf.returncode == -9
    deaf.stdout.close()


def test_the_text_of_a_policy_is_read_once(emulator: FakeEmulator) -> None:
    read: list[Any] = []
    emulator.names["core.iam_evaluator", "parse_policy_document"] = lambda policy: read.append(policy) or [policy]
    remember_policies(emulator)  # pyright: ignore[reportArgumentType]
    parse = emulator.inside("core.iam_evaluator", "parse_policy_document")
    for policy in ("{}", "{}", '{"Statement": []}', {}, {}):
        assert parse(policy) == [policy]
    assert read == ["{}", '{"Statement": []}', {}, {}]


def test_metrics_are_searched_for_old_data_once_an_hour(emulator: FakeEmulator) -> None:
    searched: list[float] = []
    clock = Clock(behind_s=60)
    emulator.names["services.cloudwatch", "_evict_old_metrics"] = lambda: searched.append(clock.now())
    forget_metrics_seldom(emulator, clock)  # pyright: ignore[reportArgumentType]
    forget = emulator.inside("services.cloudwatch", "_evict_old_metrics")
    for seconds, times in ((0, 1), (0, 1), (3000, 1), (601, 2), (0, 2)):
        clock.advance(seconds)
        forget()
        assert len(searched) == times
    clock.reset()
    forget()
    assert len(searched) == 3


def test_old_data_are_forgotten(sandbox: SandboxClient) -> None:
    cloudwatch = sandbox.aws("cloudwatch")
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert cloudwatch.list_metrics(Namespace="n")["Metrics"]
    sandbox.advance_clock(15 * 86_400)
    cloudwatch.put_metric_data(Namespace="other", MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert cloudwatch.list_metrics(Namespace="n")["Metrics"] == []
