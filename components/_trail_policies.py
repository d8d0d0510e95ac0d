"""What the audit trail's key, bucket and delivery role allow, statement by statement."""

from components._policy import (
    Document,
    Statement,
    document,
    key_administration,
    log_group_encryption,
    root_of,
    topic_ownership,
)

CLOUDTRAIL = "cloudtrail.amazonaws.com"


def evidence_key(*, partition: str, region: str, account_id: str, trail_arn: str, has_topic: bool) -> Document:
    """Policy of the key that encrypts the bucket, the audit log group and, with `has_topic`, the delivery topic.

    Source: CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail". `Resource: *` in a key policy means
    this key. The first statement is about the key's administration, all others are what the trail needs. The same
    statements serve the trail of an organization: its ARN, in source and context, is the management account's for the
    files of every account.
    """
    only_our_trail = {"aws:SourceArn": trail_arn}
    any_trail_here = f"arn:{partition}:cloudtrail:*:{account_id}:trail/*"
    return document(
        key_administration(partition=partition, account_id=account_id),
        {
            "Sid": "CloudTrailEncryptsLogs",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": only_our_trail,
                # AWS documents this form: the context names the region of the event, not of the trail.
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": any_trail_here},
            },
        },
        {
            # Needed because the bucket uses an S3 Bucket Key: without it CreateTrail and UpdateTrail are refused.
            "Sid": "CloudTrailOpensBucketKey",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"StringEquals": only_our_trail},
        },
        {
            "Sid": "CloudTrailDescribesKey",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": only_our_trail},
        },
        {
            # Stays valid for readers if somebody narrows the administration statement later.
            "Sid": "AccountReadsLogs",
            "Effect": "Allow",
            "Principal": {"AWS": root_of(partition=partition, account_id=account_id)},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}},
        },
        log_group_encryption(partition=partition, region=region, account_id=account_id),
        *([_topic_encryption(partition=partition, region=region, account_id=account_id)] if has_topic else []),
    )


def _topic_encryption(*, partition: str, region: str, account_id: str) -> Statement:
    """The statement with which CloudTrail publishes to encrypted topics of this account and region.

    Source: CloudTrail User Guide, "Amazon SNS topic policy for CloudTrail", whose statement has no condition. SNS names
    the topic in the encryption context (SNS Developer Guide, "Key management"); the topic is younger than the key,
    hence all topics of the account. Whether SNS passes the trail's ARN on to KMS is not documented.
    """
    return {
        "Sid": "CloudTrailPublishesEncrypted",
        "Effect": "Allow",
        "Principal": {"Service": CLOUDTRAIL},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:{partition}:sns:{region}:{account_id}:*"}
        },
    }


def delivery_topic(*, topic_arn: str, partition: str, account_id: str, trail_arn: str) -> Document:
    """Policy of the delivery topic: our trail publishes; for everybody else the account's IAM policies decide.

    Source: CloudTrail User Guide, "Amazon SNS topic policy for CloudTrail", with the source condition it recommends.
    """
    return document(
        topic_ownership(topic_arn=topic_arn, partition=partition, account_id=account_id),
        {
            "Sid": "CloudTrailNotifies",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
    )


def evidence_bucket(
    *, bucket_arn: str, account_id: str, trail_arn: str, organization_id: str | None = None
) -> Document:
    """Policy of the bucket: our trail may write, and nobody may speak to it without TLS.

    The files of an organization's accounts, the management account's among them, lie below the organization's id; the
    account's own prefix stays open to the trail, which needs it if it is ever made a trail of one account again.
    Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", and there "Creating or updating an Amazon
    S3 bucket to use to store the log files for an organization trail".
    """
    writes = [_writes_below(f"{bucket_arn}/AWSLogs/{account_id}", sid="CloudTrailWritesLogs", trail_arn=trail_arn)]
    if organization_id:
        below = f"{bucket_arn}/AWSLogs/{organization_id}"
        writes.append(_writes_below(below, sid="CloudTrailWritesOrganizationsLogs", trail_arn=trail_arn))
    return document(
        {
            # A refusal has to be wide: every caller, every action, the bucket and all objects in it.
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "CloudTrailChecksBucket",
            "Effect": "Allow",
            "Principal": {"Service": CLOUDTRAIL},
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
        *writes,
    )


def _writes_below(prefix: str, *, sid: str, trail_arn: str) -> Statement:
    return {
        # CloudTrail chooses the keys below this prefix: region, date, file; in an organization also the account.
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": CLOUDTRAIL},
        "Action": "s3:PutObject",
        "Resource": f"{prefix}/*",
        "Condition": {
            "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail_arn},
        },
    }


def delivery(*, log_group_arn: str, account_id: str, region: str, organization_id: str | None = None) -> Document:
    """Policy of the role with which CloudTrail writes to the log group, and to nothing else.

    Source: CloudTrail User Guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring".
    CloudTrail adds a suffix to the stream's name, hence the `*` at its end. The streams of an organization begin with
    its id.
    """
    streams = f"{log_group_arn}:log-stream"
    own = f"{streams}:{account_id}_CloudTrail_{region}*"
    return document(
        {
            "Sid": "CloudTrailWritesEvents",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [own, f"{streams}:{organization_id}_*"] if organization_id else own,
        }
    )
