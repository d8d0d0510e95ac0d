"""Reading everything that `check` judges, in a few rounds of parallel questions. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import account
from account import (
    Across,
    Alarm,
    Answer,
    Bucket,
    Dashboard,
    FailedAction,
    Found,
    Function,
    Identity,
    InsightRule,
    Key,
    LogGroup,
    Metric,
    Parameter,
    Queue,
    Role,
    Rule,
    Schedule,
    Session,
    Table,
    Tagged,
    Topic,
    Trail,
    found_or,
    region_of,
)
from settings.dashboard import dashboard_name

T = TypeVar("T")

HISTORY = timedelta(days=7)
"""How far back failed actions of alarms are looked for. CloudWatch keeps 30 days."""
LATELY = timedelta(hours=24)
"""What counts as lately for errors of functions."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was read, by ARN where not said otherwise. `keys` are by region and reference, `buckets` by name,
    `insight_rules` by region, `dashboards` by stack.

    `lost` is what could not be asked for at all. `errors` are the sums of `Errors` and `Throttles` by function.
    """

    at: datetime
    identity: Identity
    regions: tuple[str, ...]
    trails: Across[Trail]
    tagged: Across[Tagged]
    alarms: Mapping[str, Answer[tuple[Alarm, ...]]]
    groups: Mapping[str, Answer[LogGroup]] = field(default_factory=dict)
    failed: Mapping[str, Answer[tuple[FailedAction, ...]]] = field(default_factory=dict)
    topics: Mapping[str, Answer[Topic]] = field(default_factory=dict)
    rules: Mapping[str, Answer[Rule]] = field(default_factory=dict)
    functions: Mapping[str, Answer[Function]] = field(default_factory=dict)
    codes: Mapping[str, Answer[Mapping[str, bytes]]] = field(default_factory=dict)
    errors: Mapping[str, Answer[Mapping[str, float]]] = field(default_factory=dict)
    queues: Mapping[str, Answer[Queue]] = field(default_factory=dict)
    schedules: Mapping[str, Answer[tuple[Schedule, ...]]] = field(default_factory=dict)
    keys: Mapping[tuple[str, str], Answer[Key]] = field(default_factory=dict)
    buckets: Mapping[str, Answer[Bucket]] = field(default_factory=dict)
    roles: Mapping[str, Answer[Role]] = field(default_factory=dict)
    parameters: Mapping[str, Answer[Parameter]] = field(default_factory=dict)
    tables: Mapping[str, Answer[Table]] = field(default_factory=dict)
    insight_rules: Mapping[str, Answer[tuple[InsightRule, ...]]] = field(default_factory=dict)
    dashboards: Mapping[str, Answer[Dashboard]] = field(default_factory=dict)


def take(
    session: Session,
    identity: Identity,
    *,
    regions: Sequence[str],
    stack: str | None,
    trails_named: frozenset[tuple[str, str]] = frozenset(),
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Read the account. With `stack` only what is that stack's, and what it hangs on, is read in full.

    An adopted trail carries no tag of ours: `trails_named` are (home region, name) of those in the stack file.
    """
    asking = _Asking(session, identity, tuple(dict.fromkeys(regions)), stack)
    progress(f"trails, alarms and tags in {len(asking.regions)} regions")
    trails, tagged, alarms = session.together(
        lambda: account.trails(session, asking.regions), asking.tagged, asking.alarms
    )
    ours = {each.arn for each in tagged.found}
    by_kind = _by_kind(tagged.found)
    watched = [
        trail
        for trail in trails.found
        if stack is None or {trail.arn, trail.log_group_arn} & ours or (trail.home_region, trail.name) in trails_named
    ]
    progress(f"log groups and filters of {len(watched)} trails")
    linked = {trail.log_group_arn for trail in watched if trail.log_group_arn}
    # The stack's own too: its filters are still there when the trail is not.
    groups = asking.each(account.log_group, {*linked, *by_kind.get("logs:log-group", ())})
    relevant = [
        alarm
        for answer in alarms.values()
        for alarm in found_or(answer, ())
        if alarm.arn in ours or _reads_one_of(alarm, groups.values())
    ]
    progress(f"{len(relevant)} alarms and what they act on")
    topics, failed, functions, rules, queues, parameters, tables = session.together(
        lambda: asking.each(account.topic, {*by_kind.get("sns", ()), *_topics_of(relevant)}),
        lambda: asking.failed(alarm for alarm in relevant if alarm.arn in ours),
        lambda: asking.each(account.function, by_kind.get("lambda:function", ())),
        lambda: asking.each(account.rule, by_kind.get("events:rule", ())),
        lambda: asking.each(account.queue, by_kind.get("sqs", ())),
        lambda: asking.each(account.parameter, by_kind.get("ssm:parameter", ())),
        lambda: asking.each(account.table, by_kind.get("dynamodb:table", ())),
    )
    progress("keys, roles, code and schedules")
    schedules = asking.schedules(functions)
    keys, buckets, roles, codes, errors, insight_rules, dashboards = session.together(
        lambda: asking.keys(watched, topics),
        lambda: asking.buckets(watched),
        lambda: asking.each(account.role, _roles(watched, topics, functions, rules, schedules)),
        lambda: asking.each(account.code, [arn for arn, answer in functions.items() if isinstance(answer, Found)]),
        lambda: asking.errors(functions),
        lambda: asking.insight_rules(watched, relevant),
        lambda: asking.dashboards({each.stack for each in tagged.found if each.stack}),
    )
    return Survey(
        at=datetime.now(UTC),
        identity=identity,
        regions=asking.regions,
        trails=Across(tuple(watched), trails.blind),
        tagged=tagged,
        alarms=alarms,
        groups=groups,
        failed=failed,
        topics=topics,
        rules=rules,
        functions=functions,
        codes=codes,
        errors=errors,
        queues=queues,
        schedules=schedules,
        keys=keys,
        buckets=buckets,
        roles=roles,
        parameters=parameters,
        tables=tables,
        insight_rules=insight_rules,
        dashboards=dashboards,
    )


