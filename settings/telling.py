"""The settings of who is told, and how."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from settings import muting, suppressing
from settings.digest import Digest
from settings.kinds import (
    AlarmPrefix,
    DisplayName,
    MetricNamespace,
    OrFalse,
    Principals,
    RunbookBase,
    SampleRate,
    Switch,
    TopicKey,
    TopicName,
)
from settings.muting import Mute
from settings.section import Section
from settings.suppressing import Suppression

RUNBOOKS = "docs/{page}"
"""Where runbooks are unless the settings say so: in the repository."""


class Alerts(Section):
    """How alarms are named and how their mails look."""

    EXAMPLE: ClassVar[str] = "{displayName: Security alerts}"
    explain: Switch = Field(
        default=True,
        description="`true`: a function finds the events behind each alarm and mails who did what, from where and how "
        "often; critical events come at once. `false`: people get the alarms' own messages.",
    )
    runbooks: RunbookBase | None = Field(
        default=None,
        description="Where runbooks are, for the mails: an https address. `{page}` in it stands for the path of this "
        "project's own page below `docs/`, for the pages of your copy; `{set}` (else its end) for the name of the "
        "event set, or of a page in `docs/runbooks/`. Left out: the path in the repository.",
    )
    suppressions: tuple[Suppression, ...] = Field(
        default=(),
        description="Events that are known to be harmless. Never applied to what is critical or watches trailwarden; "
        "one event that is not suppressed is enough for the mail.",
    )
    mutes: tuple[Mute, ...] = Field(
        default=(),
        description="Planned changes: windows of time in which the alarms of some sets do not act. Never what is "
        "critical or watches the trail or trailwarden.",
    )
    digest: Annotated[Digest | None, OrFalse] = Field(
        default=None,
        description="One mail a day about what is of low severity, instead of one for each alarm, and one a week about "
        "what was suppressed. Left out or `false`: low is mailed as the rest is.",
    )
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
    kms_key: TopicKey | None = Field(
        default=None,
        description="The ARN of a key of your own for the topics alerts and signals; `docs/channels.md` says what its "
        "policy must allow. Left out: the stack makes one.",
    )
    allow_publish: Principals = Field(
        default=(), description="Accounts, roles and users that may also publish to the alerts topic. No wildcards."
    )
    allow_subscribe: Principals = Field(
        default=(), description="Accounts, roles and users that may subscribe themselves to it. No wildcards."
    )
    delivery_status: SampleRate | None = Field(
        default=None,
        description="What SNS logs of its deliveries to `sqs`, `lambda`, `https` and `http`: every failure, and this "
        "share of the successes, 0 to 100 percent. Mail has no such log. Left out: nothing.",
    )

    @property
    def runbook_base(self) -> str:
        """Where runbooks are, as the functions are told (`lambda/common/runbooks.py`)."""
        return self.runbooks or RUNBOOKS

    def over(self, *, now: datetime) -> tuple[str, ...]:
        """A sentence for each suppression and each mute that no longer holds."""
        return (*suppressing.over(self.suppressions, now=now), *muting.over(self.mutes, now=now))
