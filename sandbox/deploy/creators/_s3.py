"""The bucket that keeps the log files, and the resources that shape it."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import PARTITION, Made, Resource

_ENCRYPTION_RULE: Shape = {
    "applyServerSideEncryptionByDefault": (
        "ApplyServerSideEncryptionByDefault",
        {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"},
    ),
    "bucketKeyEnabled": "BucketKeyEnabled",
}
_LIFECYCLE_RULE: Shape = {
    "id": "ID",
    "status": "Status",
    "filter": ("Filter", {"prefix": "Prefix", "objectSizeGreaterThan": "ObjectSizeGreaterThan"}),
    "expiration": (
        "Expiration",
        {"days": "Days", "date": "Date", "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"},
    ),
    "transitions": ("Transitions", {"days": "Days", "date": "Date", "storageClass": "StorageClass"}),
    "noncurrentVersionExpiration": (
        "NoncurrentVersionExpiration",
        {"noncurrentDays": "NoncurrentDays", "newerNoncurrentVersions": "NewerNoncurrentVersions"},
    ),
    "noncurrentVersionTransitions": (
        "NoncurrentVersionTransitions",
        {
            "noncurrentDays": "NoncurrentDays",
            "newerNoncurrentVersions": "NewerNoncurrentVersions",
            "storageClass": "StorageClass",
        },
    ),
    "abortIncompleteMultipartUpload": (
        "AbortIncompleteMultipartUpload",
        {"daysAfterInitiation": "DaysAfterInitiation"},
    ),
}


def bucket(resource: Resource) -> Made:
    """A bucket. The id is its name."""
    inputs, s3 = resource.inputs, resource.aws("s3")
    inputs.set_aside("forceDestroy")
    name = resource.physical_name(key="bucket", prefix_key="bucketPrefix")
    asked = {"Bucket": name, **inputs.present({"objectLockEnabled": "ObjectLockEnabledForBucket"})}
    if resource.region != "us-east-1":  # the one Region that AWS does not accept as a location
        asked["CreateBucketConfiguration"] = {"LocationConstraint": resource.region}
    s3.create_bucket(**asked)
    if tags := resource.tag_list():
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    return Made(
        name,
        {
            "bucket": name,
            "arn": f"arn:{PARTITION}:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{resource.region}.amazonaws.com",
            "region": resource.region,
            "tagsAll": resource.tags(),
        },
    )


def versioning(resource: Resource) -> Made:
    """Versioning of a bucket. The id is the bucket's name, as for all resources that shape one."""
    name = resource.inputs["bucket"]
    asked = shaped(
        resource.inputs["versioningConfiguration"],
        {"status": "Status", "mfaDelete": "MFADelete"},
        path="versioningConfiguration",
    )
    resource.aws("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration=asked)
    return Made(name, {})


def public_access_block(resource: Resource) -> Made:
    """The four switches that keep a bucket private."""
    name = resource.inputs["bucket"]
    resource.inputs.set_aside("skipDestroy")
    switches = {
        "blockPublicAcls": "BlockPublicAcls",
        "blockPublicPolicy": "BlockPublicPolicy",
        "ignorePublicAcls": "IgnorePublicAcls",
        "restrictPublicBuckets": "RestrictPublicBuckets",
    }
    asked = {**dict.fromkeys(switches.values(), False), **resource.inputs.present(switches)}
    resource.aws("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=asked)
    return Made(name, {})


def encryption(resource: Resource) -> Made:
    """Default encryption of a bucket."""
    name = resource.inputs["bucket"]
    rules = [shaped(rule, _ENCRYPTION_RULE, path="rules") for rule in resource.inputs["rules"]]
    resource.aws("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    return Made(name, {})


def ownership_controls(resource: Resource) -> Made:
    """Who owns what others write into the bucket."""
    name = resource.inputs["bucket"]
    rule = shaped(resource.inputs["rule"], {"objectOwnership": "ObjectOwnership"}, path="rule")
    resource.aws("s3").put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [rule]})
    return Made(name, {})


def lifecycle(resource: Resource) -> Made:
    """What happens to old objects. A rule without filter holds for the whole bucket."""
    name = resource.inputs["bucket"]
    resource.inputs.set_aside("timeouts")
    rules = [
        {"Filter": {"Prefix": ""}, **shaped(rule, _LIFECYCLE_RULE, path=f"rules[{index}]")}
        for index, rule in enumerate(resource.inputs["rules"])
    ]
    resource.aws("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    return Made(name, {})


def object_lock(resource: Resource) -> Made:
    """Object Lock with a default retention, on a bucket with versioning, new or not."""
    name = resource.inputs["bucket"]
    rule = shaped(
        resource.inputs["rule"],
        {"defaultRetention": ("DefaultRetention", {"mode": "Mode", "days": "Days", "years": "Years"})},
        path="rule",
    )
    asked = {"ObjectLockEnabled": resource.inputs.get("objectLockEnabled", "Enabled"), "Rule": rule}
    resource.aws("s3").put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=asked)
    return Made(name, {})


def policy(resource: Resource) -> Made:
    """The bucket's policy."""
    name = resource.inputs["bucket"]
    resource.aws("s3").put_bucket_policy(Bucket=name, Policy=resource.document("policy"))
    return Made(name, {})
