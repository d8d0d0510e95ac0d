"""The topics of one region, and what sends events to it: everything that the trails of a region have in common."""

import pulumi
import pulumi_aws as aws

from components import _inventory_things as things
from components._trail_events import event_pattern
from components.alert_channel import Access, AlertChannel, StatusLog
from components.home import Home
from components.last_resort import LastResort
from components.region_forwarder import RegionForwarder
from components.subscriptions import DeadLetters, subscriptions_of
from components.undelivered import Undelivered
from settings import Settings


class Channels:
    """Whom alarms and guardians of one region tell: an alarm can act only on topics of its own region.

    The channels of the stack's home region have the plain names, those of another region end in it. With a guardian
    there are also the last resort, and forwarders from regions where somebody might try to change a trail; with an
    explainer the forwarders carry critical events too.
    """

    def __init__(self, home: Home, *, settings: Settings) -> None:
        suffix = settings.suffix_of(home.region)
        self.home, rate, days = home, settings.alerts.delivery_status, settings.trail.retention_days
        self._explains = settings.alerts.explain
        self.alerts = AlertChannel(
            f"alerts{suffix}",
            home=home,
            topic_name=settings.alerts.topic_name,
            display_name=settings.display_name,
            subscriptions=subscriptions_of(settings, "alerts"),
            key_arn=settings.alerts.kms_key,
            access=Access(publishers=settings.alerts.allow_publish, subscribers=settings.alerts.allow_subscribe),
            status_log=None if rate is None else StatusLog(sample_rate=rate, retention_days=days),
        )
        self.signals = AlertChannel(f"signals{suffix}", home=home, key_arn=self.alerts.key_arn)
        self.last_resort: LastResort | None = None
        if settings.has_guardian or settings.alerts.explain:
            self.last_resort = LastResort(
                f"last-resort{suffix}",
                home=home,
                display_name=settings.display_name,
                subscriptions=subscriptions_of(settings, "last-resort"),
            )
        self.forwarders = [
            RegionForwarder(
                f"forward-{region}{suffix and f'-to{suffix}'}",
                home=home,
                region=region,
                trail_calls=_trail_calls(settings, region),
                critical=settings.forwarded_patterns(region),
            )
            for region in settings.forwarding_regions(home.region)
        ]
        self.undelivered: Undelivered | None = None
        if self.last_resort and self.dead_letters:
            self.undelivered = Undelivered(
                f"watch-lost{suffix}",  # begins as the other alarms do: what watches them all finds them so
                home=home,
                queues=self.dead_letters,
                alarm_prefix=settings.alerts.alarm_prefix,
                acts_on=self.last_resort,
            )

    @property
    def acts_on(self) -> list[AlertChannel]:
        """What the alarms on events act on: what tells guardian and explainer. Plain mode: people directly, too."""
        return [self.signals] if self._explains else [self.signals, self.alerts]

    @property
    def dead_letters(self) -> list[DeadLetters]:
        """The queues with what subscribers of any topic here did not get."""
        return [*self.alerts.dead_letters, *(self.last_resort.dead_letters if self.last_resort else [])]

    @property
    def alarms(self) -> list[aws.cloudwatch.MetricAlarm]:
        """The alarms on what these topics could not deliver."""
        return list(self.undelivered.alarms.values()) if self.undelivered else []

    @property
    def all(self) -> list[AlertChannel | LastResort]:
        """Every topic here."""
        return [self.signals, self.alerts, *([self.last_resort] if self.last_resort else [])]

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        return [
            thing
            for part in (*self.all, *self.forwarders, *([self.undelivered] if self.undelivered else []))
            for thing in part.things
        ]

    @property
    def is_ready(self) -> list[pulumi.Resource]:
        """What should be finished before any trail starts to record, so that a deployment rings no alarm of its own."""
        return [
            *self.alerts.is_ready,
            *self.signals.is_ready,
            *(self.last_resort.is_ready if self.last_resort else []),
            *(part for forwarder in self.forwarders for part in forwarder.is_ready),
        ]


def _trail_calls(settings: Settings, region: str) -> str | None:
    """The event pattern of what a region sends to guardians elsewhere."""
    return event_pattern(made_in=settings.sends_only_its_own(region)) if settings.has_guardian else None
