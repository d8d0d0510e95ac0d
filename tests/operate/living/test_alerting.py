"""`test-alert`: an alert is followed to the people, and the hop where it ends is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from catalog import EVENT_SETS
from exits import Exit
from operate.alerting import choice
from operate.alerting import verb as alerting
from operate.alerting.follow import MARK
from operate.alerting.hops import HOPS
from operate.deployed import Target
from tests.support.check_world import ACCOUNT, HOME, MAIL, STACK, World
from tests.support.living_stack import Undo, actions_of, as_user, now

ALARM = "trail-storage"


def followed(
    world: World, capsys: pytest.CaptureFixture[str], **more: Any
) -> tuple[int, dict[str, dict[str, str]], str]:
    """The exit code, the hops of the only alarm by name, and the test's id."""
    options = {"target": Target(STACK, world.access), "set_name": ALARM, "pause_s": 0.05, **more}
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
    (mail,) = [each for each in world.client.mail() if f"Test     {test}" in each["body"] and each["to"] == MAIL]
    told = EVENT_SETS[ALARM]
    assert mail["subject"] == f"[{told.severity}] TEST of alerts, no event: {told.title} - {ACCOUNT} {HOME}"
    assert MAIL in hops["subscribers"]["what"]
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
        pytest.param(ringing, "alarm", "wait until it is quiet, 5 minutes after", id="rings already"),
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
    options = alerting.Options(target=Target(STACK, world.access), set_name="kms-changes")
    assert alerting.run(options) == Exit.NO_ANSWER
    assert "--set kms-changes: stack prod has no alarm of it, but of trail-changes, " in capsys.readouterr().err


def test_without_a_name_a_quiet_alarm_is_tested() -> None:
    def alarm(state: str) -> Any:
        return SimpleNamespace(state=state)

    quiet, rings = [alarm("OK")], [alarm("OK"), alarm("ALARM")]
    assert choice.first({"iam-changes": quiet, "trail-changes": quiet}) == "trail-changes"
    assert choice.first({"trail-changes": rings, "iam-changes": rings, "root-account-use": quiet}) == "root-account-use"
    assert choice.first({"iam-changes": rings, "trail-changes": rings}) == "trail-changes"
    assert choice.first({"iam-changes": rings}) == "iam-changes"


def test_who_may_not_ring_is_told_what_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_user(world, monkeypatch, "check.json")
    code, hops, _test = followed(world, capsys)
    assert (code, hops["state"]["state"], hops["back"]["state"]) == (Exit.NO_ANSWER, "unknown", "not reached")
    assert "cloudwatch:SetAlarmState denied for user check; docs/policies/test-alert.json" in hops["state"]["what"]
