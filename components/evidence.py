"""Where the audit trail writes: bucket, log group, the key that encrypts both, and the role that delivers."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components import _trail_policies as policies
from components import _watching_things as watching
from components._log_bucket import LogBucket, ageing, locked
from components._lookups import check_log_group
from components._policy import Statement, rendered, trusted_by
from components.home import Home
from settings import TrailSettings

# KMS waits this long before it deletes a key for good, in days (API reference, ScheduleKeyDeletion: 7 to 30).
KEPT_KEY_WINDOW_D = 30
DISPOSABLE_KEY_WINDOW_D = 7


class Evidence(pulumi.ComponentResource):
    """An encrypted bucket and a log group for one trail, finished before there is a trail.

    With `keep` bucket, log group and key outlive the stack: protected against `pulumi destroy`, and forgotten instead
    of deleted. Without it everything goes, the full bucket included: for demos and tests. `is_ready` is what
    CreateTrail tries, or should find finished.
    Each of the three may be one that exists (`options.bucket`, `.log_group`, `.kms_key`): it is used and left as it is.
    What its policy must hold is then in `policies_to_add`, statement by statement; it is empty otherwise.
    """

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    """Without the `:*` with which CloudTrail wants it."""
    policies_to_add: dict[str, pulumi.Output[list[Statement]]]

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail_arn: pulumi.Output[str],
        options: TrailSettings,
        keep: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Evidence", name, {}, opts)
        self._prefix, self._home = name, home
        self._options, self._keep = options, keep
        self._child = pulumi.ResourceOptions(parent=self)
        self._evidence = pulumi.ResourceOptions(parent=self, protect=keep, retain_on_delete=keep)
        self.policies_to_add = {}
        self.made: list[things.Thing] = []
        self.made_arns: dict[str, pulumi.Output[str]] = {}
        self.key_arn = self._find_key(trail_arn)
        self.bucket_name, finished_bucket = self._find_bucket(trail_arn)
        self.bucket_arn = pulumi.Output.concat("arn:", home.partition, ":s3:::", self.bucket_name)
        self.log_group_name, self.log_group_arn = self._find_log_group()
        self.role, delivery = self._make_delivery_role()
        self.is_ready = [*finished_bucket, delivery]
        self.register_outputs(
            {
                "bucketName": self.bucket_name,
                "logGroupName": self.log_group_name,
                "policiesToAdd": self.policies_to_add,
            }
        )

    def _find_key(self, trail_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        home = self._home
        facts = {
            "partition": home.partition,
            "region": home.region,
            "account_id": home.account_id,
            "trail_arn": trail_arn,
        }
        make = partial(policies.evidence_key, has_topic=self._options.delivery_topic)
        if self._options.kms_key:
            # Who administers a key is its owner's affair.
            self.policies_to_add["kmsKey"] = pulumi.Output.all(**facts).apply(
                lambda known: make(**known)["Statement"][1:]
            )
            return pulumi.Output.from_input(self._options.kms_key)
        key = aws.kms.Key(
            f"{self._prefix}-key",
            region=home.region,
            description=f"Encrypts the audit trail and its log group (trailwarden {home.stack}).",
            enable_key_rotation=True,
            deletion_window_in_days=KEPT_KEY_WINDOW_D if self._keep else DISPOSABLE_KEY_WINDOW_D,
            policy=rendered(make, **facts),
            tags=home.tags,
            opts=self._evidence,
        )
        aws.kms.Alias(f"{self._prefix}-key", region=home.region, target_key_id=key.key_id, opts=self._evidence)
        self._note("key", things.key(key, home=home), key.arn)
        return key.arn

    def _find_bucket(self, trail_arn: pulumi.Output[str]) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        facts = {
            "account_id": self._home.account_id,
            "trail_arn": trail_arn,
        }
        make = partial(policies.evidence_bucket, organization_id=self._home.organization_id)
        if self._options.bucket:
            arn = pulumi.Output.concat("arn:", self._home.partition, ":s3:::", self._options.bucket)
            self.policies_to_add["bucket"] = pulumi.Output.all(bucket_arn=arn, **facts).apply(
                lambda known: make(**known)["Statement"]
            )
            return pulumi.Output.from_input(self._options.bucket), []
        made = LogBucket(
            self._prefix,
            home=self._home,
            key_arn=self.key_arn,
            lifecycle=self._options.lifecycle,
            object_lock=self._options.object_lock,
            is_disposable=not self._keep,
            opts=self._evidence,
        )
        policy = made.allow(rendered(make, bucket_arn=made.bucket.arn, **facts))
        thing = things.bucket(
            made.bucket,
            policy,
            home=self._home,
            key_arn=self.key_arn,
            ageing=ageing(self._options.lifecycle),
            lock=locked(self._options.object_lock),
        )
        self._note("bucket", thing, made.bucket.arn)
        return made.bucket.id, made.finished

    def _find_log_group(self) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        if self._options.log_group:
            name = check_log_group(self._options.log_group, home=self._home)
            return pulumi.Output.from_input(name), self._home.arn("logs", f"log-group:{name}")
        group = aws.cloudwatch.LogGroup(
            f"{self._prefix}-log-group",
            region=self._home.region,
            kms_key_id=self.key_arn,
            retention_in_days=self._options.retention_days,
            tags=self._home.tags,
            opts=self._evidence,
        )
        self._note(
            "log_group",
            watching.log_group(group, may_be_masked=self._options.may_be_masked, home=self._home),
            group.arn,
        )
        return group.name, group.arn

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
                partial(policies.delivery, organization_id=home.organization_id),
                log_group_arn=self.log_group_arn,
                account_id=home.account_id,
                region=home.region,
            ),
            opts=self._child,
        )
        self._note("role", things.role(role, policy, home=home), role.arn)
        return role, policy

    def _note(self, what: str, thing: things.Thing, arn: pulumi.Output[str]) -> None:
        """Keep what was made, for the inventory: what exists already is its owner's affair."""
        self.made.append(thing)
        self.made_arns[what] = arn

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return list(self.made)
