"""The guardian: a function that hears of changes to the trail, puts it back, and reports."""

from collections.abc import Set

import pulumi
import pulumi_aws as aws

from components import _guardian_code as code
from components import _guardian_policies as policies
from components import _inventory_things as things
from components._hearing import hear_signals
from components._policy import rendered
from components._trail_events import event_pattern
from components.alert_channel import AlertChannel
from components.guardian_rights import GuardianRights
from components.home import Home
from components.known_trail import KnownTrail
from settings.remediation import Remediation
from settings.version import VERSION

TIMEOUT_S = 180  # half a minute for a stop, up to a minute of grace for everything else, and time to put it back
MEMORY_MB = 256
# The longest that each service keeps trying: a late repair is better than none.
RULE_EVENT_AGE_S, RULE_RETRIES = 86_400, 185
CALL_EVENT_AGE_S, CALL_RETRIES = 21_600, 2
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
        self._prefix, self._home = name, home
        self._waived, self._is_adopted = waived, is_adopted
        self._child = pulumi.ResourceOptions(parent=self)
        self.rights, self._dead_letters = rights, rights.dead_letters
        self.rule = rule = aws.cloudwatch.EventRule(
            name,
            region=home.region,
            description=f"Somebody changes a trail; the guardian looks at once (trailwarden {home.stack}).",
            event_pattern=event_pattern(),
            state="ENABLED",
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*trail.made]),
        )
        self.function = self._make_function(rights=rights, trail=trail, rule=rule)
        self.queue_policy = queue_policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=home.region,
            queue_url=self._dead_letters.url,
            policy=rendered(
                policies.dead_letter_queue,
                queue_arn=self._dead_letters.arn,
                rule_arn=rule.arn,
                signals_topic_arn=listens_to.topic_arn,
            ),
            opts=self._child,
        )
        self.callers: list[aws.lambda_.Permission] = []
        self.target = self._hear_rule(rule, trail=trail, queue_policy=queue_policy)
        may_call, self.subscription = hear_signals(
            self._prefix,
            home=home,
            function=self.function,
            signals=listens_to,
            dead_letters=self._dead_letters,
            after=[*trail.made, queue_policy],
            parent=self,
        )
        self.callers.append(may_call)
        self.register_outputs({"functionName": self.function.name, "deadLetterQueueUrl": self._dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory.

        The dead-letter queue may fill: an alarm tells it. Its own policy and code the guardian cannot put back.
        """
        home = self._home
        return [
            things.rule(self.rule, self.target, region=home.region, is_mended=True),
            things.function(self.function, callers=self.callers, failures=self.failures, home=home),
            things.queue(self._dead_letters, self.queue_policy, region=home.region, is_kept_empty=False),
            things.subscription(self.subscription, home=home),
        ]

    @property
    def schedule_name(self) -> pulumi.Output[str]:
        """What the schedule of the sweep is called.

        Known before the schedule is: patterns name it, the inventory lists those, and the schedule tells its digest.
        """
        return self.function.name.apply(lambda name: f"{name[: MAX_SCHEDULE_NAME - len(SWEEP)]}{SWEEP}")

    def _make_function(
        self, *, rights: GuardianRights, trail: KnownTrail, rule: aws.cloudwatch.EventRule
    ) -> aws.lambda_.Function:
        """The function, and where its calls go that fail for good."""
        name, home = self._prefix, self._home
        function = aws.lambda_.Function(
            name,
            name=rights.function_name,
            region=home.region,
            description=f"Puts the audit trail back when somebody stops or changes it (trailwarden {home.stack}).",
            runtime="python3.13",
            architectures=["arm64"],
            handler=code.HANDLER,
            code=code.archive(),
            timeout=TIMEOUT_S,
            memory_size=MEMORY_MB,
            reserved_concurrent_executions=rights.remediation.reserved_concurrency,
            role=rights.role.arn,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_group=rights.log_group.name, log_format="JSON"),
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    "TRAIL_ARN": trail.arn,
                    "ALERTS_TOPIC_ARN": rights.reports_to.topic_arn,
                    "LAST_RESORT_TOPIC_ARN": rights.last_resort.topic_arn,
                    **_remit(rights.remediation),
                    "STACK": home.stack,
                    "TRAILWARDEN_VERSION": VERSION,
                    "GUARDIAN_ROLE_ARN": rights.role.arn,
                    "DESIRED_STATE_ARN": rights.desired_state.parameter.arn,
                    "LEDGER_ARN": rights.ledger.table.arn,
                    "RULE_ARN": rule.arn,
                    **({"ADOPTED": "true"} if self._is_adopted else {}),
                    **({"WAIVED": ",".join(sorted(self._waived))} if self._waived else {}),
                }
            ),
            tags=home.tags,
            # Lambda tries SendMessage before it accepts the queue below, and a first call must find its rights.
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,  # its name is taken
                depends_on=[rights.policy, rights.reports_to.policy, *rights.last_resort.is_ready],
            ),
        )
        self.failures = aws.lambda_.FunctionEventInvokeConfig(
            name,
            region=home.region,
            function_name=function.name,
            maximum_event_age_in_seconds=CALL_EVENT_AGE_S,
            maximum_retry_attempts=CALL_RETRIES,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=self._dead_letters.arn
                )
            ),
            opts=self._child,
        )
        return function

    def _hear_rule(
        self, rule: aws.cloudwatch.EventRule, *, trail: KnownTrail, queue_policy: aws.sqs.QueuePolicy
    ) -> aws.cloudwatch.EventTarget:
        may_call = aws.lambda_.Permission(
            f"{self._prefix}-rule",
            region=self._home.region,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self._child,
        )
        self.callers.append(may_call)
        return aws.cloudwatch.EventTarget(
            self._prefix,
            region=self._home.region,
            rule=rule.name,
            arn=self.function.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RULE_EVENT_AGE_S, maximum_retry_attempts=RULE_RETRIES
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*trail.made, may_call, queue_policy]),
        )


def _remit(remediation: Remediation) -> dict[str, str]:
    """What the function is told of its own behaviour (lambda/guardian/remit.py). None of it is in the desired state."""
    return {
        "MODE": remediation.way,
        "FIELDS": "all" if remediation.fields is None else ",".join(remediation.fields) or "none",
        "GRACE_SECONDS": str(remediation.grace_seconds),
        "BUDGET_REPAIRS": str(remediation.budget.repairs),
        "BUDGET_MINUTES": str(remediation.budget.minutes),
    }
