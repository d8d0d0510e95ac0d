"""An alarm that rings: what people are told, when, and how often."""

from datetime import timedelta
from typing import Any

from common.report import Report, publication
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.alarm_mails import HERE, POLICY, told
from tests.support.explainer_world import BEGAN_AT, OFFICE, World, many, record, sns, watch


def test_one_event_is_told_with_who_what_where_and_when():
    world = World()
    world.happens(record())
    answer = world.deliver(world.rings(POLICY))
    assert (answer["did"], answer["mails"]) == ("told", 1)
    assert world.subjects == [f"[high] IAM policy changes: PutUserPolicy by mallory{HERE}"]
    assert world.body.startswith(
        "IAM policy changes: mallory called PutUserPolicy on mallory.\n\nWho      mallory (IAM user"
    )
    assert world.row("Who") == "mallory (IAM user, no MFA) · AIDAEXAMPLEMALLORY00 · key AKIA…7Q4"
    assert world.row("What") == "PutUserPolicy of iam.amazonaws.com: userName mallory, policyName work"
    assert world.row("Where") == "203.0.113.77 · aws-cli/2.31.0 · us-east-1 · account 111122223333"
    assert world.row("When") == "2026-11-21 03:12:09 UTC · noticed after 2 min by the alarm"
    assert world.row("Alarm").startswith("watch-iam-policy-changes-1a2b3c4")
    assert "update-access-key --user-name mallory --access-key-id AKIAEXAMPLE0000007Q4 --status Inactive" in world.body
    assert "#logsV2:logs-insights$3FqueryDetail$3D" in world.body
    assert world.row("Event").startswith("0c8f1e9a-0000-4000-8000-000000000001")
    assert world.row("Runbook") == "docs/reference/event-sets.md#iam-policy-changes"
    assert world.body.endswith("\ntrailwarden 0.1.0 · stack prod\n")
    attributes = {name: each["StringValue"] for name, each in world.published[0]["MessageAttributes"].items()}
    assert attributes == {
        "severity": "high",
        "set": POLICY,
        "account": "111122223333",
        "region": "us-east-1",
        "stack": "prod",
    }


def test_attributes_name_all_sets_of_a_mail_and_no_empty_one():
    """Whoever chose one of the sets hears of it; SNS refuses an attribute without value."""
    report = Report(subject="s", body="b", severity="high")
    many = publication(report, topic_arn="t", attributes={"severity": "high", "set": ["one", "two"], "region": ""})
    assert many["MessageAttributes"] == {
        "severity": {"DataType": "String", "StringValue": "high"},
        "set": {"DataType": "String.Array", "StringValue": '["one", "two"]'},
    }


def test_what_a_message_says_of_an_alarm_is_not_believed():
    """Neither the filter nor the log group nor the span: whoever may publish to the topic could write them."""
    world = World()
    world.happens(record())
    world.rings(POLICY)
    forged = {
        "AlarmName": world.alarm(POLICY),
        "NewStateValue": "ALARM",
        "StateChangeTime": "2020-01-01T00:00:00.000+0000",
        "Trigger": {"MetricName": "Nothing", "Namespace": "elsewhere", "Period": 60},
        "AlarmArn": "arn:aws:cloudwatch:us-west-2:999999999999:alarm:other",
    }
    world.deliver(sns(forged))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_a_second_message_about_the_same_ring_is_silent():
    world = World()
    world.happens(record())
    message = world.rings(POLICY)
    world.deliver(message)
    assert world.deliver(message)["did"] == "told already"
    assert len(world.published) == 1


def test_a_state_that_is_not_alarm_is_silent():
    world = World()
    answer = world.deliver(sns({"AlarmName": world.alarm(POLICY), "NewStateValue": "OK"}))
    assert (answer["did"], world.published, world.calls) == ("does not ring", [], [])


# -- many events


def test_five_thousand_events_in_a_minute_make_one_mail_with_the_right_numbers_and_then_one_when_it_is_over():
    world = World()
    world.happens(*many(3_000, within_s=60))
    world.happens(*(each | {"eventID": f"x{each['eventID']}"} for each in many(2_000, "AttachUserPolicy")))
    world.deliver(world.rings(POLICY, 5000.0))
    assert told(world) == ["[high] IAM policy changes: 5000 events by mallory"]
    assert world.row("Calls") == "PutUserPolicy 3000 · AttachUserPolicy 2000"
    # One caller, address and region: said above, once.
    assert world.row("First").startswith("03:12:09 PutUserPolicy on mallory\nevent ")
    assert world.body.count("203.0.113.77") == world.body.count("mallory (") == 1
    assert "Missing" not in world.body
    assert world.calls.count("FilterLogEvents") <= 11
    assert world.calls.count("UpdateItem") <= 20
    for _ in range(3):
        world.sweep()
    assert len(world.published) == 1
    world.quiet(POLICY)
    world.sweep(after_s=360)
    world.sweep()
    assert told(world)[1:] == ["[high] Cleared: IAM policy changes (5000 events in 15 min 6 s)"]


