"""Watches made real: a metric filter that counts events, and an alarm on its count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from catalog import RenderError
from components import _watching_things as things
from components.alert_channel import AlertChannel
from components.deployment_facts import Facts
from components.home import Home
from settings import Watch
from settings.facts import ALARMS


@dataclass(frozen=True)
class Counted:
    """Alarms by watch name, and the filters that count for them."""

    alarms: dict[str, aws.cloudwatch.MetricAlarm] = field(default_factory=dict)
    filters: list[aws.cloudwatch.LogMetricFilter] = field(default_factory=list)

    def things(self, home: Home) -> list[things.Thing]:
        """All of them, for the inventory."""
        alarms = [things.alarm(each, home=home) for each in self.alarms.values()]
        return [*alarms, *(things.metric_filter(each, home=home) for each in self.filters)]


def count_and_alarm(
    watches: Iterable[Watch],
    *,
    home: Home,
    log_group_name: pulumi.Input[str],
    acts_on: Sequence[AlertChannel],
    parent: pulumi.ComponentResource,
    prefix: str,
    facts: Facts | None = None,
    other_alarms: Iterable[aws.cloudwatch.MetricAlarm] = (),
) -> Counted:
    """Make filter and alarm of each watch, as `<prefix>-<watch>`.

    `facts` fill the patterns that lack some. A watch on all alarms also finds the `other_alarms`, and itself.
    """
    maker = _Maker(home, log_group_name, acts_on, parent, prefix)
    watches = tuple(watches)
    made = Counted()
    for watch in watches:
        is_late = ALARMS in watch.lacks
        counted = [] if is_late else [maker.filter(watch, facts or {})]
        made.filters.extend(counted)
        made.alarms[watch.name] = maker.alarm(watch, after=counted)
    # A pattern with the names of all alarms holds its own alarm's too. So that alarm is made before its filter: until
    # then its metric is missing, which is not breaching.
    names = [alarm.name for alarm in (*other_alarms, *made.alarms.values())]
    for watch in (each for each in watches if ALARMS in each.lacks):
        made.filters.append(maker.filter(watch, {**(facts or {}), ALARMS: names}))
    return made


@dataclass(frozen=True)
class _Maker:
    """Makes the two halves of a watch under one name."""

    home: Home
    log_group_name: pulumi.Input[str]
    acts_on: Sequence[AlertChannel]
    parent: pulumi.ComponentResource
    prefix: str

    def filter(self, watch: Watch, facts: Facts) -> aws.cloudwatch.LogMetricFilter:
        return aws.cloudwatch.LogMetricFilter(
            f"{self.prefix}-{watch.name}",
            region=self.home.region,
            log_group_name=self.log_group_name,
            pattern=_pattern(watch, facts),
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=watch.namespace,
                name=watch.metric,
                value="1",
                # Minutes with other events read 0 (Security Hub, "CloudWatch controls" asks for it). Harmless with Sum.
                default_value="0",
            ),
            opts=pulumi.ResourceOptions(parent=self.parent),
        )

    def alarm(self, watch: Watch, *, after: Sequence[pulumi.Resource]) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{self.prefix}-{watch.name}",
            name=watch.alarm_name,
            region=self.home.region,
            alarm_description=watch.description,
            # As the filter: both read the watch. An alarm on a metric that nobody writes deploys and never fires.
            namespace=watch.namespace,
            metric_name=watch.metric,
            # Sum: each match counts 1, so an average never exceeds 1. One period, because an alarm acts only when its
            # state changes and a longer memory would swallow repeats. No unit: the filter states none either.
            statistic="Sum",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=watch.threshold,
            period=watch.period,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            actions_enabled=True,
            alarm_actions=[channel.topic_arn for channel in self.acts_on],
            tags=self.home.tags,
            opts=pulumi.ResourceOptions(
                parent=self.parent,
                # A fixed name cannot exist twice, so a replacement has to delete first.
                delete_before_replace=watch.alarm_name is not None,
                # Filter and alarm share only a text, and an alarm that fires before it may publish is lost unheard.
                depends_on=[*after, *(channel.policy for channel in self.acts_on)],
            ),
        )


def _pattern(watch: Watch, facts: Facts) -> pulumi.Input[str]:
    """The filter pattern; an output where it holds names that only the deployment knows."""
    if watch.pattern is not None:
        return watch.pattern
    lacking = {fact: list(facts.get(fact, ())) for fact in watch.lacks}
    known: pulumi.Output[dict[str, list[str]]] = pulumi.Output.from_input(lacking)  # pyright: ignore[reportAssignmentType]
    return known.apply(lambda names: _written(watch, names))


def _written(watch: Watch, names: Mapping[str, Sequence[str]]) -> str:
    try:
        return watch.pattern_with(names)
    except RenderError as error:
        raise pulumi.RunError(f"eventSets.{error}") from None  # its text is for people; a traceback would bury it
