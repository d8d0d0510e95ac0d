"""Who did what from where: the records of real calls by root, users, roles and Lambda code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox_story import ACCOUNT, Story, archive, policy


def only(records: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(records) == 1, [one["eventName"] for one in records]
    return records[0]


def test_a_write_of_root(recorded: Story) -> None:
    recorded.aws("sns").create_topic(Name="t")
    record = only(recorded.records(eventName="CreateTopic"))
    assert record["userIdentity"] == {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "accessKeyId": "test",
    }
    assert record["eventSource"] == "sns.amazonaws.com"
    assert record["awsRegion"] == "eu-west-1"
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert record["userAgent"].startswith("Boto3/")
    assert record["requestParameters"] == {"name": "t"}
    assert record["responseElements"] == {"topicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"}
    assert (record["readOnly"], record["managementEvent"]) == (False, True)
    assert (record["eventType"], record["eventCategory"]) == ("AwsApiCall", "Management")
    assert record["recipientAccountId"] == ACCOUNT
    assert {len(record["eventID"]), len(record["requestID"])} == {36}
    assert "errorCode" not in record


def test_a_read_is_recorded_as_one(recorded: Story) -> None:
    recorded.aws("sqs").list_queues()
    record = only(recorded.records(eventName="ListQueues"))
    assert record["readOnly"] is True
    assert record["responseElements"] is None


def test_a_user_with_keys_of_its_own(recorded: Story) -> None:
    keys = recorded.user("mallory", "sns:*")
    user = recorded.aws("iam").get_user(UserName="mallory")["User"]
    recorded.aws("sns", source_ip="203.0.113.77", **keys).create_topic(Name="t")
    record = only(recorded.records(eventName="CreateTopic"))
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user["UserId"],
        "arn": user["Arn"],
        "accountId": ACCOUNT,
        "accessKeyId": keys["key"],
        "userName": "mallory",
    }
    assert record["sourceIPAddress"] == "203.0.113.77"


def test_an_assumed_role(recorded: Story) -> None:
    trust = policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})
    role = recorded.aws("iam").create_role(RoleName="admin", AssumeRolePolicyDocument=trust)["Role"]
    recorded.aws("iam").put_role_policy(
        RoleName="admin", PolicyName="p", PolicyDocument=policy({"Action": "sns:*", "Resource": "*"})
    )
    session = recorded.aws("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="alice")["Credentials"]
    keys = {"key": session["AccessKeyId"], "secret": session["SecretAccessKey"], "token": session["SessionToken"]}
    recorded.aws("sns", **keys).create_topic(Name="t")
    identity = only(recorded.records(eventName="CreateTopic"))["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"] == f"{role['RoleId']}:alice"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/alice"
    assert identity["accessKeyId"] == keys["key"]
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role["RoleId"],
        "arn": role["Arn"],
        "accountId": ACCOUNT,
        "userName": "admin",
    }
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert identity["sessionContext"]["attributes"]["creationDate"].startswith("20")


def test_taking_a_role_tells_whose_session_began_and_no_secret(recorded: Story) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/deployer"
    session = recorded.aws("sts").assume_role(RoleArn=arn, RoleSessionName="alice")["Credentials"]
    record = only(recorded.records(eventName="AssumeRole"))
    assert record["requestParameters"] == {"roleArn": arn, "roleSessionName": "alice"}
    text = json.dumps(record)
    assert session["SecretAccessKey"] not in text
    assert session["SessionToken"] not in text


def test_a_new_access_key_is_recorded_without_its_secret(recorded: Story) -> None:
    keys = recorded.user()
    record = only(recorded.records(eventName="CreateAccessKey"))
    assert record["responseElements"]["accessKey"]["accessKeyId"] == keys["key"]
    assert keys["secret"] not in json.dumps(recorded.records())


def test_lambda_code_acts_under_its_own_role(recorded: Story) -> None:
    recorded.make_topic()
    recorded.make_function(
        "import boto3\ndef handle(event, context):\n    boto3.client('cloudtrail').start_logging(Name='guarded')\n"
    )
    recorded.aws("lambda").invoke(FunctionName="guarded-guardian", Payload=b"{}")
    record = recorded.records(eventName="StartLogging")[-1]
    identity = record["userIdentity"]
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/guarded-guardian/guarded-guardian"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == f"arn:aws:iam::{ACCOUNT}:role/guarded-guardian"
    assert identity["principalId"].startswith("AROA")
    assert record["awsRegion"] == "eu-west-1"


def test_a_denied_call_is_recorded_with_its_error(recorded: Story) -> None:
    keys = recorded.user("mallory", "sns:*")
    with pytest.raises(ClientError):
        recorded.aws("cloudtrail", **keys).stop_logging(Name="guarded")
    record = only(recorded.records(eventName="StopLogging"))
    assert record["errorCode"].startswith("AccessDenied")
    assert "is not authorized to perform: cloudtrail:StopLogging" in record["errorMessage"]
    assert record["requestParameters"] == {"name": "guarded"}
    assert record["responseElements"] is None
    assert recorded.is_logging()


@pytest.mark.parametrize(
    ("service", "method", "params", "name", "code"),
    [
        ("cloudtrail", "stop_logging", {"Name": "nobodys"}, "StopLogging", "TrailNotFoundException"),
        ("iam", "get_user", {"UserName": "nobody"}, "GetUser", "NoSuchEntityException"),
        ("s3", "get_bucket_policy", {"Bucket": "no-such-bucket-anywhere"}, "GetBucketPolicy", "NoSuchBucket"),
        (
            "ec2",
            "delete_security_group",
            {"GroupId": "sg-00000000"},
            "DeleteSecurityGroup",
            "Client.InvalidGroup.NotFound",
        ),
        ("kms", "describe_key", {"KeyId": "nope"}, "DescribeKey", "NotFoundException"),
        ("lambda", "delete_function", {"FunctionName": "nope"}, "DeleteFunction20150331", "ResourceNotFoundException"),
    ],
)
def test_errors_of_every_protocol(
    recorded: Story, service: str, method: str, params: dict[str, Any], name: str, code: str
) -> None:
    with pytest.raises(ClientError):
        getattr(recorded.aws(service), method)(**params)
    record = only(recorded.records(eventName=name))
    assert record["errorCode"] == code
    assert record["errorMessage"]


def test_who_has_no_valid_key_is_not_recorded(recorded: Story) -> None:
    for keys in ({"key": "AKIANOBODY", "secret": "x"}, {**recorded.user(), "secret": "wrong"}):
        with pytest.raises(ClientError):
            recorded.aws("sns", **keys).list_topics()
    assert recorded.records(eventName="ListTopics") == []


@pytest.mark.parametrize(
    ("region", "service", "method", "name", "recorded_in"),
    [
        ("eu-west-1", "iam", "list_users", "ListUsers", "us-east-1"),
        ("eu-west-1", "sts", "get_caller_identity", "GetCallerIdentity", "eu-west-1"),
        ("ap-southeast-2", "sns", "list_topics", "ListTopics", "ap-southeast-2"),
        ("eu-central-1", "cloudwatch", "describe_alarms", "DescribeAlarms", "eu-central-1"),
    ],
)
def test_where_it_happened(
    recorded: Story, region: str, service: str, method: str, name: str, recorded_in: str
) -> None:
    getattr(recorded.aws(service, region=region), method)()
    assert only(recorded.records(eventName=name))["awsRegion"] == recorded_in


def test_data_are_not_recorded_and_neither_is_the_sandbox_itself(recorded: Story) -> None:
    story = recorded
    story.make_topic()
    before = len(story.records())
    story.aws("sns").publish(TopicArn=story.alerts_arn, Message="m")
    story.aws("s3").list_objects_v2(Bucket=story.bucket)
    story.aws("logs").filter_log_events(logGroupName=story.group)
    story.aws("cloudwatch").put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    story.client.emit([])
    story.client.confirm()
    assert len(story.records()) == before


def test_a_padded_request_hides_its_parameters_and_not_its_name(recorded: Story) -> None:
    padding = [{"Key": f"k{number}", "Value": "x" * 250} for number in range(1100)]
    with pytest.raises(ClientError):
        recorded.aws("cloudtrail").add_tags(ResourceId="arn:aws:cloudtrail:nowhere", TagsList=padding)
    record = only(recorded.records(eventName="AddTags"))
    assert record["requestParameters"]["omitted"] is True
    assert record["requestParameters"]["reason"] == "requestParameters too large"
    assert record["requestParameters"]["originalSize"] > 256 * 1024


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("203.0.113.77", "203.0.113.77"),
        ("203.0.113.77, 10.0.0.1", "203.0.113.77"),
        ("2001:db8::1", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        ('"}, {"', "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_client_on_loopback_says_where_it_is(recorded: Story, said: str, shown: str) -> None:
    topics = recorded.aws("sns")
    topics.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("X-Forwarded-For", said))
    topics.list_topics()
    assert only(recorded.records(eventName="ListTopics"))["sourceIPAddress"] == shown


def test_functions_get_the_archives_of_their_own(recorded: Story) -> None:
    """The archive is no parameter that a record shows."""
    recorded.make_topic()
    recorded.make_function()
    recorded.aws("lambda").update_function_code(FunctionName="guarded-guardian", ZipFile=archive("x = 1\n"))
    record = only(recorded.records(eventName="UpdateFunctionCode20150331v2"))
    assert record["requestParameters"] == {"functionName": "guarded-guardian"}
    assert record["responseElements"]["functionName"] == "guarded-guardian"
    assert "environment" not in record["responseElements"]
