"""Data protection: what a policy masks for filters, rules and readers, who may see it all the same, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox_story import Story

STOP = {"eventName": "StopLogging", "who": "mallory"}
START = {"eventName": "StartLogging", "who": "mallory"}


@pytest.fixture
def group(story: Story) -> Story:
    """A log group with a stream."""
    story.make_log_group()
    story.aws("logs").create_log_stream(logGroupName=story.group, logStreamName="s")
    return story


def put(story: Story, *messages: dict[str, Any]) -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [{"timestamp": now, "message": json.dumps(message)} for message in messages]
    story.aws("logs").put_log_events(logGroupName=story.group, logStreamName="s", logEvents=events)


def make_filter(story: Story, pattern: str) -> None:
    metric = {"metricName": "Matches", "metricNamespace": "n", "metricValue": "1"}
    story.aws("logs").put_metric_filter(
        logGroupName=story.group, filterName="f", filterPattern=pattern, metricTransformations=[metric]
    )


def total(story: Story) -> float:
    """What the filter has counted."""
    now = datetime.now(UTC)
    points = story.aws("cloudwatch").get_metric_statistics(
        Namespace="n",
        MetricName="Matches",
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(one["Sum"] for one in points)


def policy(*regexes: str, **changes: Any) -> str:
    """A policy that masks what the regular expressions find, with parts of it changed."""
    names = [f"id-{number}" for number, _ in enumerate(regexes)]
    custom = [{"Name": name, "Regex": regex} for name, regex in zip(names, regexes, strict=True)]
    document = {
        "Name": "quiet",
        "Version": "2021-06-01",
        "Configuration": {"CustomDataIdentifier": custom},
        "Statement": [
            {"Sid": "audit", "DataIdentifier": names, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"Sid": "mask", "DataIdentifier": names, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }
    return json.dumps(document | changes)


def described(story: Story) -> dict[str, Any]:
    (found,) = story.aws("logs").describe_log_groups(logGroupNamePrefix=story.group)["logGroups"]
    return {key: found[key] for key in ("dataProtectionStatus", "inheritedProperties") if key in found}


def read(story: Story, **how: Any) -> list[str]:
    events = story.aws("logs").filter_log_events(logGroupName=story.group, **how)["events"]
    return [json.loads(event["message"])["eventName"] for event in events]


def test_what_is_masked_no_filter_counts_and_nobody_reads(group: Story) -> None:
    logs = group.aws("logs")
    make_filter(group, '{ $.eventName = "StopLogging" }')
    put(group, STOP)
    logs.put_data_protection_policy(logGroupIdentifier=group.group, policyDocument=policy("StopLogging"))
    put(group, STOP, START)
    assert total(group) == 1  # that of before
    assert sorted(read(group)) == ["***********", "StartLogging", "StopLogging"]
    assert read(group, filterPattern='{ $.eventName = "StopLogging" }') == ["StopLogging"]
    stream = logs.get_log_events(logGroupName=group.group, logStreamName="s")["events"]
    assert sum("***********" in event["message"] for event in stream) == 1
    assert read(group, unmask=True).count("StopLogging") == 2
    assert described(group) == {"dataProtectionStatus": "ACTIVATED"}
    assert logs.get_data_protection_policy(logGroupIdentifier=group.group)["policyDocument"] == policy("StopLogging")
    logs.delete_data_protection_policy(logGroupIdentifier=group.group)
    assert described(group) == {"dataProtectionStatus": "DELETED"}
    put(group, STOP)
    assert total(group) == 2


def test_a_policy_of_the_account_holds_for_every_group_beside_its_own(group: Story) -> None:
    logs = group.aws("logs")
    kind = {"policyName": "all", "policyType": "DATA_PROTECTION_POLICY"}
    make_filter(group, '{ $.who = "mallory" }')
    logs.put_account_policy(**kind, policyDocument=policy("mallory"), scope="ALL")
    logs.put_data_protection_policy(
        logGroupIdentifier=f"arn:aws:logs:eu-west-1:000000000000:log-group:{group.group}",
        policyDocument=policy("St[a-z]+Logging"),
    )
    put(group, STOP)
    assert total(group) == 0
    (event,) = logs.filter_log_events(logGroupName=group.group)["events"]
    assert event["message"] == json.dumps({"eventName": "***********", "who": "*******"})
    assert described(group) == {
        "dataProtectionStatus": "ACTIVATED",
        "inheritedProperties": ["ACCOUNT_DATA_PROTECTION"],
    }
    (listed,) = logs.describe_account_policies(policyType=kind["policyType"])["accountPolicies"]
    assert (listed["policyName"], listed["policyDocument"]) == ("all", policy("mallory"))
    with pytest.raises(ClientError, match="LimitExceededException"):
        logs.put_account_policy(**kind | {"policyName": "other"}, policyDocument=policy("x"), scope="ALL")
    logs.delete_account_policy(**kind)
    logs.delete_log_group(logGroupName=group.group)
    group.make_log_group()
    assert described(group) == {}


def test_rights_beside_that_on_the_call(group: Story) -> None:
    reader = group.aws("logs", **group.user("reader", "logs:FilterLogEvents"))
    assert reader.filter_log_events(logGroupName=group.group)["events"] == []
    with pytest.raises(ClientError, match="not authorized to perform: logs:Unmask"):
        reader.filter_log_events(logGroupName=group.group, unmask=True)
    manager = group.aws("logs", **group.user("manager", "logs:PutAccountPolicy"))
    with pytest.raises(ClientError, match="not authorized to perform: logs:PutDataProtectionPolicy"):
        manager.put_account_policy(
            policyName="all", policyType="DATA_PROTECTION_POLICY", policyDocument=policy("x"), scope="ALL"
        )


STATEMENTS = json.loads(policy("x"))["Statement"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not valid"),
        (policy("x", Version="2012-10-17"), "version 2021-06-01"),
        (policy("x", Statement=STATEMENTS[::-1]), "first statement has to audit"),
        (policy("x", Statement=[STATEMENTS[0], STATEMENTS[1] | {"DataIdentifier": []}]), "same data identifiers"),
        (policy("x", Configuration={}), "no custom data identifier id-0"),
        (policy("x" * 201), "too long"),
        (policy('"eventName"'), "not allowed"),
        (policy("(x"), "not allowed"),
        (policy("[x"), "not valid"),
        (policy(*(["x"] * 11)), "at most 10"),
        (
            policy(
                Statement=[
                    each | {"DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/IpAddress"]}
                    for each in STATEMENTS
                ]
            ),
            "custom data identifiers only",
        ),
    ],
)
def test_policies_that_are_refused(group: Story, document: str, said: str) -> None:
    with pytest.raises(ClientError, match=rf"InvalidParameterException.*{said}"):
        group.aws("logs").put_data_protection_policy(logGroupIdentifier=group.group, policyDocument=document)
    assert described(group) == {}


def test_what_the_sandbox_does_not_evaluate_it_refuses(group: Story) -> None:
    logs = group.aws("logs")
    with pytest.raises(ClientError, match="account policies of type DATA_PROTECTION_POLICY only"):
        logs.put_account_policy(policyName="x", policyType="TRANSFORMER_POLICY", policyDocument="[]", scope="ALL")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.get_data_protection_policy(logGroupIdentifier="nobody")
    same = {"logGroupName": group.group, "filterName": "f", "filterPattern": "x"}
    metric = [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]
    for more in ({"applyOnTransformedLogs": True}, {"fieldSelectionCriteria": '@aws.region = "eu-west-1"'}):
        with pytest.raises(ClientError, match="evaluates no"):
            logs.put_metric_filter(**same, metricTransformations=metric, **more)
