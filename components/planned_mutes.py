"""Planned changes: rules of CloudWatch that keep some alarms from acting in windows of time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pulumi
import pulumi_aws as aws

from components.home import Home
from settings.muting import Mute


class PlannedMutes(pulumi.ComponentResource):
    """An alarm mute rule for each of `mutes`, on those of `alarms` (by watch) that it names.

    Alarms go on to change their states; when a window ends, what still rings acts. A rule always names its alarms: one
    without names would mute every alarm of the account.
    """

    rules: dict[str, aws.cloudwatch.AlarmMuteRule]
    """The rules by the name of their mute."""

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        mutes: Sequence[Mute],
        alarms: Mapping[str, aws.cloudwatch.MetricAlarm],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:PlannedMutes", name, {}, opts)
        self.rules = {
            mute.name: aws.cloudwatch.AlarmMuteRule(
                f"{name}-{mute.name}",
                region=home.region,
                description=mute.description(stack=home.stack),
                rule=aws.cloudwatch.AlarmMuteRuleRuleArgs(
                    schedule=aws.cloudwatch.AlarmMuteRuleRuleScheduleArgs(
                        expression=mute.schedule, duration=mute.duration, timezone=mute.timezone
                    )
                ),
                start_date=_date(mute.windows.start),
                expire_date=_date(mute.windows.until),
                mute_targets=aws.cloudwatch.AlarmMuteRuleMuteTargetsArgs(
                    alarm_names=[alarms[each].name for each in mute.sets]
                ),
                tags=home.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for mute in mutes
        }
        self.register_outputs({"ruleNames": {mute: rule.name for mute, rule in self.rules.items()}})


def _date(moment: datetime | None) -> str | None:
    """As the provider takes it: RFC 3339 with no seconds but 00."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M}:00Z"
