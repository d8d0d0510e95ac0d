"""What every function of ours needs before there is a trail: its dead-letter queue, its log, its role, its waker."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components import _function_policies as policies
from components._policy import rendered, trusted_by
from components._queues import make_queue
from components.alert_channel import AlertChannel
from components.home import Home
from components.ledger import Ledger


class FunctionRights(pulumi.ComponentResource):
    """Queue, log group and role of a function that reports to one channel, and the role of its schedule.

    Apart from the function, which is made after the trail: giving rights is an IAM call, and made after the trail has
    started it would ring `iam-policy-changes` at every first deployment. What its role may do (`policy`) each function
    says for itself, with `_allow`. `function` is its name among ours, `purpose` completes "What the … may do".
    """

    policy: aws.iam.RolePolicy
    """What the function's role may do."""
    function_name: pulumi.Output[str]
    """Known before the function is made, as its ARN is: the function takes its name from its role."""
    sweep_role: aws.iam.Role
    """The schedule's, which wakes the function."""

    def __init__(
        self,
        token: str,
        name: str,
        *,
        function: str,
        purpose: str,
        home: Home,
        ledger: Ledger,
        reports_to: AlertChannel,
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(token, name, {}, opts)
        self._name, self._home = name, home
        self._child = pulumi.ResourceOptions(parent=self)
        self.reports_to, self.ledger = reports_to, ledger
        self.dead_letters = make_queue(f"{name}-dead-letters", home=home, opts=self._child)
        self.log_group = aws.cloudwatch.LogGroup(
            name,
            region=home.region,
            kms_key_id=reports_to.key_arn,
            retention_in_days=log_retention_days,
            tags=home.tags,
            opts=self._child,
        )
        self.role = aws.iam.Role(
            name,
            description=f"What the {purpose} may do (trailwarden {home.stack}).",
            assume_role_policy=pulumi.Output.json_dumps(trusted_by("lambda.amazonaws.com")),
            tags=home.tags,
            opts=self._child,
        )
        self.function_name = self.role.name
        self.function_arn = home.arn("lambda", pulumi.Output.concat("function:", self.function_name))
        self.sweep_role, self._sweep_policy = self._make_sweep_role(function)
        self.register_outputs({"roleArn": self.role.arn, "deadLetterQueueUrl": self.dead_letters.url})

    def _allow(self, policy: pulumi.Output[str]) -> aws.iam.RolePolicy:
        """Give the function's role its rights."""
        return aws.iam.RolePolicy(self._name, role=self.role.name, policy=policy, opts=self._child)

    def _make_sweep_role(self, function: str) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role with which EventBridge Scheduler wakes the function."""
        name, home = f"{self._name}-sweep", self._home
        role = aws.iam.Role(
            name,
            description=f"EventBridge Scheduler wakes the {function} (trailwarden {home.stack}).",
            assume_role_policy=rendered(policies.sweep_trust, account_id=home.account_id),
            tags=home.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=rendered(
                partial(policies.sweep_role, wakes=function),
                function_arn=self.function_arn,
                dead_letters_arn=self.dead_letters.arn,
            ),
            opts=self._child,
        )
        return role, policy
