"""An alarm that rings: what people are told, when, and how often."""

from datetime import timedelta
from typing import Any

import pytest
from common.errors import NotReported
from common.report import Report, publication
from common.trail_calls import SEEN
from explainer import handler, kit
from explainer.errors import NotExplained
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import EVENT_SETS
from components.explainer import TIMEOUT_S
from tests.support.explainer_world import BEGAN_AT, OFFICE, TRAIL_ARN, World, by_rule, many, record, sns, watch
from tests.support.guardian_world import refusal

POLICY, DENIED = "iam-policy-changes", "unauthorized-api-calls"
HERE = " - 111122223333 us-east-1"


def told(world: World) -> list[str]:
    """The subjects without where it was."""
    return [subject.rpartition(" - ")[0] for subject in world.subjects]


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


# -- the log is late, refuses, or is slow


def test_a_log_that_is_late_makes_a_short_mail_and_one_follow_up():
    world = World(late_s=240)
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: details follow"]
    assert world.row("Missing") == "1 event that the alarm counted: not in the log yet; another mail tells the rest"
    world.sweep(after_s=60)
    assert len(world.published) == 1
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: PutUserPolicy by mallory"]
    world.sweep()
    assert len(world.published) == 2


def test_a_part_of_the_events_is_told_at_once_and_the_rest_once():
    world = World(late_s=100)
    world.happens(*many(5, within_s=100))
    world.deliver(world.rings(POLICY, 5.0))
    assert told(world) == ["[high] IAM policy changes: 2 x PutUserPolicy by mallory"]
    assert world.row("Missing").startswith("3 events that the alarm counted: not in the log yet")
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: 3 x PutUserPolicy by mallory"]


def test_what_the_log_never_shows_is_said_after_half_an_hour():
    world = World()
    world.deliver(world.rings(POLICY))
    for _ in range(6):
        world.sweep()
    assert told(world) == ["[high] IAM policy changes: details follow", "[high] Details not found: IAM policy changes"]
    for _ in range(3):
        world.sweep()
    assert len(world.published) == 2


@pytest.mark.parametrize("page", [1, 7, 500])
def test_empty_pages_are_read_over(page: int):
    world = World(page=page, empty_pages=True)
    world.happens(*many(9))
    world.happens(*(record("ListUsers", event_id=f"other-{n:04d}") for n in range(20)))
    world.deliver(world.rings(POLICY, 9.0))
    assert told(world) == ["[high] IAM policy changes: 9 x PutUserPolicy by mallory"]


def test_a_throttled_log_is_asked_again():
    world = World(refuse={"FilterLogEvents": [refusal("ThrottlingException") for _ in range(4)]})
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_a_log_that_stays_throttled_or_slow_makes_a_short_mail_in_time():
    world = World(refuse={"FilterLogEvents": [refusal("ThrottlingException") for _ in range(1000)]})
    world.happens(record())
    world.deliver(world.rings(POLICY), remaining_s=60)
    assert told(world) == ["[high] IAM policy changes: details follow"]
    assert world.row("Missing").startswith("the log could not be read to its end: Throttling")
    assert world.hands.passed_s < 60
    world.refuse.clear()
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: PutUserPolicy by mallory"]


def test_a_page_may_take_long_and_leaves_time_to_tell():
    """A client that gives up early would ask for the same slow page again and again."""
    search, other = (handler._client(service, "eu-west-1").meta.config for service in ("logs", "cloudwatch"))
    assert search.read_timeout == 20
    assert other.read_timeout < 5
    longest_s = search.connect_timeout + search.read_timeout
    assert kit.LOOK * TIMEOUT_S + longest_s + other.read_timeout < kit.TELL * TIMEOUT_S


def test_more_than_can_be_read_in_one_go_is_said():
    world = World(page=10)
    world.happens(*many(900))
    world.deliver(world.rings(POLICY, 900.0))
    assert told(world) == ["[high] IAM policy changes: 600 x PutUserPolicy by mallory"]
    assert "the numbers here are the least" in world.row("Missing")
    assert world.calls.count("FilterLogEvents") == 60


def test_a_refused_log_is_named():
    world = World(refuse={"FilterLogEvents": [refusal("AccessDeniedException")]})
    world.deliver(world.rings(POLICY))
    assert world.row("Missing").startswith("the log could not be read to its end: AccessDenied")


def test_copies_of_one_event_are_one_event():
    world = World()
    world.happens(record(), record(), record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]
    assert "Not here" not in world.body
    world = World()
    world.happens(*many(40), *many(40))
    world.deliver(world.rings(POLICY, 40.0))
    assert told(world) == ["[high] IAM policy changes: 40 x PutUserPolicy by mallory"]


# -- one mail over all ways


def test_an_event_of_two_watches_is_told_once_as_loud_as_the_loudest():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World()
    world.happens(record(userIdentity=root))
    world.deliver(world.rings(POLICY))
    world.deliver(world.rings("root-account-use"))
    (subject,) = told(world)
    assert subject.startswith("[critical] ")
    assert "PutUserPolicy by root" in subject
    assert world.row("Also") == "IAM policy changes (high)"


