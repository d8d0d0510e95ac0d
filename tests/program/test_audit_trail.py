"""The trail and its evidence."""

import json
import re
from fnmatch import fnmatchcase

import pytest

import filterpattern
from catalog import EVENT_SETS
from settings import recommended_sets
from tests.support.recorded_program import Recording, Registration
from tests.support.reference_stacks import STACKS, recorded

EVIDENCE = {
    ("Key", "trail-key"),
    ("Alias", "trail-key"),
    ("LogGroup", "trail-log-group"),
    *(
        (kind, "trail-bucket")
        for kind in (
            "Bucket",
            "BucketLifecycleConfiguration",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
            "BucketVersioning",
        )
    ),
}


def test_the_trail() -> None:
    trail = dict(recorded("full").one("Trail").inputs)
    trail.pop("tags")
    assert trail == {
        "name": "trailwarden-full",
        "region": "eu-west-1",
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "isOrganizationTrail": False,
        "enableLogging": True,
        "enableLogFileValidation": True,
        "kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/trail-key-1a2b3c4",
        "s3BucketName": "trail-bucket-1a2b3c4",
        "cloudWatchLogsGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail-log-group-1a2b3c4:*",
        "cloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/trail-delivery-1a2b3c4",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_the_arn_in_the_policies_is_the_trails_own(stack: str) -> None:
    """It is computed before the trail exists; were it off by a letter, CreateTrail would be refused."""
    recording = recorded(stack)
    arn = recording.exports["trailArn"]
    assert arn.endswith(f":trail/{recording.one('Trail').inputs['name']}")
    for kind in ("Key", "BucketPolicy"):
        name = "trail-key" if kind == "Key" else "trail-bucket"
        if stack == "existing":  # neither is ours, and what they need is shown instead
            assert arn in json.dumps(recording.exports["policiesToAdd"])
            continue
        assert f'"aws:SourceArn": "{arn}"' in recording.one(kind, name).inputs["policy"]


def test_create_trail_finds_everything_that_it_tries() -> None:
    recording = recorded("full")
    needed = {
        ("BucketLifecycleConfiguration", "trail-bucket"),
        ("BucketPolicy", "trail-bucket"),
        ("BucketPublicAccessBlock", "trail-bucket"),
        ("BucketOwnershipControls", "trail-bucket"),
        ("BucketServerSideEncryptionConfiguration", "trail-bucket"),
        ("BucketVersioning", "trail-bucket"),
        ("RolePolicy", "trail-delivery"),
        ("Role", "trail-delivery"),
        ("LogGroup", "trail-log-group"),
        ("Key", "trail-key"),
    }
    dependencies = {recording.with_urn(urn) for urn in recording.one("Trail").depends_on}
    assert {(each.kind, each.name) for each in dependencies} >= needed


def test_the_bucket() -> None:
    recording = recorded("full")
    inputs = {
        each.kind: {key: value for key, value in each.inputs.items() if key not in ("region", "tags", "policy")}
        for each in recording.registrations
        if each.name == "trail-bucket"
    }
    bucket = {"bucket": "trail-bucket-1a2b3c4"}
    assert inputs == {
        "Bucket": {"forceDestroy": False},
        "BucketPolicy": bucket,
        "BucketOwnershipControls": {**bucket, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketVersioning": {**bucket, "versioningConfiguration": {"status": "Enabled"}},
        "BucketPublicAccessBlock": {
            **bucket,
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "BucketServerSideEncryptionConfiguration": {
            **bucket,
            "rules": [
                {
                    "bucketKeyEnabled": True,
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "arn:aws:kms:eu-west-1:111122223333:key/trail-key-1a2b3c4",
                    },
                }
            ],
        },
        "BucketLifecycleConfiguration": {
            **bucket,
            "rules": [
                {
                    "id": "abort-unfinished-uploads",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        },
    }


def test_retention_is_the_stacks_own() -> None:
    assert {each.name: each.inputs["retentionInDays"] for each in recorded("full").of("LogGroup")} == {
        "trail-log-group": 400,
        "guardian": 400,
    }
    assert recorded("least").one("LogGroup", "trail-log-group").inputs["retentionInDays"] == 365


def made_before_the_trail(recording: Recording) -> set[Registration]:
    reached: set[str] = set()
    ahead = {recording.one("Trail").urn}
    while ahead:
        reached |= ahead
        ahead = {urn for each in ahead for urn in recording.with_urn(each).depends_on} - reached
    return {recording.with_urn(urn) for urn in reached}


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_deployment_does_not_ring_its_own_alarms(stack: str) -> None:
    """IAM, bucket and key calls are watched, or may be; made before the trail starts, they are not recorded."""
    recording = recorded(stack)
    watched = {each for each in recording.registrations if each.type.startswith(("aws:iam/", "aws:s3/", "aws:kms/"))}
    assert {each.kind for each in watched} >= {"Role", "RolePolicy"}
    if stack != "existing":
        assert {each.kind for each in watched} >= {"BucketPolicy", "BucketLifecycleConfiguration"}
    late = {each.urn for each in watched - made_before_the_trail(recording)}
    assert late <= {each.urn for each in recording.of("Alias")}


# What the provider calls for each kind that may be made after the trail (the trail's own call aside).
LATE_CALLS = {
    "AlarmMuteRule": "monitoring:PutAlarmMuteRule",
    "Alias": "kms:CreateAlias",
    "Dashboard": "monitoring:PutDashboard",
    "EventRule": "events:PutRule",
    "EventTarget": "events:PutTargets",
    "Function": "lambda:CreateFunction20150331",
    "FunctionEventInvokeConfig": "lambda:PutFunctionEventInvokeConfig",
    "LogMetricFilter": "logs:PutMetricFilter",
    "MetricAlarm": "monitoring:PutMetricAlarm",
    "Permission": "lambda:AddPermission20150331v2",
    "QueuePolicy": "sqs:SetQueueAttributes",
    "Schedule": "scheduler:CreateSchedule",
    "TableItem": "dynamodb:PutItem",
    "TopicSubscription": "sns:Subscribe",
}


def test_what_is_made_later_is_not_watched_by_default() -> None:
    recording = recorded("full")
    late = {each for each in recording.registrations if each.custom} - made_before_the_trail(recording)
    assert {each.kind for each in late} == LATE_CALLS.keys()
    patterns = {name: filterpattern.compile(EVENT_SETS[name].pattern) for name in recommended_sets()}
    for call in LATE_CALLS.values():
        service, name = call.split(":")
        asked = {"muteTargets": {"alarmNames": ["somebody-elses"]}}  # a mute rule without names concerns everybody
        record = {
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": "eu-west-1",
            "requestParameters": asked,
        }
        assert [each for each, pattern in patterns.items() if pattern.matches(record)] == [], call


# Rule, target and subscription are made after the trail so that they go before it, and what names them comes later yet.
RUNG_AT_FIRST = {
    "self-alarms-logs": {"PutAlarmMuteRule", "PutMetricAlarm", "PutMetricFilter"},
    "self-functions": {"PutFunctionEventInvokeConfig"},
    "self-queues": {"SetQueueAttributes"},
    "self-state": {"PutRule", "PutTargets"},
}


def hears(pattern: str, call: str) -> bool:
    service, _, name = call.partition(":")
    names = re.findall(r'eventName="?([\w*]+)', pattern)
    return f'eventSource="{service}.' in pattern and any(fnmatchcase(name, each) for each in names)


def test_the_first_deployment_rings_only_the_sets_that_say_so() -> None:
    """By their event names, since the things named in these sets are those that are made."""
    rung = {
        name: {call.partition(":")[2] for call in LATE_CALLS.values() if hears(EVENT_SETS[name].pattern, call)}
        for name in recommended_sets()
        if name.startswith("self-")
    }
    rung["self-alarms-logs"].remove("PutDashboard")  # which names no alarm
    assert {name: calls for name, calls in rung.items() if calls} == RUNG_AT_FIRST
    for name in RUNG_AT_FIRST:
        assert any("the first one included" in noise.answer for noise in EVENT_SETS[name].noise), name


@pytest.mark.parametrize("stack", STACKS)
def test_queues_of_the_last_resort_and_of_forwarders_are_whole_before_the_trail(stack: str) -> None:
    recording = recorded(stack)
    late = {each.name for each in recording.of("QueuePolicy")} - {
        each.name for each in made_before_the_trail(recording) if each.kind == "QueuePolicy"
    }
    assert [name for name in late if name.startswith(("last-resort-queue", "forward-"))] == []
    assert "last-resort" not in late


def outliving(recording: Recording) -> set[tuple[str, str]]:
    return {(each.kind, each.name) for each in recording.registrations if each.protect and each.retain_on_delete}


@pytest.mark.parametrize("stack", sorted(set(STACKS) - {"disposable", "existing"}))
def test_evidence_outlives_the_stack_and_nothing_else_does(stack: str) -> None:
    recording = recorded(stack)
    lock = {("BucketObjectLockConfiguration", "trail-bucket")} if stack == "options" else set[tuple[str, str]]()
    assert outliving(recording) == EVIDENCE | lock
    for each in recording.registrations:
        assert each.protect == each.retain_on_delete, each.urn


def test_disposable_evidence_goes_with_the_stack() -> None:
    recording = recorded("disposable")
    assert not [each.urn for each in recording.registrations if each.protect or each.retain_on_delete]
    assert recording.one("Bucket").inputs["forceDestroy"] is True
    assert recording.one("Key", "trail-key").inputs["deletionWindowInDays"] == 7
    assert recorded("full").one("Key", "trail-key").inputs["deletionWindowInDays"] == 30


def test_keys_are_two_and_rotate() -> None:
    recording = recorded("full")
    assert [each.name for each in recording.of("Key")] == ["alerts-key", "trail-key"]
    assert all(each.inputs["enableKeyRotation"] is True for each in recording.of("Key"))
    assert {each.name: each.inputs["targetKeyId"] for each in recording.of("Alias")} == {
        "alerts-key": "alerts-key-1a2b3c4",
        "trail-key": "trail-key-1a2b3c4",
    }
    uses = {
        (each.kind, each.name): each.inputs[key].rpartition("/")[2].removesuffix("-1a2b3c4")
        for each in recording.registrations
        for key in ("kmsKeyId", "kmsMasterKeyId")
        if key in each.inputs
    }
    assert uses == {
        ("Trail", "trail"): "trail-key",
        ("LogGroup", "trail-log-group"): "trail-key",
        ("LogGroup", "guardian"): "alerts-key",
        ("Topic", "alerts"): "alerts-key",
        ("Topic", "signals"): "alerts-key",
    }
