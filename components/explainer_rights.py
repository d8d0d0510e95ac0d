"""What the explainer needs before there is a trail: its role, its log, its dead-letter queue."""

from functools import partial

import pulumi

from components import _explainer_policies as policies
from components import _inventory_things as things
from components._function_rights import FunctionRights
from components._policy import rendered
from components.alert_channel import AlertChannel
from components.home import Home
from components.known_trail import KnownTrail
from components.ledger import Ledger


class ExplainerRights(FunctionRights):
    """A role that may read alarms and one trail's log group, keep the ledger, and report to one channel.

    `insight_rule` is the name of the rule that counts calls by address, "" without one; with `counts_muted` it may
    count what came while alarms were muted. `is_ready` is what must exist before the trail.
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
        counts_muted: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "trailwarden:index:ExplainerRights",
            name,
            function="explainer",
            purpose="explainer of alarms",
            home=home,
            ledger=ledger,
            reports_to=reports_to,
            log_retention_days=log_retention_days,
            opts=opts,
        )
        self.read_log_arn = pulumi.Output.concat(home.arn("logs", "log-group:"), trail.log_group_name)
        self.policy = self._allow(
            rendered(
                partial(policies.explainer_role, counts_muted=counts_muted),
                log_group_arn=self.read_log_arn,
                alarms_arn=home.arn("cloudwatch", "alarm:*"),
                ledger_arn=ledger.table.arn,
                trail_arn=trail.arn,
                alerts_topic_arn=reports_to.topic_arn,
                alerts_key_arn=reports_to.key_arn,
                own_log_arn=self.log_group.arn,
                dead_letters_arn=self.dead_letters.arn,
                insight_rule_arn=home.arn("cloudwatch", f"insight-rule/{insight_rule}") if insight_rule else "",
            )
        )
        self.is_ready: list[pulumi.Resource] = [self.policy, self._sweep_policy]

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        home = self._home
        return [
            things.role(self.role, self.policy, home=home),
            things.role(self.sweep_role, self._sweep_policy, home=home),
        ]
