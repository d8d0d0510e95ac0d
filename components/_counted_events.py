"""Watches made real: a metric filter that counts events, and an alarm on its count."""

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from components.alert_channel import AlertChannel
from components.home import Home
from settings import Watch


def count_and_alarm(
    watches: Iterable[Watch],
    *,
    home: Home,
    log_group_name: pulumi.Input[str],
    acts_on: Sequence[AlertChannel],
    parent: pulumi.ComponentResource,
    prefix: str,
) -> dict[str, aws.cloudwatch.MetricAlarm]:
    """Make filter and alarm of each watch, as `<prefix>-<watch>`; answer the alarms by watch name."""
    return {
        watch.name: _alarm(
            f"{prefix}-{watch.name}",
            watch,
            home=home,
            log_group_name=log_group_name,
            acts_on=acts_on,
            parent=parent,
        )
        for watch in watches
    }


def _alarm(
    name: str,
    watch: Watch,
    *,
    home: Home,
    log_group_name: pulumi.Input[str],
    acts_on: Sequence[AlertChannel],
    parent: pulumi.ComponentResource,
) -> aws.cloudwatch.MetricAlarm:
    # One object feeds both ends: an alarm on a metric that nobody writes deploys cleanly and never fires.
    metric = aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
        namespace=watch.namespace,
        name=watch.metric,
        value="1",
        # Minutes with other events read 0 (Security Hub, "CloudWatch controls" asks for it). Harmless with Sum.
        default_value="0",
    )
    counted = aws.cloudwatch.LogMetricFilter(
        name,
        region=home.region,
        log_group_name=log_group_name,
        pattern=watch.pattern,
        metric_transformation=metric,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.cloudwatch.MetricAlarm(
        name,
        name=watch.alarm_name,
        region=home.region,
        alarm_description=watch.description,
        namespace=metric.namespace,
        metric_name=metric.name,
        # Sum: each match counts 1, so an average never exceeds 1. One period, because an alarm acts only when its
        # state changes and a longer memory would swallow repeats. No unit: the filter states none either.
        statistic="Sum",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=watch.threshold,
        period=watch.period,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[channel.topic_arn for channel in acts_on],
        tags=home.tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            # A fixed name cannot exist twice, so a replacement has to delete first.
            delete_before_replace=watch.alarm_name is not None,
            # Filter and alarm share only a text, and an alarm that fires before it may publish is lost unheard.
            depends_on=[counted, *(channel.policy for channel in acts_on)],
        ),
    )
