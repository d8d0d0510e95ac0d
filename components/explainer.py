"""The explainer: a function that finds the events behind an alarm and tells people who did what."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components import _explainer_code as code
from components import _explainer_policies as policies
from components import _inventory_things as things
from components._function import make_function
from components._hearing import Hearing, make_rules
from components._policy import rendered
from components._waking import message, thing, wake
from components.alert_channel import AlertChannel
from components.explainer_rights import ExplainerRights
from components.home import Home
from components.known_trail import KnownTrail
from settings.checks import WEEKDAYS
from settings.digest import Digest

TIMEOUT_S = 120
MEMORY_MB = 512  # thousands of events of a storm are held at once


class Explainer(pulumi.ComponentResource):
    """Tells people who stands behind the alarms on one trail's log group.

    It hears alarms from `listens_to`, single events of critical watches from rules with the `event_patterns`, and a
    schedule wakes it for what lasts. `facts` is the JSON text of what it knows,
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
        guardian_tells: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Explainer", name, {}, opts)
        self._prefix, self._home, self._trail, self.rights = name, home, trail, rights
        self.function, self._failures = make_function(
            name,
            home=home,
            rights=rights,
            does="Says who stands behind an alarm",
            handler=code.HANDLER,
            code=code.archive(facts=facts),
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment={
                "LOG_GROUP_ARN": rights.read_log_arn,
                "METRIC_NAMESPACE": metric_namespace,
                "RUNBOOKS": home.runbooks,
                **({"TRAIL_ARN": trail.arn} if guardian_tells else {}),
                **_beside(others, other_rules=other_rules),
                **_digest(digest),
            },
            failures_to=rights.reports_to.topic_arn,
            keeps_failures=True,
            parent=self,
        )
        rules = make_rules(
            {f"{name}-{number}": pattern for number, pattern in enumerate(event_patterns, start=1)},
            told="Somebody does something critical; people are told at once",
            home=home,
            trail=trail,
            parent=self,
        )
        self.rules = list(rules.values())
        self._hearing = self._hear(rules, signals=listens_to)
        self.schedule = wake(
            f"{name}-sweep",
            self.function,
            home=home,
            rights=rights,
            why="What lasts of the alarms that rang?",
            says=message(),
            after=[*trail.made, *rights.is_ready],
            parent=self,
        )
        self.register_outputs({"functionName": self.function.name, "deadLetterQueueUrl": rights.dead_letters.url})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        function = things.function(
            self.function, callers=self._hearing.callers, failures=self._failures, home=self._home
        )
        schedule = thing(self.schedule.name, self.function, home=self._home, rights=self.rights, says=message())
        return [function, *self._hearing.things, schedule]

    def _hear(self, rules: Mapping[str, aws.cloudwatch.EventRule], *, signals: AlertChannel) -> Hearing:
        name, home, rights = self._prefix, self._home, self.rights
        # Wildcard at the end: a rule for a few event sets each, with a generated name.
        rules_arn = home.arn("events", f"rule/{name}-*")
        kept_by = rendered(
            policies.dead_letter_queue,
            queue_arn=rights.dead_letters.arn,
            rules_arn=rules_arn,
            signals_topic_arn=signals.topic_arn,
        )
        hearing = Hearing(
            name, self.function, home=home, rights=rights, trail=self._trail, kept_by=kept_by, parent=self
        )
        if rules:
            hearing.hear_rules(rules, permission=f"{name}-rules", rules_arn=rules_arn)
        hearing.hear_signals(signals)
        return hearing


def _beside(namespaces: Sequence[str], *, other_rules: Sequence[str]) -> dict[str, str]:
    """What belongs to the other explainers that hear by the same topic (lambda/explainer/environment.py)."""
    return {
        **({"OTHER_NAMESPACES": ",".join(namespaces)} if namespaces else {}),
        **({"OTHER_RULES": ",".join(other_rules)} if other_rules else {}),
    }


def _digest(digest: Digest | None) -> dict[str, str]:
    """When the function tells what can wait (lambda/explainer/environment.py)."""
    if not digest:
        return {}
    return {"DIGEST_HOUR": str(digest.hour), "DIGEST_WEEKDAY": str(WEEKDAYS.index(digest.weekday))}
