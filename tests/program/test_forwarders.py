"""Forwarders: what is called in another watched region is heard at home, and nothing is sent that nobody hears."""

import json
import re
from typing import Any

import pytest
from ministack.services import eventbridge

import components
from catalog import EVENT_SETS
from components._trail_events import TRAIL_OPERATIONS
from settings import Settings
from tests.support.recorded_program import Recording, Registration, record, run_program
from tests.support.reference_stacks import STACKS, recorded, stack_file, wire_config

HOME_BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/default"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:forward-us-east-1-dead-letters-1a2b3c4"
FORWARD = "forward-us-east-1"


def forwarders(recording: Recording) -> list[Registration]:
    return recording.of("RegionForwarder")


def without_tags(each: Registration) -> dict[str, Any]:
    return {key: value for key, value in each.inputs.items() if key != "tags"}


@pytest.mark.parametrize("stack", STACKS)
def test_each_watched_region_but_home_has_a_forwarder(stack: str) -> None:
    settings = Settings.from_stack_file(stack_file(stack))
    expected = {f"forward-{region}" for region in settings.regions if region != settings.home_region}
    assert {each.name for each in forwarders(recorded(stack))} == expected


def test_many_regions() -> None:
    regions = ["us-east-1", "eu-west-1", "ap-southeast-2"]
    recording = run_program(wire_config("least", regions=regions), stack="least")
    rules = {each.name: each.inputs["region"] for each in recording.of("EventRule")}
    assert rules == {
        "guardian": "eu-west-1",
        "forward-us-east-1": "us-east-1",
        "forward-ap-southeast-2": "ap-southeast-2",
    }
    assert {each.inputs["arn"] for each in recording.of("EventTarget") if each.name != "guardian"} == {HOME_BUS}


def test_without_a_guardian_nothing_is_forwarded() -> None:
    config = wire_config("full", remediation={"mode": "off"}, subscribers=[])
    recording = run_program(config, stack="full")
    assert not forwarders(recording)
    assert not recording.of("EventRule")


def test_the_home_region_cannot_be_forwarded_to_itself() -> None:
    """A rule that sends to the bus it listens to would hear its own events for ever."""

    def program() -> None:
        home = components.Home.look_up(stack="test", region="eu-west-1")
        components.RegionForwarder("forward", home=home, region="eu-west-1")

    with pytest.raises(Exception, match="eu-west-1 is the home region"):
        record(program, {})


def test_the_rule_hears_what_the_rule_at_home_hears() -> None:
    """What only one of the two knew would be paid for and read by nobody, or not be sent."""
    far, home = (recorded("full").one("EventRule", name).inputs for name in (FORWARD, "guardian"))
    assert far["eventPattern"] == home["eventPattern"]
    assert (far["state"], far["region"]) == ("ENABLED", "us-east-1")
    assert "eventBusName" not in far, "CloudTrail's events come on the default bus"


def test_the_pattern_names_sources_and_events_and_no_caller() -> None:
    pattern = json.loads(recorded("full").one("EventRule", FORWARD).inputs["eventPattern"])
    assert pattern.keys() == {"source", "detail-type", "detail"}
    assert pattern["detail"].keys() == {"eventSource", "eventName"}, "a condition on more would make callers invisible"
    named = [pattern["source"], pattern["detail-type"], *pattern["detail"].values()]
    assert all(isinstance(value, str) and "*" not in value for values in named for value in values)


def matches(rule: str, event: dict[str, Any]) -> bool:
    """What EventBridge's TestEventPattern would answer, by an evaluator that is not ours."""
    pattern = recorded("full").one("EventRule", rule).inputs["eventPattern"]
    status, _, body = eventbridge._test_event_pattern({"Event": json.dumps(event), "EventPattern": pattern})
    assert status == 200, body
    return json.loads(body)["Result"]


