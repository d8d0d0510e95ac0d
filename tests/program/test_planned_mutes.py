"""Planned changes: what each rule mutes, when, and what is asked of CloudWatch for it."""

import pytest

from settings import Settings
from tests.support.recorded_program import run_program
from tests.support.reference_stacks import recorded, stack_file, wire_config


def test_a_rule_names_its_alarms_and_its_windows() -> None:
    program = recorded("full")
    rule = program.one("AlarmMuteRule", "mute-network-release")
    assert {key: value for key, value in rule.inputs.items() if key != "tags"} == {
        "region": "eu-west-1",
        "description": "The weekly network release. Planned change network-release of stack full.",
        "rule": {
            "schedule": {"expression": "cron(0 2 * * SUN)", "duration": "PT4H", "timezone": "Europe/Berlin"},
        },
        "startDate": "2026-10-31T23:00:00Z",
        "expireDate": "2026-12-23T23:00:00Z",
        "muteTargets": {"alarmNames": ["watch-secret-reads-1a2b3c4", "source-ip-office-1a2b3c4"]},
    }
    assert rule.inputs["tags"]["trailwarden:stack"] == "full"
    alarms = {program.one("MetricAlarm", name).urn for name in ("watch-secret-reads", "source-ip-office")}
    assert rule.depends_on >= alarms


def test_one_moment_has_no_dates_and_may_mute_the_alarm_on_any_address() -> None:
    rule = recorded("explained").one("AlarmMuteRule", "mute-migration")
    assert not {"startDate", "expireDate"} & rule.inputs.keys()
    assert rule.inputs["muteTargets"]["alarmNames"] == [
        "acme-unauthorized-api-calls",
        "acme-office",
        "acme-any-address",
    ]


def test_each_region_with_alarms_has_a_rule_of_its_own() -> None:
    rules = {each.name: each.inputs for each in recorded("regions").of("AlarmMuteRule")}
    assert {name: inputs["region"] for name, inputs in rules.items()} == {
        "mute-release": "eu-west-1",
        "mute-us-east-1-release": "us-east-1",
        "mute-ap-southeast-2-release": "ap-southeast-2",
    }
    assert rules["mute-us-east-1-release"]["muteTargets"] == {"alarmNames": ["source-ip-us-east-1-office-1a2b3c4"]}


@pytest.mark.parametrize("stack", ["full", "explained", "regions"])
def test_no_rule_is_without_names_and_none_has_more_than_aws_takes(stack: str) -> None:
    """A rule without names would mute every alarm of the account."""
    rules = recorded(stack).of("AlarmMuteRule")
    assert rules
    assert all(1 <= len(each.inputs["muteTargets"]["alarmNames"]) <= 100 for each in rules)
    token = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
    assert Settings.from_stack_file(stack_file(stack)).plan().count(token) == len(rules)


def test_without_planned_changes_there_is_no_rule() -> None:
    assert not run_program(wire_config("full", alerts={"explain": False}), stack="full").of("AlarmMuteRule")
