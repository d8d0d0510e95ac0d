"""The schedule that wakes a function of ours in any case, and what the inventory says of it."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._function_rights import FunctionRights
from components._inventory_things import Thing, make_thing
from components.home import Home

RATE = "rate(5 minutes)"
# A call that could not be delivered is worth nothing once the next is due.
EVENT_AGE_S, RETRIES = 300, 5


def message(**more: str) -> str:
    """What a schedule says, outright, so that the function knows what woke it whatever the default message is.

    Scheduler fills in what stands in angle brackets (its User Guide, "Adding context attributes").
    """
    known = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "time": "<aws.scheduler.scheduled-time>"}
    return json.dumps(known | more)


def wake(
    name: str,
    function: aws.lambda_.Function,
    *,
    home: Home,
    rights: FunctionRights,
    why: str,
    says: pulumi.Input[str],
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
    called: pulumi.Output[str] | None = None,
) -> aws.scheduler.Schedule:
    """A schedule that calls a function every five minutes, once `after` is there; `why` describes it.

    `called` is its name where that must be known before it is made.
    """
    return aws.scheduler.Schedule(
        name,
        name=called,
        region=home.region,
        description=f"{why} (trailwarden {home.stack})",
        schedule_expression=RATE,
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        state="ENABLED",
        target=aws.scheduler.ScheduleTargetArgs(
            arn=function.arn,
            role_arn=rights.sweep_role.arn,
            input=says,
            dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=rights.dead_letters.arn),
            retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=EVENT_AGE_S, maximum_retry_attempts=RETRIES
            ),
        ),
        # A fixed name cannot exist twice.
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True if called else None, depends_on=after),
    )


def thing(
    called: pulumi.Output[str],
    function: aws.lambda_.Function,
    *,
    home: Home,
    rights: FunctionRights,
    says: str | None = None,
) -> Thing:
    """A schedule as `wake` makes it, for the inventory; `says` None: whatever it says.

    By what it is made of: the guardian's is made after the inventory, whose digest it tells.
    """

    def make(*, name: str, **facts: str) -> dict[str, Any]:
        stated = {
            **facts,
            "enabled": True,
            "rate": RATE,
            "window": "OFF",
            "starts": "",
            "ends": "",
            "tries": [RETRIES, EVENT_AGE_S],
            **({} if says is None else {"message": says}),
        }
        return {"name": name, "region": home.region, "facts": stated}

    return make_thing(
        "schedule",
        make=make,
        name=called,
        target=function.arn,
        role=rights.sweep_role.arn,
        failures=rights.dead_letters.arn,
    )
