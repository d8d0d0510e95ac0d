"""The sweep: the schedule that wakes the guardian in any case."""

import pulumi
import pulumi_aws as aws

from components._waking import message, wake
from components.guardian import Guardian
from components.home import Home
from components.inventory import Inventory
from components.known_trail import KnownTrail


class Sweep(pulumi.ComponentResource):
    """Wakes the guardian every five minutes, and tells it the digest of the inventory.

    It is made last and goes first: after the inventory, whose digest it carries, and after the trail.
    """

    schedule: aws.scheduler.Schedule

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        guardian: Guardian,
        trail: KnownTrail,
        inventory: Inventory,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Sweep", name, {}, opts)
        self.schedule = wake(
            name,
            guardian.function,
            home=home,
            rights=guardian.rights,
            why="Is the audit trail as it should be?",
            says=inventory.digest.apply(
                lambda digest: message(schedule="<aws.scheduler.schedule-arn>", inventory=digest)
            ),
            after=[*trail.made, inventory, *guardian.rights.is_ready],
            parent=self,
            called=guardian.schedule_name,
        )
        self.register_outputs({"scheduleName": self.schedule.name})
