"""Where records go: log groups and buckets; in order, and only for trails that log and want them."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import pytest

from tests.support.sandbox_records import files, names, queue_for_events
from tests.support.sandbox_story import ACCOUNT, Story


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
