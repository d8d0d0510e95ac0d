"""A stack that is deployed in a sandbox, as the verbs that act on a living one find it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from common.table import plain

import account
from operate.deployed import Target
from operate.maintenance import verb as maintenance
from tests.support.check_world import STACK, World
from tests.support.recorded_program import ROOT

POLICIES = ROOT / "docs" / "policies"
Undo = Callable[[], Any]


def now(world: World) -> datetime:
    return datetime.fromtimestamp(float(world.client.health()["now"]), UTC)


def is_logging(world: World) -> bool:
    return bool(world.aws("cloudtrail").get_trail_status(Name=world.outputs["trailArn"])["IsLogging"])


def as_user(world: World, monkeypatch: pytest.MonkeyPatch, policy: str, *, name: str = "") -> list[account.Session]:
    """Everything that follows is asked by a user who has one of the ready policies and nothing else."""
    iam, name = world.aws("iam"), name or policy.removesuffix(".json")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="ready", PolicyDocument=(POLICIES / policy).read_text())
    key = iam.create_access_key(UserName=name)["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    sessions: list[account.Session] = []
    make = account.session

    def remembered(**options: Any) -> account.Session:
        sessions.append(make(**options))
        return sessions[-1]

    monkeypatch.setattr(account, "session", remembered)
    return sessions


def actions_of(policy: str) -> set[str]:
    told = json.loads((POLICIES / policy).read_text())
    return {action for statement in told["Statement"] for action in statement["Action"]}


def planned(world: World, *, as_json: bool = True, **more: Any) -> maintenance.Options:
    options = {"target": Target(STACK, world.access), "as_json": as_json, **more}
    return maintenance.Options(now=lambda: now(world), **options)


def item(world: World) -> dict[str, Any]:
    """The record as the guardian reads it."""
    function = world.outputs["guardianFunctionName"]
    told = world.aws("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    key = {"trail": {"S": world.outputs["trailArn"]}, "id": {"S": "maintenance"}}
    table = told["LEDGER_ARN"].rpartition("/")[2]
    return plain(world.aws("dynamodb").get_item(TableName=table, Key=key).get("Item") or {})


def forget_maintenance(world: World) -> None:
    function = world.outputs["guardianFunctionName"]
    told = world.aws("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    key = {"trail": {"S": world.outputs["trailArn"]}, "id": {"S": "maintenance"}}
    world.aws("dynamodb").delete_item(TableName=told["LEDGER_ARN"].rpartition("/")[2], Key=key)
