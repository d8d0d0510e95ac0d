"""What a record tells of a request and its answer, in CloudTrail's names, for every protocol, and never a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.aws import service_model
from sandbox.calls import Call, identify
from sandbox.form import members_of
from sandbox.parameters import HIDDEN, request_parameters, response_elements
from tests.support.sdk_request import sent


def told(service: str, operation: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """`requestParameters` of a call made by boto3."""
    return request_parameters(call(service, operation, params))


def call(service: str, operation: str, params: dict[str, Any]) -> Call:
    found = identify(sent(service, operation, params))
    assert found is not None
    assert found.operation == operation
    return found


CASES = [
    pytest.param("cloudtrail", "StopLogging", {"Name": "t"}, {"name": "t"}, id="JSON"),
    pytest.param(
        "cloudtrail",
        "PutEventSelectors",
        {"TrailName": "t", "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]},
        {"trailName": "t", "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": False}]},
        id="JSON, nested",
    ),
    pytest.param(
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "a", "Threshold": 1.0, "AlarmActions": ["arn"], "Dimensions": [{"Name": "D", "Value": "V"}]},
        {"alarmName": "a", "threshold": 1.0, "alarmActions": ["arn"], "dimensions": [{"name": "D", "value": "V"}]},
        id="JSON, a service that also speaks Query",
    ),
    pytest.param("logs", "DeleteLogGroup", {"logGroupName": "/g"}, {"logGroupName": "/g"}, id="JSON, small already"),
    pytest.param(
        "iam",
        "CreateUser",
        {"UserName": "u", "Tags": [{"Key": "Team", "Value": "red"}, {"Key": "b", "Value": "2"}]},
        {"userName": "u", "tags": [{"key": "Team", "value": "red"}, {"key": "b", "value": "2"}]},
        id="Query, a list of structures",
    ),
    pytest.param(
        "iam",
        "PutRolePolicy",
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": '{"Statement": []}'},
        {"roleName": "r", "policyName": "p", "policyDocument": '{"Statement": []}'},
        id="Query, a document stays text",
    ),
    pytest.param("iam", "ListUsers", {"MaxItems": 5}, {"maxItems": 5}, id="Query, a number"),
    pytest.param("iam", "ListUsers", {}, None, id="nothing asked"),
    pytest.param(
        "sns",
        "CreateTopic",
        {"Name": "t", "Attributes": {"DisplayName": "Ops", "KmsMasterKeyId": "k"}},
        {"name": "t", "attributes": {"DisplayName": "Ops", "KmsMasterKeyId": "k"}},
        id="Query, the keys of a map stay",
    ),
    pytest.param(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {"GroupId": "sg-1", "IpPermissions": [{"FromPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
        {"groupId": "sg-1", "ipPermissions": [{"fromPort": 22, "ipRanges": [{"cidrIp": "0.0.0.0/0"}]}]},
        id="EC2",
    ),
    pytest.param(
        "lambda",
        "AddPermission",
        {
            "FunctionName": "f",
            "StatementId": "s",
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
        },
        {
            "functionName": "f",
            "statementId": "s",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
        },
        id="REST with JSON",
    ),
    pytest.param(
        "lambda",
        "ListFunctions",
        {"MaxItems": 3, "FunctionVersion": "ALL"},
        {"maxItems": 3, "functionVersion": "ALL"},
        id="REST, in the query",
    ),
    pytest.param(
        "s3",
        "PutBucketPolicy",
        {"Bucket": "b", "Policy": '{"Version": "2012-10-17", "Statement": []}'},
        {
            "bucketName": "b",
            "bucketPolicy": {"Version": "2012-10-17", "Statement": []},
            "Host": "127.0.0.1:1",
            "policy": "",
        },
        id="S3, a policy as an object",
    ),
    pytest.param("s3", "DeleteBucket", {"Bucket": "b"}, {"bucketName": "b", "Host": "127.0.0.1:1"}, id="S3"),
    pytest.param(
        "s3",
        "PutBucketAcl",
        {"Bucket": "b", "ACL": "public-read"},
        {"bucketName": "b", "x-amz-acl": "public-read", "Host": "127.0.0.1:1", "acl": ""},
        id="S3, in a header",
    ),
    pytest.param(
        "s3",
        "PutPublicAccessBlock",
        {"Bucket": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": False, "BlockPublicPolicy": True}},
        {
            "bucketName": "b",
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": "false", "BlockPublicPolicy": "true"},
            "Host": "127.0.0.1:1",
            "publicAccessBlock": "",
        },
        id="S3, a body of XML",
    ),
    pytest.param(
        "s3",
        "PutBucketTagging",
        {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}},
        {
            "bucketName": "b",
            "Tagging": {"TagSet": {"Tag": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}},
            "Host": "127.0.0.1:1",
            "tagging": "",
        },
        id="S3, a list in XML",
    ),
]


@pytest.mark.parametrize(("service", "operation", "params", "expected"), CASES)
def test_request_parameters(
    service: str, operation: str, params: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert told(service, operation, params) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"UserName": "u", "Tags.member.\u00b2.Key": "x"}, {"UserName": "u"}),
        ({"UserName": "u", "Tags.member.99999999999.Key": "x"}, {"UserName": "u"}),
        ({"Tags.member.2.Key": "b", "Tags.member.1.Key": "a"}, {"Tags": [{"Key": "a"}, {"Key": "b"}]}),
        ({"UserName": "u", "UserName.member.1": "x", "Nonsense": "y", "Tags": "z"}, {"UserName": "u"}),
        ({}, {}),
    ],
)
def test_odd_fields_of_a_form_are_no_error(fields: dict[str, str], expected: dict[str, Any]) -> None:
    shape = service_model("iam").operation_model("CreateUser").input_shape
    assert members_of(shape, fields, ec2=False) == expected


SECRETS = [
    ("iam", "CreateLoginProfile", {"UserName": "u", "Password": "hunter2!", "PasswordResetRequired": True}),
    ("iam", "UpdateLoginProfile", {"UserName": "u", "Password": "hunter2!"}),
    ("iam", "ChangePassword", {"OldPassword": "hunter2!", "NewPassword": "hunter2!"}),
    ("secretsmanager", "CreateSecret", {"Name": "s", "SecretString": "hunter2!"}),
    ("secretsmanager", "PutSecretValue", {"SecretId": "s", "SecretBinary": b"hunter2!"}),
    ("ssm", "PutParameter", {"Name": "p", "Value": "hunter2!", "Type": "SecureString"}),
    ("kms", "Encrypt", {"KeyId": "k", "Plaintext": b"hunter2!"}),
    ("sns", "ConfirmSubscription", {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:t", "Token": "hunter2!"}),
    (
        "rds",
        "CreateDBInstance",
        {"DBInstanceIdentifier": "d", "DBInstanceClass": "c", "Engine": "e", "MasterUserPassword": "hunter2!"},
    ),
    ("lambda", "UpdateFunctionConfiguration", {"FunctionName": "f", "Environment": {"Variables": {"KEY": "hunter2!"}}}),
    ("lambda", "UpdateFunctionCode", {"FunctionName": "f", "ZipFile": b"hunter2!"}),
    ("ec2", "RunInstances", {"MinCount": 1, "MaxCount": 1, "UserData": "hunter2!"}),
]


@pytest.mark.parametrize(
    ("service", "operation", "params"), SECRETS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_secret_gets_into_a_record(service: str, operation: str, params: dict[str, Any]) -> None:
    parameters = json.dumps(told(service, operation, params))
    assert "hunter2!" not in parameters
    assert "aHVudGVyMiE" not in parameters  # the same in base64


def test_what_is_not_secret_stays_beside_what_is() -> None:
    assert told("iam", "CreateLoginProfile", {"UserName": "u", "Password": "hunter2!"}) == {
        "userName": "u",
        "password": HIDDEN,
    }


def test_response_elements_of_a_new_key_hold_its_id_and_not_its_secret() -> None:
    key = {"UserName": "u", "AccessKeyId": "AKIA1", "Status": "Active", "SecretAccessKey": "hunter2!"}
    made = call("iam", "CreateAccessKey", {"UserName": "u"})
    assert response_elements(made, {"AccessKey": key, "ResponseMetadata": {}}) == {
        "accessKey": {"userName": "u", "accessKeyId": "AKIA1", "status": "Active", "secretAccessKey": HIDDEN}
    }


def test_response_elements_of_a_call_that_answers_nothing() -> None:
    assert response_elements(call("cloudtrail", "StopLogging", {"Name": "t"}), {"ResponseMetadata": {}}) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b"null", b'"text"'])
def test_a_body_that_is_no_object_tells_nothing(body: bytes) -> None:
    request = sent("cloudtrail", "StopLogging", {"Name": "t"})
    odd = identify(type(request)(request.method, request.path, request.query, request.headers, body))
    assert odd is not None
    assert request_parameters(odd) is None
