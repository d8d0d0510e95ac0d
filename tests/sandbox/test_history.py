"""LookupEvents: the event history, which needs no trail."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import Story


def lookup(sandbox: SandboxClient, region: str = "eu-west-1", **asked: Any) -> list[dict[str, Any]]:
    pages = sandbox.aws("cloudtrail", region=region).get_paginator("lookup_events").paginate(**asked)
    return [event for page in pages for event in page["Events"]]


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_the_newest_comes_first_and_no_trail_is_needed(sandbox: SandboxClient) -> None:
    topics = sandbox.aws("sns", region="eu-west-1")
    for name in ("a", "b", "c"):
        topics.create_topic(Name=name)
    found = lookup(sandbox, **by("EventName", "CreateTopic"))
    records = [json.loads(event["CloudTrailEvent"]) for event in found]
    assert [one["requestParameters"]["name"] for one in records] == ["c", "b", "a"]
    assert [event["EventId"] for event in found] == [one["eventID"] for one in records]
    assert {event["Username"] for event in found} == {"root"}
    assert found[0]["EventTime"] >= found[-1]["EventTime"]


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("EventName", "CreateTopic", {"CreateTopic"}),
        ("EventSource", "sns.amazonaws.com", {"CreateTopic", "ListTopics"}),
        ("Username", "mallory", {"CreateTopic", "ListTopics"}),
        ("Username", "nobody", set()),
        ("ReadOnly", "true", {"ListTopics"}),
        ("ResourceName", "made", {"CreateTopic"}),
        ("ResourceType", "AWS::SNS::Topic", set()),
    ],
)
def test_attributes(sandbox: SandboxClient, key: str, value: str, names: set[str]) -> None:
    topics = sandbox.aws("sns", region="eu-west-1", **Story(sandbox).user("mallory", "sns:*"))
    topics.create_topic(Name="made")
    topics.list_topics()
    assert {event["EventName"] for event in lookup(sandbox, **by(key, value))} == names


def test_regions_and_times(sandbox: SandboxClient) -> None:
    sandbox.aws("sns", region="eu-west-1").list_topics()
    sandbox.aws("iam").list_users()
    chosen = by("EventName", "ListUsers")
    assert lookup(sandbox, **chosen) == []
    assert len(lookup(sandbox, "us-east-1", **chosen)) == 1
    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert lookup(sandbox, StartTime=soon) == []
    assert len(lookup(sandbox, EndTime=soon, **by("EventName", "ListTopics"))) == 1


def test_pages(sandbox: SandboxClient) -> None:
    topics = sandbox.aws("sns", region="eu-west-1")
    for _call in range(60):
        topics.list_topics()
    chosen = by("EventName", "ListTopics")
    assert len(sandbox.aws("cloudtrail", region="eu-west-1").lookup_events(**chosen)["Events"]) == 50
    found = lookup(sandbox, PaginationConfig={"PageSize": 7}, **chosen)
    assert len({event["EventId"] for event in found}) == 60


def test_a_lookup_is_itself_an_event(sandbox: SandboxClient) -> None:
    assert lookup(sandbox) == []
    assert [event["EventName"] for event in lookup(sandbox)] == ["LookupEvents"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"LookupAttributes": by("EventName", "a")["LookupAttributes"] * 2}, "InvalidLookupAttributesException"),
        ({"NextToken": "guessed"}, "InvalidNextTokenException"),
        (
            {"StartTime": datetime(2026, 2, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 1, tzinfo=UTC)},
            "InvalidTimeRangeException",
        ),
    ],
)
def test_refusals(sandbox: SandboxClient, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        sandbox.aws("cloudtrail").lookup_events(**asked)
