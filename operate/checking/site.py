"""One deployment as the survey shows it: what belongs to a stack, found by its tag and through what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from account import Alarm, Found, Function, MetricFilter, Rule, Schedule, Tagged, Topic, Trail, found_or
from operate.checking.survey import Survey
from settings import Settings
from settings.model import Channel
from settings.sites import TrailSite

DEAD_LETTERS = "dead-letters"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A stack in an account. `settings` is its stack file, None where there is none at hand."""

    stack: str
    survey: Survey
    settings: Settings | None

    @cached_property
    def tagged(self) -> tuple[Tagged, ...]:
        """Everything that carries the stack's tag."""
        return tuple(each for each in self.survey.tagged.found if each.stack == self.stack)

    @cached_property
    def arns(self) -> frozenset[str]:
        """The ARNs of everything that carries the stack's tag."""
        return frozenset(each.arn for each in self.tagged)

    @cached_property
    def home(self) -> str:
        """The home region: the stack file's, else the guarded trail's, else where most of the stack is."""
        if self.settings:
            return self.settings.home_region
        if self.trails:
            return self.trails[0].home_region
        regions = [arn.split(":")[3] for arn in sorted(self.arns) if arn.split(":")[3]]
        return max(regions, key=regions.count, default="")

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The namespaces of the stack's metrics: the usual one, the stack file's, and those that its alarms read."""
        said = {self.settings.namespace_of(each) for each in self.settings.trails} if self.settings else set[str]()
        own = {alarm.namespace for alarm in self.alarms if not alarm.namespace.startswith("AWS/")}
        return frozenset({f"trailwarden/{self.stack}"} | own | said)

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """The stack's alarms, by their tag."""
        return tuple(
            alarm for answer in self.survey.alarms.values() for alarm in found_or(answer, ()) if alarm.arn in self.arns
        )

    @cached_property
    def trails(self) -> tuple[Trail, ...]:
        """The trails that the stack guards: tagged, named by a function or the stack file, or into its log group."""
        named = {value for each in self.functions for value in each.environment.values() if ":trail/" in value}
        wanted = self.arns | named
        return tuple(
            trail
            for trail in self.survey.trails.found
            if {trail.arn, trail.log_group_arn} & wanted or self.guarded(trail) is not None
        )

    def guarded(self, trail: Trail) -> TrailSite | None:
        """What the stack file says of a trail; None where it says nothing, or there is none at hand."""
        places = self.settings.trails if self.settings else ()
        return next((each for each in places if (each.region, each.name) == (trail.home_region, trail.name)), None)

    def waived(self, trail: Trail) -> frozenset[str]:
        """The demands that the stack gives up for a trail: the stack file's word, else its guardian's."""
        if place := self.guarded(trail):
            return place.waived
        told = (each.environment for each in self.functions if each.environment.get("TRAIL_ARN") == trail.arn)
        return frozenset(word for each in told for word in each.get("WAIVED", "").split(",") if word)

    @cached_property
    def filters(self) -> tuple[MetricFilter, ...]:
        """Metric filters on the trails' log groups that write the stack's metrics."""
        return tuple(each for each in self.all_filters if each.namespace in self.namespaces)

    @cached_property
    def all_filters(self) -> tuple[MetricFilter, ...]:
        """Every metric filter on the trails' log groups, and on those of the stack that no trail is linked to."""
        ours = {arn for arn in self.survey.groups if arn in self.arns}
        groups = sorted({*ours, *(trail.log_group_arn for trail in self.trails)})
        return tuple(each for arn in groups for each in self.survey.filters_on(arn))

    def filters_of(self, trail: Trail) -> tuple[MetricFilter, ...]:
        """Every metric filter on the log group of a trail."""
        return self.survey.filters_on(trail.log_group_arn)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The stack's functions that could be read."""
        return tuple(
            answer.value
            for arn, answer in self.survey.functions.items()
            if arn in self.arns and isinstance(answer, Found)
        )

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """The stack's topics that could be read."""
        return tuple(
            answer.value for arn, answer in self.survey.topics.items() if arn in self.arns and isinstance(answer, Found)
        )

    def channel(self, channel: Channel) -> tuple[Topic, ...]:
        """The topics of a channel, one for each home region: named by a function, else by what the stack calls them."""
        variable = "ALERTS_TOPIC_ARN" if channel == "alerts" else "LAST_RESORT_TOPIC_ARN"
        arns = {each.environment[variable] for each in self.functions if each.environment.get(variable)}
        fixed = self.settings.alerts.topic_name if self.settings and channel == "alerts" else None
        return tuple(
            topic
            for topic in self.topics
            if topic.arn in arns or topic.name == fixed or (not arns and topic.name.startswith(f"{channel}-"))
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The stack's rules that could be read, of all regions."""
        return tuple(
            answer.value for arn, answer in self.survey.rules.items() if arn in self.arns and isinstance(answer, Found)
        )

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """Schedules that wake a function of the stack."""
        wakes = {function.arn for function in self.functions}
        return tuple(
            each
            for answer in self.survey.schedules.values()
            for each in found_or(answer, ())
            if each.target_arn in wakes
        )

    @cached_property
    def dead_letter_arns(self) -> Mapping[str, str]:
        """Queues for what could not be delivered, and whose they are, in words."""
        return dict(sorted(self._dead_letters()))

    def _dead_letters(self) -> Iterator[tuple[str, str]]:
        for rule in self.rules:
            for target in found_or(rule.targets, ()):
                yield target.dead_letter_arn, f"rule {rule.name}"
        for topic in self.topics:
            for each in found_or(topic.subscriptions, ()):
                if isinstance(each.details, Found):
                    yield each.details.value.dead_letter_arn, f"topic {topic.name}"
        for schedule in self.schedules:
            yield schedule.dead_letter_arn, f"schedule {schedule.name}"
        for function in self.functions:
            arn = found_or(function.failures_go_to, "")
            yield (arn if ":sqs:" in arn else ""), f"function {function.name}"
        for each in self.tagged:
            if each.service == "sqs" and DEAD_LETTERS in each.arn:
                yield each.arn, "the stack"


def trails_named(settings: Settings | None) -> frozenset[tuple[str, str]]:
    """(home region, name) of the trails that a stack file guards."""
    return frozenset((each.region, each.name) for each in settings.trails) if settings else frozenset()


def stacks(survey: Survey) -> tuple[str, ...]:
    """The stacks that the survey found, in alphabetical order."""
    return tuple(sorted({each.stack for each in survey.tagged.found if each.stack}))
