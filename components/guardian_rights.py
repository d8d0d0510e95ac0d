"""What the guardian needs before there is a trail to guard: its role, its ledger, its log, its dead-letter queue."""

from collections.abc import Callable
from functools import partial

import pulumi
import pulumi_aws as aws

from components import _function_policies
from components import _guardian_policies as policies
from components import _inventory_things as things
from components._policy import rendered, trusted_by
from components._queues import LONGEST_KEPT_S
from components.alert_channel import AlertChannel
from components.desired_state import DesiredState
from components.event_selectors import OwnArns
from components.home import Home
from components.known_trail import KnownTrail
from components.last_resort import LastResort
from components.ledger import Ledger
from settings.remediation import Remediation


class GuardianRights(pulumi.ComponentResource):
    """A role that may look at one trail and report to one channel, and do what `remediation` asks of it.

    When a report is lost it may say so to `last_resort`.

    Apart from the guardian, which is made after the trail: giving rights is an IAM call, and made after the trail has
    started it would ring `iam-policy-changes` at every first deployment. Hence also the ARN instead of a trail.
    `desired_state` makes the desired state once it is told what the guardian itself consists of.
    `sweep_role` is the schedule's, which wakes the guardian. `is_ready` is what must exist before the trail.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        remediation: Remediation,
        trail: KnownTrail,
        desired_state: Callable[[OwnArns], DesiredState],
        ledger: Ledger,
        reports_to: AlertChannel,
        last_resort: LastResort,
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:GuardianRights", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._home = home
        self.remediation = remediation
        self.reports_to = reports_to
        self.last_resort = last_resort
        self.ledger = ledger
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            region=home.region,
            message_retention_seconds=LONGEST_KEPT_S,
            # Not the topics' key: three services would have to be granted it, and each missing grant loses a message.
            sqs_managed_sse_enabled=True,
            tags=home.tags,
            opts=child,
        )
        self.log_group = aws.cloudwatch.LogGroup(
            name,
            region=home.region,
            kms_key_id=reports_to.key_arn,
            retention_in_days=log_retention_days,
            tags=home.tags,
            opts=child,
        )
        self.role = aws.iam.Role(
            name,
            description=f"What the guardian of the audit trail may do (trailwarden {home.stack}).",
            assume_role_policy=pulumi.Output.json_dumps(trusted_by("lambda.amazonaws.com")),
            tags=home.tags,
            opts=child,
        )
        # The function takes its name from its role, so that its ARN is known before there is a trail.
        self.function_name = self.role.name
        function_arn = home.arn("lambda", pulumi.Output.concat("function:", self.function_name))
        self.desired_state = desired_state(
            {
                "AWS::Lambda::Function": [function_arn],
                "AWS::SQS::Queue": [self.dead_letters.arn],
            }
        )
        self.policy = aws.iam.RolePolicy(
            name,
            role=self.role.name,
            policy=rendered(
                partial(
                    policies.guardian_role,
                    may_restart=remediation.acts,
                    fields=remediation.may_put_back if remediation.acts else (),
                    is_organization=trail.is_organization,
                ),
                trail_arn=trail.arn,
                delivery_role_arn=trail.role_arn,
                desired_state_arn=self.desired_state.parameter.arn,
                ledger_arn=ledger.table.arn,
                alerts_topic_arn=reports_to.topic_arn,
                alerts_key_arn=reports_to.key_arn,
                last_resort_topic_arn=last_resort.topic_arn,
                log_group_arn=self.log_group.arn,
                dead_letters_arn=self.dead_letters.arn,
            ),
            opts=child,
        )
        self.sweep_role, self._sweep_policy = self._make_sweep_role(f"{name}-sweep", function_arn, home=home)
        self.is_ready = [self.policy, self._sweep_policy, self.desired_state.parameter]
        self.register_outputs({"roleArn": self.role.arn, "deadLetterQueueUrl": self.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory; but not the guardian's role, which has one policy more (`Inspection`)."""
        return [things.role(self.sweep_role, self._sweep_policy, home=self._home)]

    def _make_sweep_role(
        self, name: str, function_arn: pulumi.Output[str], *, home: Home
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role with which EventBridge Scheduler wakes the guardian."""
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description=f"EventBridge Scheduler wakes the guardian (trailwarden {home.stack}).",
            assume_role_policy=rendered(_function_policies.sweep_trust, account_id=home.account_id),
            tags=home.tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=rendered(
                partial(_function_policies.sweep_role, wakes="guardian"),
                function_arn=function_arn,
                dead_letters_arn=self.dead_letters.arn,
            ),
            opts=child,
        )
        return role, policy
