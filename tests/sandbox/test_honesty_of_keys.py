"""Leave a service out of the trail's key, and what AWS could not write is not written here either."""

from __future__ import annotations

import pytest

from tests.support.sandbox_story import ACCOUNT, Story, policy


def make_evidence(story: Story) -> str:
    """A logging trail whose bucket (with a bucket key) and log group are encrypted with one key; its ARN."""
    story.make_bucket()
    key = story.aws("kms").create_key(Policy=evidence_policy(story))["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    story.aws("s3").put_bucket_encryption(
        Bucket=story.bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        },
    )
    story.aws("logs").create_log_group(logGroupName=story.group, kmsKeyId=key)
    story.make_delivery_role()
    story.make_trail(KmsKeyId=key)
    return key


def evidence_policy(story: Story, *without: str, context: str = "") -> str:
    """The key's policy as AWS documents it. `context`: the log groups that CloudWatch Logs may encrypt."""
    trail = {"Service": "cloudtrail.amazonaws.com"}
    groups = {"kms:EncryptionContext:aws:logs:arn": context or story.group_arn.removesuffix(":*")}
    statements = {
        "owner": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        "encrypt": {
            "Principal": trail,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceArn": story.trail_arn},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
            },
        },
        "open": {"Principal": trail, "Action": "kms:Decrypt", "Resource": "*"},
        "describe": {"Principal": trail, "Action": "kms:DescribeKey", "Resource": "*"},
        "logs": {
            "Principal": {"Service": f"logs.{story.region}.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Resource": "*",
            "Condition": {"ArnLike": groups},
        },
    }
    return policy(*(one for name, one in statements.items() if name not in without))


def files(story: Story) -> list[str]:
    found = story.aws("s3").list_objects_v2(Bucket=story.bucket)
    return [one["Key"] for one in found.get("Contents", [])]


@pytest.mark.parametrize(
    ("statement", "action"),
    [(None, ""), ("encrypt", "kms:GenerateDataKey"), ("open", "kms:Decrypt")],
    ids=["nothing is taken", "encrypt", "open the bucket key"],
)
def test_a_key_without_cloudtrail_keeps_files_out_of_the_bucket(
    story: Story, statement: str | None, action: str
) -> None:
    key = make_evidence(story)
    story.aws("kms").put_key_policy(
        KeyId=key, PolicyName="default", Policy=evidence_policy(story, *([statement] if statement else []))
    )
    story.client.settle()
    before = files(story)
    story.aws("sns").create_topic(Name="seen")
    story.client.settle()
    status = story.aws("cloudtrail").get_trail_status(Name=story.name)
    if statement is None:
        assert len(files(story)) > len(before)
        assert "LatestDeliveryError" not in status
        assert story.client.dropped() == []
        return
    assert files(story) == before
    assert status["LatestDeliveryError"] == "AccessDenied"
    why = f"the policy of the trail's key {key} does not let cloudtrail.amazonaws.com use it for {story.trail_arn}"
    assert story.client.dropped()[-1]["why"] == f"{why} ({action})"
    assert story.records(eventName="CreateTopic"), "the log group has a grant of its own"
    story.aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=evidence_policy(story))
    story.client.settle()
    assert len(files(story)) > len(before)
    assert "LatestDeliveryError" not in story.aws("cloudtrail").get_trail_status(Name=story.name)


@pytest.mark.parametrize("shut", ["no statement", "other groups", "disabled"])
def test_a_key_without_cloudwatch_logs_keeps_records_out_of_the_log_group(story: Story, shut: str) -> None:
    key = make_evidence(story)
    assert story.records(eventName="StartLogging")
    if shut == "disabled":
        story.aws("kms").disable_key(KeyId=key)
        why = f"the log group's key {key} is Disabled"
    else:
        elsewhere = story.arn("logs", "log-group:/other/*")
        changed = (
            evidence_policy(story, "logs") if shut == "no statement" else evidence_policy(story, context=elsewhere)
        )
        story.aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=changed)
        service = f"logs.{story.region}.amazonaws.com"
        why = f"the policy of the log group's key {key} does not let {service} use it (kms:Encrypt)"
    story.aws("sns").create_topic(Name="unseen")
    assert story.records(eventName="CreateTopic") == []
    assert why in story.aws("cloudtrail").get_trail_status(Name=story.name)["LatestCloudWatchLogsDeliveryError"]
    assert any(
        why in one["why"] and one["where"].startswith(story.group_arn.removesuffix("*"))
        for one in story.client.dropped()
    )
