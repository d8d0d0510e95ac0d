"""What a stack decides, as one typed model. Its fields are the keys of the stack file and of an answers file."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from settings.burst import ANY_ADDRESS, Burst
from settings.explaining import event_patterns
from settings.kinds import (
    Email,
    EventSetName,
    EvidenceMode,
    Region,
    Switch,
    WatchName,
)
from settings.limits import MAX_DISPLAY_NAME
from settings.plan import Plan, make_plan
from settings.remediation import Remediation
from settings.sites import TrailSite, suffix_of, trail_sites
from settings.subscribers import Recipient, Subscriber
from settings.telling import Alerts
from settings.trail import TrailSettings
from settings.watches import Watch, default_namespace, resolve
from settings.watching import CustomSet, EventSetSettings, SourceIp

Channel = Literal["alerts", "last-resort"]
"""What reaches people: alerts about the account, and at last resort that the watching itself has failed."""


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
    burst: Burst | None = Field(
        default=None, description="An alarm on many calls from any single address. Left out, or `false`: none."
    )
    remediation: Remediation = Remediation()
    alerts: Alerts = Alerts()
    evidence: EvidenceMode = Field(
        default="keep", description="`keep`: logs and their keys outlive the stack. `disposable`: they go with it."
    )
    dashboard: Switch = Field(
        default=True,
        description="Whether the stack has a CloudWatch dashboard. The first three of an account are free.",
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

    @cached_property
    def trails(self) -> tuple[TrailSite, ...]:
        """The trails to guard, that of the home region first."""
        return trail_sites(self.trail, trail_name=self.trail_name, home_region=self.home_region, regions=self.regions)

    @property
    def home_regions(self) -> tuple[str, ...]:
        """The home regions of the trails, the stack's own first. Each has topics of its own."""
        return tuple(dict.fromkeys(site.region for site in self.trails))

    def suffix_of(self, region: str) -> str:
        """What ends the logical names of the topics of a region."""
        return suffix_of(region, home_region=self.home_region)

    def forwarding_regions(self, region: str) -> tuple[str, ...]:
        """The watched regions that send their events to a home region: to its guardians what concerns trails, to its
        explainers what is critical.

        A single-region trail is guarded where it records, nothing can be done to it from elsewhere, and it records
        nothing from elsewhere.
        """
        if not any(site.is_multi_region for site in self.trails if site.region == region):
            return ()
        return tuple(
            each for each in self.regions if each != region and (self.has_guardian or self.forwarded_patterns(each))
        )

    def forwarded_patterns(self, region: str) -> tuple[str, ...]:
        """The event patterns of what a watched region sends to explainers elsewhere."""
        if not self.alerts.explain:
            return ()
        return event_patterns(self.watches, made_in=self.sends_only_its_own(region))

    def sends_only_its_own(self, region: str) -> str | None:
        """The region, if others send to it too: what came from there must not go on, it would go round for ever."""
        return region if region in self.home_regions else None

    @property
    def has_guardian(self) -> bool:
        """Whether anything watches the trails beside the alarms."""
        return self.remediation.mode != "off"

    @property
    def has_ledger(self) -> bool:
        """Whether anything remembers what people were told: guardian or explainer."""
        return self.has_guardian or self.alerts.explain

    @property
    def display_name(self) -> str:
        """The sender's name in alert mails."""
        # A stack's name may be as long as the whole of a display name.
        return self.alerts.display_name or f"trailwarden {self.stack}"[:MAX_DISPLAY_NAME]

    def recipients(self, channel: Channel) -> tuple[Recipient, ...]:
        """Everybody who is told by a channel, people first."""
        others = [each.recipient for each in self.subscribers if each.gets in ("everything", channel)]
        if channel != "alerts":  # what fails is told to all of them
            others = [replace(each, filter_policy=None) for each in others]
        mails = (Recipient(protocol="email", endpoint=each, label=f"email-{each.lower()}") for each in self.emails)
        return (*mails, *others)

    @property
    def mail_addresses(self) -> tuple[str, ...]:
        """Every address that AWS sends mail to, and first asks to confirm."""
        others = (each.endpoint for each in self.subscribers if each.protocol == "email-json")
        return (*self.emails, *(each for each in others if each is not None))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the stack's own secrets that subscribers refer to, each once."""
        return tuple(dict.fromkeys(each.endpoint_secret for each in self.subscribers if each.endpoint_secret))

    @property
    def metric_namespace(self) -> str:
        """The namespace of the stack's metrics."""
        return self.alerts.metric_namespace or default_namespace(self.stack)

    @property
    def burst_alarm_name(self) -> str | None:
        """The name of the alarm on any single address; None where Pulumi shall choose one, or where there is none."""
        if self.burst is None:
            return None
        return self.burst.alarm_name or (
            f"{self.alerts.alarm_prefix}{ANY_ADDRESS}" if self.alerts.alarm_prefix else None
        )

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

    @property
    def alarming(self) -> tuple[Watch | Burst, ...]:
        """All that may raise an alarm about somebody's calls: what is watched, and the burst from any address."""
        return (*self.watches, self.burst) if self.burst else self.watches

    def watches_of(self, site: TrailSite) -> tuple[Watch, ...]:
        """What is watched in the log group of one trail.

        Two trails of one region must not add up in one metric, so each then has a namespace of its own.
        """
        return tuple(replace(watch, namespace=self.namespace_of(site)) for watch in self.watches)

    def namespace_of(self, site: TrailSite) -> str:
        """The namespace of the metrics of one trail."""
        is_alone = [each.region for each in self.trails].count(site.region) == 1
        return self.metric_namespace if is_alone else f"{self.metric_namespace}/{site.name}"

    def plan(self) -> Plan:
        """What these settings make in AWS."""
        return make_plan(
            self.trails,
            trail=self.trail,
            watches=len(self.watches),
            told=self.recipients("alerts"),
            told_at_last=self.recipients("last-resort"),
            forwarded=[
                self.has_guardian + len(self.forwarded_patterns(region))
                for home in self.home_regions
                for region in self.forwarding_regions(home)
            ],
            has_guardian=self.has_guardian,
            has_burst=self.burst is not None,
            mutes=len(self.alerts.mutes),
            has_dashboard=self.dashboard,
            explains=self.alerts.explain,
            event_rules=len(event_patterns(self.watches)),
            has_own_key=self.alerts.kms_key is None,
            logs_deliveries=self.alerts.delivery_status is not None,
        )
