"""Where records go: log groups, buckets, event rules; in order, and only for trails that log and want them."""

from __future__ import annotations

import gzip
import json
import re
import threading
from typing import Any

import pytest

from tests.support.sandbox_story import ACCOUNT, Story, policy, wait_for


@pytest.fixture
def recorded(story: Story) -> Story:
    """A trail that logs, and nothing that reacts to it."""
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    return story


def files(story: Story, **keys: str) -> dict[str, list[dict[str, Any]]]:
    """What is in the bucket: key to records."""
    story.client.settle()
    s3 = story.aws("s3", **keys)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in s3.list_objects_v2(Bucket=story.bucket).get("Contents", []):
        body = s3.get_object(Bucket=story.bucket, Key=entry["Key"])["Body"].read()
        found[entry["Key"]] = json.loads(gzip.decompress(body))["Records"]
    return found


def names(records: list[dict[str, Any]]) -> list[str]:
    return [one["eventName"] for one in records]


def queue_for_events(story: Story, **rule: Any) -> Any:
    """A queue that gets every event of a rule: a function that takes what came since it was asked last."""
    sqs = story.aws("sqs")
    url = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = story.arn("sqs", "seen")
    allowed = {
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": story.rule_arn}},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(allowed)})
    story.make_rule(target_arn=arn, **rule)

    def take() -> list[dict[str, Any]]:
        story.client.settle()
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for one in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return [json.loads(one["Body"]) for one in found]

    return take


def test_a_stop_is_the_last_thing_recorded_and_a_start_the_first(recorded: Story) -> None:
    trail, topics = recorded.aws("cloudtrail"), recorded.aws("sns")
    topics.create_topic(Name="before")
    trail.stop_logging(Name="guarded")
    topics.create_topic(Name="unseen")
    trail.start_logging(Name="guarded")
    topics.create_topic(Name="after")
    assert names(recorded.records())[-4:] == ["CreateTopic", "StopLogging", "StartLogging", "CreateTopic"]
    assert recorded.records()[-1]["requestParameters"] == {"name": "after"}


def test_a_deletion_is_recorded_by_the_trail_it_deletes(recorded: Story) -> None:
    recorded.aws("cloudtrail").delete_trail(Name="guarded")
    recorded.aws("sns").create_topic(Name="unseen")
    assert names(recorded.records())[-1] == "DeleteTrail"


def test_calls_made_before_the_trail_logged_are_not_delivered(recorded: Story) -> None:
    assert names(recorded.records())[0] == "StartLogging"


def test_records_keep_the_order_of_the_calls(recorded: Story) -> None:
    topics = recorded.aws("sns")
    for number in range(40):
        topics.create_topic(Name=f"t{number}")
    made = [one["requestParameters"]["name"] for one in recorded.records(eventName="CreateTopic")]
    assert made == [f"t{number}" for number in range(40)]


def test_calls_of_many_threads_are_all_delivered_once(recorded: Story) -> None:
    topics = recorded.aws("sns")
    threads = [threading.Thread(target=topics.create_topic, kwargs={"Name": f"t{number}"}) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = recorded.records(eventName="CreateTopic")
    assert sorted(one["requestParameters"]["name"] for one in found) == sorted(f"t{number}" for number in range(16))
    assert len({one["eventID"] for one in recorded.records()}) == len(recorded.records())


def test_files_in_the_bucket_hold_the_same_records(recorded: Story) -> None:
    recorded.aws("sns").create_topic(Name="t")
    recorded.aws("iam").list_users()
    recorded.client.settle()
    found = files(recorded)
    shape = re.compile(
        rf"AWSLogs/{ACCOUNT}/CloudTrail/(eu-west-1|us-east-1)/\d{{4}}/\d\d/\d\d/"
        rf"{ACCOUNT}_CloudTrail_\1_\d{{8}}T\d{{4}}Z_[0-9a-f]{{16}}\.json\.gz"
    )
    assert [key for key in found if not shape.fullmatch(key)] == []
    in_group = recorded.records()
    in_files = [one for records in found.values() for one in records]
    assert [one for one in in_files if one not in in_group] == []
    assert {"StartLogging", "CreateTopic", "ListUsers"} <= set(names(in_files))
    assert {one["awsRegion"] for key, records in found.items() if "/us-east-1/" in key for one in records} == {
        "us-east-1"
    }


def test_a_bucket_that_asks_for_tls_is_filled_and_read(recorded: Story) -> None:
    allowed = json.loads(recorded.bucket_policy())
    allowed["Statement"].append(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{recorded.bucket}", f"arn:aws:s3:::{recorded.bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    recorded.aws("s3").put_bucket_policy(Bucket=recorded.bucket, Policy=json.dumps(allowed))
    recorded.aws("sns").create_topic(Name="t")
    reader = recorded.user("reader", "s3:*")  # root is not kept out by the emulator
    assert "CreateTopic" in [one["eventName"] for records in files(recorded, **reader).values() for one in records]
    assert recorded.client.dropped() == []


def test_a_prefix_comes_first(story: Story) -> None:
    story.make_bucket()
    allowed = json.loads(story.bucket_policy())
    for statement in allowed["Statement"]:
        if statement["Action"] == "s3:PutObject":
            statement["Resource"] = f"arn:aws:s3:::{story.bucket}/audit/AWSLogs/{ACCOUNT}/*"
    story.aws("s3").put_bucket_policy(Bucket=story.bucket, Policy=json.dumps(allowed))
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail(S3KeyPrefix="audit")
    assert [key for key in files(story) if not key.startswith(f"audit/AWSLogs/{ACCOUNT}/")] == []
    assert files(story)


def test_a_trail_without_a_log_group_still_fills_its_bucket(story: Story) -> None:
    story.make_bucket()
    trail = story.aws("cloudtrail")
    trail.create_trail(Name=story.name, S3BucketName=story.bucket, IsMultiRegionTrail=True)
    trail.start_logging(Name=story.name)
    assert files(story)
    assert story.client.dropped() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"eu-west-1", "us-east-1", "ap-south-1"}, id="multi-region takes all"),
        pytest.param({"IsMultiRegionTrail": False}, {"eu-west-1"}, id="single region takes its own"),
    ],
)
def test_the_regions_a_trail_covers(story: Story, changes: dict[str, Any], expected: set[str]) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail(**changes)
    for region in ("eu-west-1", "us-east-1", "ap-south-1"):
        story.aws("sns", region=region).create_topic(Name="t")
    story.aws("iam").create_user(UserName="u")
    found = story.records()
    assert {one["awsRegion"] for one in found if one["eventName"] == "CreateTopic"} == expected
    # IAM happens in us-east-1, which a single-region trail elsewhere never sees.
    assert ("CreateUser" in names(found)) is ("us-east-1" in expected)


