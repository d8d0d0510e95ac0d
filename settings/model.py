"""What a stack decides, as one typed model. Its fields are the keys of the stack file and of an answers file."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.alias_generators import to_camel

from settings import checks
from settings.kinds import (
    AlarmName,
    AlarmPrefix,
    Cidr,
    DisplayName,
    Email,
    Endpoint,
    EventSetName,
    EvidenceMode,
    Gets,
    Match,
    MetricName,
    MetricNamespace,
    NotYet,
    PatternText,
    Period,
    Protocol,
    Region,
    RemediationMode,
    RetentionDays,
    Severity,
    Threshold,
    Title,
    TopicName,
    TrailMode,
    TrailName,
    WatchName,
)
from settings.limits import MAX_DISPLAY_NAME
from settings.plan import Plan, make_plan
from settings.problems import CheckError
from settings.watches import Watch, default_namespace, resolve

Channel = Literal["alerts", "last-resort"]
"""What reaches people: alerts about the account, and at last resort that the watching itself has failed."""


class Section(BaseModel):
    """A section of the settings. `EXAMPLE` is how it is written, for messages."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)
    EXAMPLE: ClassVar[str] = "{}"


class TrailSettings(Section):
    """The trail that is guarded."""

    EXAMPLE: ClassVar[str] = "{mode: create}"
    mode: TrailMode = Field(
        default="create", description="Where the trail comes from. `create`: this stack makes it, multi-region."
    )
    name: TrailName | None = Field(default=None, description="The trail's name. Left out: `trailwarden-<stack>`.")
    retention_days: RetentionDays = Field(
        default=365, description="How long the log group keeps an event, in days. Auditors ask for 365."
    )


class Subscriber(Section):
    """One who is told by another way than plain mail."""

    EXAMPLE: ClassVar[str] = "{protocol: email-json, endpoint: robot@example.com}"
    protocol: Protocol = Field(
        description="SNS protocol: `email-json`, or `sms`. AWS charges for each text message, and sends none before "
        "the account has left the SMS sandbox of SNS."
    )
    endpoint: Endpoint = Field(
        description='A mail address; for `sms` a telephone number in quotes, such as `"+15555550123"`.'
    )
    gets: Gets = Field(
        default="everything",
        description="`alerts`; `last-resort`: only that the watching itself has failed; `everything`: both.",
    )

    @field_validator("endpoint")
    @classmethod
    def _endpoint_fits_protocol(cls, value: str, info: ValidationInfo) -> str:
        protocol = info.data.get("protocol")  # missing where it was refused
        return value if protocol is None else checks.endpoint(value, protocol=protocol)


class EventSetSettings(Section):
    """What a stack changes about one event set. What is left out keeps the catalogue's value."""

    EXAMPLE: ClassVar[str] = "{} or {threshold: 10}"
    threshold: Threshold | None = Field(
        default=None, description="Matching events within one period that raise the alarm."
    )
    period: Period | None = Field(default=None, description="One period, in seconds.")
    severity: Severity | None = Field(default=None, description="critical, high, medium or low.")
    alarm_name: AlarmName | None = Field(default=None, description="The alarm's name, instead of prefix and set name.")
    metric_name: MetricName | None = Field(default=None, description="The metric's name, instead of the catalogue's.")


class CustomSet(Section):
    """A filter pattern of the stack's own."""

    EXAMPLE: ClassVar[str] = "{pattern: '{ $.eventName = \"GetSecretValue\" }'}"
    pattern: PatternText = Field(description="A CloudWatch Logs filter pattern, at most 1,024 characters.")
    title: Title | None = Field(default=None, description="What happened, in a few words. Left out: the set's name.")
    severity: Severity = Field(default="medium", description="critical, high, medium or low.")
    threshold: Threshold = Field(default=1, description="Matching events within one period that raise the alarm.")
    period: Period = Field(default=300, description="One period, in seconds.")
    alarm_name: AlarmName | None = Field(default=None, description="The alarm's name, instead of prefix and set name.")
    metric_name: MetricName | None = Field(
        default=None, description="The metric's name, instead of one made from the set's."
    )


def _several_in_one(cidr: str | tuple[str, ...]) -> CheckError | None:
    """What to say of blocks that stand in one text, None if that is not what is wrong."""
    if not isinstance(cidr, str):
        return None
    try:
        blocks = checks.cidr_blocks(cidr)
    except CheckError:
        return None
    return CheckError("holds several blocks", value=cidr, suggestion=f"[{', '.join(blocks)}]", key="cidr")


