"""Everything around one trail in its home region: where it writes, who guards it, what is watched in its log group."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components import wanted
from components._trail_events import TRAIL_OPERATIONS
from components.audit_trail import AuditTrail
from components.channels import Channels
from components.deployment_facts import deployment_facts
from components.desired_state import DesiredState
from components.evidence import Evidence
from components.explainer import Explainer
from components.explainer_health import ExplainerHealth
from components.explainer_rights import ExplainerRights
from components.guardian import Guardian
from components.guardian_rights import GuardianRights
from components.health import Health
from components.known_trail import KnownTrail
from components.ledger import Ledger
from components.source_ip_watch import SourceIpWatch
from components.watch_point import WatchPoint
from settings import Settings, TrailSite
from settings.explaining import RUNBOOKS, event_patterns, facts_document


class GuardedTrail:
    """One trail with its evidence, guardian, health and watches. No resource of its own: it only puts these together.

    It comes in two steps, because an account may have several: first the ground of every trail (what is made by calls
    that are watched), then, with `guard`, the trails. `is_ready` is what the first step ends with.
    """

    guardian: Guardian | None = None
    explainer: Explainer | None = None
    health: Health | None = None
    explainer_health: ExplainerHealth | None = None

    def __init__(self, site: TrailSite, *, settings: Settings, channels: Channels) -> None:
        self.site, self._settings, self.channels = site, settings, channels
        self._home = home = channels.home
        self.evidence = evidence = Evidence(
            f"trail{site.suffix}",
            home=home,
            trail_arn=home.trail_arn(site.name),
            retention_days=settings.trail.retention_days,
            keep=settings.evidence == "keep",
        )
        self.trail = KnownTrail(
            arn=home.trail_arn(site.name),
            bucket_name=evidence.bucket.id,
            log_group_name=evidence.log_group.name,
            role_arn=evidence.role.arn,
            role_name=evidence.role.name,
        )
        self._ledger = Ledger(f"ledger{site.suffix}", home=home) if settings.has_ledger else None
        self._rights = self._make_rights(wanted.of_made(site, evidence=evidence)) if settings.has_guardian else None
        self._explainer_rights = self._make_explainer_rights() if settings.alerts.explain else None
        self.alarms: dict[str, aws.cloudwatch.MetricAlarm] = {}

    @property
    def is_ready(self) -> list[pulumi.Resource]:
        """The end of the first step."""
        return [
            *self.evidence.is_ready,
            *(self._rights.is_ready if self._rights else []),
            *(self._explainer_rights.is_ready if self._explainer_rights else []),
        ]

    @property
    def role_names(self) -> list[pulumi.Input[str]]:
        """The roles without which this trail is not delivered or not guarded."""
        rights = [each for each in (self._rights, self._explainer_rights) if each]
        return [self.trail.role_name, *(name for each in rights for name in (each.role.name, each.sweep_role.name))]

    @property
    def _health_alarms(self) -> list[aws.cloudwatch.MetricAlarm]:
        return [alarm for health in (self.health, self.explainer_health) if health for alarm in health.alarms.values()]

    def guard(self, *, after: Sequence[pulumi.Resource], beside: Sequence["GuardedTrail"] = ()) -> None:
        """Make the trail, once all of `after` is there, then what watches it. `beside` are all trails of the stack."""
        site, home = self.site, self._home
        made = AuditTrail(
            f"trail{site.suffix}",
            home=home,
            trail_name=site.name,
            is_multi_region=site.is_multi_region,
            has_global_events=site.has_global_events,
            evidence=self.evidence,
            after=after,
        )
        self.trail = replace(self.trail, arn=made.trail.arn, made=[made.trail])
        if self._rights:
            self._make_guardian(self._rights)
        if self._explainer_rights:
            self._make_explainer(self._explainer_rights)
        blind = [each for each in beside if self.site.has_global_events and not each.site.has_global_events]
        self._make_watches(other_roles=[role for each in blind for role in each.role_names])

    def _make_rights(self, should_be: wanted.Wanted) -> GuardianRights:
        suffix, settings, channels = self.site.suffix, self._settings, self.channels
        assert channels.last_resort
        assert self._ledger
        return GuardianRights(
            f"guardian{suffix}",
            home=self._home,
            remediation=settings.remediation,
            trail=self.trail,
            desired_state=DesiredState(f"desired-state{suffix}", home=self._home, trail=should_be),
            ledger=self._ledger,
            reports_to=channels.alerts,
            last_resort=channels.last_resort,
            log_retention_days=settings.trail.retention_days,
        )

    def _make_guardian(self, rights: GuardianRights) -> None:
        self.guardian = Guardian(
            f"guardian{self.site.suffix}",
            home=self._home,
            rights=rights,
            trail=self.trail,
            listens_to=self.channels.signals,
            waived=self.site.waived,
        )
        self.health = Health(
            f"watch-health{self.site.suffix}",  # begins as the other alarms do: what watches them all finds them so
            home=self._home,
            guardian=self.guardian,
            trail=self.trail,
            metric_namespace=self._settings.metric_namespace,
            hears_itself=self.site.records_reads,
            alarm_prefix=self._settings.alerts.alarm_prefix,
            acts_on=rights.last_resort,
        )

    def _make_explainer_rights(self) -> ExplainerRights:
        assert self._ledger
        return ExplainerRights(
            f"explainer{self.site.suffix}",
            home=self._home,
            trail=self.trail,
            ledger=self._ledger,
            reports_to=self.channels.alerts,
            log_retention_days=self._settings.trail.retention_days,
        )

    def _make_explainer(self, rights: ExplainerRights) -> None:
        suffix, settings, channels = self.site.suffix, self._settings, self.channels
        assert channels.last_resort
        facts = facts_document(settings.watches, settings.alerts.suppressions, guarded=TRAIL_OPERATIONS)
        self.explainer = Explainer(
            f"explainer{suffix}",
            home=self._home,
            rights=rights,
            trail=self.trail,
            listens_to=channels.signals,
            facts=json.dumps(facts, separators=(",", ":")),
            event_patterns=event_patterns(settings.watches),
            metric_namespace=settings.metric_namespace,
            runbooks=settings.alerts.runbooks or RUNBOOKS,
            guardian_tells=settings.has_guardian,
        )
        self.explainer_health = ExplainerHealth(
            f"watch-health{suffix}",
            home=self._home,
            explainer=self.explainer,
            alarm_prefix=settings.alerts.alarm_prefix,
            acts_on=channels.last_resort,
        )

    def _make_watches(self, *, other_roles: Sequence[pulumi.Input[str]]) -> None:
        suffix, watches = self.site.suffix, self._settings.watches
        where = {
            "home": self._home,
            "log_group_name": self.trail.log_group_name,
            "acts_on": self.channels.acts_on,
        }
        ranges = [watch for watch in watches if watch.kind == "source-ip"]
        if ranges:
            self.alarms |= SourceIpWatch(f"source-ip{suffix}", watches=ranges, **where).alarms
        self.alarms |= WatchPoint(
            f"watch{suffix}",
            watches=[watch for watch in watches if watch.kind != "source-ip"],
            facts=deployment_facts(
                trail=self.trail,
                channels=self.channels.all,
                guardian=self.guardian,
                explainer=self.explainer,
                other_roles=other_roles,
            ),
            other_alarms=[
                *self.alarms.values(),
                *self._health_alarms,
                *self.channels.alarms,
            ],
            **where,
        ).alarms
