"""What a function hears: event rules and the signals topic, each with its permission to call the function."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components._event_target import send
from components._function_rights import FunctionRights
from components.alert_channel import AlertChannel
from components.home import Home
from components.known_trail import KnownTrail


def make_rules(
    patterns: Mapping[str, str], *, told: str, home: Home, trail: KnownTrail, parent: pulumi.Resource
) -> dict[str, aws.cloudwatch.EventRule]:
    """A rule for each event pattern, by logical name; it goes before the trail. `told` describes all of them."""
    return {
        name: aws.cloudwatch.EventRule(
            name,
            region=home.region,
            description=f"{told} (trailwarden {home.stack}).",
            event_pattern=pattern,
            state="ENABLED",
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=trail.made),
        )
        for name, pattern in patterns.items()
    }


class Hearing:
    """Makes what lets a function hear of things, as parts of `parent`, and what keeps messages that do not reach it.

    `kept_by` is the policy of the dead-letter queue. Targets and subscription are made after the trail, and so go
    before it.
    """

    def __init__(
        self,
        name: str,
        function: aws.lambda_.Function,
        *,
        home: Home,
        rights: FunctionRights,
        trail: KnownTrail,
        kept_by: pulumi.Output[str],
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._function, self._home, self._parent = name, function, home, parent
        self._dead_letters = rights.dead_letters
        self._queue_policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            region=home.region,
            queue_url=self._dead_letters.url,
            policy=kept_by,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        self._after = [*trail.made, self._queue_policy]
        self._targets: list[tuple[aws.cloudwatch.EventRule, aws.cloudwatch.EventTarget]] = []
        self._subscriptions: list[aws.sns.TopicSubscription] = []
        self.callers: list[aws.lambda_.Permission] = []

    def hear_rules(
        self, rules: Mapping[str, aws.cloudwatch.EventRule], *, permission: str, rules_arn: pulumi.Input[str]
    ) -> None:
        """Hear what the rules hear, targets by logical name. One permission is for all: they are within `rules_arn`."""
        may_call = self._let_call(permission, service="events.amazonaws.com", source_arn=rules_arn)
        for name, rule in rules.items():
            target = send(
                name,
                rule,
                to=self._function.arn,
                region=self._home.region,
                dead_letters=self._dead_letters,
                after=[*self._after, may_call],
                parent=self._parent,
            )
            self._targets.append((rule, target))

    def hear_signals(self, signals: AlertChannel) -> None:
        """Subscribe the function to the topic of alarms."""
        may_call = self._let_call(f"{self._name}-signals", service="sns.amazonaws.com", source_arn=signals.topic_arn)
        subscription = aws.sns.TopicSubscription(
            self._name,
            region=self._home.region,
            topic=signals.topic_arn,
            protocol="lambda",
            endpoint=self._function.arn,
            # On the subscription: SNS gives up at once on a function that was deleted.
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self._dead_letters.arn}),
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[*self._after, may_call]),
        )
        self._subscriptions.append(subscription)

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory. The dead-letter queue may fill: an alarm tells it."""
        region = self._home.region
        return [
            *(things.rule(rule, target, region=region, is_mended=True) for rule, target in self._targets),
            things.queue(self._dead_letters, self._queue_policy, region=region, is_kept_empty=False),
            *(things.subscription(each, home=self._home) for each in self._subscriptions),
        ]

    def _let_call(self, name: str, *, service: str, source_arn: pulumi.Input[str]) -> aws.lambda_.Permission:
        may_call = aws.lambda_.Permission(
            name,
            region=self._home.region,
            action="lambda:InvokeFunction",
            function=self._function.name,
            principal=service,
            source_arn=source_arn,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        self.callers.append(may_call)
        return may_call
