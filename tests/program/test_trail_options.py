"""The options of a trail: what they make, what they leave to others, and what people are told."""

import json
from typing import Any

import pulumi
import pytest

from tests.support import recorded_program
from tests.support.recorded_program import Recording, run_program
from tests.support.reference_stacks import recorded, wire_config

ACCOUNT = "111122223333"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/trailwarden-options"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:delivery-1a2b3c4"
GIVEN_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GIVEN_GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/company/audit"
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
EXISTING_TRAIL = {"aws:SourceArn": TRAIL.replace("-options", "-existing")}


def with_trail(stack: str = "least", **trail: Any) -> Recording:
    """A reference stack with these options; `options` and `existing` are recorded once, this is for the rest."""
    return run_program(wire_config(stack, trail={"mode": "create", **trail}), stack=stack)


def steps(recording: Recording) -> str:
    return "\n".join(recording.exports["nextSteps"])


# -- the notice for each log file


def test_a_delivery_topic_lets_the_trail_publish_and_nobody_else() -> None:
    recording = recorded("options")
    assert recording.one("Topic", "delivery").inputs["kmsMasterKeyId"] == recording.one("Trail").inputs["kmsKeyId"]
    assert statements(recording.one("TopicPolicy", "delivery").inputs["policy"])[1:] == [
        {
            "Sid": "CloudTrailNotifies",
            "Effect": "Allow",
            "Principal": CLOUDTRAIL,
            "Action": "sns:Publish",
            "Resource": TOPIC,
            "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
        }
    ]
    assert statements(recording.one("Key", "trail-key").inputs["policy"])[-1] == {
        "Sid": "CloudTrailPublishesEncrypted",
        "Effect": "Allow",
        "Principal": CLOUDTRAIL,
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:*"},
        },
    }


def test_the_trail_is_made_after_its_topic_and_the_guardian_keeps_it() -> None:
    recording = recorded("options")
    trail = recording.one("Trail")
    assert trail.inputs["snsTopicName"] == "delivery-1a2b3c4"
    assert recording.one("TopicPolicy", "delivery").urn in trail.depends_on
    assert wanted(recording)["SnsTopicName"] == "delivery-1a2b3c4"
    assert recording.exports["deliveryTopicArn"] == TOPIC
    assert "deliveryTopicArn" in steps(recording)


def test_without_the_option_there_is_no_topic_and_no_grant() -> None:
    recording = recorded("full")
    assert not [each for each in recording.of("Topic") if each.name == "delivery"]
    assert "CloudTrailPublishesEncrypted" not in recording.one("Key", "trail-key").inputs["policy"]
    assert "snsTopicName" not in recording.one("Trail").inputs
    assert "deliveryTopicArn" not in recording.exports


# -- the trail of an organization


def test_every_account_writes_to_the_trail_of_an_organization() -> None:
    recording = recorded("options")
    assert recording.one("Trail").inputs["isOrganizationTrail"] is True
    assert wanted(recording)["IsOrganizationTrail"] is True
    bucket = "arn:aws:s3:::trail-bucket-1a2b3c4"
    by_prefix = [
        (each["Sid"], each["Resource"], each["Condition"])
        for each in statements(recording.one("BucketPolicy").inputs["policy"])
        if each["Action"] == "s3:PutObject"
    ]
    held = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL}}
    assert by_prefix == [
        ("CloudTrailWritesLogs", f"{bucket}/AWSLogs/{ACCOUNT}/*", held),
        ("CloudTrailWritesOrganizationsLogs", f"{bucket}/AWSLogs/o-exampleorgid/*", held),
    ]
    (delivery,) = statements(recording.one("RolePolicy", "trail-delivery").inputs["policy"])
    streams = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail-log-group-1a2b3c4:log-stream"
    assert delivery["Resource"] == [f"{streams}:{ACCOUNT}_CloudTrail_eu-west-1*", f"{streams}:o-exampleorgid_*"]
    assert "every account of the organization" in steps(recording)


def test_the_guardian_of_an_organization_may_look_at_it_if_it_may_change_the_trail() -> None:
    looks = {
        "Sid": "SeeOrganization",
        "Effect": "Allow",
        "Action": ["organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization"],
        "Resource": "*",
    }
    assert looks in statements(recorded("options").one("RolePolicy", "guardian").inputs["policy"])
    told = run_program(wire_config("options", remediation={"mode": "notify"}), stack="options")
    for recording in (told, recorded("full")):
        assert "organizations:" not in recording.one("RolePolicy", "guardian").inputs["policy"]


