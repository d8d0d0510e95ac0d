"""What alarms on the watching itself have in common."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _health_signs as signs
from components._health_signs import Sign
from components.home import Home
from components.last_resort import LastResort
from settings.version import VERSION


class HealthAlarms(pulumi.ComponentResource):
    """Makes alarms that act on the last resort alone, and so pass nothing of what may have failed."""

    def __init__(
        self,
        kind: str,
        name: str,
        *,
        home: Home,
        alarm_prefix: str | None,
        acts_on: LastResort,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(f"trailwarden:index:{kind}", name, {}, opts)
        self._prefix, self._home, self._acts_on = name, home, acts_on
        self._names_begin = alarm_prefix

    def _alarm(
        self,
        name: str,
        sign: Sign,
        *,
        of: pulumi.Input[str] = "",
        after: Sequence[pulumi.Resource] = (),
    ) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{self._prefix}-{name}",
            name=f"{self._names_begin}health-{name}" if self._names_begin else None,
            region=self._home.region,
            alarm_description=f"[critical] {sign.title}. {sign.why} Stack {self._home.stack}, trailwarden {VERSION}.",
            namespace=sign.namespace,
            metric_name=sign.metric,
            dimensions={sign.dimension: of} if sign.dimension else None,
            statistic=sign.statistic,
            comparison_operator="LessThanThreshold" if sign.is_lack else "GreaterThanOrEqualToThreshold",
            threshold=1,
            period=signs.PERIOD_S,
            evaluation_periods=sign.periods,
            treat_missing_data="breaching" if sign.is_lack else "notBreaching",
            # A new stack has no data yet, and its first mail should not be a false one.
            warm_up_configuration=aws.cloudwatch.MetricAlarmWarmUpConfigurationArgs(
                warm_up_period_duration_in_minutes=signs.WARM_UP_MIN
            )
            if sign.is_lack
            else None,
            actions_enabled=True,
            alarm_actions=[self._acts_on.topic_arn],
            tags=self._home.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A fixed name cannot exist twice, so a replacement has to delete first.
                delete_before_replace=self._names_begin is not None,
                depends_on=[self._acts_on.policy, *after],
            ),
        )
