"""CloudTrail's own words for calls."""

from __future__ import annotations

import pytest

from sandbox.aws import service_model
from sandbox.names import event_name, event_region, event_source, is_data_plane, is_read_only


@pytest.mark.parametrize(
    ("service", "operation", "path", "name"),
    [
        ("cloudtrail", "StopLogging", "/", "StopLogging"),
        ("lambda", "UpdateFunctionCode", "/2015-03-31/functions/f/code", "UpdateFunctionCode20150331v2"),
        ("lambda", "UpdateFunctionConfiguration", "/2015-03-31/functions/f/c", "UpdateFunctionConfiguration20150331v2"),
        ("lambda", "DeleteFunction", "/2015-03-31/functions/f", "DeleteFunction20150331"),
        ("lambda", "CreateFunction", "/2015-03-31/functions", "CreateFunction20150331"),
        ("lambda", "PutFunctionConcurrency", "/2017-10-31/functions/f/concurrency", "PutFunctionConcurrency20171031"),
        ("lambda", "RemovePermission", "/2015-03-31/functions/f/policy/s", "RemovePermission20150331v2"),
        ("lambda", "AddPermission", "/2015-03-31/functions/f/policy", "AddPermission20150331v2"),
        ("lambda", "CreateFunctionUrlConfig", "/2021-10-31/functions/f/url", "CreateFunctionUrlConfig"),
        ("s3", "PutBucketLifecycleConfiguration", "/b", "PutBucketLifecycle"),
        ("s3", "PutPublicAccessBlock", "/b", "PutBucketPublicAccessBlock"),
        ("s3", "DeletePublicAccessBlock", "/b", "DeleteBucketPublicAccessBlock"),
        ("s3", "PutPublicAccessBlock", "/v20180820/configuration/publicAccessBlock", "PutAccountPublicAccessBlock"),
        (
            "s3",
            "DeletePublicAccessBlock",
            "/v20180820/configuration/publicAccessBlock",
            "DeleteAccountPublicAccessBlock",
        ),
        ("s3", "PutObjectLockConfiguration", "/b", "PutBucketObjectLockConfiguration"),
        ("s3", "PutBucketPolicy", "/b", "PutBucketPolicy"),
    ],
)
def test_event_names(service: str, operation: str, path: str, name: str) -> None:
    assert event_name(service, operation, path) == name


@pytest.mark.parametrize(
    ("service", "operations"),
    [
        ("logs", "PutLogEvents GetLogEvents FilterLogEvents"),
        ("monitoring", "PutMetricData GetMetricData GetMetricStatistics ListMetrics"),
        ("sns", "Publish PublishBatch"),
        ("sqs", "SendMessage SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility"),
        ("lambda", "Invoke"),
        ("events", "PutEvents"),
        ("dynamodb", "GetItem PutItem UpdateItem DeleteItem Query Scan BatchWriteItem TransactWriteItems"),
        (
            "s3",
            "GetObject PutObject DeleteObject DeleteObjects CopyObject PutObjectAcl ListObjectsV2 UploadPart",
        ),
    ],
)
def test_calls_on_data_are_not_recorded(service: str, operations: str) -> None:
    assert [one for one in operations.split() if not is_data_plane(service, one)] == []


@pytest.mark.parametrize(
    ("service", "operations"),
    [
        ("logs", "PutMetricFilter DeleteLogGroup CreateLogStream DescribeLogGroups PutRetentionPolicy"),
        ("monitoring", "PutMetricAlarm DescribeAlarms DeleteAlarms SetAlarmState"),
        ("sns", "Subscribe Unsubscribe SetTopicAttributes"),
        ("sqs", "PurgeQueue SetQueueAttributes"),
        ("lambda", "InvokeLater UpdateFunctionCode"),
        ("dynamodb", "DeleteTable DescribeTable"),
        (
            "s3",
            "PutBucketPolicy DeleteBucket PutObjectLockConfiguration ListBuckets GetBucketAcl",
        ),
        ("kms", "Decrypt GenerateDataKey DisableKey"),
        ("cloudtrail", "StopLogging LookupEvents"),
    ],
)
def test_management_calls_are_recorded(service: str, operations: str) -> None:
    assert [one for one in operations.split() if is_data_plane(service, one)] == []


@pytest.mark.parametrize("service", ["cloudtrail", "logs", "events", "iam", "kms", "sns", "sqs", "lambda", "s3"])
def test_what_is_called_delete_put_or_create_is_no_read(service: str) -> None:
    changing = ("Delete", "Put", "Create", "Update", "Start", "Stop", "Add", "Remove", "Set", "Attach", "Disable")
    changes = [one for one in service_model(service).operation_names if one.startswith(changing)]
    assert changes
    reads = [one for one in changes if is_read_only(one)]
    assert set(reads) <= {"StartQuery", "StopQuery"}  # of logs


@pytest.mark.parametrize(
    "operation", ["AssumeRole", "GetCallerIdentity", "DescribeTrails", "ListBuckets", "LookupEvents", "Decrypt"]
)
def test_reads(operation: str) -> None:
    assert is_read_only(operation)


@pytest.mark.parametrize(
    ("service", "region", "recorded"),
    [("iam", "eu-west-1", "us-east-1"), ("sts", "eu-west-1", "eu-west-1"), ("s3", "eu-west-1", "eu-west-1")],
)
def test_where_a_call_is_recorded(service: str, region: str, recorded: str) -> None:
    assert event_region(service, region) == recorded


def test_event_source() -> None:
    assert event_source("monitoring") == "monitoring.amazonaws.com"
