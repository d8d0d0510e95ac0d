"""An alarm on many calls from any single address, whichever it is."""

import json
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import _watching_things as things
from components.alert_channel import AlertChannel
from components.home import Home
from settings import Burst
from settings.burst import insight_rule_definition, insight_rule_metric


class AnyAddressWatch(pulumi.ComponentResource):
    """A Contributor Insights rule that counts the calls of each address, and an alarm on the largest count.

    A metric filter cannot do it: a metric per address would need the address as a dimension, one paid metric for each
    that ever calls. The alarm's message does not name the address; the rule's report does.
    """

    alarm: aws.cloudwatch.MetricAlarm

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        burst: Burst,
        rule_name: str,
        alarm_name: str | None = None,
        log_group_name: pulumi.Input[str],
        acts_on: Sequence[AlertChannel],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:AnyAddressWatch", name, {}, opts)
        self.rule = aws.cloudwatch.ContributorInsightRule(
            name,
            region=home.region,
            rule_name=rule_name,
            rule_state="ENABLED",
            rule_definition=pulumi.Output.from_input(log_group_name).apply(_definition_text),
            tags=home.tags,
            # A fixed name cannot exist twice, so a replacement has to delete first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.alarm = aws.cloudwatch.MetricAlarm(
            name,
            name=alarm_name,
            region=home.region,
            alarm_description=burst.description(stack=home.stack),
            metric_queries=[
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id="calls",
                    label="Calls from the busiest address",
                    expression=self.rule.rule_name.apply(insight_rule_metric),
                    period=burst.period,
                    return_data=True,
                )
            ],
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=burst.threshold,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            actions_enabled=True,
            alarm_actions=[channel.topic_arn for channel in acts_on],
            tags=home.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=alarm_name is not None,
                # An alarm that fires before it may publish is lost unheard.
                depends_on=[channel.policy for channel in acts_on],
            ),
        )
        self._home = home
        self.register_outputs({"ruleName": self.rule.rule_name, "alarmName": self.alarm.name})

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return [things.alarm(self.alarm, home=self._home), things.insight_rule(self.rule, home=self._home)]


def _definition_text(log_group_name: str) -> str:
    return json.dumps(insight_rule_definition(log_group_name))
