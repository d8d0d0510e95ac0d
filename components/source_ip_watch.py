"""Alarms on many calls from one range of addresses, or from outside of it."""

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components._counted_events import count_and_alarm
from components.alert_channel import AlertChannel
from components.home import Home
from settings import Watch


class SourceIpWatch(pulumi.ComponentResource):
    """A metric filter and an alarm for each watched range of source addresses.

    A range is watched as a whole. A metric per address would need the address as a dimension: one paid metric for
    each address that ever calls, which AWS advises against (CloudWatch Logs API reference, PutMetricFilter).
    """

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """The alarms by the name of their range."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        log_group_name: pulumi.Input[str],
        watches: Iterable[Watch],
        acts_on: Sequence[AlertChannel],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:SourceIpWatch", name, {}, opts)
        self._home = home
        self._counted = count_and_alarm(
            watches, home=home, log_group_name=log_group_name, acts_on=acts_on, parent=self, prefix=name
        )
        self.alarms = self._counted.alarms
        self.register_outputs({"alarmNames": {watch: alarm.name for watch, alarm in self.alarms.items()}})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return self._counted.things(self._home)
