"""The explainer: a function that finds the events behind an alarm and tells people who did what."""

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components import _explainer_code as code
from components import _explainer_policies as policies
from components import _inventory_things as things
from components._hearing import hear_signals
from components._policy import rendered
from components.alert_channel import AlertChannel
from components.explainer_rights import ExplainerRights
from components.home import Home
from components.known_trail import KnownTrail
from settings.checks import WEEKDAYS
from settings.digest import Digest
from settings.version import VERSION

TIMEOUT_S = 120
MEMORY_MB = 512  # thousands of events of a storm are held at once
RULE_EVENT_AGE_S, RULE_RETRIES = 86_400, 185
CALL_EVENT_AGE_S, CALL_RETRIES = 21_600, 2
SWEEP_EVERY_MIN = 5
# A sweep that could not be delivered is worth nothing once the next is due.
SWEEP_EVENT_AGE_S, SWEEP_RETRIES = 300, 5


class Explainer(pulumi.ComponentResource):
    """Tells people who stands behind the alarms on one trail's log group.

    It hears alarms from `listens_to`, single events of critical watches from rules with the `event_patterns`, and a
    schedule wakes it for what lasts. `facts` is the JSON text of what it knows, `runbooks` where runbooks are,
    `others` the metric namespaces, and `other_rules` the Contributor Insights rules, of which other explainers hear by
    the same topic. `digest` is when it tells what can wait, None to tell everything at once. With `guardian_tells` what
    is done to the trail is left to the guardian. Like the guardian's, its rules, schedule and subscription go before
    the trail.

    If it fails for good, Lambda hands the message on, to the alerts themselves: people then read the alarm as it came.
    Whatever could not be delivered to it lies in the dead-letter queue, on which there is an alarm.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        rights: ExplainerRights,
        trail: KnownTrail,
        listens_to: AlertChannel,
        facts: str,
        event_patterns: Sequence[str],
        metric_namespace: str,
        others: Sequence[str] = (),
        other_rules: Sequence[str] = (),
        digest: Digest | None = None,
        runbooks: str,
        guardian_tells: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Explainer", name, {}, opts)
        self._prefix, self._home, self._trail = name, home, trail
        self._child = pulumi.ResourceOptions(parent=self)
        self.rights, self._dead_letters = rights, rights.dead_letters
        self._callers: list[aws.lambda_.Permission] = []
        self._targets: list[aws.cloudwatch.EventTarget] = []
        guarded = {"TRAIL_ARN": trail.arn} if guardian_tells else {}
        beside = {"OTHER_NAMESPACES": ",".join(others)} if others else {}
        beside |= {"OTHER_RULES": ",".join(other_rules)} if other_rules else {}
        if digest:
            beside |= {"DIGEST_HOUR": str(digest.hour), "DIGEST_WEEKDAY": str(WEEKDAYS.index(digest.weekday))}
        self.function = self._make_function(
            facts, {"METRIC_NAMESPACE": metric_namespace, "RUNBOOKS": runbooks, **guarded, **beside}
        )
        self._queue_policy = queue_policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=home.region,
            queue_url=self._dead_letters.url,
            policy=rendered(
                policies.dead_letter_queue,
                queue_arn=self._dead_letters.arn,
                rules_arn=home.arn("events", f"rule/{name}-*"),
                signals_topic_arn=listens_to.topic_arn,
            ),
            opts=self._child,
        )
        self.rules = self._hear_rules(event_patterns, queue_policy=queue_policy) if event_patterns else []
        may_call, self.hears = hear_signals(
            self._prefix,
            home=home,
            function=self.function,
            signals=listens_to,
            dead_letters=self._dead_letters,
            after=[*self._trail.made, queue_policy],
            parent=self,
        )
        self._callers.append(may_call)
        self.schedule = self._sweep()
        self.register_outputs({"functionName": self.function.name, "deadLetterQueueUrl": self._dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        home = self._home
        rules = (
            things.rule(rule, target, region=home.region, is_mended=True)
            for rule, target in zip(self.rules, self._targets, strict=True)
        )
        return [
            *rules,
            things.function(self.function, callers=self._callers, failures=self._failures, home=home),
            things.queue(self._dead_letters, self._queue_policy, region=home.region, is_kept_empty=False),
            things.subscription(self.hears, home=home),
        ]

    def _make_function(self, facts: str, environment: Mapping[str, pulumi.Input[str]]) -> aws.lambda_.Function:
        """The function, and where its calls go that fail for good."""
        name, home, rights = self._prefix, self._home, self.rights
        function = aws.lambda_.Function(
            name,
            name=rights.function_name,
            region=home.region,
            description=f"Says who stands behind an alarm (trailwarden {home.stack}).",
            runtime="python3.13",
            architectures=["arm64"],
            handler=code.HANDLER,
            code=code.archive(facts=facts),
            timeout=TIMEOUT_S,
            memory_size=MEMORY_MB,
            role=rights.role.arn,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_group=rights.log_group.name, log_format="JSON"),
            dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=self._dead_letters.arn),
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    "LOG_GROUP_ARN": rights.read_log_arn,
                    "ALERTS_TOPIC_ARN": rights.reports_to.topic_arn,
                    "LEDGER_ARN": rights.ledger.table.arn,
                    "STACK": home.stack,
                    "TRAILWARDEN_VERSION": VERSION,
                    **environment,
                }
            ),
            tags=home.tags,
            # Lambda tries both destinations before it accepts them, and a first call must find its rights.
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,  # its name is taken
                depends_on=[rights.policy, rights.reports_to.policy],
            ),
        )
        self._failures = aws.lambda_.FunctionEventInvokeConfig(
            name,
            region=home.region,
            function_name=function.name,
            maximum_event_age_in_seconds=CALL_EVENT_AGE_S,
            maximum_retry_attempts=CALL_RETRIES,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=rights.reports_to.topic_arn
                )
            ),
            opts=self._child,
        )
        return function

    def _hear_rules(
        self, patterns: Sequence[str], *, queue_policy: aws.sqs.QueuePolicy
    ) -> list[aws.cloudwatch.EventRule]:
        name, home = self._prefix, self._home
        may_call = aws.lambda_.Permission(
            f"{name}-rules",
            region=home.region,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            # Wildcard at the end: a rule for a few event sets each, with a generated name.
            source_arn=home.arn("events", f"rule/{name}-*"),
            opts=self._child,
        )
        self._callers.append(may_call)
        rules: list[aws.cloudwatch.EventRule] = []
        for number, pattern in enumerate(patterns, start=1):
            rule = aws.cloudwatch.EventRule(
                f"{name}-{number}",
                region=home.region,
                description=f"Somebody does something critical; people are told at once (trailwarden {home.stack}).",
                event_pattern=pattern,
                state="ENABLED",
                tags=home.tags,
                opts=pulumi.ResourceOptions(parent=self, depends_on=self._trail.made),
            )
            target = aws.cloudwatch.EventTarget(
                f"{name}-{number}",
                region=home.region,
                rule=rule.name,
                arn=self.function.arn,
                retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=RULE_EVENT_AGE_S, maximum_retry_attempts=RULE_RETRIES
                ),
                dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._trail.made, may_call, queue_policy]),
            )
            rules.append(rule)
            self._targets.append(target)
        return rules

    def _sweep(self) -> aws.scheduler.Schedule:
        return aws.scheduler.Schedule(
            f"{self._prefix}-sweep",
            region=self._home.region,
            description=f"What lasts of the alarms that rang? (trailwarden {self._home.stack})",
            schedule_expression=f"rate({SWEEP_EVERY_MIN} minutes)",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            state="ENABLED",
            target=aws.scheduler.ScheduleTargetArgs(
                arn=self.function.arn,
                role_arn=self.rights.sweep_role.arn,
                # Said outright, so that the explainer knows what woke it whatever the default message is.
                input=json.dumps(
                    {
                        "source": "aws.scheduler",
                        "detail-type": "Scheduled Event",
                        "time": "<aws.scheduler.scheduled-time>",
                    }
                ),
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=SWEEP_EVENT_AGE_S, maximum_retry_attempts=SWEEP_RETRIES
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._trail.made, *self.rights.is_ready]),
        )
