"""The sweep: the schedule that wakes the guardian in any case."""

import json

import pulumi
import pulumi_aws as aws

from components.guardian import Guardian
from components.home import Home
from components.inventory import Inventory
from components.known_trail import KnownTrail

EVERY_MIN = 5
# A sweep that could not be delivered is worth nothing once the next is due.
EVENT_AGE_S, RETRIES = 300, 5


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
        rights = guardian.rights
        self.schedule = aws.scheduler.Schedule(
            name,
            name=guardian.schedule_name,
            region=home.region,
            description=f"Is the audit trail as it should be? (trailwarden {home.stack})",
            schedule_expression=f"rate({EVERY_MIN} minutes)",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            state="ENABLED",
            target=aws.scheduler.ScheduleTargetArgs(
                arn=guardian.function.arn,
                role_arn=rights.sweep_role.arn,
                # Said outright, so that the guardian knows what woke it whatever the default message is. Scheduler
                # fills in what stands in angle brackets (its User Guide, "Adding context attributes").
                input=inventory.digest.apply(
                    lambda digest: json.dumps(
                        {
                            "source": "aws.scheduler",
                            "detail-type": "Scheduled Event",
                            "time": "<aws.scheduler.scheduled-time>",
                            "schedule": "<aws.scheduler.schedule-arn>",
                            "inventory": digest,
                        }
                    )
                ),
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=rights.dead_letters.arn),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=EVENT_AGE_S, maximum_retry_attempts=RETRIES
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                # Its name is fixed by the function's, and a fixed name cannot exist twice.
                delete_before_replace=True,
                depends_on=[*trail.made, inventory, *rights.is_ready],
            ),
        )
        self.register_outputs({"scheduleName": self.schedule.name})
