"""The bucket of the log files: closed, versioned, encrypted, open to CloudTrail alone."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from components.home import Home
from settings import Lifecycle, ObjectLock

ABORT_UPLOADS_AFTER_D = 7


class LogBucket:
    """A bucket and every resource that shapes it, named `<name>-bucket`. All of them are made with `opts`.

    `finished` is everything but the bucket itself: what CreateTrail tries, or should find done.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        key_arn: pulumi.Input[str],
        lifecycle: Lifecycle | None,
        object_lock: ObjectLock | None,
        is_disposable: bool,
        opts: pulumi.ResourceOptions,
    ) -> None:
        self._name, self._region, self._opts = f"{name}-bucket", home.region, opts
        self.bucket = aws.s3.Bucket(
            self._name, region=home.region, force_destroy=is_disposable, tags=home.tags, opts=opts
        )
        self._closed = self._close()
        versioned = aws.s3.BucketVersioning(
            self._name,
            region=home.region,
            bucket=self.bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=opts,
        )
        self.finished: list[pulumi.Resource] = [*self._closed, versioned, self._encrypt(key_arn)]
        self.finished.append(self._age(lifecycle, after=versioned))
        if object_lock:
            self.finished.append(self._lock(object_lock, after=versioned))

    def allow(self, policy: pulumi.Input[str]) -> aws.s3.BucketPolicy:
        """Give the bucket its policy, the last thing that CloudTrail waits for."""
        given = aws.s3.BucketPolicy(
            self._name,
            region=self._region,
            bucket=self.bucket.id,
            policy=policy,
            # S3 refuses two changes of a bucket's access at the same moment.
            opts=self._after(*self._closed),
        )
        self.finished.append(given)
        return given

    def _after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(depends_on=list(resources)))

    def _close(self) -> list[pulumi.Resource]:
        return [
            aws.s3.BucketPublicAccessBlock(
                self._name,
                region=self._region,
                bucket=self.bucket.id,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=self._opts,
            ),
            aws.s3.BucketOwnershipControls(
                self._name,
                region=self._region,
                bucket=self.bucket.id,
                rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
                opts=self._opts,
            ),
        ]

    def _encrypt(self, key_arn: pulumi.Input[str]) -> pulumi.Resource:
        return aws.s3.BucketServerSideEncryptionConfiguration(
            self._name,
            region=self._region,
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    bucket_key_enabled=True,  # whoever searches a year of files pays for far fewer KMS calls
                    apply_server_side_encryption_by_default=(
                        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="aws:kms", kms_master_key_id=key_arn
                        )
                    ),
                )
            ],
            opts=self._opts,
        )

    def _age(self, lifecycle: Lifecycle | None, *, after: pulumi.Resource) -> pulumi.Resource:
        return aws.s3.BucketLifecycleConfiguration(
            self._name,
            region=self._region,
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="abort-unfinished-uploads",  # tidies, but never expires evidence
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    abort_incomplete_multipart_upload=(
                        aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                            days_after_initiation=ABORT_UPLOADS_AFTER_D
                        )
                    ),
                ),
                *(_rules(lifecycle) if lifecycle else []),
            ],
            opts=self._after(after),
        )

    def _lock(self, lock: ObjectLock, *, after: pulumi.Resource) -> pulumi.Resource:
        # Not `object_lock_enabled` of the bucket: adding that later would replace the bucket, and this need not.
        return aws.s3.BucketObjectLockConfiguration(
            self._name,
            region=self._region,
            bucket=self.bucket.id,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=lock.mode, days=lock.days
                )
            ),
            opts=self._after(after),
        )


def ageing(lifecycle: Lifecycle | None) -> list[str]:
    """What becomes of old files, in the words of lambda/guardian/inventory/evidence.py; nothing where all are kept."""
    if not lifecycle:
        return []
    archive, expire, store = lifecycle.archive_days, lifecycle.expire_days, lifecycle.archive_class
    return [
        f"{what} {how} after {days} days"
        for what in ("files", "old versions")
        for how, days in ((f"moved to {store}", archive), ("deleted", expire))
        if days is not None
    ]


def locked(lock: ObjectLock | None) -> str:
    """For how long nobody can delete a file, in the same words; "" without Object Lock."""
    return f"{lock.mode} for {lock.days} days" if lock else ""


def _rules(lifecycle: Lifecycle) -> Iterator[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """Every object, digest files among them. A version that somebody deleted or overwrote goes the same way, counted
    from then on: else an attacker's delete would be final long before the file's time was over.
    """
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    archive, expire = lifecycle.archive_days, lifecycle.expire_days
    if archive is not None:
        yield aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="archive",
            status="Enabled",
            filter=everything,
            transitions=[
                aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                    days=archive, storage_class=lifecycle.archive_class
                )
            ],
            noncurrent_version_transitions=[
                aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs(
                    noncurrent_days=archive, storage_class=lifecycle.archive_class
                )
            ],
        )
    if expire is not None:
        yield aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="expire",
            status="Enabled",
            filter=everything,
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=expire),
            noncurrent_version_expiration=(
                aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=expire)
            ),
        )
        # S3 takes no days beside this, hence a rule of its own.
        yield aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="drop-lone-delete-markers",
            status="Enabled",
            filter=everything,
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        )
