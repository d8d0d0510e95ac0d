"""The program as a whole: what it registers, under which names, and what people get to see of it."""

import json
import re
from collections import Counter
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from settings import Settings
from settings.version import VERSION
from tests.support import sdk_schema
from tests.support.recorded_program import Recording, Registration, run_program
from tests.support.reference_stacks import LOGICAL_NAMES, STACKS, logical_names, recorded, stack_file, wire_config

every_stack = pytest.mark.parametrize("stack", STACKS)


def plain(value: Any) -> Any:
    """Inputs as data that can be compared: an archive becomes the list of its paths."""
    if isinstance(value, pulumi.AssetArchive):
        return sorted(value.assets)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def everything(recording: Recording) -> list[Any]:
    return sorted(
        [
            [each.urn, each.type, each.name, plain(each.inputs), each.parent, sorted(each.depends_on)]
            for each in recording.registrations
        ],
        key=lambda each: each[0],
    )


def custom(recording: Recording) -> list[Registration]:
    return [each for each in recording.registrations if each.custom]


@every_stack
def test_the_plan_tells_exactly_what_is_made(stack: str) -> None:
    assert dict(Settings.from_stack_file(stack_file(stack)).plan().resources) == recorded(stack).custom_types


@every_stack
def test_a_preview_shows_every_resource_that_an_update_makes(stack: str) -> None:
    assert recorded(stack, preview=True).identities == recorded(stack).identities


def test_a_preview_knows_nothing_that_aws_decides() -> None:
    preview = recorded("full", preview=True)
    for kind, name, key in (("TopicPolicy", "alerts", "policy"), ("Trail", "trail", "s3BucketName")):
        assert isinstance(preview.one(kind, name).inputs[key], Unknown)


def test_a_second_run_in_the_same_process_makes_the_same() -> None:
    first, second = (run_program(wire_config("full")) for _ in range(2))
    assert everything(first) == everything(second)
    assert first.exports == second.exports


def test_logical_names_are_the_committed_ones() -> None:
    """A changed name deletes and makes anew. If that is meant: an alias, and `-m tests.support.reference_stacks`."""
    committed = json.loads(LOGICAL_NAMES.read_text(encoding="utf-8"))
    assert {name: logical_names(recorded(name)) for name in committed} == committed


def test_the_order_of_people_and_ranges_is_of_no_matter() -> None:
    config = wire_config("full")
    turned = {
        **config,
        **{
            f"trailwarden:{key}": json.dumps(json.loads(config[f"trailwarden:{key}"])[::-1])
            for key in ("emails", "sourceIps", "regions")
        },
    }
    assert everything(run_program(turned, stack="full")) == everything(recorded("full"))


def test_another_stack_name_changes_only_its_own_mentions() -> None:
    here, there = (run_program(wire_config("full"), stack=name) for name in ("quagga", "okapi"))
    first, second = (re.sub(r"\b[0-9a-f]{64}\b", "digest", json.dumps(everything(each))) for each in (here, there))
    assert json.loads(first.replace("quagga", "okapi")) == json.loads(second)
    assert here.identities - {("pulumi:pulumi:Stack", "trailwarden-quagga")} == there.identities - {
        ("pulumi:pulumi:Stack", "trailwarden-okapi")
    }


_SAY_WHOSE_THEY_ARE = ("AlarmMuteRule", "Key", "Role", "Function", "EventRule", "Parameter", "Schedule")


def test_where_the_stack_name_shows() -> None:
    """Two stacks in one account must not share a trail or a metric; nothing else has to differ."""
    recording = run_program(wire_config("full"), stack="quagga")
    mentions = {
        (each.kind, key)
        for each in custom(recording)
        for key, value in each.inputs.items()
        if "quagga" in json.dumps(plain(value))
    }
    assert mentions == {
        *{(each.kind, "tags") for each in custom(recording) if "tags" in sdk_schema.properties(each.type)},
        *{(kind, "description") for kind in _SAY_WHOSE_THEY_ARE},
        ("BucketPolicy", "policy"),  # names the trail
        ("Key", "policy"),
        ("RolePolicy", "policy"),
        ("Trail", "name"),
        ("Dashboard", "dashboardName"),
        ("Dashboard", "dashboardBody"),
        ("Topic", "displayName"),
        ("LogMetricFilter", "metricTransformation"),
        ("MetricAlarm", "namespace"),
        ("MetricAlarm", "alarmDescription"),
        ("Function", "environment"),
        ("TableItem", "item"),  # the inventory, which holds policies, metrics and environment
    }