@pytest.mark.parametrize("takes_global", [True, False])
def test_a_single_region_trail_in_us_east_1_may_leave_global_services_out(story: Story, takes_global: bool) -> None:
    story.region = "us-east-1"
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail(IsMultiRegionTrail=False, IncludeGlobalServiceEvents=takes_global)
    story.aws("iam").create_user(UserName="u")
    story.aws("sns").create_topic(Name="t")
    assert ("CreateUser" in names(story.records())) is takes_global
    assert "CreateTopic" in names(story.records())


def test_two_trails_get_the_same_event(recorded: Story) -> None:
    other = Story(recorded.client, name="second", region="us-east-1")
    other.make_bucket()
    other.make_log_group()
    other.make_delivery_role()
    other.make_trail()
    recorded.aws("sns").create_topic(Name="t")
    assert recorded.records(eventName="CreateTopic") == other.records(eventName="CreateTopic")
    assert len(other.records(eventName="CreateTopic")) == 1


def test_accounts_are_apart(recorded: Story) -> None:
    recorded.aws("sns", key="111122223333").create_topic(Name="t")
    assert recorded.records(eventName="CreateTopic") == []


DATA_RESOURCES = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::somewhere/"]}]


@pytest.mark.parametrize(
    ("selectors", "seen"),
    [
        ([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}], {"CreateTopic"}),
        ([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}], {"ListTopics"}),
        ([{"IncludeManagementEvents": False, "DataResources": DATA_RESOURCES}], set()),
    ],
)
def test_selectors_blind_a_trail_and_its_event_rules(
    recorded: Story, selectors: list[dict[str, Any]], seen: set[str]
) -> None:
    take = queue_for_events(recorded)
    recorded.aws("cloudtrail").put_event_selectors(TrailName="guarded", EventSelectors=selectors)
    recorded.client.settle()
    recorded.aws("sns").create_topic(Name="t")
    recorded.aws("sns").list_topics()
    found = set(names(recorded.records()))
    assert found & {"CreateTopic", "ListTopics"} == seen
    recorded.aws("cloudtrail").stop_logging(Name="guarded")
    assert names([event["detail"] for event in take()]) == (["StopLogging"] if "CreateTopic" in seen else [])


