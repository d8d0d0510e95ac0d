"""What there is of the ways to our functions, and of the functions themselves: event rules, schedules."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from common.text import moment

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_GONE = ("ResourceNotFoundException",)


def rules(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Event rules: `enabled`, `pattern` (JSON text), `targets` by ARN, each as PutTargets takes it."""
    events = eyes.client_for("events", things[0].region)
    for thing in things:
        rule = eyes.ask("events:DescribeRule", partial(events.describe_rule, Name=thing.name), gone=_GONE)
        if rule is None:
            yield Seen(thing=thing)
            continue
        targets = eyes.all(
            "events:ListTargetsByRule",
            partial(events.list_targets_by_rule, Rule=thing.name),
            items="Targets",
            token=("NextToken", "NextToken"),
            gone=_GONE,
        )
        facts = {
            "enabled": str(rule.get("State", "")).startswith("ENABLED"),
            "pattern": rule.get("EventPattern", ""),
            "targets": {each["Arn"]: _target(each) for each in targets},
        }
        yield Seen(thing=thing, facts=facts)


def _target(target: dict[str, Any]) -> dict[str, Any]:
    """As PutTargets takes it, without the ARN: what is there beyond that changes what the target gets."""
    return {key: value for key, value in target.items() if key != "Arn"}


def schedules(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Schedules: `enabled`, `rate`, `window`, `starts` and `ends` (when it does not call now or for ever, else ""),
    `target`, `role`, `message`, `failures` (where they go), `tries` (how often again, and for how many seconds).
    """
    scheduler = eyes.client_for("scheduler", things[0].region)
    for thing in things:
        found = eyes.ask("scheduler:GetSchedule", partial(scheduler.get_schedule, Name=thing.name), gone=_GONE)
        yield Seen(thing=thing, facts=None if found is None else _schedule(found, eyes.clock.now()))


def _schedule(found: dict[str, Any], now: datetime) -> dict[str, Any]:
    target, starts, ends = found.get("Target") or {}, found.get("StartDate"), found.get("EndDate")
    retry = target.get("RetryPolicy") or {}
    return {
        "enabled": found.get("State") == "ENABLED",
        "rate": found.get("ScheduleExpression", ""),
        "window": (found.get("FlexibleTimeWindow") or {}).get("Mode", ""),
        "starts": moment(starts.astimezone(UTC)) if starts and starts > now else "",
        "ends": moment(ends.astimezone(UTC)) if ends else "",
        "target": target.get("Arn", ""),
        "role": target.get("RoleArn", ""),
        "message": target.get("Input", ""),
        "failures": (target.get("DeadLetterConfig") or {}).get("Arn", ""),
        "tries": [retry.get("MaximumRetryAttempts"), retry.get("MaximumEventAgeInSeconds")],
    }


def functions(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Functions: `code` (its SHA-256 as Lambda writes it), `environment` and the `key` that encrypts it ("": Lambda's),
    `handler`, `role`, `layers`, `timeout`, `memory`, `subnets` (of a VPC), `concurrency` (None: whatever the account
    has), `callers` (service and source), `denied` (who says that it may not be called), `failures` (where they go),
    `tries` (after the first) and `age` (in seconds) of a call that fails, None for what Lambda does by itself.
    """
    lambda_ = eyes.client_for("lambda", things[0].region)
    for thing in things:
        name = {"FunctionName": thing.name}
        config = eyes.ask(
            "lambda:GetFunctionConfiguration", partial(lambda_.get_function_configuration, **name), gone=_GONE
        )
        yield Seen(thing=thing, facts=None if config is None else _function(config, lambda_, name, eyes))


def _function(config: dict[str, Any], lambda_: Any, name: dict[str, str], eyes: Eyes) -> dict[str, Any]:
    reserved = eyes.ask("lambda:GetFunctionConcurrency", partial(lambda_.get_function_concurrency, **name))
    policy = eyes.ask("lambda:GetPolicy", partial(lambda_.get_policy, **name), gone=_GONE)
    failures = eyes.ask(
        "lambda:GetFunctionEventInvokeConfig", partial(lambda_.get_function_event_invoke_config, **name), gone=_GONE
    )
    statements = json.loads((policy or {}).get("Policy", "{}")).get("Statement", [])
    destinations = (failures or {}).get("DestinationConfig") or {}
    return {
        "code": config.get("CodeSha256"),
        "handler": config.get("Handler"),
        "role": config.get("Role"),
        "timeout": config.get("Timeout"),
        "memory": config.get("MemorySize"),
        "key": config.get("KMSKeyArn") or "",
        "subnets": sorted((config.get("VpcConfig") or {}).get("SubnetIds") or []),
        "layers": sorted(each["Arn"] for each in config.get("Layers") or []),
        "environment": (config.get("Environment") or {}).get("Variables") or {},
        "concurrency": (reserved or {}).get("ReservedConcurrentExecutions"),
        "callers": sorted(_callers(statements)),
        "denied": sorted(str(each.get("Sid") or "a statement") for each in statements if each.get("Effect") == "Deny"),
        "failures": (destinations.get("OnFailure") or {}).get("Destination", ""),
        "tries": (failures or {}).get("MaximumRetryAttempts"),
        "age": (failures or {}).get("MaximumEventAgeInSeconds"),
    }


def _callers(statements: Sequence[dict[str, Any]]) -> Iterator[str]:
    """`events.amazonaws.com arn:…` for each service that may invoke the function, and for which source."""
    for statement in statements:
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, dict) else None
        if statement.get("Effect") == "Allow" and isinstance(service, str):
            conditions = statement.get("Condition") or {}
            sources = [value for test in conditions.values() for key, value in test.items() if key == "AWS:SourceArn"]
            yield " ".join([service, *map(str, sources)])
