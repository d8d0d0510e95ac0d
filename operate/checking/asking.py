"""What `check` asks AWS, many things at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import account
from account import (
    Across,
    Alarm,
    Answer,
    Bucket,
    Dashboard,
    EventBus,
    FailedAction,
    Found,
    Function,
    InsightRule,
    Key,
    Metric,
    MuteRule,
    Schedule,
    Session,
    Tagged,
    Topic,
    Trail,
    region_of,
)
from settings.dashboard import dashboard_name

T = TypeVar("T")

HISTORY = timedelta(days=7)
"""How far back failed actions of alarms are looked for. CloudWatch keeps 30 days."""
LATELY = timedelta(hours=24)
"""What counts as lately for errors of functions."""


@dataclass(frozen=True)
class Asking:
    """The questions of one survey. Answers by ARN where not said otherwise; several at once, in any order."""

    session: Session
    regions: tuple[str, ...]
    stack: str | None

    def together(self, **work: Callable[[], Any]) -> dict[str, Any]:
        """Several different questions at once; the answers by name."""
        return dict(zip(work, self.session.together(*work.values()), strict=True))

    def tagged(self) -> Across[Tagged]:
        """What carries a tag of ours, in all regions."""
        return Across.of(
            self.session.spread(lambda region: account.tagged(self.session, region, self.stack), self.regions)
        )

    def alarms(self) -> dict[str, Answer[tuple[Alarm, ...]]]:
        """Every alarm, by region."""
        told = self.session.spread(lambda region: account.alarms(self.session, region), self.regions)
        return dict(zip(self.regions, told, strict=True))

    def each(self, read: Callable[[Session, str], Answer[T]], arns: Iterable[str]) -> dict[str, Answer[T]]:
        """What `read` answers for each ARN."""
        wanted = sorted(set(arns))
        return dict(zip(wanted, self.session.spread(lambda arn: read(self.session, arn), wanted), strict=True))

    def failed(self, alarms: Iterable[Alarm]) -> dict[str, Answer[tuple[FailedAction, ...]]]:
        """Actions of these alarms that failed lately."""
        asked, since = list(alarms), datetime.now(UTC) - HISTORY
        told = self.session.spread(lambda alarm: account.failed_actions(self.session, alarm, since=since), asked)
        return {alarm.arn: answer for alarm, answer in zip(asked, told, strict=True)}

    def schedules(self, functions: Mapping[str, Answer[Function]]) -> dict[str, Answer[tuple[Schedule, ...]]]:
        """What wakes these functions, by region."""
        by_region: dict[str, set[str]] = {}
        for arn in functions:
            by_region.setdefault(region_of(arn), set()).add(arn)
        return {
            region: account.schedules_of(self.session, region, frozenset(arns)) for region, arns in by_region.items()
        }

    def keys(
        self, trails: Iterable[Trail], topics: Mapping[str, Answer[Topic]], buses: Mapping[str, Answer[EventBus]]
    ) -> dict[tuple[str, str], Answer[Key]]:
        """The keys of trails, topics and event buses, by region and reference."""
        wanted = {(trail.home_region, trail.kms_key) for trail in trails if trail.kms_key}
        for answer in (*topics.values(), *buses.values()):
            if isinstance(answer, Found) and answer.value.kms_key:
                wanted.add((answer.value.region, answer.value.kms_key))
        ordered = sorted(wanted)
        told = self.session.spread(lambda one: account.key(self.session, one[1], one[0]), ordered)
        return dict(zip(ordered, told, strict=True))

    def buckets(self, trails: Iterable[Trail]) -> dict[str, Answer[Bucket]]:
        """The buckets of the trails, by name."""
        wanted = sorted({(trail.bucket, trail.home_region) for trail in trails if trail.bucket})
        told = self.session.spread(lambda one: account.bucket(self.session, one[0], one[1]), wanted)
        return {name: answer for (name, _region), answer in zip(wanted, told, strict=True)}

    def insight_rules(
        self, trails: Iterable[Trail], alarms: Iterable[Alarm]
    ) -> dict[str, Answer[tuple[InsightRule, ...]]]:
        """Of the regions in which a rule of ours may be: its name is fixed, and tells whose it is."""
        asked = sorted({trail.home_region for trail in trails} | {alarm.region for alarm in alarms})
        told = self.session.spread(lambda region: account.insight_rules(self.session, region), asked)
        return dict(zip(asked, told, strict=True))

    def mutes(self, alarms: Iterable[Alarm]) -> dict[str, Answer[tuple[MuteRule, ...]]]:
        """What mutes alarms, in the regions of these alarms."""
        asked = sorted({alarm.region for alarm in alarms})
        told = self.session.spread(lambda region: account.mute_rules(self.session, region), asked)
        return dict(zip(asked, told, strict=True))

    def dashboards(self, stacks: Iterable[str]) -> dict[str, Answer[Dashboard]]:
        """The dashboard of each stack, by stack."""
        asked = sorted(stacks)
        told = self.session.spread(
            lambda stack: account.dashboard(self.session, dashboard_name(stack), self.regions[0]), asked
        )
        return dict(zip(asked, told, strict=True))

    def trusts(self, trails: Iterable[Trail], account_id: str) -> dict[str, Answer[frozenset[str]]]:
        """What the organization trusts, by the trail of it that this account owns: others are not told."""
        asked = [trail for trail in trails if trail.is_organization and trail.owner == account_id]
        told = self.session.spread(lambda trail: account.trusted_services(self.session, trail.home_region), asked)
        return {trail.arn: answer for trail, answer in zip(asked, told, strict=True)}

    def errors(self, functions: Mapping[str, Answer[Function]]) -> dict[str, Answer[Mapping[str, float]]]:
        """Errors and throttles of these functions lately."""
        until = datetime.now(UTC)

        def read(arn: str) -> Answer[Mapping[str, float]]:
            where = (("FunctionName", account.name_of(arn)),)
            metrics = {name: Metric("AWS/Lambda", name, where) for name in ("Errors", "Throttles")}
            told = account.sums(
                self.session, region_of(arn), tuple(metrics.values()), since=until - LATELY, until=until
            )
            return told.map(lambda sums: {name: sums[one] or 0.0 for name, one in metrics.items()})

        asked = [arn for arn, answer in functions.items() if isinstance(answer, Found)]
        return dict(zip(asked, self.session.spread(read, asked), strict=True))
