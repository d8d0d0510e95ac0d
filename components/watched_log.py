"""What is watched in one trail's log group, put together. No resource of its own."""

from collections.abc import Iterable

import pulumi_aws as aws

from components._inventory_things import Thing
from components.any_address_watch import AnyAddressWatch
from components.channels import Channels
from components.deployment_facts import Facts
from components.known_trail import KnownTrail
from components.planned_mutes import PlannedMutes
from components.source_ip_watch import SourceIpWatch
from components.watch_point import WatchPoint
from settings import ANY_ADDRESS, Settings, TrailSite, insight_rule_name


class WatchedLog:
    """Filters and alarms of one trail, and when alarms are muted for planned work.

    `facts` are the names that patterns hold; `other_alarms` those that are watched beside its own.
    """

    any_address: AnyAddressWatch | None = None
    mutes: PlannedMutes | None = None

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """By what they watch."""

    def __init__(
        self,
        site: TrailSite,
        *,
        settings: Settings,
        channels: Channels,
        trail: KnownTrail,
        facts: Facts,
        other_alarms: Iterable[aws.cloudwatch.MetricAlarm],
    ) -> None:
        suffix, watches = site.suffix, settings.watches_of(site)
        where = {"home": channels.home, "log_group_name": trail.log_group_name, "acts_on": channels.acts_on}
        self.alarms = {}
        self._parts: list[SourceIpWatch | AnyAddressWatch | WatchPoint] = []
        ranges = [watch for watch in watches if watch.kind == "source-ip"]
        if ranges:
            addresses = SourceIpWatch(f"source-ip{suffix}", watches=ranges, **where)
            self._parts.append(addresses)
            self.alarms |= addresses.alarms
        if settings.burst:
            self.any_address = AnyAddressWatch(
                f"watch-any-address{suffix}",  # begins as the other alarms do
                burst=settings.burst,
                rule_name=insight_rule_name(settings.stack, suffix),
                alarm_name=settings.burst_alarm_name,
                **where,
            )
            self._parts.append(self.any_address)
            self.alarms[ANY_ADDRESS] = self.any_address.alarm
        events = WatchPoint(
            f"watch{suffix}",
            watches=[watch for watch in watches if watch.kind != "source-ip"],
            facts=facts,
            other_alarms=[*self.alarms.values(), *other_alarms],
            **where,
        )
        self._parts.append(events)
        self.alarms |= events.alarms
        if mutes := settings.alerts.mutes:
            self.mutes = PlannedMutes(f"mute{suffix}", home=channels.home, mutes=mutes, alarms=self.alarms)

    @property
    def things(self) -> list[Thing]:
        """What it made, for the inventory."""
        return [thing for part in self._parts for thing in part.things]
