"""The guardian: a function that hears of changes to the trail, puts it back, and reports."""

from collections.abc import Set

import pulumi
import pulumi_aws as aws

from components import _guardian_code as code
from components import _guardian_policies as policies
from components import _inventory_things as things
from components._function import make_function
from components._hearing import Hearing, make_rules
from components._policy import rendered
from components._trail_events import event_pattern
from components._waking import thing
from components.alert_channel import AlertChannel
from components.guardian_rights import GuardianRights
from components.home import Home
from components.known_trail import KnownTrail
from settings.remediation import Remediation

TIMEOUT_S = 180  # half a minute for a stop, up to a minute of grace for everything else, and time to put it back
MEMORY_MB = 256
SWEEP, MAX_SCHEDULE_NAME = "-sweep", 64  # EventBridge Scheduler API reference, CreateSchedule


class Guardian(pulumi.ComponentResource):
    """Puts the trail back and tells people.

    It hears from an event rule (seconds) and from `listens_to` (minutes), and a schedule wakes it in any case: neither
    of the others is certain once the trail is stopped. `rights` says whom it tells, and what it may change of the
    trail; `waived` are demands of its floor that the stack file gives up. Rule, target and subscription are made after
    the trail and so go before it, as the schedule does (`Sweep`): `pulumi destroy` is not answered by a repair.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        rights: GuardianRights,
        trail: KnownTrail,
        listens_to: AlertChannel,
        waived: Set[str] = frozenset(),
        is_adopted: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Guardian", name, {}, opts)
        self._home, self.rights = home, rights
        rules = make_rules(
            {name: event_pattern()},
            told="Somebody changes a trail; the guardian looks at once",
            home=home,
            trail=trail,
            parent=self,
        )
        self.rule = rules[name]
        self.function, self._failures = make_function(
            name,
            home=home,
            rights=rights,
            does="Puts the audit trail back when somebody stops or changes it",
            handler=code.HANDLER,
            code=code.archive(),
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            reserved_concurrency=rights.remediation.reserved_concurrency,
            environment={
                **_facts(rights, trail=trail, rule=self.rule),
                "RUNBOOKS": home.runbooks,
                **_remit(rights.remediation, waived=waived, is_adopted=is_adopted),
            },
            failures_to=rights.dead_letters.arn,
            after=rights.last_resort.is_ready,
            parent=self,
        )
        kept_by = rendered(
            policies.dead_letter_queue,
            queue_arn=rights.dead_letters.arn,
            rule_arn=self.rule.arn,
            signals_topic_arn=listens_to.topic_arn,
        )
        self._hearing = Hearing(
            name, self.function, home=home, rights=rights, trail=trail, kept_by=kept_by, parent=self
        )
        self._hearing.hear_rules(rules, permission=f"{name}-rule", rules_arn=self.rule.arn)
        self._hearing.hear_signals(listens_to)
        self.register_outputs({"functionName": self.function.name, "deadLetterQueueUrl": rights.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory. Its own policy and code the guardian cannot put back."""
        function = things.function(
            self.function, callers=self._hearing.callers, failures=self._failures, home=self._home
        )
        schedule = thing(self.schedule_name, self.function, home=self._home, rights=self.rights)
        return [function, *self._hearing.things, schedule]

    @property
    def schedule_name(self) -> pulumi.Output[str]:
        """What the schedule of the sweep is called.

        Known before the schedule is: patterns name it, the inventory lists those, and the schedule tells its digest.
        """
        return self.function.name.apply(lambda name: f"{name[: MAX_SCHEDULE_NAME - len(SWEEP)]}{SWEEP}")


def _facts(
    rights: GuardianRights, *, trail: KnownTrail, rule: aws.cloudwatch.EventRule
) -> dict[str, pulumi.Input[str]]:
    """What the function is told of things around it (lambda/guardian/environment.py)."""
    return {
        "TRAIL_ARN": trail.arn,
        "LAST_RESORT_TOPIC_ARN": rights.last_resort.topic_arn,
        "GUARDIAN_ROLE_ARN": rights.role.arn,
        "DESIRED_STATE_ARN": rights.desired_state.parameter.arn,
        "RULE_ARN": rule.arn,
    }


def _remit(remediation: Remediation, *, waived: Set[str], is_adopted: bool) -> dict[str, str]:
    """What the function is told of its own behaviour and of what is given up. None of it is in the desired state."""
    return {
        **remediation.remit,
        **({"ADOPTED": "true"} if is_adopted else {}),
        **({"WAIVED": ",".join(sorted(waived))} if waived else {}),
    }
