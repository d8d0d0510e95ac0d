"""What explains the alarms on one trail's log group, put together. No resource of its own."""

import json

import pulumi
import pulumi_aws as aws

from components import _watching_things as things
from components.channels import Channels
from components.explainer import Explainer
from components.explainer_health import ExplainerHealth
from components.explainer_rights import ExplainerRights
from components.known_trail import KnownTrail
from components.ledger import Ledger
from settings import Settings, TrailSite
from settings.burst import insight_rule_name
from settings.explaining import event_patterns, facts_of, insight_rules_of


class ExplainedTrail:
    """The explainer of one trail, in two steps as `GuardedTrail`: its rights, and once there is a trail the rest."""

    explainer: Explainer | None = None
    health: ExplainerHealth | None = None

    def __init__(
        self, site: TrailSite, *, settings: Settings, channels: Channels, trail: KnownTrail, ledger: Ledger
    ) -> None:
        self._site, self._settings, self._channels = site, settings, channels
        self.rights = ExplainerRights(
            f"explainer{site.suffix}",
            home=channels.home,
            trail=trail,
            ledger=ledger,
            reports_to=channels.alerts,
            log_retention_days=settings.trail.retention_days,
            insight_rule=insight_rule_name(settings.stack, site.suffix) if settings.burst else "",
            counts_muted=bool(settings.alerts.mutes and settings.alerts.digest),
        )

    @property
    def is_ready(self) -> list[pulumi.Resource]:
        """The end of the first step."""
        return self.rights.is_ready

    @property
    def alarms(self) -> list[aws.cloudwatch.MetricAlarm]:
        """The alarms on the explainer itself."""
        return list(self.health.alarms.values()) if self.health else []

    @property
    def things(self) -> list[things.Thing]:
        """What it made, for the inventory."""
        alarms = (things.alarm(each, home=self._channels.home) for each in self.alarms)
        return [*self.rights.things, *(self.explainer.things if self.explainer else []), *alarms]

    def explain(self, trail: KnownTrail) -> None:
        """Make the explainer of a trail, which exists or is being made."""
        site, settings, channels = self._site, self._settings, self._channels
        assert channels.last_resort
        rules = insight_rules_of(settings, site.region)
        facts = facts_of(settings, site)
        ours = settings.namespace_of(site)
        self.explainer = Explainer(
            f"explainer{site.suffix}",
            home=channels.home,
            rights=self.rights,
            trail=trail,
            listens_to=channels.signals,
            facts=json.dumps(facts, separators=(",", ":")),
            event_patterns=event_patterns(settings.watches),
            metric_namespace=ours,
            # All trails of a region share its topics, and each explainer answers for its own alarms.
            others=[name for each in settings.trails if (name := settings.namespace_of(each)) != ours],
            other_rules=[rule for name, rule in rules.items() if name != site.name],
            digest=settings.alerts.digest,
            guardian_tells=settings.has_guardian,
        )
        self.health = ExplainerHealth(
            f"watch-health{site.suffix}",
            home=channels.home,
            explainer=self.explainer,
            alarm_prefix=settings.alerts.alarm_prefix,
            acts_on=channels.last_resort,
        )
