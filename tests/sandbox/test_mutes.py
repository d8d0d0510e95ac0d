"""Alarm mute rules: an alarm changes its state and does not act, and acts when the window ends if nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox_story import ACCOUNT, Story, policy

HOUR_S = 3600


@pytest.fixture
def watch(story: Story) -> Story:
    """A topic with a confirmed reader, and an alarm that is quiet."""
    story.make_log_group()
    story.make_topic()
    story.client.confirm()
    story.make_watch()
    story.client.advance_clock(0)
    return story


def now(story: Story) -> datetime:
    return datetime.fromtimestamp(story.client.advance_clock(0), UTC)


def at(moment: datetime) -> str:
    return f"at({moment:%Y-%m-%dT%H:%M})"


def mute(
    story: Story, *alarms: str, expression: str, duration: str = "PT1H", zone: str = "", until: datetime | None = None
) -> None:
    schedule = {"Expression": expression, "Duration": duration} | ({"Timezone": zone} if zone else {})
    more = {"ExpireDate": until} if until else {}
    targets = {"MuteTargets": {"AlarmNames": list(alarms)}} if alarms else {}
    story.aws("cloudwatch").put_alarm_mute_rule(Name="planned", Rule={"Schedule": schedule}, **targets, **more)


def ring(story: Story) -> None:
    story.aws("cloudwatch").put_metric_data(Namespace=story.name, MetricData=[{"MetricName": "Matches", "Value": 1.0}])
    story.client.advance_clock(0)
    assert state(story) == "ALARM"


def state(story: Story) -> str:
    return story.alarm()["StateValue"]


def mails(story: Story) -> list[str]:
    return [mail["subject"].split(":")[0] for mail in story.client.mail()]


@pytest.mark.parametrize("targeted", [True, False], ids=["the alarm", "every alarm"])
def test_a_muted_alarm_changes_its_state_and_tells_nobody(watch: Story, targeted: bool) -> None:
    mute(watch, *[watch.name] * targeted, expression=at(now(watch)))
    ring(watch)
    watch.client.advance_clock(2 * HOUR_S)
    assert (state(watch), mails(watch)) == ("OK", [])
    ring(watch)
    assert mails(watch) == ["ALARM"]


def test_what_still_rings_when_the_window_ends_is_told_then(watch: Story) -> None:
    mute(watch, watch.name, expression=at(now(watch)), duration="PT3M")
    ring(watch)
    assert mails(watch) == []
    watch.client.advance_clock(181)
    assert (state(watch), mails(watch)) == ("ALARM", ["ALARM"])
    watch.client.advance_clock(1)
    assert mails(watch) == ["ALARM"]


def test_a_rule_that_is_deleted_mutes_no_longer(watch: Story) -> None:
    mute(watch, watch.name, expression=at(now(watch)))
    ring(watch)
    for _again in range(2):  # the second time there is none, and that is no error
        watch.aws("cloudwatch").delete_alarm_mute_rule(AlarmMuteRuleName="planned")
    watch.client.advance_clock(0)
    assert mails(watch) == ["ALARM"]


def test_an_alarm_that_rang_before_the_window_is_not_told_again(watch: Story) -> None:
    ring(watch)
    mute(watch, watch.name, expression=at(now(watch)), duration="PT2M")
    watch.client.advance_clock(200)
    assert (state(watch), mails(watch)) == ("ALARM", ["ALARM"])


def test_other_alarms_and_other_times_are_not_muted(watch: Story) -> None:
    cloudwatch = watch.aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="other",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    mute(watch, "other", expression=at(now(watch)))
    ring(watch)
    assert mails(watch) == ["ALARM"]
    mute(watch, watch.name, expression=at(now(watch) + timedelta(hours=2)))
    found = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="planned")
    assert (found["Status"], found["MuteType"]) == ("SCHEDULED", "ONE_TIME")
    watch.client.advance_clock(HOUR_S)
    ring(watch)
    assert mails(watch) == ["ALARM", "ALARM"]


def test_a_recurring_rule_goes_by_the_clocks_of_its_zone_and_between_its_dates(watch: Story) -> None:
    moment = now(watch)
    tokyo = moment + timedelta(hours=9)
    expression = f"cron({tokyo.minute} {tokyo.hour} * * *)"
    mute(watch, watch.name, expression=expression, zone="Asia/Tokyo", until=moment + timedelta(days=30))
    cloudwatch = watch.aws("cloudwatch")
    found = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="planned")
    assert (found["Status"], found["MuteType"], found["MuteTargets"]) == (
        "ACTIVE",
        "RECURRING",
        {"AlarmNames": [watch.name]},
    )
    assert found["Rule"]["Schedule"] == {"Expression": expression, "Duration": "PT1H", "Timezone": "Asia/Tokyo"}
    ring(watch)
    assert mails(watch) == []
    watch.client.advance_clock(31 * 24 * HOUR_S)
    assert cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="planned")["Status"] == "EXPIRED"
    ring(watch)
    assert mails(watch) == ["ALARM"]


def test_rules_are_listed_by_alarm_status_and_page(watch: Story) -> None:
    cloudwatch, moment = watch.aws("cloudwatch"), now(watch)
    for name, expression, targets in (
        ("all", at(moment), {}),
        ("later", at(moment + timedelta(days=1)), {"MuteTargets": {"AlarmNames": [watch.name]}}),
        ("over", at(moment - timedelta(days=1)), {"MuteTargets": {"AlarmNames": [watch.name]}}),
    ):
        schedule = {"Expression": expression, "Duration": "PT1H"}
        cloudwatch.put_alarm_mute_rule(Name=name, Rule={"Schedule": schedule}, **targets)

    def names(**asked: Any) -> list[str]:
        pages = [cloudwatch.list_alarm_mute_rules(**asked)]
        while token := pages[-1].get("NextToken"):
            pages.append(cloudwatch.list_alarm_mute_rules(**asked, NextToken=token))
        return [one["AlarmMuteRuleArn"].rpartition(":")[2] for page in pages for one in page["AlarmMuteRuleSummaries"]]

    assert names() == names(MaxRecords=1) == ["all", "later", "over"]
    assert names(AlarmName=watch.name, Statuses=["ACTIVE", "SCHEDULED"]) == ["all", "later"]
    assert names(Statuses=["EXPIRED"]) == ["over"]


SCHEDULE = {"Expression": "cron(0 2 * * *)", "Duration": "PT1H"}
REFUSED: dict[str, tuple[Mapping[str, Any], str]] = {
    "six fields": ({"Rule": {"Schedule": {**SCHEDULE, "Expression": "cron(0 2 ? * SUN *)"}}}, "6 fields"),
    "no expression": ({"Rule": {"Schedule": {**SCHEDULE, "Expression": "rate(1 hour)"}}}, "is no schedule"),
    "too long": ({"Rule": {"Schedule": {**SCHEDULE, "Duration": "P16D"}}}, "is too long"),
    "a zone that is none": ({"Rule": {"Schedule": {**SCHEDULE, "Timezone": "Mars/Base"}}}, "is no time zone"),
    "an unknown alarm": ({"MuteTargets": {"AlarmNames": ["nobody"]}}, "do not exist"),
    "too many alarms": ({"MuteTargets": {"AlarmNames": [f"a{n}" for n in range(101)]}}, "at most 100"),
    "a date for one moment": (
        {
            "Rule": {"Schedule": {**SCHEDULE, "Expression": "at(2030-01-01T00:00)"}},
            "ExpireDate": datetime(2030, 1, 2, tzinfo=UTC),
        },
        "Can not set start or expire dates for At expressions",
    ),
    "an end before its start": (
        {"StartDate": datetime(2030, 1, 2, tzinfo=UTC), "ExpireDate": datetime(2030, 1, 1, tzinfo=UTC)},
        "must be after the start date",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(watch: Story, case: str) -> None:
    asked, why = REFUSED[case]
    cloudwatch = watch.aws("cloudwatch")
    with pytest.raises(ClientError, match=why):
        cloudwatch.put_alarm_mute_rule(**{"Name": "planned", "Rule": {"Schedule": SCHEDULE}, **asked})
    assert cloudwatch.list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []


def test_the_right_is_needed_on_the_rule_and_on_each_alarm(watch: Story) -> None:
    iam = watch.aws("iam")
    iam.create_user(UserName="planner")
    keys = iam.create_access_key(UserName="planner")["AccessKey"]
    planner = watch.client.aws(
        "cloudwatch", region=watch.region, key=keys["AccessKeyId"], secret=keys["SecretAccessKey"]
    )
    rule = f"arn:aws:cloudwatch:{watch.region}:{ACCOUNT}:alarm-mute-rule:planned"
    for resources, is_let in (([rule], False), ([watch.alarm_arn], False), ([rule, watch.alarm_arn], True)):
        document = policy({"Action": "cloudwatch:PutAlarmMuteRule", "Resource": resources})
        iam.put_user_policy(UserName="planner", PolicyName="p", PolicyDocument=document)
        asked = {"Name": "planned", "Rule": {"Schedule": SCHEDULE}, "MuteTargets": {"AlarmNames": [watch.name]}}
        if is_let:
            planner.put_alarm_mute_rule(**asked)
        else:
            with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutAlarmMuteRule"):
                planner.put_alarm_mute_rule(**asked)
