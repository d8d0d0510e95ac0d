"""The right to look at everything that was deployed, and to put a few things of it back."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components import _inspection_policies as policies
from components import _inventory_things as things
from components._policy import document
from components.channels import Channels
from components.evidence import Evidence
from components.explained_trail import ExplainedTrail
from components.guardian_rights import GuardianRights
from components.home import Home
from components.inventory import PART
from components.known_trail import KnownTrail


class Inspection(pulumi.ComponentResource):
    """One more policy of the guardian's role, made before the trail, as all IAM calls are.

    What is made after the trail (rule, function, schedule, alarms) is therefore named by the beginning of its name.
    A guardian that changes nothing, by its `remediation`, only looks.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        rights: GuardianRights,
        trail: KnownTrail,
        evidence: Evidence | None,
        channels: Channels,
        explained: ExplainedTrail | None,
        suffix: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Inspection", name, {}, opts)
        self._home, self._rights = home, rights
        alerts, signals, last_resort = channels.alerts, channels.signals, rights.last_resort
        topics = [channel.topic_arn for channel in (alerts, signals, last_resort)]
        subscribed = [each.subscribed for each in (alerts, signals, last_resort)]
        made, far = evidence.made_arns if evidence else {}, channels.forwarders
        group: pulumi.Output[str] = pulumi.Output.from_input(trail.log_group_name)
        explainer = [explained.rights] if explained else []
        functions = [f"guardian{suffix}", *([f"explainer{suffix}"] if explained else [])]
        known: dict[str, Any] = {
            "alarms_arn": home.arn("cloudwatch", "alarm:*"),
            "bucket_arns": [made["bucket"]] if "bucket" in made else [],
            "endpoints": [endpoint for each in subscribed for endpoint in each.endpoints],
            "function_arns": [home.arn("lambda", f"function:{name}-*") for name in functions],
            "key_arns": [*([made["key"]] if "key" in made else []), alerts.key_arn],
            "ledger_arn": rights.ledger.table.arn,
            "log_group_arn": group.apply(lambda name: home.arn("logs", f"log-group:{name}")),
            "log_groups_arn": home.arn("logs", "log-group:*"),
            "mended_topic_arns": topics[:2],
            "queue_arns": [
                rights.dead_letters.arn,
                last_resort.queue.arn,
                *(each.dead_letters.arn for each in (*far, *explainer)),
            ],
            "role_arns": [
                trail.role_arn,
                *(role.arn for each in (rights, *explainer) for role in (each.role, each.sweep_role)),
                *(each.role.arn for each in far),
            ],
            "rule_arns": [home.arn("events", f"rule/{name}-*") for name in functions],
            # Wildcard at the end: a few rules each, with generated names. One ARN for all keeps the policy short.
            "forwarders": [home.arn("events", f"rule/{each.name}-*", region=each.region) for each in far],
            "schedule_arn": home.arn("scheduler", f"schedule/default/guardian{suffix}-*"),
            "signals_topic_arn": signals.topic_arn,
            "topic_arns": topics,
        }
        self._policy = aws.iam.RolePolicy(
            name,
            role=rights.role.name,
            policy=pulumi.Output.json_dumps(
                pulumi.Output.all(**known).apply(lambda facts: _document(facts, may_mend=rights.remediation.acts))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.is_ready = [self._policy]
        self.register_outputs({"policyName": self._policy.name})

    @property
    def things(self) -> list[things.Thing]:
        """The guardian's role, for the inventory."""
        return [things.role(self._rights.role, self._rights.policy, self._policy, home=self._home)]


def _document(facts: dict[str, Any], *, may_mend: bool) -> dict[str, Any]:
    looking = policies.looking(
        part=PART,
        rule_arns=[*facts["rule_arns"], *facts["forwarders"]],
        **{
            name: facts[name]
            for name in (
                "alarms_arn",
                "bucket_arns",
                "function_arns",
                "key_arns",
                "ledger_arn",
                "log_group_arn",
                "log_groups_arn",
                "queue_arns",
                "role_arns",
                "schedule_arn",
                "topic_arns",
            )
        },
    )
    mending = policies.mending(
        told_topic_arns=facts["topic_arns"],
        **{
            name: facts[name]
            for name in (
                "alarms_arn",
                "endpoints",
                "function_arns",
                "mended_topic_arns",
                "rule_arns",
                "signals_topic_arn",
            )
        },
    )
    return document(*looking, *(mending if may_mend else ()))
