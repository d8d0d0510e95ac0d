"""`maintenance`, `test-alert` and `drill` against one deployed sandbox whose clock is turned by hand."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common.table import plain
from guardian import maintenance as guardians

import account
from catalog import EVENT_SETS
from exits import Exit
from operate.alerting import verb as alerting
from operate.alerting.follow import MARK
from operate.alerting.hops import HOPS
from operate.drilling import verb as drilling
from operate.maintenance import verb as maintenance
from operate.maintenance.record import lasts
from tests.support.check_world import ACCOUNT, HOME, MAIL, STACK, World, deployed
from tests.support.recorded_program import ROOT

POLICIES = ROOT / "docs" / "policies"
Undo = Callable[[], Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with deployed(tmp_path_factory.mktemp("project")) as made:
            yield made


@pytest.fixture(autouse=True)
def in_the_project(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.folder)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


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


# -- maintenance


def planned(world: World, *, as_json: bool = True, **more: Any) -> maintenance.Options:
    options = {"stack": STACK, "endpoint_url": world.client.endpoint_url, "as_json": as_json, **more}
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


def test_maintenance_from_begin_to_end(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guardian obeys what the verb writes, and after its end everything is put back."""
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert maintenance.start(planned(world), reason="moving the bucket") == Exit.OK
    said = capsys.readouterr()
    assert (said.out, item(world)) == ("", {})
    assert "puts nothing back" in said.err
    assert "Nothing was written." in said.err

    sessions = as_user(world, monkeypatch, "maintenance.json")
    assert maintenance.start(planned(world), reason=" moving\nthe bucket ", lasts="1h30m", yes=True) == Exit.OK
    (told,) = json.loads(capsys.readouterr().out)["trails"]
    record = guardians.read(item(world))
    assert isinstance(record, guardians.Maintenance)
    assert record.is_on(now(world))
    assert record.ends - record.begins == timedelta(minutes=90)
    assert (record.reason, record.author) == ("moving the bucket", "arn:aws:iam::000000000000:user/maintenance")
    assert told == {
        "trail": world.outputs["trailArn"],
        "region": HOME,
        "mode": "restore",
        "state": "on",
        "begins": f"{record.begins:%Y-%m-%dT%H:%M:%SZ}",
        "ends": f"{record.ends:%Y-%m-%dT%H:%M:%SZ}",
        "reason": record.reason,
        "author": record.author,
        "problem": None,
    }

    assert maintenance.start(planned(world), reason="again", yes=True) == Exit.FOUND
    said = capsys.readouterr().err
    assert "maintenance is on already; end it first: .venv/bin/python -m wizard maintenance end --stack prod" in said
    assert guardians.read(item(world)) == record

    world.aws("cloudtrail").stop_logging(Name=world.outputs["trailArn"])
    world.client.settle()
    assert not is_logging(world)

    assert maintenance.end(planned(world, as_json=False)) == Exit.OK
    said = capsys.readouterr()
    assert "is put back from now on" in said.err
    assert f"({HOME}): no maintenance; the last one ended" in said.out
    world.client.advance_clock(300)
    world.client.settle()
    assert is_logging(world)
    subjects = [mail["subject"] for mail in world.client.mail()]
    assert any("Maintenance until" in subject for subject in subjects)
    assert any("Maintenance is over" in subject for subject in subjects)

    assert maintenance.end(planned(world)) == Exit.OK
    assert "No maintenance was on" in capsys.readouterr().err
    asked = frozenset[str]().union(*(session.asked for session in sessions))
    assert asked - {"sts:GetCallerIdentity"} == actions_of("maintenance.json")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lasts": "5h"}, "--for 5h: must be more than 0 and at most 4h, written as 2h, 90m or 1h30m"),
        ({"lasts": "0m"}, "--for 0m: must be more than 0"),
        ({"lasts": ""}, "--for : must be"),
        ({"reason": " \n"}, "--reason: say why"),
    ],
)
def test_maintenance_refuses_what_the_guardian_would_not_obey(
    world: World, capsys: pytest.CaptureFixture[str], given: dict[str, Any], said: str
) -> None:
    before = item(world)
    assert maintenance.start(planned(world), **{"reason": "work", "yes": True, **given}) == Exit.NO_ANSWER
    assert said in capsys.readouterr().err
    assert item(world) == before


