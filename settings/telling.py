"""The settings of who is told, and how."""

from typing import ClassVar

from pydantic import Field

from settings.kinds import AlarmPrefix, DisplayName, MetricNamespace, NotYet, TopicName
from settings.section import Section


class Alerts(Section):
    """How alarms are named and how their mails look."""

    EXAMPLE: ClassVar[str] = "{displayName: Security alerts}"
    explain: NotYet = Field(default=False, description="Whether a function explains each alarm. Not supported yet.")
    display_name: DisplayName | None = Field(
        default=None, description="The sender's name in mails. Left out: `trailwarden <stack>`."
    )
    topic_name: TopicName | None = Field(
        default=None, description="The name of the topic that people subscribe to. Left out: Pulumi chooses one."
    )
    alarm_prefix: AlarmPrefix | None = Field(
        default=None,
        description="What alarm names begin with; `acme-` makes `acme-trail-changes`. Left out: Pulumi chooses.",
    )
    metric_namespace: MetricNamespace | None = Field(
        default=None, description="The namespace of the metrics. Left out: `trailwarden/<stack>`."
    )