def test_a_bucket_that_exists_has_to_let_the_organization_in() -> None:
    asked = with_trail(bucket="company-audit-logs", organization=True).exports["policiesToAdd"]["bucket"]
    assert asked[-1]["Resource"] == "arn:aws:s3:::company-audit-logs/AWSLogs/o-exampleorgid/*"


OBSTACLES: dict[str, tuple[dict[str, Any], str]] = {
    "a member": (
        {"masterAccountId": "999988887777"},
        r"management account 999988887777, .* credentials of account 9999",
    ),
    "bills": ({"featureSet": "CONSOLIDATED_BILLING"}, r"all features of organization o-exampleorgid"),
    "trust": (
        {"awsServiceAccessPrincipals": ["sso.amazonaws.com"]},
        r"enable-aws-service-access --service-principal cl",
    ),
}


@pytest.mark.parametrize(("differs", "told"), OBSTACLES.values(), ids=OBSTACLES)
def test_an_organization_that_cannot_have_the_trail_is_told_before_anything_is_made(
    differs: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_program, "ORGANIZATION", {**recorded_program.ORGANIZATION, **differs})
    assert made_until_refused(f"trail.organization: .*{told}") == []


def test_an_account_without_an_organization_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_program, "ORGANIZATION", {})
    assert made_until_refused("trail.organization: .*cannot be looked up: .*or leave it out") == []


def made_until_refused(told: str) -> list[recorded_program.Registration]:
    """What the program made before it was refused with these words."""
    monitors: list[recorded_program.RecordingMonitor] = []
    with pytest.raises(pulumi.RunError, match=told):
        run_program(wire_config("options"), stack="options", into=monitors.append)
    return [each for each in monitors[0].registrations.values() if each.custom]


# -- a first deployment


def test_calls_of_the_first_deployment_that_ring_are_announced() -> None:
    assert "After the deployment that makes the trail trail-tampering rings once" in steps(recorded("options"))
    assert "rings once" not in steps(recorded("full"))
    assert "rings once" in steps(with_trail(insights=["ApiErrorRateInsight"]))


# -- lifecycle and Object Lock


def test_old_files_are_archived_then_deleted_and_so_are_old_versions() -> None:
    everything = {"prefix": ""}
    _, *rules = recorded("options").one("BucketLifecycleConfiguration").inputs["rules"]
    assert rules == [
        {
            "id": "archive",
            "status": "Enabled",
            "filter": everything,
            "transitions": [{"days": 90, "storageClass": "DEEP_ARCHIVE"}],
            "noncurrentVersionTransitions": [{"noncurrentDays": 90, "storageClass": "DEEP_ARCHIVE"}],
        },
        {
            "id": "expire",
            "status": "Enabled",
            "filter": everything,
            "expiration": {"days": 2557},
            # As long as the file itself: a version that somebody deleted must not be gone before its time.
            "noncurrentVersionExpiration": {"noncurrentDays": 2557},
        },
        {
            "id": "drop-lone-delete-markers",
            "status": "Enabled",
            "filter": everything,
            "expiration": {"expiredObjectDeleteMarker": True},
        },
    ]


def test_object_lock_comes_after_versioning_and_replaces_no_bucket() -> None:
    recording = recorded("options")
    lock = recording.one("BucketObjectLockConfiguration")
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 365}}
    assert recording.one("BucketVersioning").urn in lock.depends_on
    assert lock.urn in recording.one("Trail").depends_on
    assert "objectLockEnabled" not in recording.one("Bucket").inputs, "adding it later would replace the bucket"


def test_less_than_auditors_ask_is_said() -> None:
    said = steps(with_trail(lifecycle={"expireDays": 200}, retentionDays=90))
    assert "trail.lifecycle.expireDays is 200 days" in said
    assert "trail.retentionDays is 90 days" in said
    assert "Auditors" not in steps(recorded("options"))


def test_a_lock_that_nobody_can_undo_is_said() -> None:
    assert "nobody can" in steps(with_trail(objectLock={"mode": "COMPLIANCE", "days": 2}))


# -- things that exist


def test_nothing_is_made_that_exists() -> None:
    recording = recorded("existing")
    made = {(each.kind, each.name) for each in recording.registrations if each.custom}
    assert not {kind for kind, _ in made if kind.startswith("Bucket")}
    assert {each.name for kind in ("Key", "Alias") for each in recording.of(kind)} == {"alerts-key"}
    assert [each.name for each in recording.of("LogGroup")] == ["guardian"]
    assert not [each.urn for each in recording.registrations if each.protect or each.retain_on_delete]


