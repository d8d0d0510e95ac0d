"""What the guardian needs before there is a trail to guard: its role, its log, its queue, and the desired state."""

from collections.abc import Callable
from functools import partial

import pulumi

from components import _guardian_policies as policies
from components import _inventory_things as things
from components._function_rights import FunctionRights
from components._policy import rendered
from components.alert_channel import AlertChannel
from components.desired_state import DesiredState
from components.event_selectors import OwnArns
from components.home import Home
from components.known_trail import KnownTrail
from components.last_resort import LastResort
from components.ledger import Ledger
from settings.remediation import Remediation


class GuardianRights(FunctionRights):
    """A role that may look at one trail and report to one channel, and do what `remediation` asks of it.

    When a report is lost it may say so to `last_resort`.

    As it is made before the trail, it is told the trail's ARN. `desired_state` makes the desired state once it is told
    what the guardian itself consists of. `is_ready` is what must exist before the trail.
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
        super().__init__(
            "trailwarden:index:GuardianRights",
            name,
            function="guardian",
            purpose="guardian of the audit trail",
            home=home,
            ledger=ledger,
            reports_to=reports_to,
            log_retention_days=log_retention_days,
            opts=opts,
        )
        self.remediation, self.last_resort = remediation, last_resort
        own: OwnArns = {
            "AWS::Lambda::Function": [self.function_arn],
            "AWS::SQS::Queue": [self.dead_letters.arn],
        }
        self.desired_state = desired_state(own)
        self.policy = self._allow(
            rendered(
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
            )
        )
        self.is_ready: list[pulumi.Resource] = [self.policy, self._sweep_policy, self.desired_state.parameter]

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory; but not the guardian's role, which has one policy more (`Inspection`)."""
        return [things.role(self.sweep_role, self._sweep_policy, home=self._home)]
