"""A forwarder: what the guardian listens for, sent home from another region."""

import pulumi
import pulumi_aws as aws

from components import _forwarder_policies as policies
from components import _inventory_things as things
from components._policy import rendered
from components._trail_events import event_pattern
from components.home import Home

DEAD_LETTERS_KEPT_S = 14 * 24 * 3600  # the longest that SQS keeps a message
# The longest that EventBridge keeps trying: late news of an attempt is better than none.
EVENT_AGE_S, RETRIES = 86_400, 185


class RegionForwarder(pulumi.ComponentResource):
    """Sends calls that change a trail from `region` to the default bus of the home region, where the guardian listens.

    EventBridge hears a call only in the region in which it was made. A multi-region trail cannot be changed from
    abroad, so what comes this way is an attempt, or a change of another trail; but who tries has found a way in.
    It forwards exactly what the guardian's rule at home hears: anything else would be paid for and read by nobody.

    Where `region` is the home of another guarded trail, events of this region are forwarded there (`is_home_too`). Only
    those that were made there may then go back: an event keeps its region, and would else go round for ever.

    No alarm watches `dead_letters`: it lies in `region`, because EventBridge wants it beside its rule, and an alarm
    there could not act on a topic at home. The sweep looks at it, as at the rest of the `things`.
    The forwarder is made before the trail, so that a deployment does not ring its own alarms; `is_ready` is its end.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        region: str,
        is_home_too: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if region == home.region:
            raise ValueError(f"{region} is the home region, and a rule must not send to the bus that it listens to")
        super().__init__("trailwarden:index:RegionForwarder", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._home, self._region = home, region
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            region=region,
            message_retention_seconds=DEAD_LETTERS_KEPT_S,
            sqs_managed_sse_enabled=True,
            tags=home.tags,
            opts=self._child,
        )
        self.rule = aws.cloudwatch.EventRule(
            name,
            region=region,
            description=f"Somebody calls CloudTrail in {region}; home is told (trailwarden {home.stack}).",
            event_pattern=event_pattern(made_in=region if is_home_too else None),
            state="ENABLED",
            tags=home.tags,
            opts=self._child,
        )
        self._may_keep = may_keep = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=region,
            queue_url=self.dead_letters.url,
            policy=rendered(policies.dead_letter_queue, queue_arn=self.dead_letters.arn, rule_arn=self.rule.arn),
            opts=self._child,
        )
        bus_arn = home.arn("events", "event-bus/default")
        self.role, self._may_send = self._make_role(name, home=home, region=region, bus_arn=bus_arn)
        self._target = aws.cloudwatch.EventTarget(
            name,
            region=region,
            rule=self.rule.name,
            arn=bus_arn,
            role_arn=self.role.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=EVENT_AGE_S, maximum_retry_attempts=RETRIES
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self.dead_letters.arn),
            # Without a right to send, the first event would go to the queue; without a right to keep, nowhere.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._may_send, may_keep]),
        )
        self.is_ready = [self._target]
        self.register_outputs({"ruleName": self.rule.name, "deadLetterQueueUrl": self.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return [
            things.rule(self.rule, self._target, region=self._region),
            things.queue(self.dead_letters, self._may_keep, region=self._region, is_kept_empty=True),
            things.role(self.role, self._may_send, home=self._home),
        ]

    def _make_role(
        self, name: str, *, home: Home, region: str, bus_arn: pulumi.Output[str]
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            name,
            description=f"EventBridge in {region} sends events home (trailwarden {home.stack}).",
            assume_role_policy=rendered(policies.trust, account_id=home.account_id, rule_arn=self.rule.arn),
            tags=home.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            name, role=role.name, policy=rendered(policies.role, bus_arn=bus_arn), opts=self._child
        )
        return role, policy
