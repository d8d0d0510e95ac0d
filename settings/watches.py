"""From what a stack decides to what is watched: one filter, one metric and one alarm per watch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import filterpattern
from catalog import EVENT_SETS, EventSet
from settings import facts
from settings.keys import NAMESPACE
from settings.regions import GLOBAL_REGION, partition_of
from settings.version import VERSION

if TYPE_CHECKING:
    from settings.telling import Alerts
    from settings.watching import CustomSet, EventSetSettings, SourceIp

CANARY_METRIC = "GuardianCanary"
"""The metric of the guardian's own records, in the stack's namespace. No watch may have it."""

Kind = Literal["event-set", "custom", "source-ip"]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One thing that is watched, with everything that its metric filter and its alarm need.

    `pattern` is the filter pattern; it is None while it `lacks` facts that only a deployment knows, and `pattern_with`
    then writes it. The alarm is on: the sum of `metric` in `namespace` over `period` seconds is at
    least `threshold`. `alarm_name` is None where Pulumi shall choose a name. `description` is the alarm's, readable on
    a telephone and at most 1,024 characters long.
    """

    name: str
    title: str
    why: str
    kind: Kind
    pattern: str | None
    severity: str
    threshold: int
    period: int
    metric: str
    namespace: str
    alarm_name: str | None
    stack: str
    lacks: tuple[str, ...] = ()

    def pattern_with(self, known: Mapping[str, Sequence[str]]) -> str:
        """The filter pattern in a deployment with these physical names, by fact (a key of `settings.facts.FACTS`).

        Raises the catalogue's `RenderError` where that cannot be a pattern.
        """
        return facts.render(self.name, known) if self.pattern is None else self.pattern

    @property
    def doubts(self) -> list[filterpattern.Finding]:
        """What lint has to say about a pattern of the stack's own. Those of the catalogue have been through it."""
        if self.kind != "custom" or self.pattern is None:
            return []
        audited = {name: entry.pattern for name, entry in EVENT_SETS.items() if entry.controls}
        return filterpattern.lint(self.pattern, auditors=audited)

    @property
    def matching_samples(self) -> tuple[int, int]:
        """How many of the catalogue's sample events a pattern of the stack's own matches, and how many there are.

        Each is a full record of a real kind of call, so a pattern that matches none or all of them deserves a look.
        (0, 0) for what is not the stack's own.
        """
        if self.kind != "custom" or self.pattern is None:
            return 0, 0
        matches = filterpattern.compile(self.pattern).matches
        verdicts = [matches(sample.event) for entry in EVENT_SETS.values() for sample in entry.samples]
        return sum(verdicts), len(verdicts)

    @property
    def description(self) -> str:
        """The alarm's description. What a telephone shows first comes first."""
        times = "1 matching event" if self.threshold == 1 else f"{self.threshold:,} matching events"
        figures = f"Raised by at least {times} in {in_words(self.period)}."
        return f"[{self.severity}] {self.title}. {self.why} {figures} Stack {self.stack}, trailwarden {VERSION}."


def default_namespace(stack: str) -> str:
    """The namespace of a stack's metrics. It has the stack's name, so that two stacks never share a metric."""
    return f"{NAMESPACE}/{stack}"


@dataclass(frozen=True)
class _Frame:
    """What all watches of a stack have in common."""

    stack: str
    alerts: "Alerts"

    @property
    def namespace(self) -> str:
        return self.alerts.metric_namespace or default_namespace(self.stack)

    def alarm_name(self, name: str, *, own: str | None) -> str | None:
        prefix = self.alerts.alarm_prefix
        return own or (f"{prefix}{name}" if prefix else None)


def resolve(
    *,
    stack: str,
    regions: Sequence[str],
    event_sets: Mapping[str, "EventSetSettings"],
    custom_sets: Mapping[str, "CustomSet"],
    source_ips: Iterable["SourceIp"],
    alerts: "Alerts",
) -> tuple[Watch, ...]:
    """All watches: event sets in the catalogue's order, then custom sets, then source IPs.

    Raises the catalogue's `RenderError` if an event set's pattern cannot be written for so many regions.
    """
    chosen = [entry for name, entry in EVENT_SETS.items() if name in event_sets]
    frame = _Frame(stack, alerts)
    return (
        *(_of_event_set(entry, event_sets[entry.name], frame=frame, regions=regions) for entry in chosen),
        *(_of_custom_set(name, custom, frame=frame) for name, custom in custom_sets.items()),
        *(_of_source_ip(source, frame=frame) for source in source_ips),
    )


def _of_event_set(entry: EventSet, ours: "EventSetSettings", *, frame: _Frame, regions: Sequence[str]) -> Watch:
    return Watch(
        name=entry.name,
        kind="event-set",
        title=entry.title,
        why=entry.why,
        pattern=event_set_pattern(entry, regions=regions),
        lacks=facts.lacking(entry),
        threshold=entry.default_threshold if ours.threshold is None else ours.threshold,
        period=entry.default_period if ours.period is None else ours.period,
        severity=ours.severity or entry.severity,
        metric=ours.metric_name or entry.metric,
        namespace=frame.namespace,
        alarm_name=frame.alarm_name(entry.name, own=ours.alarm_name),
        stack=frame.stack,
    )


def _of_custom_set(name: str, custom: "CustomSet", *, frame: _Frame) -> Watch:
    return Watch(
        name=name,
        kind="custom",
        title=custom.title or name,
        why="A pattern of your own.",
        pattern=custom.pattern,
        threshold=custom.threshold,
        period=custom.period,
        severity=custom.severity,
        metric=custom.metric_name or camel_case(name),
        namespace=frame.namespace,
        alarm_name=frame.alarm_name(name, own=custom.alarm_name),
        stack=frame.stack,
    )


def _of_source_ip(source: "SourceIp", *, frame: _Frame) -> Watch:
    blocks = _listed(source.blocks)
    return Watch(
        name=source.name,
        kind="source-ip",
        title=f"Many calls from {'outside the range ' if source.match == 'outside' else ''}{source.name}",
        why=f"So many calls from {blocks if source.match == 'inside' else f'outside {blocks}'} are unusual.",
        pattern=source.pattern,
        threshold=source.threshold,
        period=source.period,
        severity=source.severity,
        metric=source.metric_name or camel_case(f"source-ip-{source.name}"),
        namespace=frame.namespace,
        alarm_name=frame.alarm_name(source.name, own=source.alarm_name),
        stack=frame.stack,
    )


def event_set_pattern(entry: EventSet, *, regions: Sequence[str]) -> str | None:
    """The pattern of an event set, with the stack's regions filled in where the set asks for them.

    None if it asks for facts of the deployment: the text in the catalogue names things that do not exist.
    """
    if facts.lacking(entry):
        return None
    if "regions" not in entry.parameters:
        return entry.pattern
    partition = partition_of(regions[0]) if regions else None
    home_of_global_events = (GLOBAL_REGION[partition],) if partition else ()
    # Once each, in a stable order: the pattern must not change because somebody sorted a list.
    return entry.render(regions=sorted({*regions, *home_of_global_events}))


def camel_case(name: str) -> str:
    """`source-ip-office` → `SourceIpOffice`, the form of AWS's own metric names."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


def in_words(seconds: int) -> str:
    """300 → `5 minutes`; whole days and hours are said as such."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError(seconds)  # every whole number is a multiple of one second


def _listed(blocks: Sequence[str]) -> str:
    few = 5
    return ", ".join(blocks[:few]) + (f" and {len(blocks) - few} more" if len(blocks) > few else "")
