"""An alarm that cannot be explained, that somebody set by hand, or that is a test: people are told all the same."""

import pytest
from common.errors import NotReported
from explainer.errors import NotExplained

from catalog import EVENT_SETS
from tests.support.alarm_mails import HERE, POLICY, told
from tests.support.explainer_world import World, record, sns, watch
from tests.support.guardian_world import refusal


def test_an_alarm_that_is_no_watch_of_ours_is_told_as_it_is():
    world = World()
    world.rings(POLICY)
    world.alarms[world.alarm(POLICY)]["MetricName"] = "SomethingElse"
    world.deliver(sns({"AlarmName": world.alarm(POLICY), "NewStateValue": "ALARM"}))
    assert told(world) == ["[critical] ALARM watch-iam-policy-changes-1a2b3c4, not explained"]


@pytest.mark.parametrize("service", ["cloudwatch", "logs", "dynamodb"])
def test_whatever_refuses_people_are_told_of_the_alarm(service: str):
    world = World(down={service})
    world.happens(record())
    message = world.rings(POLICY)
    try:
        world.deliver(message)
    except NotExplained:
        assert service == "nothing"  # none of these is an error of ours
    (subject,) = world.subjects
    assert "IAM policy changes" in subject or "ALARM" in subject


def test_a_fault_of_our_own_does_not_swallow_the_alarm(monkeypatch: pytest.MonkeyPatch):
    world = World()
    world.happens(record())
    message = world.rings(POLICY)

    def broken(*_: object, **__: object) -> None:
        raise KeyError("a fault of our own")

    with monkeypatch.context() as patch:
        patch.setattr("explainer.telling.compose", broken)
        with pytest.raises(NotExplained):
            world.deliver(message)
    assert told(world) == ["[critical] ALARM watch-iam-policy-changes-1a2b3c4, not explained"]
    world.sweep()  # what was claimed and not told
    assert told(world)[1:] == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_a_mail_that_cannot_be_published_stands_in_the_log_and_is_told_later():
    world = World(refuse={"Publish": [refusal("AuthorizationError")]})
    world.happens(record())
    message = world.rings(POLICY)
    with pytest.raises(NotReported):
        world.deliver(message)
    (lost,) = [line["report"] for line in world.lines if "report" in line]
    assert lost["subject"] == f"[high] IAM policy changes: PutUserPolicy by mallory{HERE}"
    world.hands.move(60)
    world.deliver(message)
    world.sweep()
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_an_alarm_that_somebody_sets_by_hand_is_told():
    world = World()
    world.deliver(world.rings(POLICY, None))
    assert told(world) == ["[high] IAM policy changes: rang without an event"]
    assert "somebody set its state" in world.body
    world.quiet(POLICY)
    world.sweep(after_s=600)
    assert len(world.published) == 1


TEST = "TEST of trailwarden alerts 0123456789ab by arn:aws:iam::111122223333:user/ann"


@pytest.mark.parametrize("name", [POLICY, "unauthorized-api-calls"])
def test_a_test_is_told_as_one_and_each_time(name: str):
    """As loud as the alarm; and it is over without a word."""
    world = World()
    world.deliver(message := world.rings(name, None, reason=TEST))
    world.deliver(message)
    (mail,) = world.published
    severity, title = EVENT_SETS[name].severity, EVENT_SETS[name].title
    assert mail["Subject"] == f"[{severity}] TEST of alerts, no event: {title} - 111122223333 eu-west-1"
    assert mail["MessageAttributes"]["severity"]["StringValue"] == severity
    assert mail["MessageAttributes"]["set"]["StringValue"] == name
    assert world.row("Says") == TEST
    assert "AttributeValue=SetAlarmState" in world.body
    (line,) = [line for line in world.lines if line.get("test")]
    assert (line["test"], line["reported"], line["snsMessageId"]) == ("0123456789ab", True, "message-1")
    world.quiet(name)
    world.hands.move(30)
    world.deliver(world.rings(name, None, reason=TEST.replace("01234", "abcde")))  # before anybody saw the quiet
    assert len(world.published) == 2
    world.quiet(name)
    world.sweep(after_s=600)
    world.sweep(after_s=600)
    assert len(world.published) == 2
    assert (world.table.ids("open"), world.table.ids("claimed")) == ([], [])


def test_nobody_hides_behind_a_test():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY, None, reason=TEST))
    assert told(world) == [
        "[high] IAM policy changes: PutUserPolicy by mallory",
        "[high] TEST of alerts, no event: IAM policy changes",
    ]
    world.happens(record(event_id="late", eventName="AttachUserPolicy", at=world.hands.at))
    world.sweep(after_s=60)
    assert len(world.published) == 3
    assert "AttachUserPolicy" in world.subjects[-1]


def test_a_reason_does_not_make_a_test_of_what_was_counted():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY, 1.0, reason=TEST))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_a_filter_that_is_gone_is_replaced_by_what_was_deployed():
    world = World()
    world.happens(record())
    del world.filters[watch(POLICY)["metric"]]
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]
