"""Alarms that really go off, and back, by a clock that a test turns by hand."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.process import SandboxProcess
from tests.support.sandbox_story import ACCOUNT, Story, wait_for


@pytest.fixture
def watch(story: Story) -> Story:
    """A topic, a log group, a filter; the alarm is each test's own."""
    story.make_log_group()
    story.make_topic()
    story.client.confirm()
    return story


def count(story: Story, value: float = 1.0) -> None:
    story.aws("cloudwatch").put_metric_data(
        Namespace=story.name, MetricData=[{"MetricName": "Matches", "Value": value}]
    )


def state(story: Story) -> str:
    return story.alarm()["StateValue"]


def mails(story: Story) -> list[str]:
    return [mail["subject"].split(":")[0] for mail in story.client.mail()]


def test_a_new_alarm_knows_nothing_then_is_quiet(watch: Story) -> None:
    watch.make_watch(OKActions=[watch.alerts_arn])
    assert state(watch) in ("INSUFFICIENT_DATA", "OK")
    wait_for("the clock has looked", lambda: state(watch) == "OK")


def test_it_goes_off_by_itself_within_a_tick(watch: Story) -> None:
    watch.make_watch()
    count(watch)
    wait_for("it has gone off", lambda: state(watch) == "ALARM")
    assert mails(watch) == ["ALARM"]


def test_off_and_back_tells_twice(watch: Story) -> None:
    watch.make_watch(OKActions=[watch.alerts_arn])
    watch.client.advance_clock(0)
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "ALARM"
    watch.client.advance_clock(299)
    assert state(watch) == "ALARM"
    watch.client.advance_clock(602)  # three periods without data: the evaluation range is empty
    assert state(watch) == "OK"
    assert mails(watch) == ["OK", "ALARM", "OK"]


def test_it_acts_once_however_long_it_stays(watch: Story) -> None:
    watch.make_watch()
    for _period in range(4):
        count(watch)
        watch.client.advance_clock(60)
    assert mails(watch) == ["ALARM"]


def test_an_alarm_on_silence(watch: Story) -> None:
    watch.make_watch(TreatMissingData="breaching", ComparisonOperator="LessThanThreshold", Threshold=1)
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "OK"
    watch.client.advance_clock(1000)
    assert state(watch) == "ALARM"


def on_silence(story: Story, **warm_up: Any) -> None:
    story.make_watch(
        TreatMissingData="breaching",
        ComparisonOperator="LessThanThreshold",
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60, **warm_up},
    )


def test_a_new_alarm_on_silence_waits_for_its_first_data(watch: Story) -> None:
    on_silence(watch)
    watch.client.advance_clock(3599)
    assert (state(watch), mails(watch)) == ("INSUFFICIENT_DATA", [])
    watch.client.advance_clock(2)
    assert (state(watch), mails(watch)) == ("ALARM", ["ALARM"])


def test_the_wait_ends_with_the_first_data_and_does_not_come_back(watch: Story) -> None:
    on_silence(watch)
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "OK"
    on_silence(watch)  # put again, as by a second deployment
    watch.client.advance_clock(901)
    assert (state(watch), mails(watch)) == ("ALARM", ["ALARM"])


def test_the_wait_may_be_for_its_whole_time(watch: Story) -> None:
    on_silence(watch, OnlyStartEvaluatingAfterWarmUpPeriodEnds=True)
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "INSUFFICIENT_DATA"


def test_a_warm_up_is_told_and_lasts_two_days_at_most(watch: Story) -> None:
    """An alarm that is put without one has none any more."""
    on_silence(watch)
    assert watch.alarm()["WarmUpConfiguration"] == {"WarmUpPeriodDurationInMinutes": 60}
    with pytest.raises(ClientError, match="must be 1 to 2880"):
        on_silence(watch, WarmUpPeriodDurationInMinutes=2881)
    watch.make_watch()
    assert "WarmUpConfiguration" not in watch.alarm()


def test_an_alarm_on_a_queue_sees_what_waits_in_it(watch: Story) -> None:
    """As the health alarm on dead letters; somebody who takes the message out ends it."""
    sqs = watch.aws("sqs")
    url = sqs.create_queue(QueueName="letters")["QueueUrl"]
    watch.make_watch(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "letters"}],
        Statistic="Maximum",
    )
    watch.client.advance_clock(60)
    assert state(watch) == "OK"
    sqs.send_message(QueueUrl=url, MessageBody="what nobody took")
    watch.client.advance_clock(60)
    assert state(watch) == "ALARM"
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    watch.client.advance_clock(60)
    assert state(watch) == "OK"


def test_two_of_three(watch: Story) -> None:
    watch.make_watch(Period=60, EvaluationPeriods=3, DatapointsToAlarm=2)
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "OK"
    # The clock is ahead of the machine: later data carry their time.
    now = watch.client.advance_clock(61)
    watch.aws("cloudwatch").put_metric_data(
        Namespace=watch.name, MetricData=[{"MetricName": "Matches", "Value": 1, "Timestamp": now - 1}]
    )
    watch.client.advance_clock(0)
    assert state(watch) == "ALARM"


def test_an_alarm_reads_only_its_own_dimensions(watch: Story) -> None:
    watch.make_watch(Dimensions=[{"Name": "Team", "Value": "red"}])
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "OK"
    data = {"MetricName": "Matches", "Value": 1, "Dimensions": [{"Name": "Team", "Value": "red"}]}
    watch.aws("cloudwatch").put_metric_data(Namespace=watch.name, MetricData=[data])
    watch.client.advance_clock(0)
    assert state(watch) == "ALARM"