def test_many_calls_from_one_address():
    world = World()
    kinds = ("DescribeInstances", "ListBuckets", "GetCallerIdentity")
    world.happens(*(record(kinds[n % 3], event_id=f"e-{n:08d}", at=BEGAN_AT + timedelta(seconds=n)) for n in range(33)))
    world.deliver(world.rings("office", 33.0))
    assert told(world) == ["[medium] 33 calls from 203.0.113.77 in 5 min (threshold 30)"]
    assert world.row("Calls") == "DescribeInstances 11 · ListBuckets 11 · GetCallerIdentity 11"
    assert world.row("From") == "203.0.113.77"
    assert world.row("First").endswith("event e-00000000")
    assert world.row("Last").endswith("event e-00000032")
    world.quiet("office")
    world.sweep(after_s=600)
    assert (
        told(world)[1:] == ["[medium] Cleared: Many calls from office (33 events in 2 s)"]
        or "Cleared" in told(world)[1]
    )


def test_events_by_account_and_region_where_there_are_several():
    world = World()
    places = [("111122223333", "us-east-1"), ("444455556666", "eu-west-1"), ("444455556666", "us-east-1")]
    for number, (account, region) in enumerate(places):
        world.happens(record(event_id=f"e-{number:08d}", recipientAccountId=account, awsRegion=region))
    world.deliver(world.rings(POLICY, 3.0))
    assert world.row("Accounts") == "444455556666 2 · 111122223333 1"
    assert world.row("Where") == "us-east-1 2 · eu-west-1 1"
    assert world.subjects[0].endswith(" - 111122223333 eu-west-1")  # home


# -- the alarm stays in ALARM


def test_who_holds_the_alarm_and_then_acts_is_told_all_the_same():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    world.hands.move(200)
    later = record("AttachUserPolicy", event_id="second-0001", at=world.hands.at, sourceIPAddress="198.51.100.23")
    world.happens(later)
    world.sweep(after_s=100)
    assert told(world)[1:] == ["[high] More: IAM policy changes: AttachUserPolicy by mallory"]
    assert "second-0001" in world.published[1]["Message"]
    world.sweep()
    assert len(world.published) == 2


def test_more_of_the_same_is_counted_and_told_with_the_reminder():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    for number in range(13):
        world.happens(record(event_id=f"again-{number:04d}", at=world.hands.at))
        world.sweep()
    assert told(world)[1:] == ["[high] More: IAM policy changes: PutUserPolicy by mallory"]  # after an hour
    assert world.row("So far", mail=1).startswith("13 events since 2026-11-21 03:14:09 UTC")


def test_an_alarm_that_rings_anew_before_anybody_saw_it_quiet_tells_what_is_new():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    world.hands.move(60)
    world.quiet(POLICY)
    world.hands.move(60)
    world.happens(record("DeleteUserPolicy", event_id="second-0001", at=world.hands.at))
    world.hands.move(1)
    world.deliver(world.rings(POLICY))
    assert told(world)[1:] == ["[high] More: IAM policy changes: DeleteUserPolicy by mallory"]


def test_one_event_needs_no_mail_when_it_is_over():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    world.quiet(POLICY)
    answer = world.sweep(after_s=600)
    assert list(answer["did"].values()) == ["over"]
    assert len(world.published) == 1
    assert world.sweep()["did"] == {}


def test_a_second_ring_is_a_second_mail():
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    world.quiet(POLICY)
    world.sweep(after_s=600)
    world.happens(record(event_id="second-0001", at=world.hands.at))
    world.hands.move(5)
    world.deliver(world.rings(POLICY))
    assert told(world)[1:] == ["[high] IAM policy changes: PutUserPolicy by mallory"]


# -- whatever comes


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.sampled_from(["PutUserPolicy", "AttachUserPolicy", "ListUsers"])),
        st.tuples(st.just("ring")),
        st.tuples(st.just("quiet")),
        st.tuples(st.just("sweep")),
        st.tuples(st.just("late"), st.sampled_from([0, 90])),
    ),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_every_event_of_an_alarm_is_told_or_counted_and_none_twice(steps: list[tuple[Any, ...]]):
    world, happened, rang = World(watches=(watch(POLICY), OFFICE)), 0, False
    for verb, *rest in steps:
        if verb == "event":
            happened += 1
            world.happens(record(rest[0], event_id=f"e-{happened:06d}", at=world.hands.at))
        elif verb == "ring" and not rang:
            rang = True
            hits = sum(1 for _, each in world.log if each["eventName"] != "ListUsers")
            if hits:
                world.deliver(world.rings(POLICY, float(hits)))
        elif verb == "quiet" and rang:
            rang = False
            world.quiet(POLICY)
        elif verb == "sweep":
            world.sweep()
        elif verb == "late":
            world.late_s = rest[0]
        world.hands.move(10)
    bodies = [each["Message"] for each in world.published]
    for number in range(1, happened + 1):
        assert sum(f"e-{number:06d}" in body for body in bodies) <= 1
