"""Where the audit trail writes: bucket, log group, the key that encrypts both, and the role that delivers."""

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components import _trail_policies as policies
from components._policy import rendered, trusted_by
from components.home import Home

# KMS waits this long before it deletes a key for good, in days (API reference, ScheduleKeyDeletion: 7 to 30).
KEPT_KEY_WINDOW_D = 30
DISPOSABLE_KEY_WINDOW_D = 7
ABORT_UPLOADS_AFTER_D = 7


class Evidence(pulumi.ComponentResource):
    """An encrypted bucket and a log group for one trail, finished before there is a trail.

    With `keep` bucket, log group and key outlive the stack: protected against `pulumi destroy`, and forgotten instead
    of deleted. Without it everything goes, the full bucket included: for demos and tests. `is_ready` is what
    CreateTrail tries, or should find finished.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail_arn: pulumi.Output[str],
        retention_days: int,
        keep: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Evidence", name, {}, opts)
        self._prefix, self._home = name, home
        self._keep = keep
        self._child = pulumi.ResourceOptions(parent=self)
        self._evidence = pulumi.ResourceOptions(parent=self, protect=keep, retain_on_delete=keep)
        self.key = self._make_key(trail_arn)
        self.bucket = self._make_bucket()
        finished_bucket = self._finish_bucket(trail_arn)
        self.log_group = aws.cloudwatch.LogGroup(
            f"{name}-log-group",
            region=home.region,
            kms_key_id=self.key.arn,
            retention_in_days=retention_days,
            tags=home.tags,
            opts=self._evidence,
        )
        self.role, self.delivery = self._make_delivery_role()
        self.is_ready = [*finished_bucket, self.delivery]
        self.register_outputs({"bucketName": self.bucket.id, "logGroupName": self.log_group.name})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        home = self._home
        return [
            things.key(self.key, home=home),
            things.bucket(self.bucket, self.bucket_policy, home=home),
            things.log_group(self.log_group, home=home),
            things.role(self.role, self.delivery, home=home),
        ]

    def _make_key(self, trail_arn: pulumi.Output[str]) -> aws.kms.Key:
        home = self._home
        key = aws.kms.Key(
            f"{self._prefix}-key",
            region=home.region,
            description=f"Encrypts the audit trail and its log group (trailwarden {home.stack}).",
            enable_key_rotation=True,
            deletion_window_in_days=KEPT_KEY_WINDOW_D if self._keep else DISPOSABLE_KEY_WINDOW_D,
            policy=rendered(
                policies.evidence_key,
                partition=home.partition,
                region=home.region,
                account_id=home.account_id,
                trail_arn=trail_arn,
            ),
            tags=home.tags,
            opts=self._evidence,
        )
        aws.kms.Alias(f"{self._prefix}-key", region=home.region, target_key_id=key.key_id, opts=self._evidence)
        return key

    def _make_bucket(self) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            f"{self._prefix}-bucket",
            region=self._home.region,
            force_destroy=not self._keep,
            tags=self._home.tags,
            opts=self._evidence,
        )

    def _finish_bucket(self, trail_arn: pulumi.Output[str]) -> list[pulumi.Resource]:
        """Close, version, encrypt and open the bucket for CloudTrail alone."""
        name, region, bucket = f"{self._prefix}-bucket", self._home.region, self.bucket.id
        closed = aws.s3.BucketPublicAccessBlock(
            name,
            region=region,
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._evidence,
        )
        owned = aws.s3.BucketOwnershipControls(
            name,
            region=region,
            bucket=bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._evidence,
        )
        versioned = aws.s3.BucketVersioning(
            name,
            region=region,
            bucket=bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._evidence,
        )
        encrypted = aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            region=region,
            bucket=bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    bucket_key_enabled=True,  # whoever searches a year of files pays for far fewer KMS calls
                    apply_server_side_encryption_by_default=(
                        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="aws:kms", kms_master_key_id=self.key.arn
                        )
                    ),
                )
            ],
            opts=self._evidence,
        )
        tidied = aws.s3.BucketLifecycleConfiguration(
            name,
            region=region,
            bucket=bucket,
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
                )
            ],
            opts=pulumi.ResourceOptions.merge(self._evidence, pulumi.ResourceOptions(depends_on=[versioned])),
        )
        self.bucket_policy = policy = aws.s3.BucketPolicy(
            name,
            region=region,
            bucket=bucket,
            policy=rendered(
                policies.evidence_bucket,
                bucket_arn=self.bucket.arn,
                account_id=self._home.account_id,
                trail_arn=trail_arn,
            ),
            # S3 refuses two changes of a bucket's access at the same moment.
            opts=pulumi.ResourceOptions.merge(self._evidence, pulumi.ResourceOptions(depends_on=[closed, owned])),
        )
        return [closed, owned, versioned, encrypted, tidied, policy]

    def _make_delivery_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role that CloudTrail assumes to write to the log group."""
        name, home = f"{self._prefix}-delivery", self._home
        role = aws.iam.Role(
            name,
            description=f"CloudTrail writes events to the audit log group (trailwarden {home.stack}).",
            # AWS's page shows no source condition in this trust, and a wrong one would refuse the trail.
            assume_role_policy=pulumi.Output.json_dumps(trusted_by(policies.CLOUDTRAIL)),
            tags=home.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=rendered(
                policies.delivery,
                log_group_arn=self.log_group.arn,
                account_id=home.account_id,
                region=home.region,
            ),
            opts=self._child,
        )
        return role, policy
