"""Health: alarms on the watching itself."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _health_signs as signs
from components import _watching_things as things
from components._health_signs import Sign
from components._sign_alarm import ring
from components.guardian import Guardian
from components.home import Home
from components.known_trail import KnownTrail
from components.last_resort import LastResort
from settings import CANARY_METRIC


class Health(pulumi.ComponentResource):
    """Alarms that ring when guardian, schedule, log group or filters no longer do their work.

    They act on `acts_on` alone, and so pass neither the alerts' topic and key nor the guardian, all of which may be
    what has failed. Dead-letter queues in other regions have no alarm here: none can act across regions.
    A trail that does not record calls that only read leaves the guardian unheard (`hears_itself`): its log group may
    then well be silent, and there is neither heartbeat nor canary.
    With an `alarm_prefix` they are called `<prefix>health-…`, so that all alarms of a stack begin alike.
    """

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """The alarms by what they watch."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        guardian: Guardian,
        trail: KnownTrail,
        metric_namespace: str,
        hears_itself: bool = True,
        alarm_prefix: str | None = None,
        acts_on: LastResort,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Health", name, {}, opts)
        self._prefix, self._home, self._acts_on = name, home, acts_on
        self._names_begin = alarm_prefix
        self._counted: list[aws.cloudwatch.LogMetricFilter] = []
        function = guardian.function.name
        self.alarms = {
            "dead-letters": self._alarm("dead-letters", signs.DEAD_LETTERS, of=guardian.rights.dead_letters.name),
            "errors": self._alarm("errors", signs.ERRORS, of=function),
            "throttles": self._alarm("throttles", signs.THROTTLES, of=function),
            "unkept": self._alarm("unkept", signs.UNKEPT, of=function),
            "silence": self._alarm("silence", signs.SILENCE, of=function),
        }
        if hears_itself:
            self.alarms["heartbeat"] = self._alarm("heartbeat", signs.HEARTBEAT, of=trail.log_group_name)
            self.alarms["canary"] = self._canary(guardian, trail=trail, metric_namespace=metric_namespace)
        self.register_outputs({"alarmNames": {watched: alarm.name for watched, alarm in self.alarms.items()}})

    def _canary(self, guardian: Guardian, *, trail: KnownTrail, metric_namespace: str) -> aws.cloudwatch.MetricAlarm:
        """A filter on the guardian's own looks at the trail, and the alarm on their absence."""
        # One object feeds both ends: an alarm on a metric that nobody writes would never be quiet.
        sign = signs.canary(namespace=metric_namespace, metric=CANARY_METRIC)
        counted = aws.cloudwatch.LogMetricFilter(
            f"{self._prefix}-canary",
            region=self._home.region,
            log_group_name=trail.log_group_name,
            pattern=guardian.rights.role.arn.apply(lambda arn: signs.canary_pattern(role_arn=arn)),
            # No default value: it would be written for every event that is none of the guardian's.
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=sign.namespace, name=sign.metric, value="1"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._counted.append(counted)
        return self._alarm("canary", sign, after=[counted])

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        alarms = (things.alarm(each, home=self._home) for each in self.alarms.values())
        return [*alarms, *(things.metric_filter(each, home=self._home) for each in self._counted)]

    def _alarm(
        self,
        name: str,
        sign: Sign,
        *,
        of: pulumi.Input[str] = "",
        after: Sequence[pulumi.Resource] = (),
    ) -> aws.cloudwatch.MetricAlarm:
        return ring(
            f"{self._prefix}-{name}",
            sign,
            of=of,
            physical_name=f"{self._names_begin}health-{name}" if self._names_begin else None,
            home=self._home,
            acts_on=self._acts_on,
            after=after,
            parent=self,
        )