def test_nobody_hides_in_the_crowd_of_a_noisy_watch():
    """What is told in numbers only is not told for those who find it, too."""
    world = World(watches=(watch(POLICY), {**OFFICE, "threshold": 1, "severity": "low"}))
    world.happens(*many(60, "ListUsers"), record(event_id="hidden-0001"))
    world.deliver(world.rings("office", 61.0))
    world.deliver(world.rings(POLICY))
    assert told(world) == [
        "[low] 61 calls from 203.0.113.77 in 5 min (threshold 1)",
        "[high] IAM policy changes: PutUserPolicy by mallory",
    ]
    assert "hidden-0001" in world.published[1]["Message"]


def test_what_came_by_the_event_rule_is_not_told_by_the_alarm():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    event = record("CreateUser", userIdentity=root)
    world = World()
    assert world.deliver(by_rule(event))["did"] == "told"
    world.happens(event)
    world.hands.move(200)
    assert world.deliver(world.rings("root-account-use"))["did"] == "told by another mail"
    assert len(world.published) == 1
    assert world.row("When") == "2026-11-21 03:12:09 UTC · noticed after 2 min by the event rule"


def test_nor_is_it_while_the_log_is_late():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World(late_s=400)
    event = record("CreateUser", userIdentity=root)
    world.deliver(by_rule(event))
    world.happens(event)
    assert world.deliver(world.rings("root-account-use"))["did"] == "told by another mail"
    assert len(world.published) == 1


def test_a_storm_of_critical_events_is_told_by_five_mails_and_then_by_the_alarm():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World()
    events = many(40, "CreateUser", userIdentity=root)
    for event in events:
        world.deliver(by_rule(event))
    assert len(world.published) == 5
    world.happens(*events)
    world.deliver(world.rings("root-account-use", 40.0))
    assert told(world)[5:] == ["[critical] The root user did something: 35 x CreateUser by root"]
    assert world.row("Not here", mail=5) == "5 of its events are told by another mail"


def guardian_noted(world: World, key: str) -> None:
    expires = round((world.hands.at + timedelta(days=1)).timestamp())
    item = {"trail": {"S": TRAIL_ARN}, "id": {"S": key}, "expiresAt": {"N": str(expires)}}
    world.table.items[TRAIL_ARN, key] = item


def stop(**changed: Any) -> dict[str, Any]:
    asked = {"requestParameters": {"name": TRAIL_ARN}, "eventSource": "cloudtrail.amazonaws.com"}
    return record("StopLogging", **{**asked, "awsRegion": "eu-west-1", **changed})


def test_what_the_guardian_told_is_not_told_again():
    world = World()
    world.happens(stop())
    guardian_noted(world, f"{SEEN}{stop()['eventID']}")
    world.hands.move(200)
    assert world.deliver(world.rings("trail-changes"))["did"] == "told by another mail"
    assert world.deliver(by_rule(stop()))["did"] == "the guardian's"
    assert world.published == []


def test_the_guardians_own_call_is_nobodys_news():
    world = World()
    world.happens(stop(eventName="StartLogging", requestID="its-own"))
    guardian_noted(world, "call#its-own")
    world.deliver(world.rings("trail-changes"))
    assert world.published == []


def test_what_the_guardian_never_saw_is_told_once_it_had_its_time():
    """EventBridge promises nothing, and whoever stops the guardian stops its mails."""
    world = World()
    world.happens(stop())
    assert world.deliver(world.rings("trail-changes"))["did"] == "told by another mail"
    world.sweep()
    assert told(world) == ["[critical] Trail changes: StopLogging by mallory"]


def test_another_trail_is_not_the_guardians():
    world = World()
    world.happens(stop(requestParameters={"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"}))
    assert world.deliver(world.rings("trail-changes"))["did"] == "told"


def test_without_a_guardian_its_events_are_told_as_all_others():
    world = World()
    world.happens(stop())
    world.deliver(world.rings("trail-changes"), TRAIL_ARN="")
    assert len(world.published) == 1


# -- suppressions


DEPLOYER = {
    "name": "deployer",
    "pattern": '{ ($.userIdentity.arn = "arn:aws:iam::111122223333:user/mallory") && ($.eventName = "PutUserPolicy") }',
    "reason": "the pipeline does this",
    "until": None,
}


def test_what_people_called_harmless_is_counted_and_not_told():
    world = World(suppressions=(DEPLOYER,))
    world.happens(record())
    assert world.deliver(world.rings(POLICY))["did"] == "left out on purpose"
    assert world.published == []
    item = world.table.items["explainer", "suppressed#2026-11-21#deployer"]
    assert (item["total"], item["watches"]) == ({"N": "1"}, {"SS": [POLICY]})
    world.sweep()
    assert world.table.items["explainer", "suppressed#2026-11-21#deployer"]["total"] == {"N": "1"}


def test_one_event_that_is_not_suppressed_is_enough_for_the_mail():
    world = World(suppressions=(DEPLOYER,))
    world.happens(*many(3), record("AttachUserPolicy", event_id="other-0001"))
    world.deliver(world.rings(POLICY, 4.0))
    assert told(world) == ["[high] IAM policy changes: AttachUserPolicy by mallory"]
    assert world.row("Not here") == "3 suppressed by deployer"


def test_a_suppression_that_has_run_out_holds_nothing_back():
    world = World(suppressions=({**DEPLOYER, "until": "2026-11-21T03:00:00Z"},))
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert len(world.published) == 1


def test_no_suppression_holds_for_what_is_critical_too():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    pattern = '{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }'
    world = World(suppressions=({**DEPLOYER, "pattern": pattern},))
    world.happens(record(userIdentity=root))
    world.deliver(world.rings(POLICY))
    assert len(world.published) == 1


# -- when it cannot be explained


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
