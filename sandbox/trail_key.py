"""What CloudTrail needs of the policy of the key that encrypts a trail's files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox._emulator import Emulator
from sandbox.aws import ApiError, Aws

SERVICE = "cloudtrail.amazonaws.com"
DESCRIBE, ENCRYPT, OPEN_BUCKET_KEY = "kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"


class TrailKeys:
    """Asks key policies for CloudTrail. Use it in the scope of the key's account and region."""

    def __init__(self, emulator: Emulator, aws: Aws) -> None:
        self._emulator, self._aws = emulator, aws

    async def lacking_for_trail(self, key: Mapping[str, Any], trail_arn: str, *, bucket: str, account: str) -> str:
        """The action that CreateTrail and UpdateTrail miss; empty when nothing is missing."""
        if not self._may(key, DESCRIBE, {"aws:SourceArn": trail_arn}):
            return DESCRIBE
        return await self.lacking_for_file(key, trail_arn, bucket=bucket, account=account)

    async def lacking_for_file(self, key: Mapping[str, Any], trail_arn: str, *, bucket: str, account: str) -> str:
        """The action that writing a file misses; empty when nothing is missing.

        A bucket with an S3 Bucket Key asks for kms:Decrypt besides (CloudTrail User Guide, "Configure AWS KMS key
        policies for CloudTrail"). That call's encryption context is S3's own, so the trail's is no condition of it.
        """
        source = {"aws:SourceArn": trail_arn}
        if not self._may(key, ENCRYPT, {**source, "kms:EncryptionContext:aws:cloudtrail:arn": trail_arn}):
            return ENCRYPT
        if not self._may(key, OPEN_BUCKET_KEY, source) and await self._has_bucket_key(bucket, account):
            return OPEN_BUCKET_KEY
        return ""

    def _may(self, key: Mapping[str, Any], action: str, context: Mapping[str, str]) -> bool:
        return self._emulator.service_may(SERVICE, action, on=key["Arn"], policy=key.get("Policy"), context=context)

    async def _has_bucket_key(self, bucket: str, account: str) -> bool:
        region = self._emulator.bucket_region(bucket) or "us-east-1"
        try:
            found = await self._aws.call("s3", "GetBucketEncryption", account=account, region=region, Bucket=bucket)
        except ApiError:
            return False  # no such bucket, or none of this account's
        return any(rule.get("BucketKeyEnabled") for rule in found["ServerSideEncryptionConfiguration"]["Rules"])
