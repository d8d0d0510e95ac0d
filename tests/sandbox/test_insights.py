"""Contributor Insights: what a rule counts, the alarm on its busiest contributor, and the report that names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox_story import Story, wait_for

RULE = "any-address"
DEFINITION: dict[str, Any] = {
    "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
    "LogGroupNames": ["filled in"],
    "LogFormat": "JSON",
    "Contribution": {
        "Keys": ["$.sourceIPAddress"],
        "Filters": [{"Match": "$.sourceIPAddress", "StartsWith": list("123456789")}],
    },
    "AggregateOn": "Count",
}


@pytest.fixture
def watched(story: Story) -> Story:
    """A log group with a rule on it, and a confirmed topic."""
    story.make_log_group()
    story.make_topic()
    story.client.confirm()
    story.aws("logs").create_log_stream(logGroupName=story.group, logStreamName="s")
    put(story)
    return story


def put(story: Story, **changes: Any) -> None:
    definition = {**DEFINITION, "LogGroupNames": [story.group], **changes}
    story.aws("cloudwatch").put_insight_rule(RuleName=RULE, RuleDefinition=json.dumps(definition))


def calls(story: Story, *addresses: str | None) -> None:
    events = [{"sourceIPAddress": each} if each else {"eventName": "X"} for each in addresses]
    now = int(datetime.now(UTC).timestamp() * 1000)
    story.aws("logs").put_log_events(
        logGroupName=story.group,
        logStreamName="s",
        logEvents=[{"timestamp": now, "message": json.dumps(each)} for each in events],
    )


def report(story: Story) -> dict[str, Any]:
    now = datetime.now(UTC)
    return story.aws("cloudwatch").get_insight_rule_report(
        RuleName=RULE,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=300,
        MaxContributorCount=2,
    )


def alarm_on(story: Story, *, metric: str = "MaxContributorValue") -> None:
    story.aws("cloudwatch").put_metric_alarm(
        AlarmName=story.name,
        Metrics=[
            {
                "Id": "calls",
                "Label": "Calls",
                "Expression": f'INSIGHT_RULE_METRIC("{RULE}", "{metric}")',
                "Period": 300,
                "ReturnData": True,
            }
        ],
        EvaluationPeriods=1,
        Threshold=3,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[story.alerts_arn],
    )


def test_the_report_names_the_busiest_addresses_and_no_service(watched: Story) -> None:
    calls(watched, "203.0.113.7", "203.0.113.7", "203.0.113.7", "2001:db8::1", "2001:db8::1", "198.51.100.1")
    calls(watched, "cloudformation.amazonaws.com", "AWS Internal", None)
    found = report(watched)
    assert [(each["Keys"], each["ApproximateAggregateValue"]) for each in found["Contributors"]] == [
        (["203.0.113.7"], 3.0),
        (["2001:db8::1"], 2.0),
    ]
    assert (found["AggregateValue"], found["ApproximateUniqueCount"], found["KeyLabels"]) == (
        6.0,
        3,
        ["$.sourceIPAddress"],
    )


def test_many_addresses_with_few_calls_are_no_burst_and_one_with_many_is(watched: Story) -> None:
    alarm_on(watched)
    calls(watched, *(f"203.0.113.{last}" for last in range(1, 60)))
    watched.client.advance_clock(0)
    assert watched.alarm()["StateValue"] == "OK"
    assert watched.alarm()["Metrics"][0]["Label"] == "Calls"
    calls(watched, "198.51.100.7", "198.51.100.7", "198.51.100.7")
    wait_for("it has gone off", lambda: watched.alarm()["StateValue"] == "ALARM")
    watched.client.settle()
    (mail,) = watched.client.mail()
    assert mail["subject"].startswith("ALARM:")
    assert 'INSIGHT_RULE_METRIC("any-address", "MaxContributorValue")' in mail["body"]
    # Counts age: five minutes later the three calls are no burst any more.
    watched.client.advance_clock(1200)
    assert watched.alarm()["StateValue"] == "OK"


def test_a_disabled_rule_counts_nothing(watched: Story) -> None:
    watched.aws("cloudwatch").disable_insight_rules(RuleNames=[RULE])
    calls(watched, "203.0.113.7")
    assert report(watched)["Contributors"] == []
    watched.aws("cloudwatch").enable_insight_rules(RuleNames=[RULE])
    calls(watched, "203.0.113.7")
    assert len(report(watched)["Contributors"]) == 1
    (rule,) = watched.aws("cloudwatch").describe_insight_rules()["InsightRules"]
    assert (rule["Name"], rule["State"], json.loads(rule["Definition"])["AggregateOn"]) == (RULE, "ENABLED", "Count")
    watched.aws("cloudwatch").delete_insight_rules(RuleNames=[RULE])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        report(watched)


@pytest.mark.parametrize(
    "changes",
    [
        {"AggregateOn": "Sum"},
        {"LogFormat": "CLF"},
        {"Schema": {"Name": "CloudWatchLogRule", "Version": 2}},
        {"Contribution": {"Keys": []}},
        {"Contribution": {"Keys": ["$.a"], "Filters": [{"Match": "$.a", "StartsWith": list("12345678901")}]}},
        {"Contribution": {"Keys": ["$.a"], "Filters": [{"Match": "$.a", "In": ["1"]}]}},
    ],
)
def test_a_rule_that_would_not_be_evaluated_is_refused(watched: Story, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        put(watched, **changes)


def test_an_alarm_on_other_metric_math_is_still_refused(watched: Story) -> None:
    for metric in ("MaxContributorValue) + 1 + (1", "NoSuchMetric"):
        with pytest.raises(ClientError, match="evaluates no metric math"):
            alarm_on(watched, metric=metric)
