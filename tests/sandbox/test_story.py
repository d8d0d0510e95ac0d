"""The road from end to end: somebody stops the trail, it comes back, and a mail says so."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.sandbox_story import ACCOUNT, Story, wait_for


@pytest.mark.parametrize("by", ["name", "ARN"])
def test_a_stopped_trail_comes_back_and_people_are_told(story: Story, by: str) -> None:
    story.make()
    assert story.client.confirm() == {"confirmed": ["ops@example.com"], "left": []}
    mallory = story.aws("cloudtrail", source_ip="203.0.113.77", **story.user())
    wait_for("the alarm is quiet at first", lambda: story.alarm()["StateValue"] == "OK")

    mallory.stop_logging(Name=story.name if by == "name" else story.trail_arn)

    wait_for("the trail is logging again", story.is_logging)
    wait_for("the alarm has gone off", lambda: story.alarm()["StateValue"] == "ALARM")
    mails = wait_for("both mails are there", lambda: story.client.mail() if len(story.client.mail()) == 2 else None)
    stop, start = story.records(eventName="StopLogging")[0], story.records(eventName="StartLogging")[-1]
    assert stop["userIdentity"]["userName"] == "mallory"
    assert stop["sourceIPAddress"] == "203.0.113.77"
    assert stop["requestParameters"] == {"name": story.name if by == "name" else story.trail_arn}
    issuer = start["userIdentity"]["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == f"arn:aws:iam::{ACCOUNT}:role/guarded-guardian"
    by_subject = {mail["subject"]: mail for mail in mails}
    assert set(by_subject) == {"restarted", 'ALARM: "guarded" in Europe (Ireland)'}
    assert {mail["to"] for mail in mails} == {"ops@example.com"}
    assert json.loads(by_subject["restarted"]["body"])["detail"]["eventID"] == stop["eventID"]
    assert story.client.dropped() == []


def test_nobody_gets_mail_before_confirming(story: Story) -> None:
    story.make()
    story.aws("cloudtrail").stop_logging(Name=story.name)
    wait_for("the trail is logging again", story.is_logging)
    wait_for("the alarm has gone off", lambda: story.alarm()["StateValue"] == "ALARM")
    dropped = wait_for("both messages", lambda: story.client.dropped() if len(story.client.dropped()) == 2 else None)
    assert story.client.mail() == []
    assert {one["where"] for one in dropped} == {"email:ops@example.com"}
    assert {one["why"] for one in dropped} == {"the subscription is pending: nobody has confirmed it"}


def test_a_deleted_trail_is_told_of_and_stays_gone(story: Story) -> None:
    story.make()
    story.client.confirm()
    story.aws("cloudtrail").delete_trail(Name=story.name)
    logs = story.aws("logs")
    group = "/aws/lambda/guarded-guardian"

    def failed() -> bool:
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return False
        lines = logs.filter_log_events(logGroupName=group)["events"]
        return any("TrailNotFoundException" in line["message"] for line in lines)

    wait_for("the guardian ran and found no trail", failed)
    assert story.records(eventName="DeleteTrail")
    assert story.aws("cloudtrail").describe_trails()["trailList"] == []


def test_an_alarm_starts_a_function_through_a_topic(story: Story) -> None:
    story.make()
    story.aws("events").disable_rule(Name=story.name)
    story.aws("sns").subscribe(TopicArn=story.alerts_arn, Protocol="lambda", Endpoint=story.function_arn)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    wait_for("the trail is logging again", story.is_logging)
    assert story.records(eventName="StartLogging")


def test_thirty_three_calls_from_one_address_against_thirty(story: Story) -> None:
    story.pattern = '{ $.sourceIPAddress = "203.0.113.77" }'
    story.threshold = 30
    story.make()
    story.client.confirm()
    probing = story.aws("sqs", source_ip="203.0.113.77", **story.user(actions="sqs:*"))
    for _call in range(29):
        probing.list_queues()
    story.client.settle()
    story.client.advance_clock(0)
    assert story.alarm()["StateValue"] == "OK"
    for _call in range(4):
        probing.list_queues()
    story.client.settle()
    story.client.advance_clock(0)
    alarm = story.alarm()
    assert alarm["StateValue"] == "ALARM"
    # Usually 33; a tick of the clock may have come between the last four.
    assert re.search(r"\[3[0-3]\.0 ", alarm["StateReason"])
    assert len(story.client.mail()) == 1