# -- event rules


def test_an_event_reaches_a_rule_in_awss_shape(recorded: Story) -> None:
    take = queue_for_events(recorded)
    recorded.aws("cloudtrail").stop_logging(Name="guarded")
    (event,) = take()
    (record,) = recorded.records(eventName="StopLogging")
    assert event["detail"] == record
    assert event["source"] == "aws.cloudtrail"
    assert event["detail-type"] == "AWS API Call via CloudTrail"
    assert (event["account"], event["region"], event["time"]) == (ACCOUNT, "eu-west-1", record["eventTime"])
    assert event["id"] != record["eventID"]
    assert event["version"] == "0"
    assert event["resources"] == []


def test_a_rule_sees_only_its_own_region(recorded: Story) -> None:
    take = queue_for_events(recorded)
    other = Story(recorded.client, name="second", region="us-east-1")
    other.make_bucket()
    other.make_log_group()
    other.make_delivery_role()
    other.make_trail()
    other.aws("cloudtrail").stop_logging(Name="second")
    assert "StopLogging" in names(recorded.records())  # the log group sees all regions
    assert take() == []


def test_no_event_without_a_trail_that_logs(recorded: Story) -> None:
    take = queue_for_events(recorded)
    trail = recorded.aws("cloudtrail")
    trail.stop_logging(Name="guarded")
    assert len(take()) == 1  # the stop itself is still delivered
    trail.stop_logging(Name="guarded")
    trail.delete_trail(Name="guarded")
    assert take() == []


