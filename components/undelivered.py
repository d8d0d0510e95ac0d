"""Undelivered: alarms on what subscribers did not get."""

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from components import _health_signs as signs
from components import _watching_things as things
from components._sign_alarm import ring
from components.home import Home
from components.last_resort import LastResort
from components.subscriptions import DeadLetters


class Undelivered(pulumi.ComponentResource):
    """An alarm on each dead-letter queue of a subscription; all tell the last resort.

    With an `alarm_prefix` they are called `<prefix>lost-…`.
    """

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """The alarms by topic and subscriber, such as `alerts-https-0a1b2c`."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        queues: Iterable[DeadLetters],
        alarm_prefix: str | None = None,
        acts_on: LastResort,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Undelivered", name, {}, opts)
        self._home = home
        self.alarms = {
            each.name: ring(
                f"{name}-{each.name}",
                signs.undelivered(topic=each.topic_label, to=each.label),
                of=each.queue.name,
                physical_name=f"{alarm_prefix}lost-{each.name}" if alarm_prefix else None,
                home=home,
                acts_on=acts_on,
                parent=self,
            )
            for each in queues
        }
        self.register_outputs({"alarmNames": {name: alarm.name for name, alarm in self.alarms.items()}})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return [things.alarm(each, home=self._home) for each in self.alarms.values()]
