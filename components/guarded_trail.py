"""Everything around one trail in its home region: where it writes, who guards it, what is watched in its log group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components import _watching_things as watching
from components import wanted
from components._inventory_things import Thing
from components.audit_trail import AuditTrail
from components.channels import Channels
from components.delivery_topic import DeliveryTopic
from components.deployment_facts import deployment_facts
from components.desired_state import DesiredState
from components.event_selectors import OwnArns, Selector, advanced_selectors
from components.evidence import Evidence
from components.explained_trail import ExplainedTrail
from components.guardian import Guardian
from components.guardian_rights import GuardianRights
from components.health import Health
from components.inspection import Inspection
from components.inventory import Inventory
from components.known_trail import KnownTrail
from components.ledger import Ledger
from components.sweep import Sweep
from components.watched_log import WatchedLog
from settings import Baseline, Settings, TrailSite, insight_rule_name


class GuardedTrail:
    """One trail with its evidence, guardian, health and watches. No resource of its own: it only puts these together.

    It comes in two steps, because an account may have several: first the ground of every trail (what is made by calls
    that are watched), then, with `guard`, the trails. `is_ready` is what the first step ends with.
    """

    guardian: Guardian | None = None
    health: Health | None = None
    explained: ExplainedTrail | None = None
    watched: WatchedLog | None = None

    def __init__(self, site: TrailSite, *, settings: Settings, channels: Channels) -> None:
        self.site, self._settings, self.channels = site, settings, channels
        self._home = channels.home
        self.evidence: Evidence | None = None
        self.delivery_topic: DeliveryTopic | None = None
        self._selectors: list[Selector] = []
        if site.baseline:
            self.trail = self._adopt(site.baseline)
        else:
            self.evidence = evidence = self._make_evidence()
            self.delivery_topic = self._make_delivery_topic(evidence) if settings.trail.delivery_topic else None
            self.trail = self._will_be(evidence)
        self._ledger = Ledger(f"ledger{site.suffix}", home=self._home) if settings.has_ledger else None
        if settings.alerts.explain and self._ledger:
            self.explained = ExplainedTrail(
                site, settings=settings, channels=channels, trail=self.trail, ledger=self._ledger
            )
        if self.evidence:
            self._selectors = self._select(self.evidence)
        self._rights = self._make_rights() if settings.has_guardian else None
        self._inspection = self._make_inspection(self._rights) if self._rights else None

    @property
    def alarms(self) -> Mapping[str, aws.cloudwatch.MetricAlarm]:
        """The alarms on events in its log group, by what they watch."""
        return self.watched.alarms if self.watched else {}

    @property
    def is_ready(self) -> list[pulumi.Resource]:
        """The end of the first step."""
        made = [
            each
            for each in (self.evidence, self.delivery_topic, self._rights, self._inspection, self.explained)
            if each
        ]
        return [part for each in made for part in each.is_ready]

    @property
    def role_names(self) -> list[pulumi.Input[str]]:
        """The roles without which this trail is not delivered or not guarded."""
        rights = [each for each in (self._rights, self.explained and self.explained.rights) if each]
        return [self.trail.role_name, *(name for each in rights for name in (each.role.name, each.sweep_role.name))]

    def guard(self, *, after: Sequence[pulumi.Resource], beside: Sequence["GuardedTrail"] = ()) -> None:
        """Make the trail, once all of `after` is there, then what watches it. `beside` are all trails of the stack.

        A trail that exists already records everything that is made here, and nothing can be done about that.
        """
        if self.evidence:
            made = self._make_trail(self.evidence, after=after)
            self.trail = replace(self.trail, arn=made.trail.arn, made=[made.trail])
        if self._rights:
            self._make_guardian(self._rights)
        if self.explained:
            self.explained.explain(self.trail)
        blind = [each for each in beside if self.site.has_global_events and not each.site.has_global_events]
        self._make_watches(other_roles=[role for each in blind for role in each.role_names])
        # Of several trails in one region the first one's guardian looks after the channels that they share.
        is_first = next((each for each in beside if each.channels is self.channels), self) is self
        self._write_down(self.channels.things if is_first else [])

    def _adopt(self, baseline: Baseline) -> KnownTrail:
        """A trail that exists, as its owner describes it: nothing of it is read, so that a deployment never guesses."""
        return KnownTrail(
            arn=self._home.trail_arn(self.site.name),
            bucket_name=baseline.bucket,
            log_group_name=baseline.log_group_name,
            role_arn=baseline.delivery_role,
            role_name=baseline.delivery_role.rpartition("/")[2],
            is_organization=self.site.is_organization,
        )

    def _make_evidence(self) -> Evidence:
        return Evidence(
            f"trail{self.site.suffix}",
            home=self._home,
            trail_arn=self._home.trail_arn(self.site.name),
            options=self._settings.trail,
            keep=self._settings.evidence == "keep",
        )

    def _will_be(self, evidence: Evidence) -> KnownTrail:
        """The trail that will write to `evidence`, by the ARN that it will have."""
        return KnownTrail(
            arn=self._home.trail_arn(self.site.name),
            bucket_name=evidence.bucket_name,
            log_group_name=evidence.log_group_name,
            role_arn=evidence.role.arn,
            role_name=evidence.role.name,
            is_organization=self.site.is_organization,
        )

    def _make_trail(self, evidence: Evidence, *, after: Sequence[pulumi.Resource]) -> AuditTrail:
        return AuditTrail(
            f"trail{self.site.suffix}",
            home=self._home,
            trail_name=self.site.name,
            is_multi_region=self.site.is_multi_region,
            has_global_events=self.site.has_global_events,
            is_organization=self.site.is_organization,
            evidence=evidence,
            delivery_topic=self.delivery_topic,
            selectors=self._selectors,
            insights=self._settings.trail.insights,
            after=after,
        )

    def _make_delivery_topic(self, evidence: Evidence) -> DeliveryTopic:
        return DeliveryTopic(
            f"delivery{self.site.suffix}",
            home=self._home,
            trail_arn=self._home.trail_arn(self.site.name),
            key_arn=evidence.key_arn,
        )

    def _select(self, evidence: Evidence, guardians_own: OwnArns = MappingProxyType({})) -> list[Selector]:
        """What the trail records: everything that the settings say but what is done to things of ours."""
        topics = [each.topic_arn for each in self.channels.all]
        queues = [self.channels.last_resort.queue.arn] if self.channels.last_resort else []
        explainer = self.explained.rights if self.explained else None
        own: dict[str, list[pulumi.Input[str]]] = {
            "AWS::Lambda::Function": [explainer.function_arn] if explainer else [],
            "AWS::DynamoDB::Table": [self._ledger.table.arn] if self._ledger else [],
            "AWS::S3::Object": [pulumi.Output.concat(evidence.bucket_arn, "/")],
            "AWS::SNS::Topic": [*topics, *([self.delivery_topic.topic.arn] if self.delivery_topic else [])],
            "AWS::SQS::Queue": [
                # Without those of the forwarders, one in each region, which would not fit into the desired state: no
                # rule and no alarm of ours hears what is done to them, so nothing goes round.
                *queues,
                *(each.queue.arn for each in self.channels.dead_letters),
                *([explainer.dead_letters.arn] if explainer else []),
            ],
        }
        for kind, arns in guardians_own.items():
            own[kind] = [*own[kind], *arns]
        return advanced_selectors(self._settings.trail, own=own)

    def _make_desired_state(self, guardians_own: OwnArns) -> DesiredState:
        return DesiredState(f"desired-state{self.site.suffix}", home=self._home, trail=self._should_be(guardians_own))

    def _should_be(self, guardians_own: OwnArns) -> wanted.Wanted:
        if self.site.baseline:
            return wanted.of_adopted(self.site.baseline, home=self._home)
        assert self.evidence
        self._selectors = self._select(self.evidence, guardians_own)
        return wanted.of_made(
            self.site,
            evidence=self.evidence,
            delivery_topic=self.delivery_topic,
            selectors=self._selectors,
            insights=self._settings.trail.insights,
        )

    def _make_rights(self) -> GuardianRights:
        suffix, settings, channels = self.site.suffix, self._settings, self.channels
        assert channels.last_resort
        assert self._ledger
        return GuardianRights(
            f"guardian{suffix}",
            home=self._home,
            remediation=settings.remediation.in_effect,
            trail=self.trail,
            desired_state=self._make_desired_state,
            ledger=self._ledger,
            reports_to=channels.alerts,
            last_resort=channels.last_resort,
            log_retention_days=settings.trail.retention_days,
        )

    def _make_inspection(self, rights: GuardianRights) -> Inspection:
        suffix = self.site.suffix
        return Inspection(
            f"guardian-inspection{suffix}",
            home=self._home,
            rights=rights,
            trail=self.trail,
            evidence=self.evidence,
            channels=self.channels,
            explained=self.explained,
            insight_rule=insight_rule_name(self._settings.stack, suffix) if self._settings.burst else "",
            suffix=suffix,
        )

    def _write_down(self, shared: Sequence[Thing]) -> None:
        """Last of all: what was deployed, for the guardian to compare with, and the schedule that tells it to."""
        if not (self._rights and self._inspection and self.guardian and self.health):
            return
        suffix = self.site.suffix
        theirs = (
            [watching.given_log_group(self.trail.log_group_name, home=self._home)] if self._asks_for_unmasked else []
        )
        alarms = [
            *self.alarms.values(),
            *self.health.alarms.values(),
            *(self.explained.alarms if self.explained else []),
            *(self.channels.alarms if shared else []),
        ]
        planned = self.watched.mutes.rules.values() if self.watched and self.watched.mutes else []
        muted = watching.mutes(alarms, planned, home=self._home)
        ours = [each for each in (self.evidence, self.explained, self.watched) if each]
        parts = [*ours, self._rights, self._inspection, self.guardian, self.health]
        inventory = Inventory(
            f"inventory{suffix}",
            home=self._home,
            ledger=self._rights.ledger,
            trail_arn=self.trail.arn,
            things=[*shared, *theirs, muted, *(thing for part in parts for thing in part.things)],
        )
        Sweep(f"guardian{suffix}-sweep", home=self._home, guardian=self.guardian, trail=self.trail, inventory=inventory)

    @property
    def _asks_for_unmasked(self) -> bool:
        """Whether the log group is somebody else's, and its events must not be masked all the same."""
        is_made = self.evidence is not None and "log_group" in self.evidence.made_arns
        return not is_made and not self._settings.trail.may_be_masked

    def _make_guardian(self, rights: GuardianRights) -> None:
        self.guardian = Guardian(
            f"guardian{self.site.suffix}",
            home=self._home,
            rights=rights,
            trail=self.trail,
            listens_to=self.channels.signals,
            waived=self.site.waived,
            is_adopted=self.site.is_adopted,
        )
        self.health = Health(
            f"watch-health{self.site.suffix}",  # begins as the other alarms do: what watches them all finds them so
            home=self._home,
            guardian=self.guardian,
            trail=self.trail,
            metric_namespace=self._settings.namespace_of(self.site),
            hears_itself=self.site.records_reads,
            alarm_prefix=self._settings.alerts.alarm_prefix,
            acts_on=rights.last_resort,
        )

    def _make_watches(self, *, other_roles: Sequence[pulumi.Input[str]]) -> None:
        self.watched = WatchedLog(
            self.site,
            settings=self._settings,
            channels=self.channels,
            trail=self.trail,
            facts=deployment_facts(
                trail=self.trail,
                channels=self.channels.all,
                forwarders=self.channels.forwarders,
                guardian=self.guardian,
                explainer=self.explained.explainer if self.explained else None,
                ledger=self._ledger,
                other_roles=other_roles,
            ),
            other_alarms=[
                *(self.health.alarms.values() if self.health else []),
                *(self.explained.alarms if self.explained else []),
                *self.channels.alarms,
            ],
        )
