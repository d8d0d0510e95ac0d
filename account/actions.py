"""Which IAM action an API operation needs.

Source: Service Authorization Reference. Most are the operation under the service's prefix; what differs stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {"resourcegroupstaggingapi": "tag", "service-quotas": "servicequotas"}
)
"""IAM's prefix of a service, where it is not botocore's name."""

OTHERWISE: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
        ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
        ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
        ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
        ("s3", "HeadBucket"): "s3:ListBucket",
        ("s3", "ListObjectsV2"): "s3:ListBucket",
    }
)


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation, such as `tag:GetResources`. Both names are botocore's."""
    return OTHERWISE.get((service, operation), f"{PREFIXES.get(service, service)}:{operation}")
