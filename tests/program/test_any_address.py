"""The alarm on many calls from any single address: what its rule counts, what it reads, whom it tells."""

import json

import filterpattern
from settings import Settings
from settings.burst import insight_rule_name
from tests.support.recorded_program import run_program
from tests.support.reference_stacks import recorded, stack_file, wire_config

NAME = "watch-any-address"
TOPICS = [f"arn:aws:sns:eu-west-1:111122223333:{name}-1a2b3c4" for name in ("signals", "alerts")]


def test_the_rule_counts_addresses_and_no_services() -> None:
    rule = recorded("burst").one("ContributorInsightRule", NAME)
    assert (rule.inputs["ruleName"], rule.inputs["ruleState"]) == ("any-address-burst", "ENABLED")
    assert json.loads(rule.inputs["ruleDefinition"]) == {
        "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
        "LogGroupNames": ["trail-log-group-1a2b3c4"],
        "LogFormat": "JSON",
        "Contribution": {
            "Keys": ["$.sourceIPAddress"],
            "Filters": [{"Match": "$.sourceIPAddress", "StartsWith": ["1", "2", "3", "4", "5", "6", "7", "8", "9"]}],
        },
        "AggregateOn": "Count",
    }


def test_the_alarm_reads_the_busiest_address_and_tells_as_the_others_do() -> None:
    alarm = recorded("burst").one("MetricAlarm", NAME)
    inputs = {key: value for key, value in alarm.inputs.items() if key not in ("tags", "alarmDescription")}
    assert inputs == {
        "region": "eu-west-1",
        "metricQueries": [
            {
                "id": "calls",
                "label": "Calls from the busiest address",
                "expression": 'INSIGHT_RULE_METRIC("any-address-burst", "MaxContributorValue")',
                "period": 600,
                "returnData": True,
            }
        ],
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 300,
        "evaluationPeriods": 1,
        "treatMissingData": "notBreaching",
        "actionsEnabled": True,
        "alarmActions": TOPICS,
    }
    said = alarm.inputs["alarmDescription"]
    assert said.startswith("[high] Many calls from one address.")
    assert "at least 300 calls from any single address in 10 minutes" in said
    policies = {recorded("burst").one("TopicPolicy", name).urn for name in ("signals", "alerts")}
    assert alarm.depends_on >= policies | {recorded("burst").one("ContributorInsightRule", NAME).urn}


def test_who_deletes_the_alarm_is_seen() -> None:
    """The set on our own alarms finds it by its name."""
    more = run_program(wire_config("burst", eventSets={"self-alarms-logs": {}}), stack="burst")
    pattern = filterpattern.compile(more.one("LogMetricFilter", "watch-self-alarms-logs").inputs["pattern"])
    event = {
        "eventSource": "monitoring.amazonaws.com",
        "eventName": "DeleteAlarms",
        "requestParameters": {"alarmNames": [f"{NAME}-1a2b3c4"]},
    }
    assert pattern.matches(event)
    assert not pattern.matches({**event, "requestParameters": {"alarmNames": ["somebody-elses"]}})


def test_it_is_there_only_if_it_is_wanted() -> None:
    assert not recorded("full").of("ContributorInsightRule")
    assert recorded("burst").exports["insightRuleName"] == "any-address-burst"
    assert recorded("burst").exports["alarmNames"]["any-address"] == f"{NAME}-1a2b3c4"
    off = run_program(wire_config("burst", burst=False), stack="burst")
    assert not off.of("ContributorInsightRule")


def test_with_a_prefix_it_is_called_like_the_others() -> None:
    named = run_program(wire_config("burst", alerts={"alarmPrefix": "acme-"}), stack="burst")
    assert named.one("MetricAlarm", NAME).inputs["name"] == "acme-any-address"


def test_a_rule_has_a_name_of_128_characters_at_most_and_of_its_own() -> None:
    long = "s" * 100
    names = {insight_rule_name(long, suffix) for suffix in ("", "-us-east-1", "-" + "t" * 60, "-" + "t" * 61)}
    assert len(names) == 4
    assert all(len(name) <= 128 for name in names)


def test_its_price_is_known() -> None:
    plan = Settings.from_stack_file(stack_file("burst")).plan()
    assert plan.count("aws:cloudwatch/contributorInsightRule:ContributorInsightRule") == 1


def test_the_sweep_compares_the_rule_and_may_only_switch_it_on() -> None:
    recording = recorded("burst")
    item = json.loads(recording.one("TableItem", "inventory").inputs["item"])
    listed = json.loads(item["document"]["S"])["things"]
    (rule,) = [each for each in listed if each["kind"] == "insight-rule"]
    definition = recording.one("ContributorInsightRule", NAME).inputs["ruleDefinition"]
    assert (rule["name"], rule["mends"]) == ("any-address-burst", ["enabled"])
    assert rule["facts"] == {"enabled": True, "definition": definition, "more": {}}
    (alarm,) = [each for each in listed if each["name"] == f"{NAME}-1a2b3c4"]
    expression = 'INSIGHT_RULE_METRIC("any-address-burst", "MaxContributorValue")'
    assert alarm["facts"]["more"] == {"Metrics": [{"Id": "calls", "Expression": expression, "Period": 600}]}
    policy = json.loads(recording.one("RolePolicy", "guardian-inspection").inputs["policy"])
    rights = {
        action: each["Resource"]
        for each in policy["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        if "InsightRule" in action
    }
    assert rights == {
        "cloudwatch:DescribeInsightRules": "*",  # a list, for which IAM knows no resource
        "cloudwatch:EnableInsightRules": "arn:aws:cloudwatch:eu-west-1:111122223333:insight-rule/any-address-burst",
    }
