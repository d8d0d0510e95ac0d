"""Attacks on what the trail depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ._range import Range
from ._row import SWEEP, Row


def _delete_log_group(at: Range) -> None:
    found = at.aws("logs").describe_log_groups(logGroupNamePrefix=at.group)["logGroups"][0]
    at.kept["group"] = found
    at.kept["filters"] = at.aws("logs").describe_metric_filters(logGroupName=at.group)["metricFilters"]
    at.mallory("logs").delete_log_group(logGroupName=at.group)


def _make_log_group(at: Range) -> None:
    logs = at.aws("logs")
    logs.create_log_group(logGroupName=at.group, kmsKeyId=at.kept["group"]["kmsKeyId"])
    logs.put_retention_policy(logGroupName=at.group, retentionInDays=at.kept["group"]["retentionInDays"])
    for one in at.kept["filters"]:
        same = ("filterName", "filterPattern", "metricTransformations")
        logs.put_metric_filter(logGroupName=at.group, **{key: one[key] for key in same})


def _gut_delivery_role(at: Range) -> None:
    role, iam = at.role("delivery"), at.mallory("iam", region="us-east-1")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    at.kept["policy"] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    at.kept["name"] = name
    iam.delete_role_policy(RoleName=role, PolicyName=name)


def _fill_delivery_role(at: Range) -> None:
    document = json.dumps(at.kept["policy"])
    at.aws("iam").put_role_policy(RoleName=at.role("delivery"), PolicyName=at.kept["name"], PolicyDocument=document)


def _deny(document: str, action: str, resource: str) -> str:
    """A policy with a Deny for CloudTrail added."""
    policy = json.loads(document)
    who = {"Service": "cloudtrail.amazonaws.com"}
    policy["Statement"].append({"Effect": "Deny", "Principal": who, "Action": action, "Resource": resource})
    return json.dumps(policy)


def _deny_in_bucket(at: Range) -> None:
    at.kept["policy"] = at.mallory("s3").get_bucket_policy(Bucket=at.bucket)["Policy"]
    denied = _deny(at.kept["policy"], "s3:PutObject", f"arn:aws:s3:::{at.bucket}/*")
    at.mallory("s3").put_bucket_policy(Bucket=at.bucket, Policy=denied)


def _allow_in_bucket(at: Range) -> None:
    at.aws("s3").put_bucket_policy(Bucket=at.bucket, Policy=at.kept["policy"])


def _let_files_go(at: Range) -> None:
    """Not one file is deleted by anybody: tomorrow S3 does it, and keeps no old version."""
    s3 = at.mallory("s3")
    at.kept["lifecycle"] = s3.get_bucket_lifecycle_configuration(Bucket=at.bucket)["Rules"]
    s3.put_bucket_versioning(Bucket=at.bucket, VersioningConfiguration={"Status": "Suspended"})
    rule = {"ID": "wipe", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=at.bucket, LifecycleConfiguration={"Rules": [rule]})


def _keep_files(at: Range) -> None:
    s3 = at.aws("s3")
    s3.put_bucket_versioning(Bucket=at.bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=at.bucket, LifecycleConfiguration={"Rules": at.kept["lifecycle"]})


def _deny_in_key(at: Range) -> None:
    kms, key = at.mallory("kms"), at.trail()["KmsKeyId"]
    at.kept["policy"] = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_deny(at.kept["policy"], "kms:GenerateDataKey*", "*"))


def _allow_in_key(at: Range) -> None:
    at.aws("kms").put_key_policy(KeyId=at.trail()["KmsKeyId"], PolicyName="default", Policy=at.kept["policy"])


def _disable_key(at: Range) -> None:
    at.mallory("kms").disable_key(KeyId=at.trail()["KmsKeyId"])


def _enable_key(at: Range) -> None:
    at.aws("kms").enable_key(KeyId=at.trail()["KmsKeyId"])


def rows() -> Iterator[Row]:
    """Attacks on log group, delivery role, bucket and key."""
    yield Row(
        name="log-group-deleted",
        title="log group deleted",
        attack=_delete_log_group,
        told=("[critical] Delivery to the log group fails",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_make_log_group,
    )
    yield Row(
        name="delivery-role-gutted",
        title="delivery role gutted",
        attack=_gut_delivery_role,
        told=("[critical] Delivery to the log group fails",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_fill_delivery_role,
    )
    yield Row(
        name="files-expire",
        title="bucket's versioning suspended, and its files expire tomorrow",
        attack=_let_files_go,
        told=("[critical] Bucket trail-bucket-", " changed: files deleted after "),
        trigger=SWEEP,
        by_sweep=True,
        undo=_keep_files,
    )
    for name, title, attack, undo in (
        ("deny-in-bucket-policy", "Deny in the bucket's policy", _deny_in_bucket, _allow_in_bucket),
        ("deny-in-key-policy", "Deny in the key's policy", _deny_in_key, _allow_in_key),
        ("key-disabled", "key disabled", _disable_key, _enable_key),
    ):
        yield Row(
            name=name,
            title=title,
            attack=attack,
            told=("[critical] Delivery to the bucket fails",),
            trigger=SWEEP,
            by_sweep=True,
            undo=undo,
        )
