"""The right to look at everything that was deployed, and to put a few things of it back."""

from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from components import _inspection_policies as policies
from components import _inventory_things as things
from components._policy import rendered
from components.channels import Channels
from components.evidence import Evidence
from components.explained_trail import ExplainedTrail
from components.guardian_rights import GuardianRights
from components.home import Home
from components.known_trail import KnownTrail


class Inspection(pulumi.ComponentResource):
    """One more policy of the guardian's role, made before the trail, as all IAM calls are.

    What is made after the trail (rule, function, schedule, alarms) is therefore named by the beginning of its name.
    A guardian that changes nothing, by its `remediation`, only looks. `insight_rule` is the name of the rule that
    counts calls by address, "" without one.
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
        insight_rule: str,
        suffix: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Inspection", name, {}, opts)
        self._home, self._rights = home, rights
        deployed = _deployed(
            home,
            rights=rights,
            trail=trail,
            evidence=evidence,
            channels=channels,
            explained=explained,
            insight_rule=insight_rule,
            suffix=suffix,
        )
        self._policy = aws.iam.RolePolicy(
            name,
            role=rights.role.name,
            policy=rendered(partial(policies.inspection, may_mend=rights.remediation.acts), **deployed),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.is_ready = [self._policy]
        self.register_outputs({"policyName": self._policy.name})

    @property
    def things(self) -> list[things.Thing]:
        """The guardian's role, for the inventory."""
        return [things.role(self._rights.role, self._rights.policy, self._policy, home=self._home)]


def _deployed(
    home: Home,
    *,
    rights: GuardianRights,
    trail: KnownTrail,
    evidence: Evidence | None,
    channels: Channels,
    explained: ExplainedTrail | None,
    insight_rule: str,
    suffix: str,
) -> dict[str, Any]:
    """The fields of `_inspection_policies.Deployed`, as far as they are known by now."""
    made, far = evidence.made_arns if evidence else {}, channels.forwarders
    topics = [channels.alerts, channels.signals, rights.last_resort]
    explainer = [explained.rights] if explained else []
    functions = [f"guardian{suffix}", *([f"explainer{suffix}"] if explained else [])]
    return {
        "alarms_arn": home.arn("cloudwatch", "alarm:*"),
        "bucket_arns": [made["bucket"]] if "bucket" in made else [],
        "endpoints": [endpoint for each in topics for endpoint in each.subscribed.endpoints],
        "far_queue_arns": [each.dead_letters.arn for each in far],
        "far_role_arns": [each.role.arn for each in far],
        "far_rule_arns": [rule.arn for each in far for rule in each.rules.values()],
        "function_arns": [home.arn("lambda", f"function:{name}-*") for name in functions],
        "insight_rule_arns": [home.arn("cloudwatch", f"insight-rule/{insight_rule}")] if insight_rule else [],
        "key_arns": [*([made["key"]] if "key" in made else []), channels.alerts.key_arn],
        "ledger_arn": rights.ledger.table.arn,
        "log_group_arn": home.arn("logs", pulumi.Output.concat("log-group:", trail.log_group_name)),
        "log_groups_arn": home.arn("logs", "log-group:*"),
        "mended_topic_arns": [channels.alerts.topic_arn, channels.signals.topic_arn],
        "queue_arns": [
            rights.dead_letters.arn,
            rights.last_resort.queue.arn,
            *(each.dead_letters.arn for each in explainer),
        ],
        "role_arns": [
            trail.role_arn,
            *(role.arn for each in (rights, *explainer) for role in (each.role, each.sweep_role)),
        ],
        "rule_arns": [home.arn("events", f"rule/{name}-*") for name in functions],
        "schedule_arns": [home.arn("scheduler", f"schedule/default/{name}-*") for name in functions],
        "signals_topic_arn": channels.signals.topic_arn,
        "topic_arns": [each.topic_arn for each in topics],
    }
