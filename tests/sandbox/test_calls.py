"""Every operation of the services that matter is told from its own request, made by boto3's own client."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.aws import service_model
from sandbox.calls import HttpRequest, identify, path_parameters
from tests.support.sdk_request import sent

SERVICES = (
    "cloudtrail",
    "logs",
    "events",
    "cloudwatch",
    "sns",
    "sqs",
    "iam",
    "sts",
    "kms",
    "lambda",
    "s3",
    "s3control",
    "dynamodb",
    "ssm",
    "scheduler",
)
# Operations that share method and path with another and are told apart by nothing in a request.
SAME_REQUEST = {
    # The older names of the same bucket configuration.
    ("s3", "PutBucketLifecycle"): "PutBucketLifecycleConfiguration",
    ("s3", "GetBucketLifecycle"): "GetBucketLifecycleConfiguration",
    ("s3", "PutBucketNotification"): "PutBucketNotificationConfiguration",
    ("s3", "GetBucketNotification"): "GetBucketNotificationConfiguration",
}


def example(shape: Any, *, name: str = "") -> Any:
    """Some value of a shape, with nothing but its required members."""
    match shape.type_name:
        case "structure":
            return {member: example(shape.members[member], name=member) for member in shape.required_members}
        case "list":
            return [example(shape.member)]
        case "map":
            return {"key": example(shape.value)}
        case "integer" | "long":
            return 7
        case "float" | "double":
            return 1.5
        case "boolean":
            return True
        case "timestamp":
            return "2026-11-21T03:12:09Z"
        case "blob":
            return b"bytes"
    if shape.enum:
        return shape.enum[0]
    return "111122223333" if name in ("AccountId", "accountId") else "some-name"


SKIPPED = {
    ("sts", "AssumeRoleWithSAML"),  # unsigned: nobody AWS knows makes the call
    ("sts", "AssumeRoleWithWebIdentity"),
    ("s3", "WriteGetObjectResponse"),  # signs as s3-object-lambda
    # Directory buckets, which sign as a service of their own that no emulator has.
    ("s3", "ListDirectoryBuckets"),
    ("s3control", "DeleteAccessPointScope"),
    ("s3control", "GetAccessPointScope"),
    ("s3control", "ListAccessPointsForDirectoryBuckets"),
    ("s3control", "PutAccessPointScope"),
}


def test_every_operation_is_told_from_its_own_request() -> None:
    wrong: list[str] = []
    count = 0
    for service in SERVICES:
        for operation in service_model(service).operation_names:
            if (service, operation) in SKIPPED or service_model(service).operation_model(operation).deprecated:
                continue
            shape: Any = service_model(service).operation_model(operation).input_shape
            params = example(shape) if shape is not None else {}
            call = identify(sent(service, operation, params))
            count += 1
            expected = SAME_REQUEST.get((service, operation), operation)
            if call is None or call.operation != expected:
                wrong.append(f"{service}:{operation} -> {call and call.operation}")
    assert count > 600
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("service", "operation", "params", "signed_as"),
    [
        ("cloudtrail", "StopLogging", {"Name": "t"}, "cloudtrail"),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a"}, "monitoring"),
        ("iam", "CreateUser", {"UserName": "u"}, "iam"),
        ("lambda", "UpdateFunctionCode", {"FunctionName": "f", "ZipFile": b"x"}, "lambda"),
        ("s3", "PutBucketPolicy", {"Bucket": "b", "Policy": "{}"}, "s3"),
    ],
)
def test_who_signed_it_for_what(service: str, operation: str, params: dict[str, Any], signed_as: str) -> None:
    call = identify(sent(service, operation, params, region="eu-central-1"))
    assert call is not None
    assert (call.access_key, call.service, call.operation) == ("AKIAEXAMPLE", signed_as, operation)
    assert call.region == "eu-central-1"


def test_an_unsigned_request_is_no_call() -> None:
    request = sent("sts", "GetCallerIdentity", {})
    unsigned = {key: value for key, value in request.headers.items() if key != "authorization"}
    assert identify(HttpRequest("POST", "/", {}, unsigned, request.body)) is None


def test_a_presigned_request_is_a_call() -> None:
    query = {"acl": [""], "X-Amz-Credential": ["AKIAEXAMPLE/20261121/eu-west-1/s3/aws4_request"]}
    call = identify(HttpRequest("GET", "/some-bucket", query, {"host": "127.0.0.1"}, b""))
    assert call is not None
    assert (call.access_key, call.region, call.operation) == ("AKIAEXAMPLE", "eu-west-1", "GetBucketAcl")


def test_an_unknown_service_is_still_named() -> None:
    headers = {
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIAX/20261121/eu-west-1/newthing/aws4_request, more",
        "x-amz-target": "NewThing_20261121.MakeThing",
    }
    call = identify(HttpRequest("POST", "/", {}, headers, b"{}"))
    assert call is not None
    assert (call.service, call.operation, call.model) == ("newthing", "MakeThing", None)


@pytest.mark.parametrize("name", ["x" * 200, "Make Thing", 'a"b', "a\nb", ""])
def test_an_invented_operation_name_gets_into_no_record(name: str) -> None:
    headers = {
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIAX/20261121/eu-west-1/cloudtrail/aws4_request",
        "x-amz-target": f"CloudTrail.{name}",
    }
    assert identify(HttpRequest("POST", "/", {}, headers, b"{}")) is None


def test_values_in_the_path_are_decoded() -> None:
    request = sent("lambda", "AddPermission", {"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:f"})
    call = identify(request)
    assert call is not None
    found = path_parameters(request, call.model)
    assert found == {"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:f"}