CALLERS = {
    "root": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
    "IAM user": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory", "userName": "mallory"},
    "role": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/admin/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/admin"}},
    },
    "AWS service": {"type": "AWSService", "invokedBy": "controltower.amazonaws.com"},
    "the guardian's own role": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/guardian-1a2b3c4/guardian-1a2b3c4",
    },
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", TRAIL_OPERATIONS)
def test_a_call_in_another_region_is_sent_and_heard_at_home(operation: str, caller: str) -> None:
    """The event arrives at home as it was sent: its regions are still those of the call."""
    event = {
        "version": "0",
        "id": "11111111-2222-4333-8444-555555555555",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.cloudtrail",
        "account": "111122223333",
        "time": "2026-11-21T03:12:09Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventSource": "cloudtrail.amazonaws.com",
            "eventName": operation,
            "awsRegion": "us-east-1",
            "userIdentity": CALLERS[caller],
            "errorCode": "InvalidHomeRegionException",
        },
    }
    assert matches(FORWARD, event)
    assert matches("guardian", event)
    assert not matches(FORWARD, {**event, "detail": {**event["detail"], "eventName": "GetTrailStatus"}})


def test_the_target_is_the_home_bus_and_what_fails_is_kept() -> None:
    target = recorded("full").one("EventTarget", FORWARD)
    assert dict(target.inputs) == {
        "region": "us-east-1",
        "rule": "forward-us-east-1-1a2b3c4",
        "arn": HOME_BUS,
        "roleArn": "arn:aws:iam::111122223333:role/forward-us-east-1-1a2b3c4",
        "retryPolicy": {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185},
        "deadLetterConfig": {"arn": QUEUE},
    }
    assert dependencies(target) >= {
        ("EventRule", FORWARD),
        ("RolePolicy", FORWARD),
        ("QueuePolicy", f"{FORWARD}-dead-letters"),
    }


def test_the_queue_lies_beside_its_rule() -> None:
    """EventBridge wants the queue in the rule's region."""
    queue = recorded("full").one("Queue", f"{FORWARD}-dead-letters")
    assert without_tags(queue) == {
        "region": "us-east-1",
        "messageRetentionSeconds": 1_209_600,
        "sqsManagedSseEnabled": True,
    }


def test_every_forwarder_has_a_role_of_its_own() -> None:
    recording = run_program(wire_config("least", regions=["us-east-1", "eu-west-1", "eu-west-2"]), stack="least")
    roles = {each.name: each.inputs["roleArn"] for each in recording.of("EventTarget") if "roleArn" in each.inputs}
    assert roles.keys() == {"forward-us-east-1", "forward-eu-west-2"}
    assert len(set(roles.values())) == 2


def dependencies(each: Registration) -> set[tuple[str, str]]:
    return {(found.kind, found.name) for found in map(recorded("full").with_urn, each.depends_on)}


def test_forwarders_are_made_before_the_trail() -> None:
    """Their roles are IAM calls, which `iam-policy-changes` would report at every first deployment."""
    assert ("EventTarget", FORWARD) in dependencies(recorded("full").one("Trail"))


# Calls of the catalogue's sets about trails that are not forwarded, and why.
NOT_FORWARDED = {
    **dict.fromkeys(
        ("DeleteEventDataStore", "UpdateEventDataStore", "StopEventDataStoreIngestion"),
        "an event data store is no trail; the guardian leaves it alone",
    ),
    "DeregisterOrganizationDelegatedAdmin": "needs the management account; it changes no trail",
}


def test_every_call_of_the_catalogue_about_trails_is_forwarded_or_has_a_reason() -> None:
    named = {
        name
        for entry in ("trail-changes", "trail-tampering")
        for name in re.findall(r"\$\.eventName ?= ?\"?(\w+)", EVENT_SETS[entry].pattern)
    }
    assert len(named) >= 13
    assert named - set(TRAIL_OPERATIONS) == NOT_FORWARDED.keys()
    assert set(TRAIL_OPERATIONS) <= named
