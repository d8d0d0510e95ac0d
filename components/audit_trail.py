"""The trail, and everything that keeps its evidence: key, bucket, log group, delivery role."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _trail_policies as policies
from components._policy import rendered, trusted_by
from components.home import Home

# KMS waits this long before it deletes a key for good, in days (API reference, ScheduleKeyDeletion: 7 to 30).
KEPT_KEY_WINDOW_D = 30
DISPOSABLE_KEY_WINDOW_D = 7
ABORT_UPLOADS_AFTER_D = 7


class AuditTrail(pulumi.ComponentResource):
    """A multi-region trail that writes to an encrypted bucket and to a log group.

    The trail is made last: after bucket, log group and role, and after everything in `after`. What is called later is
    already recorded, and a deployment should not ring its own alarms.

    With `keep_evidence` bucket, log group and key outlive the stack: protected against `pulumi destroy`, and forgotten
    instead of deleted. Without it everything goes, the full bucket included: for demos and tests.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail_name: str,
        retention_days: int,
        keep_evidence: bool,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:AuditTrail", name, {}, opts)
        self._prefix, self._home = name, home
        self._keep = keep_evidence
        self._child = pulumi.ResourceOptions(parent=self)
        self._evidence = pulumi.ResourceOptions(parent=self, protect=self._keep, retain_on_delete=self._keep)
        trail_arn = home.trail_arn(trail_name)

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
        self.delivery_role, delivery = self._make_delivery_role()
        self.trail = aws.cloudtrail.Trail(
            name,
            name=trail_name,
            region=home.region,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_logging=True,
            enable_log_file_validation=True,
            kms_key_id=self.key.arn,
            s3_bucket_name=self.bucket.id,
            # CreateTrail wants the group's ARN with this ending; the provider reports it without.
            cloud_watch_logs_group_arn=pulumi.Output.concat(self.log_group.arn, ":*"),
            cloud_watch_logs_role_arn=self.delivery_role.arn,
            # No event selectors: AWS's default is all management events, and setting them is a call that the trail
            # would record, and `trail-tampering` report, at every first deployment.
            tags=home.trail_tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A fixed name cannot exist twice, so a replacement has to delete first.
                delete_before_replace=True,
                # CreateTrail tries both policies and is refused without; the first file lands in a finished bucket.
                depends_on=[*finished_bucket, delivery, *after],
            ),
        )
        self.register_outputs(
            {
                "trailArn": self.trail.arn,
                "trailName": self.trail.name,
                "bucketName": self.bucket.id,
                "logGroupName": self.log_group.name,
            }
        )

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
        policy = aws.s3.BucketPolicy(
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
