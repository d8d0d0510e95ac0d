"""CloudTrail's own words: event names that differ from the API, services, what is a read, and what is not recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Services whose calls CloudTrail records in us-east-1 whatever region they were made from (CloudTrail User Guide,
# "CloudTrail concepts", global service events, since 22 Nov 2021). STS is global only at its global endpoint.
GLOBAL_SERVICES = frozenset({"iam", "cloudfront", "route53", "organizations", "globalaccelerator", "shield", "waf"})
GLOBAL_REGION = "us-east-1"

# States of an EventBridge rule that runs; read-only events reach only the second kind.
ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
ENABLED_STATES = ("ENABLED", ALL_MANAGEMENT_EVENTS)

# Signing name to botocore's name of the service, where they differ.
BOTOCORE_NAMES: Mapping[str, str] = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "es": "opensearch",
    "airflow": "mwaa",
    "aoss": "opensearchserverless",
}

# What CloudTrail calls some bucket operations (S3 User Guide, "Amazon S3 CloudTrail events").
_S3_NAMES: Mapping[str, str] = {
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
}
_S3_NAMES_ACCOUNT: Mapping[str, str] = {
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteAccountPublicAccessBlock",
}

# Lambda's event names carry the version of the API, and some a "v2" (Lambda Developer Guide, "Logging Lambda API calls
# with CloudTrail"). Those of newer operations are the API's own.
_LAMBDA_V2 = frozenset(
    {
        "AddPermission",
        "GetFunction",
        "GetFunctionConfiguration",
        "GetPolicy",
        "RemovePermission",
        "TagResource",
        "UntagResource",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    }
)
_VERSION_IN_PATH = re.compile(r"^/(\d{4})-(\d{2})-(\d{2})/")

# Calls on data: data events to CloudTrail, which a trail records only if told to, or calls that CloudTrail does not
# know (CloudWatch User Guide, "Logging Amazon CloudWatch API calls": metrics and log events).
_DATA_PLANE: Mapping[str, re.Pattern[str]] = {
    service: re.compile(rf"(?:{pattern})\Z")
    for service, pattern in {
        "logs": r"(Put|Get|Filter)LogEvents|GetLogRecord|StartLiveTail",
        "monitoring": r"PutMetricData|GetMetricData|GetMetricStatistics|GetMetricWidgetImage|ListMetrics",
        "sns": r"Publish|PublishBatch",
        "sqs": r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?",
        "lambda": r"Invoke|InvokeAsync|InvokeWithResponseStream",
        "events": r"PutEvents|PutPartnerEvents",
        "dynamodb": r"(Get|Put|Update|Delete)Item|Batch(Get|Write)Item|Transact(Get|Write)Items|Query|Scan"
        r"|ExecuteStatement|ExecuteTransaction|BatchExecuteStatement",
        "kinesis": r"PutRecords?|GetRecords|GetShardIterator|SubscribeToShard",
        "firehose": r"PutRecord(Batch)?",
        "s3": r"(Get|Put|Head|Delete|Copy|Restore|Select)Objects?(Acl|Tagging|Attributes|Retention|LegalHold|Content"
        r"|Torrent)?|ListObjects(V2)?|ListObjectVersions|ListParts|ListMultipartUploads|UploadPart(Copy)?|HeadBucket"
        r"|(Create|Complete|Abort)MultipartUpload|WriteGetObjectResponse|CreateSession|RenameObject",
    }.items()
}

# Verbs of calls that CloudTrail marks `readOnly`: taking a role and using a key change nothing either.
_READ_VERBS = re.compile(
    r"Get|List|Describe|Head|Lookup|Search|Simulate|Test|Batch(Get|Describe)|Check|Validate|View|Preview|Estimate"
    r"|AssumeRole|StartQuery|StopQuery|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|GenerateRandom|Verify"
)


def event_source(signing_name: str) -> str:
    """`eventSource` of a service: `monitoring` gives `monitoring.amazonaws.com`."""
    return f"{signing_name}.amazonaws.com"


def event_name(signing_name: str, operation: str, path: str = "") -> str:
    """What CloudTrail calls an operation. `path`: the request's, which names the version of Lambda's API."""
    if signing_name == "s3":
        table = _S3_NAMES_ACCOUNT if path.startswith("/v20180820/") else _S3_NAMES
        return table.get(operation, operation)
    if signing_name == "lambda":
        version = _VERSION_IN_PATH.match(path)
        # Tags came later and carry a version all the same; what was added after 2020 does not.
        if version and int(version[1]) < 2020:
            return f"{operation}{''.join(version.groups())}{'v2' if operation in _LAMBDA_V2 else ''}"
    return operation


def is_data_plane(signing_name: str, operation: str) -> bool:
    """Whether a call works on data, so that a trail does not record it."""
    pattern = _DATA_PLANE.get(signing_name)
    return pattern is not None and pattern.match(operation) is not None


def is_read_only(operation: str) -> bool:
    """Whether CloudTrail marks the operation `readOnly`."""
    return _READ_VERBS.match(operation) is not None


def event_region(signing_name: str, region: str) -> str:
    """Where CloudTrail records a call that was signed for `region`."""
    return GLOBAL_REGION if signing_name in GLOBAL_SERVICES else region