def test_what_exists_is_used() -> None:
    recording = recorded("existing")
    trail = recording.one("Trail").inputs
    assert (trail["s3BucketName"], trail["kmsKeyId"]) == ("company-audit-logs", GIVEN_KEY)
    assert trail["cloudWatchLogsGroupArn"] == f"{GIVEN_GROUP}:*"
    expected = {
        "S3BucketName": "company-audit-logs",
        "KmsKeyId": GIVEN_KEY,
        "CloudWatchLogsLogGroupArn": f"{GIVEN_GROUP}:*",
    }
    assert {key: wanted(recording)[key] for key in expected} == expected
    assert {each.inputs["logGroupName"] for each in recording.of("LogMetricFilter")} == {"/company/audit"}
    (delivery,) = statements(recording.one("RolePolicy", "trail-delivery").inputs["policy"])
    assert delivery["Resource"] == f"{GIVEN_GROUP}:log-stream:{ACCOUNT}_CloudTrail_eu-west-1*"
    assert recording.one("Topic", "delivery").inputs["kmsMasterKeyId"] == GIVEN_KEY


def test_what_policies_must_hold_is_an_output() -> None:
    bucket, key = (recorded("existing").exports["policiesToAdd"][what] for what in ("bucket", "kmsKey"))
    assert [each["Sid"] for each in bucket] == ["RefusePlainHttp", "CloudTrailChecksBucket", "CloudTrailWritesLogs"]
    assert bucket[2]["Resource"] == f"arn:aws:s3:::company-audit-logs/AWSLogs/{ACCOUNT}/*"
    assert bucket[1]["Condition"] == {"StringEquals": EXISTING_TRAIL}
    assert [each["Sid"] for each in key] == [
        "CloudTrailEncryptsLogs",
        "CloudTrailOpensBucketKey",
        "CloudTrailDescribesKey",
        "AccountReadsLogs",
        "CloudWatchLogsUsesKey",
        "CloudTrailPublishesEncrypted",
    ]
    assert "policiesToAdd" in steps(recorded("existing"))
    assert "policiesToAdd" not in recorded("full").exports


def test_what_policies_must_hold_is_known_before_anything_is_made() -> None:
    preview = recorded("existing", preview=True)
    shown = preview.registered_outputs[preview.one("Evidence").urn]
    assert shown["policiesToAdd"] == recorded("existing").exports["policiesToAdd"]


@pytest.mark.parametrize("log_class", ["INFREQUENT_ACCESS", "DELIVERY"])
def test_a_log_group_on_which_no_filter_works_is_refused(log_class: str) -> None:
    with pytest.raises(Exception, match=rf"trail.logGroup: /company/audit is of the class {log_class}"):
        run_program(wire_config("existing"), log_group_class=log_class)


# -- tags


def test_own_tags_do_not_hide_ours() -> None:
    recording = recorded("options")
    assert recording.one("Trail").inputs["tags"] == {
        "team": "security",
        "cost-centre": "4711",
        "trailwarden:stack": "options",
    }
    assert recording.one("Function").inputs["tags"].keys() == {
        "team",
        "cost-centre",
        "trailwarden:stack",
        "trailwarden:version",
    }


def statements(text: str) -> list[dict[str, Any]]:
    return json.loads(text)["Statement"]


def wanted(recording: Recording) -> dict[str, Any]:
    """The desired state that the guardian reads."""
    return json.loads(recording.one("Parameter", "desired-state").inputs["insecureValue"])["trail"]


# -- masked events


def groups(recording: Recording) -> dict[str, dict[str, Any]]:
    """What the inventories say of log groups, by name."""
    items = [json.loads(each.inputs["item"])["document"]["S"] for each in recording.of("TableItem")]
    things = [thing for item in items for thing in json.loads(item)["things"]]
    return {thing["name"]: thing["facts"] for thing in things if thing["kind"] == "log-group"}


def test_nobody_may_mask_events_whosever_log_group_it_is() -> None:
    (made,) = groups(recorded("options")).items()
    assert (made[0], made[1]["masked"]) == ("trail-log-group-1a2b3c4", [])
    assert groups(recorded("existing")) == {"/company/audit": {"masked": []}}
    adopted = groups(recorded("several"))
    assert set(adopted) == {"/cloudtrail/2019", "aws-cloudtrail-logs", "/cloudtrail/west"}
    assert all(facts == {"masked": []} for facts in adopted.values())


def test_what_may_be_masked_is_not_asked_about() -> None:
    (facts,) = groups(with_trail(mayBeMasked=True)).values()
    assert set(facts) == {"retention", "key", "more"}
    assert groups(with_trail("existing", logGroup="/company/audit", mayBeMasked=True)) == {}