class SourceIp(Section):
    """An alarm on many calls from one address or range, or from outside it."""

    EXAMPLE: ClassVar[str] = "{name: office, cidr: 203.0.113.0/24}"
    name: WatchName = Field(description="A name for the entry, such as `office`.")
    cidr: Cidr = Field(description="An address, a block in CIDR notation, or a list of them.")
    match: Match = Field(
        default="inside", description="`inside` counts calls from these addresses, `outside` calls from all others."
    )
    threshold: Threshold = Field(default=30, description="Calls within one period that raise the alarm.")
    period: Period = Field(default=300, description="One period, in seconds.")
    severity: Severity = Field(default="medium", description="critical, high, medium or low.")
    alarm_name: AlarmName | None = Field(
        default=None, description="The alarm's name, instead of prefix and entry name."
    )
    metric_name: MetricName | None = Field(
        default=None, description="The metric's name, instead of one made from the entry's."
    )

    @model_validator(mode="after")
    def _blocks_fit_a_pattern(self) -> Self:
        try:
            self.pattern  # noqa: B018 - making it is the check
        except CheckError as error:
            error.key = "cidr"
            raise _several_in_one(self.cidr) or error from None
        return self

    @property
    def blocks(self) -> tuple[str, ...]:
        """The addresses and blocks, one or many."""
        return (self.cidr.strip(),) if isinstance(self.cidr, str) else tuple(each.strip() for each in self.cidr)

    @property
    def pattern(self) -> str:
        """The filter pattern for this entry."""
        return checks.source_ip_pattern(self.blocks, match=self.match)


class Remediation(Section):
    """What happens when somebody stops the trail."""

    EXAMPLE: ClassVar[str] = "{mode: restore}"
    mode: RemediationMode = Field(
        default="restore", description="`restore`: log again and tell people. `notify`: only tell them. `off`: neither."
    )


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


class Settings(BaseModel):
    """Everything that one stack decides. Make it with `parse`, `from_stack_file` or `from_pulumi`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)

    stack: str = Field(description="The name of the Pulumi stack.")
    home_region: Region = Field(description="Where trail, filters, alarms and functions live.")
    trail: TrailSettings = TrailSettings()
    regions: tuple[Region, ...] = Field(
        default=(),
        description="Regions in which activity is expected; the guardian hears of tries to stop the trail from each.",
    )
    emails: tuple[Email, ...] = Field(description="People who get the alerts by mail.")
    subscribers: tuple[Subscriber, ...] = Field(default=(), description="Who is told by another way.")
    event_sets: Mapping[EventSetName, EventSetSettings] = Field(description="Event sets that raise an alarm.")
    custom_sets: Mapping[WatchName, CustomSet] = Field(default={}, description="Patterns of the stack's own.")
    source_ips: tuple[SourceIp, ...] = Field(default=(), description="Alarms on many calls from one place.")
    remediation: Remediation = Remediation()
    alerts: Alerts = Alerts()
    evidence: EvidenceMode = Field(
        default="keep", description="`keep`: logs and their keys outlive the stack. `disposable`: they go with it."
    )

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, stack: str, source: str) -> "Settings":
        """Settings from plain data in the shape of an answers file. `source` names it in messages.

        Raises `SettingsError` with every problem in `data`.
        """
        from settings.parse import parse

        return parse(data, stack=stack, source=source)

    @classmethod
    def from_stack_file(cls, path: Path | str) -> "Settings":
        """The settings in `Pulumi.<stack>.yaml`. Raises `SettingsError`."""
        from settings.stack_file import StackFile

        return StackFile.read(Path(path)).settings()

    @classmethod
    def from_pulumi(cls) -> "Settings":
        """The settings of the stack that Pulumi is running. Raises `SettingsError`; its text quotes no secret."""
        from settings.pulumi_config import read_pulumi_config

        document, stack = read_pulumi_config()
        return cls.parse(document, stack=stack, source=document.source)

    @property
    def trail_name(self) -> str:
        """The trail's physical name. It is fixed because bucket and key policies must name the trail's ARN."""
        return self.trail.name or f"trailwarden-{self.stack}"

    @property
    def display_name(self) -> str:
        """The sender's name in alert mails."""
        # A stack's name may be as long as the whole of a display name.
        return self.alerts.display_name or f"trailwarden {self.stack}"[:MAX_DISPLAY_NAME]

    def recipients(self, channel: Channel) -> tuple[tuple[str, str], ...]:
        """(SNS protocol, endpoint) of everybody who is told by a channel."""
        others = [each for each in self.subscribers if each.gets in ("everything", channel)]
        return (*(("email", address) for address in self.emails), *((each.protocol, each.endpoint) for each in others))

    @property
    def mail_addresses(self) -> tuple[str, ...]:
        """Every address that AWS sends mail to, and first asks to confirm."""
        return (*self.emails, *(each.endpoint for each in self.subscribers if each.protocol == "email-json"))

    @property
    def metric_namespace(self) -> str:
        """The namespace of the stack's metrics."""
        return self.alerts.metric_namespace or default_namespace(self.stack)

    @cached_property
    def watches(self) -> tuple[Watch, ...]:
        """What is watched: event sets in the catalogue's order, custom sets, source IPs."""
        return resolve(
            stack=self.stack,
            regions=self.regions,
            event_sets=self.event_sets,
            custom_sets=self.custom_sets,
            source_ips=self.source_ips,
            alerts=self.alerts,
        )

    def plan(self) -> Plan:
        """What these settings make in AWS."""
        return make_plan(
            watches=len(self.watches),
            told=len(self.recipients("alerts")),
            told_at_last=len(self.recipients("last-resort")),
            other_regions=len({*self.regions} - {self.home_region}),
            has_guardian=self.remediation.mode != "off",
        )