def test_two_who_plan_at_once_do_not_overwrite_each_other(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The slower one asks for the time after it has looked; by then the quicker one has written."""
    quick = planned(world)
    looked: list[int] = []

    def late() -> datetime:
        if not looked:
            looked.append(maintenance.start(quick, reason="the quicker", yes=True))
        return now(world)

    slow = replace(quick, now=late)
    try:
        assert (maintenance.start(slow, reason="the slower", yes=True), looked) == (Exit.FOUND, [Exit.OK])
        assert "somebody else has just changed the record" in capsys.readouterr().err
        assert item(world)["reason"] == "the quicker"
    finally:
        assert maintenance.end(quick) == Exit.OK


@pytest.mark.parametrize(("text", "minutes"), [("2h", 120), ("90m", 90), ("1h30m", 90), (" 4h ", 240), ("1m", 1)])
def test_how_long(text: str, minutes: int) -> None:
    assert lasts(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("region", "said"),
    [("eu-central-1", "nothing of stack prod is in eu-central-1 of account 000000000000"), (None, "Pulumi.nope.yaml")],
)
def test_a_stack_that_is_not_there(
    world: World, capsys: pytest.CaptureFixture[str], region: str | None, said: str
) -> None:
    stack = STACK if region else "nope"
    assert maintenance.show(planned(world, stack=stack, region=region)) == Exit.NO_ANSWER
    assert said in capsys.readouterr().err


# -- test-alert

ALARM = "trail-storage"
"""An alarm that nothing rings that these tests do."""


def followed(
    world: World, capsys: pytest.CaptureFixture[str], **more: Any
) -> tuple[int, dict[str, dict[str, str]], str]:
    """The exit code, the hops of the only alarm by name, and the test's id."""
    options = {"stack": STACK, "set_name": ALARM, "endpoint_url": world.client.endpoint_url, "pause_s": 0.05, **more}
    code = alerting.run(alerting.Options(now=lambda: now(world), as_json=True, **options))
    told = json.loads(capsys.readouterr().out)
    (alarm,) = told["alarms"]
    assert (told["exit_code"], alarm["alarm"]) == (code, world.outputs["alarmNames"][ALARM])
    assert [hop["name"] for hop in alarm["hops"]] == list(HOPS)
    return code, {hop["name"]: hop for hop in alarm["hops"]}, alarm["test"]


def alarm_of(world: World) -> dict[str, Any]:
    (alarm,) = world.aws("cloudwatch").describe_alarms(AlarmNames=[world.outputs["alarmNames"][ALARM]])["MetricAlarms"]
    return alarm


def test_an_alert_is_followed_to_the_people(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = alarm_of(world)["StateValue"]
    sessions = as_user(world, monkeypatch, "test-alert.json")
    code, hops, test = followed(world, capsys)
    assert {name: hop["state"] for name, hop in hops.items()} == dict.fromkeys(HOPS, "proved")
    assert code == Exit.OK
    assert (alarm_of(world)["StateValue"], alarm_of(world)["StateReason"]) == (before, f"{MARK} {test} is over")
    world.client.settle()
    (mail,) = [mail for mail in world.client.mail() if f"Test     {test}" in mail["body"]]
    told = EVENT_SETS[ALARM]
    assert mail["subject"] == f"[{told.severity}] TEST of alerts, no event: {told.title} - {ACCOUNT} {HOME}"
    assert (mail["to"], MAIL in hops["subscribers"]["what"]) == (MAIL, True)
    assert "SNS message " in hops["published"]["evidence"]
    asked = frozenset[str]().union(*(session.asked for session in sessions))
    assert asked - {"sts:GetCallerIdentity"} == actions_of("test-alert.json")


def no_actions(world: World) -> Undo:
    cloudwatch, names = world.aws("cloudwatch"), [world.outputs["alarmNames"][ALARM]]
    cloudwatch.disable_alarm_actions(AlarmNames=names)
    return lambda: cloudwatch.enable_alarm_actions(AlarmNames=names)


def deny(topic: str) -> Callable[[World], Undo]:
    def act(world: World) -> Undo:
        sns, arn = world.aws("sns"), world.outputs[topic]
        before = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        told = json.loads(before)
        told["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": arn})

        def put(policy: str) -> None:
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

        put(json.dumps(told))
        return lambda: put(before)

    return act


def explainer(world: World) -> dict[str, Any]:
    listed = world.aws("lambda").list_functions()["Functions"]
    (found,) = [each for each in listed if each["FunctionName"].startswith("explainer")]
    return found


def explainer_off(world: World) -> Undo:
    functions = world.aws("lambda")
    (name,) = [
        each["FunctionName"] for each in functions.list_functions()["Functions"] if "expl" in each["FunctionName"]
    ]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return lambda: functions.delete_function_concurrency(FunctionName=name)


def explainer_unsubscribed(world: World) -> Undo:
    sns, topic = world.aws("sns"), world.outputs["signalsTopicArn"]
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    (one,) = [each for each in found if "expl" in each["Endpoint"]]
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    return lambda: sns.subscribe(TopicArn=topic, Protocol=one["Protocol"], Endpoint=one["Endpoint"])


def somebody_pending(world: World) -> Undo:
    sns, topic = world.aws("sns"), world.outputs["alertsTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="late@example.com")

    def undo() -> None:
        world.client.confirm("late@example.com")
        for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            if each["Endpoint"] == "late@example.com":
                sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])

    return undo


