"""What keeps records from being delivered shows in the trail's status, and nowhere else."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox_records import files, names
from tests.support.sandbox_story import ACCOUNT, Story, policy, wait_for


def test_trail_status_tells_of_deliveries(recorded: Story) -> None:
    trail = recorded.aws("cloudtrail")
    recorded.client.settle()
    status = trail.get_trail_status(Name="guarded")
    assert status["IsLogging"] is True
    assert status["LatestDeliveryTime"] >= status["StartLoggingTime"]
    assert status["LatestCloudWatchLogsDeliveryTime"] >= status["StartLoggingTime"]
    assert "LatestDeliveryError" not in status
    assert "StopLoggingTime" not in status
    trail.stop_logging(Name=recorded.trail_arn)
    stopped = trail.get_trail_status(Name=recorded.trail_arn)
    assert stopped["IsLogging"] is False
    assert stopped["StopLoggingTime"] >= stopped["StartLoggingTime"]


def test_a_bucket_that_lets_nothing_in_shows_in_the_status(recorded: Story) -> None:
    recorded.aws("s3").delete_bucket_policy(Bucket=recorded.bucket)
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    status = recorded.aws("cloudtrail").get_trail_status(Name="guarded")
    assert status["LatestDeliveryError"] == "AccessDenied"
    assert any("does not let cloudtrail.amazonaws.com write" in one["why"] for one in recorded.client.dropped())
    assert "CreateTopic" in names(recorded.records())  # the log group still gets it


def test_a_bucket_that_is_gone_shows_in_the_status(recorded: Story) -> None:
    s3 = recorded.aws("s3")
    for key in files(recorded):
        s3.delete_object(Bucket=recorded.bucket, Key=key)
    s3.delete_bucket(Bucket=recorded.bucket)
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    status = recorded.aws("cloudtrail").get_trail_status(Name="guarded")
    assert status["LatestDeliveryError"] == "NoSuchBucket"


def test_a_role_that_may_no_longer_write_shows_in_the_status(recorded: Story) -> None:
    recorded.aws("iam").delete_role_policy(RoleName="guarded-delivery", PolicyName="all")
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    status = recorded.aws("cloudtrail").get_trail_status(Name="guarded")
    assert "Access denied" in status["LatestCloudWatchLogsDeliveryError"]
    assert names(recorded.records())[-1] != "CreateTopic"
    assert any("logs:PutLogEvents" in one["why"] for one in recorded.client.dropped())


def test_a_log_group_that_is_gone_shows_in_the_status(recorded: Story) -> None:
    recorded.aws("logs").delete_log_group(logGroupName=recorded.group)
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    status = recorded.aws("cloudtrail").get_trail_status(Name="guarded")
    assert "does not exist" in status["LatestCloudWatchLogsDeliveryError"]
    recorded.make_log_group()
    recorded.aws("sns").create_topic(Name="u")
    assert "CreateTopic" in names(recorded.records())  # it finds a new one under the old name


def test_a_disabled_key_blinds_the_bucket(story: Story) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    key = story.aws("kms").create_key(Policy=key_policy(story))["KeyMetadata"]["Arn"]
    story.make_trail(KmsKeyId=key)
    story.client.settle()
    story.aws("kms").disable_key(KeyId=key)
    story.aws("sns").create_topic(Name="t")
    story.client.settle()
    assert story.aws("cloudtrail").get_trail_status(Name="guarded")["LatestDeliveryError"] == "KMS.DisabledException"


def test_a_key_policy_that_leaves_cloudtrail_out_blinds_the_bucket(story: Story) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    kms = story.aws("kms")
    key = kms.create_key(Policy=key_policy(story))["KeyMetadata"]["Arn"]
    story.make_trail(KmsKeyId=key)
    story.client.settle()
    everybody = {"Principal": "*", "Action": "kms:GenerateDataKey*", "Resource": "*", "Effect": "Deny"}
    document = json.loads(key_policy(story))
    document["Statement"].append(everybody)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    story.aws("sns").create_topic(Name="t")
    story.client.settle()
    status = story.aws("cloudtrail").get_trail_status(Name="guarded")
    assert status["LatestDeliveryError"] == "AccessDenied"
    assert any("(kms:GenerateDataKey)" in one["why"] for one in story.client.dropped())


def test_a_deny_in_the_buckets_policy_wins_over_the_grant(recorded: Story) -> None:
    document = json.loads(recorded.bucket_policy())
    where = f"arn:aws:s3:::{recorded.bucket}/*"
    document["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": where})
    recorded.aws("s3").put_bucket_policy(Bucket=recorded.bucket, Policy=json.dumps(document))
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    assert recorded.aws("cloudtrail").get_trail_status(Name="guarded")["LatestDeliveryError"] == "AccessDenied"
    recorded.aws("s3").put_bucket_policy(Bucket=recorded.bucket, Policy=recorded.bucket_policy())
    recorded.aws("sns").create_topic(Name="u")
    recorded.client.settle()
    assert "LatestDeliveryError" not in recorded.aws("cloudtrail").get_trail_status(Name="guarded")


@pytest.mark.parametrize("how", ["untrusted", "gone"])
def test_a_delivery_role_that_cloudtrail_cannot_take_shows_in_the_status(recorded: Story, how: str) -> None:
    iam = recorded.aws("iam")
    if how == "untrusted":
        nobody = policy({"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
        iam.update_assume_role_policy(RoleName="guarded-delivery", PolicyDocument=nobody)
    else:
        iam.delete_role_policy(RoleName="guarded-delivery", PolicyName="all")
        iam.delete_role(RoleName="guarded-delivery")
    recorded.aws("sns").create_topic(Name="t")
    recorded.client.settle()
    status = recorded.aws("cloudtrail").get_trail_status(Name="guarded")
    assert "Access denied" in status["LatestCloudWatchLogsDeliveryError"]
    assert "CreateTopic" not in names(recorded.records())
    words = {"untrusted": "cannot assume the delivery role", "gone": "there is no delivery role"}
    assert any(words[how] in one["why"] for one in recorded.client.dropped())


def key_policy(story: Story) -> str:
    return policy(
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceArn": story.trail_arn},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
            },
        },
        {"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*"},
    )


def test_the_trail_keeps_what_was_asked_for(recorded: Story) -> None:
    (trail,) = recorded.aws("cloudtrail").describe_trails()["trailList"]
    assert trail["CloudWatchLogsLogGroupArn"] == recorded.group_arn
    assert trail["CloudWatchLogsRoleArn"] == recorded.delivery_role_arn
    assert (trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True, True)
    wait_for("logging", recorded.is_logging)
