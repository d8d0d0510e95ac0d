"""Metric filters and alarms on one log group in one region."""

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components._counted_events import count_and_alarm
from components.alert_channel import AlertChannel
from components.deployment_facts import Facts
from components.home import Home
from settings import Watch


class WatchPoint(pulumi.ComponentResource):
    """A metric filter and an alarm for each watch on one log group; every alarm acts on all of `acts_on`.

    `facts` are the physical names that patterns of the watches ask for, `other_alarms` the stack's alarms that are made
    elsewhere: a watch on our alarms has these and its neighbours in its pattern.
    """

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """The alarms by watch name."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        log_group_name: pulumi.Input[str],
        watches: Iterable[Watch],
        acts_on: Sequence[AlertChannel],
        facts: Facts,
        other_alarms: Iterable[aws.cloudwatch.MetricAlarm] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:WatchPoint", name, {}, opts)
        self._home = home
        self._counted = count_and_alarm(
            watches,
            home=home,
            log_group_name=log_group_name,
            acts_on=acts_on,
            parent=self,
            prefix=name,
            facts=facts,
            other_alarms=other_alarms,
        )
        self.alarms = self._counted.alarms
        self.register_outputs({"alarmNames": {watch: alarm.name for watch, alarm in self.alarms.items()}})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return self._counted.things(self._home)
