"""Reading everything that `check` judges, in a few rounds of parallel questions. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

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
    Identity,
    InsightRule,
    Key,
    LogGroup,
    MetricFilter,
    MuteRule,
    Nothing,
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
)
from operate.checking.asking import Asking


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was read, by ARN where not said otherwise. `keys` are by region and reference, `buckets` by name,
    `insight_rules` and `mutes` by region, `dashboards` by stack. `trusts` is what
    the organization trusts, by the trail of it.

    `errors` are the sums of `Errors` and `Throttles` by function.
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
    buses: Mapping[str, Answer[EventBus]] = field(default_factory=dict)
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
    mutes: Mapping[str, Answer[tuple[MuteRule, ...]]] = field(default_factory=dict)
    trusts: Mapping[str, Answer[frozenset[str]]] = field(default_factory=dict)

    def filters_on(self, group_arn: str) -> tuple[MetricFilter, ...]:
        """The metric filters on a log group; none where nobody let us look."""
        group = self.groups.get(group_arn, Nothing("log group"))
        return found_or(group.then(lambda each: each.filters), ())


_TAGGED: Mapping[str, tuple[Callable[[Session, str], Answer[Any]], str]] = {
    "functions": (account.function, "lambda:function"),
    "rules": (account.rule, "events:rule"),
    "queues": (account.queue, "sqs"),
    "parameters": (account.parameter, "ssm:parameter"),
    "tables": (account.table, "dynamodb:table"),
}
"""What is read of everything that carries our tag, and its kind there (`account.Tagged.kind`)."""


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
    asking = Asking(session, tuple(dict.fromkeys(regions)), stack)
    progress(f"trails, alarms and tags in {len(asking.regions)} regions")
    trails, tagged, alarms = session.together(
        lambda: account.trails(session, asking.regions), asking.tagged, asking.alarms
    )
    ours, by_kind = {each.arn for each in tagged.found}, _by_kind(tagged.found)
    watched = [
        each
        for each in trails.found
        if stack is None or {each.arn, each.log_group_arn} & ours or (each.home_region, each.name) in trails_named
    ]
    progress(f"log groups and filters of {len(watched)} trails")
    # The stack's own too: its filters are still there when the trail is not.
    groups = asking.each(account.log_group, {*_groups_of(watched), *by_kind.get("logs:log-group", ())})
    known = [alarm for answer in alarms.values() for alarm in found_or(answer, ())]
    relevant = [alarm for alarm in known if alarm.arn in ours or _reads_one_of(alarm, groups.values())]
    progress(f"{len(relevant)} alarms and what they act on")
    wired = asking.together(
        topics=lambda: asking.each(account.topic, {*by_kind.get("sns", ()), *_topics_of(relevant)}),
        failed=lambda: asking.failed(alarm for alarm in relevant if alarm.arn in ours),
        **{name: partial(asking.each, read, by_kind.get(kind, ())) for name, (read, kind) in _TAGGED.items()},
    )
    progress("keys, roles, code and schedules")
    topics, functions = wired["topics"], wired["functions"]
    schedules = asking.schedules(functions)
    buses = asking.each(account.event_bus, _buses(wired["rules"].values()))
    roles = _roles(watched, topics, functions, wired["rules"], schedules)
    behind = asking.together(
        keys=lambda: asking.keys(watched, topics, buses),
        buckets=lambda: asking.buckets(watched),
        roles=lambda: asking.each(account.role, roles),
        codes=lambda: asking.each(account.code, [arn for arn, told in functions.items() if isinstance(told, Found)]),
        errors=lambda: asking.errors(functions),
        insight_rules=lambda: asking.insight_rules(watched, relevant),
        mutes=lambda: asking.mutes(relevant),
        trusts=lambda: asking.trusts(watched, identity.account_id),
        dashboards=lambda: asking.dashboards({each.stack for each in tagged.found if each.stack}),
    )
    return Survey(
        at=datetime.now(UTC),
        identity=identity,
        regions=asking.regions,
        trails=Across(tuple(watched), trails.blind),
        tagged=tagged,
        alarms=alarms,
        groups=groups,
        schedules=schedules,
        buses=buses,
        **wired,
        **behind,
    )


def _by_kind(found: Iterable[Tagged]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for each in found:
        kinds.setdefault(each.kind, []).append(each.arn)
    return kinds


def _groups_of(trails: Iterable[Trail]) -> set[str]:
    return {trail.log_group_arn for trail in trails} - {""}


def _reads_one_of(alarm: Alarm, groups: Iterable[Answer[LogGroup]]) -> bool:
    return any(
        (each.region, each.namespace, each.metric) == (alarm.region, alarm.namespace, alarm.metric)
        for group in groups
        if isinstance(group, Found)
        for each in found_or(group.value.filters, ())
    )


def _topics_of(alarms: Iterable[Alarm]) -> set[str]:
    return {action for alarm in alarms for action in alarm.alarm_actions if ":sns:" in action}


def _buses(rules: Iterable[Answer[Rule]]) -> set[str]:
    """The buses that rules hear, and those that they send to."""
    found = [answer.value for answer in rules if isinstance(answer, Found)]
    sent = {target.arn for rule in found for target in found_or(rule.targets, ()) if ":event-bus/" in target.arn}
    return {rule.bus_arn for rule in found} | sent


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