@every_stack
def test_everything_that_can_carry_tags_says_whose_it_is(stack: str) -> None:
    own = Settings.from_stack_file(stack_file(stack)).trail.tags
    ours, of_this_release = {**own, "trailwarden:stack": stack}, {"trailwarden:version": VERSION}
    taggable = [each for each in custom(recorded(stack)) if "tags" in sdk_schema.properties(each.type)]
    assert {each.kind for each in taggable} >= {"Key", "LogGroup", "Role", "Trail", "Topic", "MetricAlarm"}
    assert stack == "existing" or "Bucket" in {each.kind for each in taggable}
    # Not on the trail: an upgrade would call AddTags, and ring the alarm on tampering.
    expected = {each.urn: ours if each.kind == "Trail" else ours | of_this_release for each in taggable}
    assert {each.urn: each.inputs.get("tags") for each in taggable} == expected


@every_stack
def test_everything_regional_is_in_the_home_region_but_a_forwarder(stack: str) -> None:
    settings = Settings.from_stack_file(stack_file(stack))
    regions = {f"forward-{region}": region for region in settings.regions}
    for each in custom(recorded(stack)):
        component = recorded(stack).with_urn(each.parent).name
        expected = regions.get(component, settings.home_region)
        has_region = "region" in sdk_schema.properties(each.type)
        assert each.inputs.get("region") == (expected if has_region else None), each.urn


def test_only_the_trail_has_a_fixed_name_and_some_have_that_of_another() -> None:
    named = {
        (each.kind, key)
        for each in custom(recorded("full"))
        for key in ("name", "namePrefix", "bucket", "bucketPrefix", "statementId", "targetId")
        if key in each.inputs and not (key == "bucket" and each.kind != "Bucket")
    }
    # The functions are called as their roles, and the schedule as its function: data selectors and inventory must know
    # them before they exist.
    assert named == {("Trail", "name"), ("Function", "name"), ("Schedule", "name")}


@pytest.mark.parametrize("stack", ["full", "named"])
def test_what_has_a_fixed_name_is_deleted_before_it_is_replaced(stack: str) -> None:
    for each in custom(recorded(stack)):
        assert each.delete_before_replace == bool({"name", "dashboardName"} & each.inputs.keys()), each.urn


def test_names_that_a_person_chose_are_used() -> None:
    recording = recorded("named")
    assert recording.one("Trail").inputs["name"] == "company-trail"
    assert {each.name: each.inputs.get("name") for each in recording.of("Topic")} == {
        "alerts": "CloudTrailAlert",
        "signals": None,
        "last-resort": None,
    }
    assert recording.one("Topic", "alerts").inputs["displayName"] == "CT-Alert"
    alarms = [each for each in recording.of("MetricAlarm") if not each.name.startswith("watch-health-")]
    assert {each.name: each.inputs["name"] for each in alarms} == {
        "watch-trail-changes": "CloudTrail Changes",
        "watch-root-account-use": "acme-root-account-use",
        "watch-secret-reads": "Secrets",
        "source-ip-my-ip": "SourceIPAddress",
    }
    namespaces = {each.inputs["namespace"] for each in recording.of("MetricAlarm")}
    assert {each for each in namespaces if not each.startswith("AWS/")} == {"CloudTrailMetrics"}


def test_exports() -> None:
    exports = recorded("full").exports
    assert {key: value for key, value in exports.items() if key not in ("alarmNames", "nextSteps")} == {
        "trailArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-full",
        "trailName": "trailwarden-full",
        "bucketName": "trail-bucket-1a2b3c4",
        "logGroupName": "trail-log-group-1a2b3c4",
        "signalsTopicArn": "arn:aws:sns:eu-west-1:111122223333:signals-1a2b3c4",
        "alertsTopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts-1a2b3c4",
        "guardianFunctionName": "guardian-1a2b3c4",
        "healthAlarmNames": {
            name: f"watch-health-{name}-1a2b3c4"
            for name in ("dead-letters", "errors", "throttles", "unkept", "silence", "heartbeat", "canary")
        },
        "lastResortTopicArn": "arn:aws:sns:eu-west-1:111122223333:last-resort-1a2b3c4",
        "dashboardUrl": (
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
            "#dashboards/dashboard/trailwarden-full"
        ),
        "lastResortQueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/last-resort-1a2b3c4",
    }


