"""The alarm on one bad sign: the watching itself has failed, and the last resort is told."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _health_signs as signs
from components._health_signs import Sign
from components.home import Home
from components.last_resort import LastResort
from settings.version import VERSION


def ring(
    name: str,
    sign: Sign,
    *,
    of: pulumi.Input[str] = "",
    physical_name: str | None = None,
    home: Home,
    acts_on: LastResort,
    after: Sequence[pulumi.Resource] = (),
    parent: pulumi.ComponentResource,
) -> aws.cloudwatch.MetricAlarm:
    """Make the alarm on a sign. `of` is the value of the metric's dimension; `after` are what it has to wait for."""
    return aws.cloudwatch.MetricAlarm(
        name,
        name=physical_name,
        region=home.region,
        alarm_description=f"[critical] {sign.title}. {sign.why} Runbook: {home.runbook('health')} "
        f"(stack {home.stack}, trailwarden {VERSION})",
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
        alarm_actions=[acts_on.topic_arn],
        tags=home.tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            # A fixed name cannot exist twice, so a replacement has to delete first.
            delete_before_replace=physical_name is not None,
            depends_on=[acts_on.policy, *after],
        ),
    )
