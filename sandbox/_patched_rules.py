"""What the sandbox replaces inside ministack's EventBridge: the checks on the way from a rule to its targets.

See `_patches` for how and why; the parameters of the functions are ministack's.
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Mapping
from typing import Any

from sandbox._emulator import Emulator
from sandbox._patches import Deliveries
from sandbox.names import ENABLED_STATES

SERVICE = "events.amazonaws.com"
_FAR_TARGETS = ("events", "lambda", "sns", "sqs")


def guard_rules(emulator: Emulator, deliveries: Deliveries) -> None:
    """Put a guard on every way out of a rule. What it stops goes to the target's dead-letter queue."""
    guard = _RuleGuard(emulator, deliveries)
    emulator.replace("services.eventbridge", "_invoke_target", guard.to_target)
    emulator.replace("services.eventbridge", "_dispatch_to_lambda", guard.to_function)
    emulator.replace("services.eventbridge", "_dispatch_to_sqs", guard.to_queue)
    emulator.replace("services.eventbridge", "_dispatch_to_sns", guard.to_topic)


class _RuleGuard:
    def __init__(self, emulator: Emulator, deliveries: Deliveries) -> None:
        self._emulator, self._deliveries = emulator, deliveries
        self._invoke_target = emulator.inside("services.eventbridge", "_invoke_target")
        self._to_queue = emulator.inside("services.eventbridge", "_dispatch_to_sqs")
        # The ARN of the rule and its target: ministack tells neither to what dispatches.
        self._under_way: contextvars.ContextVar[tuple[str, Mapping[str, Any]]] = contextvars.ContextVar("under_way")

    @property
    def _rule_arn(self) -> str:
        return self._under_way.get()[0]

    def to_target(
        self, target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any], view: Any = None
    ) -> None:
        """One event to one target, which ministack dispatches by its kind."""
        token = self._under_way.set((rule.get("Arn", ""), target))
        try:
            parts, here = target.get("Arn", "").split(":", 5), self._emulator.here()
            is_far = len(parts) == 6 and (parts[4], parts[3]) != here
            if is_far and parts[2] == "events" and parts[5] == "event-bus/default" and parts[4] == here[0]:
                self._to_bus_of(parts[3], target, event)
            elif is_far and parts[2] in _FAR_TARGETS:
                self._give_up(_text(event), "the target is in another region or account")
            else:
                self._invoke_target(target, event, rule, view)
        finally:
            self._under_way.reset(token)

    def _to_bus_of(self, region: str, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        role_arn = target.get("RoleArn", "")
        why = self._deliveries.refuse_bus(target["Arn"], role_arn=role_arn, source_arn=self._rule_arn)
        if why is not None:
            self._give_up(_text(event), why)
            return
        account, _here = self._emulator.here()
        with self._emulator.scope(account, region):  # the event keeps the region where it happened
            self._emulator.put_aws_event(event, rule_states=ENABLED_STATES)

    def to_function(self, arn: str, payload: str) -> None:
        """One event to one function."""
        why = self._deliveries.refuse_function(arn, service=SERVICE, source_arn=self._rule_arn)
        if why is None and not self._emulator.invoke(arn, json.loads(payload)):
            why = "there is no such function"
        if why is not None:
            self._give_up(payload, why)

    def to_queue(self, spec: Any, payload: str, sqs_parameters: Mapping[str, Any] | None = None) -> None:
        """One event to one queue."""
        why = self._deliveries.refuse_queue(str(spec), service=SERVICE, source_arn=self._rule_arn)
        if why is None:
            self._to_queue(spec, payload, sqs_parameters)
        else:
            self._give_up(payload, why)

    def to_topic(self, arn: str, payload: str) -> None:
        """One event to one topic. EventBridge gives its messages no subject."""
        why = self._deliveries.refuse_topic(arn, service=SERVICE, source_arn=self._rule_arn)
        if why is None and self._emulator.inside("services.sns", "publish_internal")(arn, payload, "") is None:
            why = "there is no such topic"
        if why is not None:
            self._give_up(payload, why)

    def _give_up(self, payload: str, why: str) -> None:
        rule_arn, target = self._under_way.get()
        self._deliveries.undelivered(
            payload,
            what=f"event of rule {rule_arn}",
            where=target.get("Arn", ""),
            why=why,
            dead_letter_arn=(target.get("DeadLetterConfig") or {}).get("Arn", ""),
            service=SERVICE,
            source_arn=rule_arn,
        )


def _text(event: Mapping[str, Any]) -> str:
    return json.dumps(dict(event), default=str)
