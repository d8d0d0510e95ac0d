"""A forwarder: what guardian and explainer listen for, sent home from another region."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _forwarder_policies as policies
from components import _inventory_things as things
from components._event_target import send
from components._policy import rendered
from components._queues import make_queue
from components.home import Home


class RegionForwarder(pulumi.ComponentResource):
    """Sends events from `region` to the default bus of the home region, where guardian and explainer listen.

    EventBridge hears a call only in the region in which it was made, and what is done to IAM or by root mostly in
    us-east-1. `trail_calls` is the event pattern of calls that change a trail, None without a guardian: a multi-region
    trail cannot be changed from abroad, so what comes this way is an attempt, or a change of another trail; but who
    tries has found a way in. `critical` are the patterns of what the explainer tells at once.
    It forwards exactly what the rules at home hear: anything else would be paid for and read by nobody. A call that two
    rules find comes home twice, and is told once.

    Where `region` is the home of another guarded trail, events of this region are forwarded there. The patterns must
    then ask for events made there: an event keeps its region, and would else go round for ever.

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
        trail_calls: str | None,
        critical: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if region == home.region:
            raise ValueError(f"{region} is the home region, and a rule must not send to the bus that it listens to")
        super().__init__("trailwarden:index:RegionForwarder", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self.name, self.region, self._home = name, region, home
        self.dead_letters = make_queue(f"{name}-dead-letters", home=home, region=region, opts=self._child)
        patterns = {} if trail_calls is None else {name: (trail_calls, "calls CloudTrail")}
        for number, pattern in enumerate(critical, start=1):
            patterns[f"{name}-critical-{number}"] = (pattern, "does something critical")
        self.rules = {each: self._make_rule(each, *told) for each, told in patterns.items()}
        rule_arns = [rule.arn for rule in self.rules.values()]
        self._may_keep = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=region,
            queue_url=self.dead_letters.url,
            policy=rendered(policies.dead_letter_queue, queue_arn=self.dead_letters.arn, rule_arns=rule_arns),
            opts=self._child,
        )
        bus_arn = home.arn("events", "event-bus/default")
        self.role, self._may_send = self._make_role(rule_arns, bus_arn=bus_arn)
        self._targets = [
            send(
                each,
                rule,
                to=bus_arn,
                region=region,
                dead_letters=self.dead_letters,
                role_arn=self.role.arn,
                # Without a right to send, the first event would go to the queue; without a right to keep, nowhere.
                after=[self._may_send, self._may_keep],
                parent=self,
            )
            for each, rule in self.rules.items()
        ]
        self.is_ready = self._targets
        names = [rule.name for rule in self.rules.values()]
        self.register_outputs({"ruleNames": names, "deadLetterQueueUrl": self.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return [
            *(
                things.rule(rule, target, region=self.region)
                for rule, target in zip(self.rules.values(), self._targets, strict=True)
            ),
            things.queue(self.dead_letters, self._may_keep, region=self.region, is_kept_empty=True),
            things.role(self.role, self._may_send, home=self._home),
        ]

    def _make_rule(self, name: str, pattern: str, does: str) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            name,
            region=self.region,
            description=f"Somebody {does} in {self.region}; home is told (trailwarden {self._home.stack}).",
            event_pattern=pattern,
            state="ENABLED",
            tags=self._home.tags,
            opts=self._child,
        )

    def _make_role(
        self, rule_arns: Sequence[pulumi.Output[str]], *, bus_arn: pulumi.Output[str]
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        name, home = self.name, self._home
        role = aws.iam.Role(
            name,
            description=f"EventBridge in {self.region} sends events home (trailwarden {home.stack}).",
            assume_role_policy=rendered(policies.trust, account_id=home.account_id, rule_arns=rule_arns),
            tags=home.tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            name, role=role.name, policy=rendered(policies.role, bus_arn=bus_arn), opts=self._child
        )
        return role, policy
