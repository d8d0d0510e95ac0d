"""Forwarders: what is called in another watched region is heard at home, and nothing is sent that nobody hears."""

import json
import re
from typing import Any

import pytest
from ministack.services import eventbridge

import components
from catalog import EVENT_SETS
from settings import Settings
from settings.trail_calls import TRAIL_CALLS
from tests.support.recorded_program import Recording, Registration, record, run_program
from tests.support.reference_stacks import STACKS, recorded, stack_file, wire_config

HOME_BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/default"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:forward-us-east-1-dead-letters-1a2b3c4"
FORWARD, CRITICAL = "forward-us-east-1", "forward-us-east-1-critical-1"
EXPLAINED = "explained"


def forwarders(recording: Recording) -> list[Registration]:
    return recording.of("RegionForwarder")


def far_rule(name: str) -> str:
    return f"arn:aws:events:us-east-1:111122223333:rule/{name}-1a2b3c4"


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


def test_an_explainer_alone_gets_what_is_critical() -> None:
    recording = run_program(wire_config(EXPLAINED, remediation={"mode": "off"}, subscribers=[]), stack=EXPLAINED)
    assert {each.name for each in recording.of("EventRule")} == {"explainer-1", CRITICAL}
    (queue,) = (each for each in recording.of("QueuePolicy") if each.name == f"{FORWARD}-dead-letters")
    (statement,) = json.loads(queue.inputs["policy"])["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": [far_rule(CRITICAL)]}}


def test_what_is_critical_elsewhere_comes_home_as_it_is_heard_at_home() -> None:
    """IAM calls and root's doings are heard in us-east-1 alone, wherever the home region is."""
    far, home = (recorded(EXPLAINED).one("EventRule", name).inputs for name in (CRITICAL, "explainer-1"))
    assert far["eventPattern"] == home["eventPattern"]
    assert (far["state"], far["region"]) == ("ENABLED", "us-east-1")
    target = recorded(EXPLAINED).one("EventTarget", CRITICAL).inputs
    trail = recorded(EXPLAINED).one("EventTarget", FORWARD).inputs
    assert {**target, "rule": ""} == {**trail, "rule": ""}, "one role and one queue for all rules of a forwarder"
    root = {
        "id": "1",
        "account": "111122223333",
        "time": "2026-11-21T03:12:09Z",
        "region": "us-east-1",
        "resources": [],
        "source": "aws.iam",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"eventName": "CreateUser", "eventType": "AwsApiCall", "userIdentity": CALLERS["root"]},
    }
    assert matches(CRITICAL, root, stack=EXPLAINED)
    assert matches("explainer-1", root, stack=EXPLAINED)
    assert not matches(FORWARD, root, stack=EXPLAINED)
    assert not matches(CRITICAL, {**root, "source": "mine.iam"}, stack=EXPLAINED)


def test_the_role_and_the_queue_are_for_the_forwarders_own_rules() -> None:
    ours = [far_rule(FORWARD), far_rule(CRITICAL)]
    role, queue = (
        json.loads(text)["Statement"][0]["Condition"]["ArnEquals"]
        for text in (
            recorded(EXPLAINED).one("Role", FORWARD).inputs["assumeRolePolicy"],
            recorded(EXPLAINED).one("QueuePolicy", f"{FORWARD}-dead-letters").inputs["policy"],
        )
    )
    assert role == queue == {"aws:SourceArn": ours}


def test_what_came_from_elsewhere_does_not_go_on() -> None:
    """Two homes that forward to each other: an event keeps its region, and must not go round for ever."""
    rules = [each.inputs for each in recorded("several").of("EventRule") if each.name.startswith("forward-")]
    sent = {(each["region"], tuple(json.loads(each["eventPattern"]).get("region", ()))) for each in rules}
    assert sent == {("us-east-1", ()), ("us-west-2", ("us-west-2",)), ("eu-west-1", ("eu-west-1",))}
    assert sum("critical" in each["description"] for each in rules) == 0, "it is plain"
    explained = run_program(wire_config("several", alerts={"explain": True}), stack="several")
    critical = [each.inputs for each in explained.of("EventRule") if "-critical-" in each.name]
    assert {each["region"] for each in critical} == {"us-east-1", "us-west-2", "eu-west-1"}
    for each in critical:
        only = [each["region"]] if each["region"] != "us-east-1" else None
        assert json.loads(each["eventPattern"]).get("region") == only


def test_the_home_region_cannot_be_forwarded_to_itself() -> None:
    """A rule that sends to the bus it listens to would hear its own events for ever."""

    def program() -> None:
        home = components.Home.look_up(stack="test", region="eu-west-1")
        components.RegionForwarder("forward", home=home, region="eu-west-1", trail_calls=None)

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


def matches(rule: str, event: dict[str, Any], *, stack: str = "full") -> bool:
    """What EventBridge's TestEventPattern would answer, by an evaluator that is not ours."""
    pattern = recorded(stack).one("EventRule", rule).inputs["eventPattern"]
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
@pytest.mark.parametrize("operation", TRAIL_CALLS)
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
    assert named - set(TRAIL_CALLS) == NOT_FORWARDED.keys()
    assert set(TRAIL_CALLS) <= named
