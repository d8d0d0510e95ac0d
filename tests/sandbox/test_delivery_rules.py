"""Event rules hear what trails record: in AWS's shape, in order, in their own region, and forwarded by right."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox_records import names, queue_for_events
from tests.support.sandbox_story import ACCOUNT, Story


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