@every_stack
def test_every_watch_exports_the_name_of_its_alarm(stack: str) -> None:
    settings = Settings.from_stack_file(stack_file(stack))
    watches = settings.watches
    expected = {
        watch.name: watch.alarm_name or f"{'source-ip' if watch.kind == 'source-ip' else 'watch'}-{watch.name}-1a2b3c4"
        for watch in watches
    }
    if settings.burst:
        expected["any-address"] = settings.burst_alarm_name or "watch-any-address-1a2b3c4"
    assert recorded(stack).exports["alarmNames"] == expected


NEXT_STEPS = [
    ("full", "security@example.com, oncall@example.com, robot@example.com", True),
    ("full", "48 hours", True),
    ("full", "aws sns confirm-subscription --region eu-west-1 --authenticate-on-unsubscribe true", True),
    ("full", "--topic-arn arn:aws:sns:eu-west-1:111122223333:alerts-1a2b3c4 --token TOKEN", True),
    ("full", "--topic-arn arn:aws:sns:eu-west-1:111122223333:last-resort-1a2b3c4 --token TOKEN", True),
    ("full", "Open the 2 mails (alerts and last resort)", True),
    ("full", "+15555550123", False),
    ("off", "Open the mail that", True),
    ("off", "last resort", False),
    ("full", "pulumi destroy --exclude-protected", True),
    ("full", "remediation.mode", False),
    ("disposable", "--exclude-protected", False),
    ("notify", "remediation.mode is notify", True),
    ("off", "remediation.mode is off", True),
]


@pytest.mark.parametrize(("stack", "text", "is_said"), NEXT_STEPS)
def test_next_steps(stack: str, text: str, is_said: bool) -> None:
    assert any(text in step for step in recorded(stack).exports["nextSteps"]) is is_said


def test_remediation_off_makes_nothing_of_the_guardian() -> None:
    names = ("guardian", "ledger", "desired-state", "forward", "last-resort", "watch-health", "inventory")
    guardian = {(each.type, each.name) for each in recorded("full").registrations if each.name.startswith(names)}
    robot = {"protocol": "email-json", "endpoint": "robot@example.com"}
    off = run_program(wire_config("full", remediation={"mode": "off"}, subscribers=[robot]), stack="full")
    assert guardian == recorded("full").identities - off.identities
    assert "guardianFunctionName" not in off.exports
    assert not Counter(off.custom_types).keys() & {"aws:lambda/function:Function", "aws:sqs/queue:Queue"}


def test_without_source_ips_there_is_no_component_for_them() -> None:
    assert "trailwarden:index:SourceIpWatch" in {each.type for each in recorded("full").registrations}
    assert "trailwarden:index:SourceIpWatch" not in {each.type for each in recorded("least").registrations}


@every_stack
def test_aws_is_asked_only_who_and_where_we_are(stack: str) -> None:
    """And about what a person named: whether executions can be reserved, of which class a log group is, and of which
    organization the account is.
    """
    quota = {"aws:servicequotas/getServiceQuota:getServiceQuota"} if stack == "full" else set()
    named = {"aws:cloudwatch/getLogGroup:getLogGroup"} if stack == "existing" else set()
    owner = {"aws:organizations/getOrganization:getOrganization"} if stack == "options" else set()
    assert set(recorded(stack).invokes) == {
        "aws:index/getCallerIdentity:getCallerIdentity",
        "aws:index/getPartition:getPartition",
        *quota,
        *named,
        *owner,
    }


def test_another_partition_is_named_in_every_arn() -> None:
    texts = json.dumps(everything(recorded("government")))
    assert "arn:aws-us-gov:" in texts
    assert "arn:aws:" not in texts
