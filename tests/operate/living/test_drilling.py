"""`drill`: the guardian is timed, and the trail is left logging whatever happens."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from exits import Exit
from operate.deployed import Target
from operate.drilling import verb as drilling
from operate.maintenance import verb as maintenance
from tests.support.check_world import HOME, MAIL, STACK, World
from tests.support.living_stack import Undo, actions_of, as_user, forget_maintenance, is_logging, now, planned
from tests.support.recorded_program import ROOT

NO_START = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "cloudtrail:StartLogging", "Resource": "*"},
    }
)


def drilled(world: World, **more: Any) -> int:
    """What `drill` does here, without asking."""
    options = {"target": Target(STACK, world.access), "pause_s": 0.05, "yes_really": True, **more}
    return drilling.run(drilling.Options(now=lambda: now(world), **options))


def test_a_drill_times_the_guardian(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.client.advance_clock(10)  # stops of the same second are one incident
    sessions = as_user(world, monkeypatch, "drill.json")
    assert drilled(world, as_json=True, target_s=300) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert (told["trail"], told["exit_code"], told["restored_by"]) == (world.outputs["trailArn"], 0, "guardian")
    assert told["is_logging"]
    assert 0 < told["logging_after_s"] <= 300
    assert (bool(told["sns_message_id"]), told["blind"]) == (True, None)
    assert is_logging(world)
    world.client.settle()
    (mail,) = [mail for mail in world.client.mail() if mail["to"] == MAIL and "by drill" in mail["subject"]]
    assert mail["subject"].startswith("[critical] Trail stopped by drill")
    asked = frozenset[str]().union(*(session.asked for session in sessions))
    assert asked - {"sts:GetCallerIdentity"} == actions_of("drill.json")


@contextmanager
def without_guardian(world: World) -> Iterator[None]:
    """The guardian is not woken by events: whatever starts the trail now is the drill."""
    events = world.aws("events")
    (rule,) = events.list_rules(NamePrefix="guardian")["Rules"]
    events.disable_rule(Name=rule["Name"])
    forget_maintenance(world)  # it ended by the sandbox's clock, which is ahead of that of another process
    try:
        yield
    finally:
        events.enable_rule(Name=rule["Name"])
        world.aws("cloudtrail").start_logging(Name=world.outputs["trailArn"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_a_drill_leaves_the_trail_logging(world: World, number: signal.Signals) -> None:
    """The signal comes at the moment when the trail is seen stopped, and nobody else would start it."""
    line = [sys.executable, "-m", "wizard", "drill", "--stack", STACK, "--yes-really"]
    with without_guardian(world):
        process = subprocess.Popen(
            [*line, "--endpoint-url", world.client.endpoint_url],
            cwd=world.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while is_logging(world):
                assert process.poll() is None, process.communicate()
            process.send_signal(number)
            out, said = process.communicate(timeout=120)
        finally:
            process.kill()
        assert is_logging(world)
        assert (process.returncode, out) == (Exit.INTERRUPTED, "")
        assert "the trail logs again" in said


def test_a_drill_that_nobody_ends_starts_the_trail_itself(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with without_guardian(world):
        assert drilled(world, timeout_s=0.2) == Exit.FOUND
        assert is_logging(world)
    said = capsys.readouterr().out
    assert "did not log again within 0 s. It was started by this drill." in said


def test_a_fault_of_our_own_leaves_the_trail_logging(world: World) -> None:
    def broken(_seconds: float) -> None:
        raise ZeroDivisionError

    with without_guardian(world):
        with pytest.raises(ZeroDivisionError):
            drilled(world, sleep=broken)
        assert is_logging(world)


def test_a_trail_that_cannot_be_started_is_told_as_loudly_as_can_be(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The right to start it is taken while it is stopped."""
    iam, waits = world.aws("iam"), list[float]()

    def take_the_right(seconds: float) -> None:
        waits.append(seconds)
        deny = {"Effect": "Deny", "Action": "cloudtrail:StartLogging", "Resource": "*"}
        iam.put_user_policy(
            UserName="unlucky",
            PolicyName="deny",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": deny}),
        )

    as_user(world, monkeypatch, "drill.json", name="unlucky")
    with without_guardian(world):
        assert drilled(world, sleep=take_the_right, timeout_s=0.2, as_json=True) == Exit.FOUND
        assert not is_logging(world)
    told = capsys.readouterr()
    assert json.loads(told.out)["is_logging"] is False
    assert "IS NOT LOGGING, AND IT COULD NOT BE STARTED: cloudtrail:StartLogging denied for user unlucky" in told.err
    assert f"aws cloudtrail start-logging --region {HOME} --name {world.outputs['trailArn']}" in told.err
    assert waits[-9:] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0]


def last_stop(world: World) -> Any:
    return world.aws("cloudtrail").get_trail_status(Name=world.outputs["trailArn"]).get("StopLoggingTime")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("n\n", "Nothing was stopped."),
        ("y\nsome-other-trail\n", "Nothing was stopped."),
    ],
)
def test_a_drill_asks_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, said: str
) -> None:
    before = last_stop(world)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert drilled(world, yes_really=False) == Exit.OK
    assert said in capsys.readouterr().err
    assert last_stop(world) == before


@pytest.mark.parametrize("typed", ["", "y\n"])
def test_where_nobody_can_answer_that_is_no_no(world: World, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    before = last_stop(world)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(EOFError, match="nothing was done; --yes-really answers in a pipeline"):
        drilled(world, yes_really=False)
    assert last_stop(world) == before


def in_maintenance(world: World) -> Undo:
    assert maintenance.start(planned(world), reason="work", yes=True) == Exit.OK
    return lambda: maintenance.end(planned(world))


def notify_only(world: World) -> Undo:
    functions, name = world.aws("lambda"), world.outputs["guardianFunctionName"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def put(values: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": values})

    put({**variables, "MODE": "notify"})
    return lambda: put(variables)


@pytest.mark.parametrize(
    ("act", "given", "said"),
    [
        pytest.param(in_maintenance, {}, "maintenance end --stack prod", id="maintenance"),
        pytest.param(notify_only, {}, "only tells (mode notify): nobody would start the trail again", id="notify"),
        pytest.param(None, {"trail": "nope"}, "--trail nope: stack prod guards trailwarden-prod", id="name"),
    ],
)
def test_a_drill_is_refused(
    world: World,
    capsys: pytest.CaptureFixture[str],
    act: Callable[[World], Undo] | None,
    given: dict[str, Any],
    said: str,
) -> None:
    before, undo = last_stop(world), act(world) if act else lambda: None
    try:
        assert drilled(world, **given) == Exit.NO_ANSWER
    finally:
        undo()
    assert said in capsys.readouterr().err
    assert last_stop(world) == before


def test_who_may_not_start_it_shall_not_stop_it(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = last_stop(world)
    as_user(world, monkeypatch, "drill.json", name="no-start")
    world.aws("iam").put_user_policy(UserName="no-start", PolicyName="deny", PolicyDocument=NO_START)
    assert drilled(world) == Exit.NO_ANSWER
    assert "you may not start trailwarden-prod again, so it is not stopped: cloudtrail:StartLogging denied" in (
        capsys.readouterr().err
    )
    assert last_stop(world) == before
