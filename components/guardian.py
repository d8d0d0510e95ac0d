"""The guardian: a function that hears of changes to the trail, starts it again, and reports."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components import _guardian_code as code
from components import _guardian_policies as policies
from components._policy import rendered, trusted_by
from components._trail_events import event_pattern
from components.alert_channel import AlertChannel
from components.audit_trail import AuditTrail
from components.home import Home
from settings.version import VERSION

TIMEOUT_S = 60
MEMORY_MB = 256
# The longest that each service keeps trying: a late repair is better than none. Afterwards the dead-letter queue has
# the message for the longest that SQS keeps one.
RULE_EVENT_AGE_S, RULE_RETRIES = 86_400, 185
CALL_EVENT_AGE_S, CALL_RETRIES = 21_600, 2
DEAD_LETTERS_KEPT_S = 14 * 24 * 3600


class Guardian(pulumi.ComponentResource):
    """Puts the trail back and tells `reports_to`; hears from an event rule (seconds) and `listens_to` (minutes).

    Without `may_restart` it only tells, and its role could not do more. Rule, target and subscription are made after
    the trail and so go before it: `pulumi destroy` is not answered by a repair.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        may_restart: bool,
        trail: AuditTrail,
        listens_to: AlertChannel,
        reports_to: AlertChannel,
        log_retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Guardian", name, {}, opts)
        self._prefix, self._home, self._may_restart = name, home, may_restart
        self._child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            region=home.region,
            message_retention_seconds=DEAD_LETTERS_KEPT_S,
            # Not the topics' key: three services would have to be granted it, and each missing grant loses a message.
            sqs_managed_sse_enabled=True,
            tags=home.tags,
            opts=self._child,
        )
        self.function = self._make_function(trail=trail, reports_to=reports_to, retention_days=log_retention_days)
        after_trail = pulumi.ResourceOptions(parent=self, depends_on=[trail.trail])
        rule = aws.cloudwatch.EventRule(
            name,
            region=home.region,
            description=f"Somebody changes a trail; the guardian looks at once (trailwarden {home.stack}).",
            event_pattern=event_pattern(),
            state="ENABLED",
            tags=home.tags,
            opts=after_trail,
        )
        queue_policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=home.region,
            queue_url=self.dead_letters.url,
            policy=rendered(
                policies.dead_letter_queue,
                queue_arn=self.dead_letters.arn,
                rule_arn=rule.arn,
                signals_topic_arn=listens_to.topic_arn,
            ),
            opts=self._child,
        )
        self._hear_rule(rule, trail=trail, queue_policy=queue_policy)
        self._hear_signals(listens_to, trail=trail, queue_policy=queue_policy)
        self.register_outputs({"functionName": self.function.name, "deadLetterQueueUrl": self.dead_letters.url})

    def _make_function(
        self, *, trail: AuditTrail, reports_to: AlertChannel, retention_days: int
    ) -> aws.lambda_.Function:
        """The function with its log group, its role, and a queue for the calls that fail for good."""
        name, home = self._prefix, self._home
        log_group = aws.cloudwatch.LogGroup(
            name,
            region=home.region,
            kms_key_id=trail.key.arn,
            retention_in_days=retention_days,
            tags=home.tags,
            opts=self._child,
        )
        role = aws.iam.Role(
            name,
            description=f"What the guardian of the audit trail may do (trailwarden {home.stack}).",
            assume_role_policy=pulumi.Output.json_dumps(trusted_by("lambda.amazonaws.com")),
            tags=home.tags,
            opts=self._child,
        )
        allowed = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=rendered(
                partial(policies.guardian_role, may_restart=self._may_restart),
                trail_arn=trail.trail.arn,
                alerts_topic_arn=reports_to.topic_arn,
                alerts_key_arn=reports_to.key.arn,
                log_group_arn=log_group.arn,
                dead_letters_arn=self.dead_letters.arn,
            ),
            opts=self._child,
        )
        function = aws.lambda_.Function(
            name,
            region=home.region,
            description=f"Starts the audit trail again when somebody stops it (trailwarden {home.stack}).",
            runtime="python3.13",
            architectures=["arm64"],
            handler=code.HANDLER,
            code=code.archive(),
            timeout=TIMEOUT_S,
            memory_size=MEMORY_MB,
            role=role.arn,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_group=log_group.name, log_format="JSON"),
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    "TRAIL_ARN": trail.trail.arn,
                    "ALERTS_TOPIC_ARN": reports_to.topic_arn,
                    "MODE": "restore" if self._may_restart else "notify",
                    "STACK": home.stack,
                    "TRAILWARDEN_VERSION": VERSION,
                    "GUARDIAN_ROLE_ARN": role.arn,
                }
            ),
            tags=home.tags,
            # Lambda tries SendMessage before it accepts the queue below, and a first call must find its rights.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed, reports_to.policy]),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            region=home.region,
            function_name=function.name,
            maximum_event_age_in_seconds=CALL_EVENT_AGE_S,
            maximum_retry_attempts=CALL_RETRIES,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=self.dead_letters.arn
                )
            ),
            opts=self._child,
        )
        return function

    def _hear_rule(
        self, rule: aws.cloudwatch.EventRule, *, trail: AuditTrail, queue_policy: aws.sqs.QueuePolicy
    ) -> None:
        may_call = aws.lambda_.Permission(
            f"{self._prefix}-rule",
            region=self._home.region,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            self._prefix,
            region=self._home.region,
            rule=rule.name,
            arn=self.function.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RULE_EVENT_AGE_S, maximum_retry_attempts=RULE_RETRIES
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self.dead_letters.arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[trail.trail, may_call, queue_policy]),
        )

    def _hear_signals(self, signals: AlertChannel, *, trail: AuditTrail, queue_policy: aws.sqs.QueuePolicy) -> None:
        may_call = aws.lambda_.Permission(
            f"{self._prefix}-signals",
            region=self._home.region,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="sns.amazonaws.com",
            source_arn=signals.topic_arn,
            opts=self._child,
        )
        aws.sns.TopicSubscription(
            self._prefix,
            region=self._home.region,
            topic=signals.topic_arn,
            protocol="lambda",
            endpoint=self.function.arn,
            # On the subscription: SNS gives up at once on a function that was deleted.
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self.dead_letters.arn}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[trail.trail, may_call, queue_policy]),
        )
