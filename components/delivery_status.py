"""Delivery status: logs in which SNS says what became of messages to queues, functions and URLs."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components import _channel_policies as policies
from components._policy import rendered, trusted_by
from components.home import Home

PROTOCOLS = ("http", "lambda", "sqs")
"""Those of ours for which SNS keeps such logs. `http` stands for `https` too; for mail and text messages it has none
that a topic could ask for (Amazon SNS Developer Guide, "Amazon SNS message delivery status")."""


class DeliveryStatus(pulumi.ComponentResource):
    """The role under which SNS writes the delivery logs of one topic, and the two log groups.

    The role is made before the topic, which names it; the groups after it, because SNS names them after the topic.
    They are ours, so that they are encrypted and do not grow for ever. An entry names the endpoint: with a secret URL
    among the subscribers, who can read these logs can read it.
    """

    def __init__(self, name: str, *, home: Home, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trailwarden:index:DeliveryStatus", name, {}, opts)
        self._name, self._home = name, home
        self.role = aws.iam.Role(
            name,
            description=f"SNS logs what became of alerts (trailwarden {home.stack}).",
            # AWS's page shows no source condition here either, and a refused role loses the log without a word.
            assume_role_policy=pulumi.Output.json_dumps(trusted_by("sns.amazonaws.com")),
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def topic_inputs(self, sample_rate: int) -> dict[str, Any]:
        """What a topic says to be logged: every failure, and `sample_rate` percent of the successes."""
        inputs: dict[str, Any] = {}
        for protocol in PROTOCOLS:
            inputs[f"{protocol}_failure_feedback_role_arn"] = self.role.arn
            if sample_rate:
                inputs[f"{protocol}_success_feedback_role_arn"] = self.role.arn
                inputs[f"{protocol}_success_feedback_sample_rate"] = sample_rate
        return inputs

    def write_for(self, topic: aws.sns.Topic, *, key_arn: pulumi.Input[str], retention_days: int) -> aws.iam.RolePolicy:
        """Make the log groups of a topic, and let the role write into them: by what is answered."""
        home, child = self._home, pulumi.ResourceOptions(parent=self)
        group = pulumi.Output.concat("sns/", home.region, "/", home.account_id, "/", topic.name)
        for what, name in {"success": group, "failure": pulumi.Output.concat(group, "/Failure")}.items():
            aws.cloudwatch.LogGroup(
                f"{self._name}-{what}",
                name=name,
                region=home.region,
                kms_key_id=key_arn,
                retention_in_days=retention_days,
                tags=home.tags,
                # A fixed name cannot exist twice, so a replacement has to delete first.
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
        log_group_arn = pulumi.Output.concat(home.arn("logs", "log-group:"), group)
        rights = aws.iam.RolePolicy(
            self._name,
            role=self.role.name,
            policy=rendered(policies.delivery_status, log_group_arn=log_group_arn),
            opts=child,
        )
        self.register_outputs({"logGroupName": group})
        return rights