def test_reads_reach_only_rules_that_ask_for_all_management_events(recorded: Story) -> None:
    take = queue_for_events(recorded)
    everything = json.dumps({"source": ["aws.sns"], "detail-type": ["AWS API Call via CloudTrail"]})
    events = recorded.aws("events")
    events.put_rule(Name=recorded.name, EventPattern=everything, State="ENABLED")
    recorded.aws("sns").list_topics()
    recorded.aws("sns").create_topic(Name="t")
    assert names([event["detail"] for event in take()]) == ["CreateTopic"]
    events.put_rule(Name=recorded.name, EventPattern=everything, State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    recorded.aws("sns").list_topics()
    recorded.aws("sns").create_topic(Name="u")
    assert sorted(names([event["detail"] for event in take()])) == ["CreateTopic", "ListTopics"]
    events.disable_rule(Name=recorded.name)
    recorded.aws("sns").create_topic(Name="v")
    assert take() == []


@pytest.mark.parametrize(
    ("event_type", "detail_type", "source"),
    [
        ("AwsConsoleSignIn", "AWS Console Sign In via CloudTrail", "aws.signin"),
        ("AwsServiceEvent", "AWS Service Event via CloudTrail", "aws.signin"),
        ("AwsConsoleAction", "AWS Console Action via CloudTrail", "aws.signin"),
    ],
)
def test_emitted_records_have_their_own_detail_type(
    recorded: Story, event_type: str, detail_type: str, source: str
) -> None:
    take = queue_for_events(recorded)
    recorded.aws("events").put_rule(Name=recorded.name, EventPattern=json.dumps({"detail-type": [detail_type]}))
    record = {
        "eventName": "ConsoleLogin",
        "eventSource": "signin.amazonaws.com",
        "eventTime": "2026-11-21T03:12:09Z",
        "eventType": event_type,
        "awsRegion": "eu-west-1",
        "recipientAccountId": ACCOUNT,
    }
    assert recorded.client.emit([record]) == {"delivered": 1}
    (event,) = take()
    assert (event["source"], event["time"]) == (source, "2026-11-21T03:12:09Z")
    assert event["detail"] == record


def test_a_rule_whose_target_is_gone_does_not_stop_the_others(recorded: Story) -> None:
    take = queue_for_events(recorded)
    recorded.aws("events").put_targets(
        Rule=recorded.name, Targets=[{"Id": "0", "Arn": recorded.arn("lambda", "function:gone")}]
    )
    recorded.aws("cloudtrail").stop_logging(Name="guarded")
    assert len(take()) == 1
    assert [one["why"] for one in recorded.client.dropped()] == ["there is no such function"]


def forwarding(story: Story, *, trusted: str = "events.amazonaws.com", action: str = "events:PutEvents") -> None:
    """A rule in us-east-1 that sends the trail's operations to the bus of the story's region."""
    bus = story.arn("events", "event-bus/default")
    role = story.make_role("forwarder", trusted, {"put": {"Action": action, "Resource": bus}})
    events = story.aws("events", region="us-east-1")
    events.put_rule(Name="forward", EventPattern=json.dumps({"source": ["aws.cloudtrail", "aws.sns"]}))
    events.put_targets(Rule="forward", Targets=[{"Id": "home", "Arn": bus, "RoleArn": role}])


def test_events_of_another_region_are_forwarded_to_the_home_bus(recorded: Story) -> None:
    take = queue_for_events(recorded)
    recorded.aws("events").put_rule(Name=recorded.name, EventPattern=json.dumps({"source": ["aws.sns"]}))
    forwarding(recorded)
    recorded.aws("sns", region="us-east-1").create_topic(Name="t")
    (event,) = take()
    assert (event["region"], event["detail"]["eventName"]) == ("us-east-1", "CreateTopic")
    assert recorded.client.dropped() == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"trusted": "lambda.amazonaws.com"}, "events.amazonaws.com cannot assume the role"),
        ({"action": "events:PutRule"}, "may not events:PutEvents on"),
    ],
)
def test_forwarding_needs_a_role(recorded: Story, changes: dict[str, str], why: str) -> None:
    take = queue_for_events(recorded)
    recorded.aws("events").put_rule(Name=recorded.name, EventPattern=json.dumps({"source": ["aws.sns"]}))
    forwarding(recorded, **changes)
    recorded.aws("sns", region="us-east-1").create_topic(Name="t")
    assert take() == []
    assert why in recorded.client.dropped()[0]["why"]


@pytest.mark.parametrize(("rule", "dropped"), [("forward", []), ("another", ["cannot assume the role"])])
def test_a_forwarders_role_may_be_held_to_one_rule(recorded: Story, rule: str, dropped: list[str]) -> None:
    """EventBridge tells STS for which rule it acts."""
    forwarding(recorded)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{rule}"},
        },
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    recorded.aws("iam").update_assume_role_policy(RoleName="forwarder", PolicyDocument=document)
    recorded.aws("sns", region="us-east-1").create_topic(Name="t")
    recorded.client.settle()
    said = recorded.client.dropped()
    assert len(said) == len(dropped)
    assert all(words in one["why"] for words, one in zip(dropped, said, strict=True))


def test_an_input_transformer_shapes_what_a_target_gets(recorded: Story) -> None:
    take = queue_for_events(
        recorded,
        InputTransformer={"InputPathsMap": {"who": "$.detail.userIdentity.type"}, "InputTemplate": '{"who": <who>}'},
    )
    recorded.aws("cloudtrail").stop_logging(Name="guarded")
    assert take() == [{"who": "Root"}]


# -- status


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