@dataclass(frozen=True)
class _Asking:
    session: Session
    identity: Identity
    regions: tuple[str, ...]
    stack: str | None

    def tagged(self) -> Across[Tagged]:
        return Across.of(
            self.session.spread(lambda region: account.tagged(self.session, region, self.stack), self.regions)
        )

    def alarms(self) -> dict[str, Answer[tuple[Alarm, ...]]]:
        told = self.session.spread(lambda region: account.alarms(self.session, region), self.regions)
        return dict(zip(self.regions, told, strict=True))

    def each(self, read: Callable[[Session, str], Answer[T]], arns: Iterable[str]) -> dict[str, Answer[T]]:
        wanted = sorted(set(arns))
        return dict(zip(wanted, self.session.spread(lambda arn: read(self.session, arn), wanted), strict=True))

    def failed(self, alarms: Iterable[Alarm]) -> dict[str, Answer[tuple[FailedAction, ...]]]:
        asked, since = list(alarms), datetime.now(UTC) - HISTORY
        told = self.session.spread(lambda alarm: account.failed_actions(self.session, alarm, since=since), asked)
        return {alarm.arn: answer for alarm, answer in zip(asked, told, strict=True)}

    def schedules(self, functions: Mapping[str, Answer[Function]]) -> dict[str, Answer[tuple[Schedule, ...]]]:
        by_region: dict[str, set[str]] = {}
        for arn in functions:
            by_region.setdefault(region_of(arn), set()).add(arn)
        return {
            region: account.schedules_of(self.session, region, frozenset(arns)) for region, arns in by_region.items()
        }

    def keys(self, trails: Iterable[Trail], topics: Mapping[str, Answer[Topic]]) -> dict[tuple[str, str], Answer[Key]]:
        wanted = {(trail.home_region, trail.kms_key) for trail in trails if trail.kms_key}
        for answer in topics.values():
            if isinstance(answer, Found) and answer.value.kms_key:
                wanted.add((answer.value.region, answer.value.kms_key))
        ordered = sorted(wanted)
        told = self.session.spread(lambda one: account.key(self.session, one[1], one[0]), ordered)
        return dict(zip(ordered, told, strict=True))

    def buckets(self, trails: Iterable[Trail]) -> dict[str, Answer[Bucket]]:
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

    def dashboards(self, stacks: Iterable[str]) -> dict[str, Answer[Dashboard]]:
        asked = sorted(stacks)
        told = self.session.spread(
            lambda stack: account.dashboard(self.session, dashboard_name(stack), self.regions[0]), asked
        )
        return dict(zip(asked, told, strict=True))

    def errors(self, functions: Mapping[str, Answer[Function]]) -> dict[str, Answer[Mapping[str, float]]]:
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


def _by_kind(found: Iterable[Tagged]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for each in found:
        kinds.setdefault(each.kind, []).append(each.arn)
    return kinds


def _reads_one_of(alarm: Alarm, groups: Iterable[Answer[LogGroup]]) -> bool:
    return any(
        (each.region, each.namespace, each.metric) == (alarm.region, alarm.namespace, alarm.metric)
        for group in groups
        if isinstance(group, Found)
        for each in found_or(group.value.filters, ())
    )


def _topics_of(alarms: Iterable[Alarm]) -> set[str]:
    return {action for alarm in alarms for action in alarm.alarm_actions if ":sns:" in action}


def _roles(
    trails: Iterable[Trail],
    topics: Mapping[str, Answer[Topic]],
    functions: Mapping[str, Answer[Function]],
    rules: Mapping[str, Answer[Rule]],
    schedules: Mapping[str, Answer[tuple[Schedule, ...]]],
) -> set[str]:
    wanted = {trail.logs_role_arn for trail in trails}
    wanted |= {answer.value.role_arn for answer in functions.values() if isinstance(answer, Found)}
    for answer in topics.values():
        if isinstance(answer, Found):
            wanted |= set(answer.value.status_role_arns)
    for answer in rules.values():
        if isinstance(answer, Found):
            wanted |= {target.role_arn for target in found_or(answer.value.targets, ())}
    for listed in schedules.values():
        wanted |= {schedule.role_arn for schedule in found_or(listed, ())}
    return wanted - {""}
