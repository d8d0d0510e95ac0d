"""Health of the explainer: alarms on what explains the alarms."""

import pulumi
import pulumi_aws as aws

from components import _health_signs as signs
from components._sign_alarm import ring
from components.explainer import Explainer
from components.home import Home
from components.last_resort import LastResort


class ExplainerHealth(pulumi.ComponentResource):
    """Alarms that ring when alarms are not explained, and so may not reach people at all.

    They act on `acts_on` alone: neither the alerts' topic and key nor the explainer is on their way. With an
    `alarm_prefix` they are called `<prefix>health-explainer-…`.
    """

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """The alarms by what they watch."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        explainer: Explainer,
        alarm_prefix: str | None = None,
        acts_on: LastResort,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:ExplainerHealth", name, {}, opts)
        function, queue = explainer.function.name, explainer.rights.dead_letters.name
        self.alarms = {
            watched: ring(
                f"{name}-{watched}",
                sign,
                of=queue if watched.endswith("dead-letters") else function,
                physical_name=f"{alarm_prefix}health-{watched}" if alarm_prefix else None,
                home=home,
                acts_on=acts_on,
                parent=self,
            )
            for watched, sign in signs.OF_EXPLAINER.items()
        }
        self.register_outputs({"alarmNames": {watched: alarm.name for watched, alarm in self.alarms.items()}})