def ringing(world: World) -> Undo:
    cloudwatch, name = world.aws("cloudwatch"), world.outputs["alarmNames"][ALARM]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="real")
    return lambda: cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="over")


@pytest.mark.parametrize(
    ("breaks", "ends_at", "advice"),
    [
        pytest.param(no_actions, "alarm", "aws cloudwatch enable-alarm-actions --region eu-west-1", id="actions off"),
        pytest.param(ringing, "alarm", "wait until it is quiet", id="rings already"),
        pytest.param(deny("signalsTopicArn"), "action", "must allow cloudwatch.amazonaws.com", id="topic policy"),
        pytest.param(explainer_off, "explainer", "aws lambda delete-function-concurrency", id="concurrency 0"),
        pytest.param(explainer_unsubscribed, "explainer", "pulumi up --stack prod", id="not subscribed"),
        pytest.param(somebody_pending, "subscribers", "check --resend", id="pending"),
    ],
)
def test_the_hop_where_an_alert_ends_is_named(
    world: World,
    capsys: pytest.CaptureFixture[str],
    breaks: Callable[[World], Undo],
    ends_at: str,
    advice: str,
) -> None:
    undo = breaks(world)
    before = alarm_of(world)
    try:
        code, hops, test = followed(world, capsys)
    finally:
        undo()
    names = list(HOPS)
    reached = names.index(ends_at)
    is_set = reached > 0
    states = {name: hop["state"] for name, hop in hops.items()}
    assert [states[name] for name in names[:reached]] == ["proved"] * reached
    assert states[ends_at] == "failed"
    assert {states[name] for name in names[reached + 1 : -1]} <= {"not reached"}
    assert states["back"] == ("proved" if is_set else "not reached")
    assert advice in hops[ends_at]["fix"]
    assert code == Exit.FOUND
    if is_set:
        now_is = alarm_of(world)
        assert (now_is["StateValue"], now_is["StateReason"]) == (before["StateValue"], f"{MARK} {test} is over")
    elif ends_at == "alarm" and before["StateValue"] != "ALARM":
        assert alarm_of(world)["StateReason"] == before["StateReason"]


def test_nobody_answers_within_the_time(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The explainer leaves the alarm to another: the wait ends, and the alarm is put back."""
    functions, told = world.aws("lambda"), explainer(world)
    variables = told["Environment"]["Variables"]

    def put(values: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=told["FunctionName"], Environment={"Variables": values})

    put({**variables, "OTHER_NAMESPACES": variables["METRIC_NAMESPACE"]})
    try:
        code, hops, _test = followed(world, capsys, timeout_s=0.5)
    finally:
        put(variables)
    assert (code, hops["explainer"]["state"], hops["back"]["state"]) == (Exit.FOUND, "failed", "proved")
    assert "has not told of the test within" in hops["explainer"]["what"]
    assert f"look at its log group {told['LoggingConfig']['LogGroup']}" in hops["explainer"]["fix"]


def test_a_set_that_the_stack_does_not_have(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    options = alerting.Options(stack=STACK, set_name="kms-changes", endpoint_url=world.client.endpoint_url)
    assert alerting.run(options) == Exit.NO_ANSWER
    assert "--set kms-changes: stack prod has no alarm of it, but of trail-changes, " in capsys.readouterr().err


def test_who_may_not_ring_is_told_what_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_user(world, monkeypatch, "check.json")
    code, hops, _test = followed(world, capsys)
    assert (code, hops["state"]["state"], hops["back"]["state"]) == (Exit.NO_ANSWER, "unknown", "not reached")
    assert "cloudwatch:SetAlarmState denied for user check; docs/policies/test-alert.json" in hops["state"]["what"]


# -- drill

NO_START = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "cloudtrail:StartLogging", "Resource": "*"},
    }
)


def drilled(world: World, **more: Any) -> int:
    """What `drill` does here, without asking."""
    options = {"stack": STACK, "endpoint_url": world.client.endpoint_url, "pause_s": 0.05, "yes_really": True, **more}
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
    (mail,) = [mail for mail in world.client.mail() if "by drill" in mail["subject"]]
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
        ("", "Nothing was stopped."),
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
