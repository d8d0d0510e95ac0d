"""What the explainer needs before there is a trail: its role, its log, its dead-letter queue."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components import _explainer_policies as policies
from components import _function_policies
from components import _inventory_things as things
from components._policy import rendered, trusted_by
from components._queues import LONGEST_KEPT_S
from components.alert_channel import AlertChannel
from components.home import Home
from components.known_trail import KnownTrail
from components.ledger import Ledger


class ExplainerRights(pulumi.ComponentResource):
    """A role that may read alarms and one trail's log group, keep the ledger, and report to one channel.

    Apart from the explainer, which is made after the trail: giving rights is an IAM call, and made after the trail has
    started it would ring `iam-policy-changes` at every first deployment. `sweep_role` is the schedule's, which wakes
    the explainer. `insight_rule` is the name of the rule that counts calls by address, "" without one. `is_ready` is
    what must exist before the trail.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail: KnownTrail,
        ledger: Ledger,
        reports_to: AlertChannel,
        log_retention_days: int,
        insight_rule: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:ExplainerRights", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._home = home
        self.reports_to, self.ledger = reports_to, ledger
        self.read_log_arn = pulumi.Output.concat(home.arn("logs", "log-group:"), trail.log_group_name)
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
            description=f"What the explainer of alarms may do (trailwarden {home.stack}).",
            assume_role_policy=pulumi.Output.json_dumps(trusted_by("lambda.amazonaws.com")),
            tags=home.tags,
            opts=child,
        )
        # The function takes its name from its role, so that its ARN is known before there is a trail.
        self.function_name = self.role.name
        self.function_arn = home.arn("lambda", pulumi.Output.concat("function:", self.function_name))
        self.policy = aws.iam.RolePolicy(
            name,
            role=self.role.name,
            policy=rendered(
                policies.explainer_role,
                log_group_arn=self.read_log_arn,
                alarms_arn=home.arn("cloudwatch", "alarm:*"),
                ledger_arn=ledger.table.arn,
                trail_arn=trail.arn,
                alerts_topic_arn=reports_to.topic_arn,
                alerts_key_arn=reports_to.key_arn,
                own_log_arn=self.log_group.arn,
                dead_letters_arn=self.dead_letters.arn,
                insight_rule_arn=home.arn("cloudwatch", f"insight-rule/{insight_rule}") if insight_rule else "",
            ),
            opts=child,
        )
        self.sweep_role = aws.iam.Role(
            f"{name}-sweep",
            description=f"EventBridge Scheduler wakes the explainer (trailwarden {home.stack}).",
            assume_role_policy=rendered(_function_policies.sweep_trust, account_id=home.account_id),
            tags=home.tags,
            opts=child,
        )
        self._sweep_policy = aws.iam.RolePolicy(
            f"{name}-sweep",
            role=self.sweep_role.name,
            policy=rendered(
                partial(_function_policies.sweep_role, wakes="explainer"),
                function_arn=self.function_arn,
                dead_letters_arn=self.dead_letters.arn,
            ),
            opts=child,
        )
        self.is_ready: list[pulumi.Resource] = [self.policy, self._sweep_policy]
        self.register_outputs({"roleArn": self.role.arn, "deadLetterQueueUrl": self.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        home = self._home
        return [
            things.role(self.role, self.policy, home=home),
            things.role(self.sweep_role, self._sweep_policy, home=home),
        ]
