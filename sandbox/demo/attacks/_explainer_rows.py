"""Attacks on the explainer, in a stack in which alarms reach people through it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ._functions import idle_code, own_code
from ._range import Range
from ._row import SWEEP, Deed, Row


def _no_concurrency(at: Range) -> None:
    at.mallory("lambda").put_function_concurrency(FunctionName=at.explainer, ReservedConcurrentExecutions=0)


def _any_concurrency(at: Range) -> None:
    at.aws("lambda").delete_function_concurrency(FunctionName=at.explainer)


def _idle_code(at: Range) -> None:
    idle_code(at, at.explainer, module="explainer")


def _own_code(at: Range) -> None:
    own_code(at, at.explainer)


def _other_environment(at: Range) -> None:
    """It tells a topic of the attacker's."""
    functions = at.mallory("lambda")
    at.kept["environment"] = at.environment(at.explainer)
    topic = at.mallory("sns").create_topic(Name="mallorys")["TopicArn"]
    variables = at.kept["environment"] | {"ALERTS_TOPIC_ARN": topic}
    functions.update_function_configuration(FunctionName=at.explainer, Environment={"Variables": variables})


def _own_environment(at: Range) -> None:
    variables = {"Variables": at.kept["environment"]}
    at.aws("lambda").update_function_configuration(FunctionName=at.explainer, Environment=variables)


def _gut_role(at: Range) -> None:
    role, iam = at.role("explainer"), at.mallory("iam", region="us-east-1")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    at.kept["policy"] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    at.kept["name"] = name
    iam.delete_role_policy(RoleName=role, PolicyName=name)


def _fill_role(at: Range) -> None:
    at.aws("iam").put_role_policy(
        RoleName=at.role("explainer"), PolicyName=at.kept["name"], PolicyDocument=json.dumps(at.kept["policy"])
    )


def _schedule(at: Range) -> dict[str, Any]:
    """The explainer's schedule, as it is made."""
    scheduler = at.aws("scheduler")
    names = [one["Name"] for one in scheduler.list_schedules()["Schedules"]]
    (name,) = (name for name in names if name.startswith("explainer-"))
    whole = scheduler.get_schedule(Name=name)
    same = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State", "Description")
    return {key: whole[key] for key in same}


def _delete_schedule(at: Range) -> None:
    at.kept["schedule"] = _schedule(at)
    at.mallory("scheduler").delete_schedule(Name=at.kept["schedule"]["Name"])


def _make_schedule(at: Range) -> None:
    at.aws("scheduler").create_schedule(**at.kept["schedule"])


def _disable_schedule(at: Range) -> None:
    at.kept["schedule"] = _schedule(at)
    at.mallory("scheduler").update_schedule(**at.kept["schedule"] | {"State": "DISABLED"})


def _enable_schedule(at: Range) -> None:
    at.aws("scheduler").update_schedule(**at.kept["schedule"])


def _unsubscribe(at: Range) -> None:
    for one in _subscriptions(at):
        at.mallory("sns").unsubscribe(SubscriptionArn=one["arn"])


def _subscriptions(at: Range) -> list[dict[str, Any]]:
    return [one for one in at.sandbox.subscriptions() if one["endpoint"].endswith(f":function:{at.explainer}")]


def _disable_rule(at: Range) -> None:
    at.mallory("events").disable_rule(Name=_rule(at))


def _is_heard(at: Range) -> bool:
    return at.aws("events").describe_rule(Name=_rule(at))["State"] == "ENABLED"


def _remove_target(at: Range) -> None:
    events, rule = at.mallory("events"), _rule(at)
    at.kept["targets"] = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.remove_targets(Rule=rule, Ids=[each["Id"] for each in at.kept["targets"]])


def _has_target(at: Range) -> bool:
    return at.aws("events").list_targets_by_rule(Rule=_rule(at))["Targets"] == at.kept["targets"]


def _rule(at: Range) -> str:
    return at.aws("events").list_rules(NamePrefix="explainer-1-")["Rules"][0]["Name"]


def rows() -> Iterator[Row]:
    """Attacks on its function, role and schedule, and on what it hears by."""
    for name, title, attack, told, undo in (
        ("no-concurrency", "concurrency 0", _no_concurrency, "changed: concurrency 0", _any_concurrency),
        ("code-changed", "code replaced by some that does nothing", _idle_code, "changed: code replaced", _own_code),
        (
            "environment-changed",
            "environment changed so that it tells a topic of the attacker's",
            _other_environment,
            "changed: environment ALERTS_TOPIC",
            _own_environment,
        ),
    ):
        yield _row(name, title, attack, ("[critical] Function explainer-", told), undo=undo)
    yield _row(
        "role-gutted",
        "role gutted",
        _gut_role,
        ("[critical] Role explainer-", "changed: policy explainer"),
        undo=_fill_role,
    )
    for name, title, attack, told, undo in (
        ("schedule-deleted", "schedule deleted", _delete_schedule, "gone", _make_schedule),
        ("schedule-disabled", "schedule disabled", _disable_schedule, "changed: switched off", _enable_schedule),
    ):
        yield _row(name, title, attack, ("[critical] Schedule explainer-sweep-", told), undo=undo)
    for name, title, attack, told, is_mended in (
        (
            "subscription-removed",
            "subscription to the alarms removed",
            _unsubscribe,
            ("[critical] Subscription explainer-", " subscribed again"),
            lambda at: len(_subscriptions(at)) == 1,
        ),
        (
            "rule-disabled",
            "event rule disabled",
            _disable_rule,
            ("[critical] Event rule explainer-", "put back: switched off"),
            _is_heard,
        ),
        (
            "target-removed",
            "event rule's target removed",
            _remove_target,
            ("[critical] Event rule explainer-", " put back: target"),
            _has_target,
        ),
    ):
        yield _row(name, title, attack, told, is_mended=is_mended)


def _row(
    name: str,
    title: str,
    attack: Deed,
    told: tuple[str, ...],
    *,
    undo: Deed | None = None,
    is_mended: Callable[[Range], bool] | None = None,
) -> Row:
    """What the guardian's sweep tells, whatever becomes of the explainer."""
    return Row(
        name=f"explainer-{name}",
        title=f"explainer's {title}",
        attack=attack,
        told=told,
        trigger=SWEEP,
        by_sweep=True,
        is_mended=is_mended,
        undo=undo,
        explained=True,
    )