def test_an_alarm_of_another_region_reads_nothing_here(watch: Story) -> None:
    watch.make_watch()
    watch.aws("cloudwatch", region="us-east-1").put_metric_data(
        Namespace=watch.name, MetricData=[{"MetricName": "Matches", "Value": 9}]
    )
    watch.client.advance_clock(0)
    assert state(watch) == "OK"


@pytest.mark.parametrize("how", ["DisableAlarmActions", "ActionsEnabled"])
def test_disabled_actions_are_not_run(watch: Story, how: str) -> None:
    watch.make_watch(ActionsEnabled=how != "ActionsEnabled")
    if how == "DisableAlarmActions":
        watch.aws("cloudwatch").disable_alarm_actions(AlarmNames=[watch.name])
    count(watch)
    watch.client.advance_clock(0)
    assert state(watch) == "ALARM"
    assert mails(watch) == []


def test_a_state_set_by_hand_acts_and_lasts_for_a_minute(watch: Story) -> None:
    watch.make_watch()
    watch.client.advance_clock(0)
    watch.aws("cloudwatch").set_alarm_state(AlarmName=watch.name, StateValue="ALARM", StateReason="a test")
    assert mails(watch) == ["ALARM"]
    watch.client.advance_clock(59)
    assert state(watch) == "ALARM"
    watch.client.advance_clock(2)
    assert state(watch) == "OK"


def test_an_action_that_is_no_topic_is_said_not_to_run(watch: Story) -> None:
    function = watch.arn("lambda", "function:f")
    watch.make_watch(AlarmActions=[function])
    count(watch)
    watch.client.advance_clock(0)
    (dropped,) = watch.client.dropped()
    assert dropped["where"] == function
    assert "runs no action but publishing to a topic" in dropped["why"]


def message_to_a_machine(watch: Story) -> dict[str, Any]:
    """What an SQS subscriber of the topic gets of the next alarm."""
    sqs = watch.aws("sqs")
    url = sqs.create_queue(QueueName="machine")["QueueUrl"]
    arn = watch.arn("sqs", "machine")
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allowed]})})
    watch.aws("sns").subscribe(TopicArn=watch.alerts_arn, Protocol="sqs", Endpoint=arn)
    watch.make_watch()
    watch.client.advance_clock(0)
    count(watch, 3)
    watch.client.advance_clock(0)
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    return json.loads(received["Body"])


def test_the_message_has_awss_shape(watch: Story) -> None:
    envelope = message_to_a_machine(watch)
    assert envelope["Type"] == "Notification"
    assert envelope["Subject"] == 'ALARM: "guarded" in Europe (Ireland)'
    message = json.loads(envelope["Message"])
    assert message.pop("NewStateReason") == watch.alarm()["StateReason"]
    changed, configured = message.pop("StateChangeTime"), message.pop("AlarmConfigurationUpdatedTimestamp")
    assert changed.endswith("+0000")
    assert configured <= changed
    assert message == {
        "AlarmName": "guarded",
        "AlarmDescription": "somebody stopped the trail",
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "ALARM",
        "Region": "Europe (Ireland)",
        "AlarmArn": watch.alarm_arn,
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": [watch.alerts_arn],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Matches",
            "Namespace": "guarded",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [],
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def test_the_mail_is_for_people(watch: Story) -> None:
    message_to_a_machine(watch)
    (mail,) = watch.client.mail()
    body = mail["body"]
    assert body.startswith(
        'You are receiving this email because your Amazon CloudWatch Alarm "guarded" in the Europe (Ireland) region '
        "has entered the ALARM state, because "
    )
    assert "- Description:                somebody stopped the trail\n" in body
    assert "- State Change:               OK -> ALARM\n" in body
    assert "[3.0 (" in body
    assert f"- ALARM: [{watch.alerts_arn}]\n" in body


def test_history_tells_of_changes_and_actions(watch: Story) -> None:
    message_to_a_machine(watch)
    items = watch.aws("cloudwatch").describe_alarm_history(AlarmName="guarded")["AlarmHistoryItems"]
    told = {(one["HistoryItemType"], one["HistorySummary"]) for one in items}
    assert ("StateUpdate", "Alarm updated from OK to ALARM") in told
    assert ("Action", f"Successfully executed action {watch.alerts_arn}") in told


def test_a_composite_alarm_follows_its_children(watch: Story) -> None:
    watch.make_watch(AlarmActions=[])
    watch.client.advance_clock(0)
    watch.aws("cloudwatch").put_composite_alarm(
        AlarmName="both", AlarmRule="ALARM(guarded)", AlarmActions=[watch.alerts_arn]
    )
    count(watch)
    watch.client.advance_clock(0)
    wait_for("the composite's mail", lambda: mails(watch) == ["ALARM"])
    assert '"both"' in watch.client.mail()[0]["subject"]


def test_a_clock_that_starts_behind_is_set_right_exactly() -> None:
    with SandboxProcess(clock_behind_s=960) as process:
        story = Story(process.client)
        story.make_log_group()
        story.make_topic()
        story.client.confirm()
        story.make_watch()
        story.make_bucket()
        story.make_delivery_role()
        story.make_trail()
        behind = process.client.advance_clock(0)
        assert time.time() - 961 <= behind <= time.time() - 960 + 1
        (started,) = story.records(eventName="StartLogging")
        assert abs(datetime.fromisoformat(started["eventTime"]).timestamp() - behind) < 30
        now = process.client.advance_clock(960)
        assert abs(now - time.time()) < 1
        count(story)
        process.client.advance_clock(0)
        assert state(story) == "ALARM"
        process.client.reset()
        assert process.client.advance_clock(0) < time.time() - 950
