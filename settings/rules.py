"""What must hold across the sections of a stack's settings: no name twice, no limit of AWS passed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import filterpattern
from catalog import EVENT_SETS, RenderError
from settings import facts, limits
from settings.burst import ANY_ADDRESS
from settings.document import KeyPath
from settings.plan import EXPLAINER_ALARMS, HEALTH_ALARMS, HEALTH_FILTERS
from settings.problems import CheckError
from settings.regions import partition_of
from settings.samples import sample_contradictions
from settings.suppressing import binding_problem
from settings.told_rules import Contradiction, people, twice
from settings.trail_rules import trail_contradictions
from settings.watches import CANARY_METRIC, Watch, event_set_pattern, resolve

if TYPE_CHECKING:
    from settings.burst import Burst
    from settings.remediation import Remediation
    from settings.subscribers import Subscriber
    from settings.telling import Alerts
    from settings.trail import TrailSettings
    from settings.watching import CustomSet, EventSetSettings, SourceIp

NOTHING_GUARDED: Final = "nothing would be guarded: there is no event set, no custom set and no source IP"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What could be read of a stack's settings. Lists are keyed by where their entries stand."""

    stack: str
    home_region: str | None
    trail: "TrailSettings"
    regions: Mapping[KeyPath, str]
    emails: Mapping[KeyPath, str]
    subscribers: Mapping[KeyPath, "Subscriber"]
    event_sets: Mapping[str, "EventSetSettings"]
    custom_sets: Mapping[str, "CustomSet"]
    source_ips: Mapping[KeyPath, "SourceIp"]
    burst: "Burst | None" = None
    remediation: "Remediation"
    alerts: "Alerts"
    evidence: str = "keep"


def contradictions(draft: Draft, *, is_complete: bool) -> Iterator[Contradiction]:
    """Every rule that is broken, with the place to mend it. `is_complete`: nothing of the draft was unreadable."""
    yield from _regions(draft)
    yield from people(draft)
    yield from _names(draft)
    yield from sample_contradictions(draft.custom_sets)
    yield from trail_contradictions(draft)
    watches_nothing = not (draft.event_sets or draft.custom_sets or draft.source_ips or draft.burst)
    if is_complete and watches_nothing and draft.remediation.mode == "off":
        yield ("eventSets",), CheckError(NOTHING_GUARDED, allowed="at least one, or remediation that is not off")
    yield from _suppressions(draft)
    yield from _mutes(draft)
    yield from _nothing_to_watch(draft)
    unwritable = dict(_unwritable_sets(draft))
    if draft.regions:  # without a readable region that is the thing to mend, not the set
        yield from unwritable.items()
    writable = {name: each for name, each in draft.event_sets.items() if ("eventSets", name) not in unwritable}
    yield from _watches(replace(draft, event_sets=writable))


def _regions(draft: Draft) -> Iterator[Contradiction]:
    yield from twice(draft.regions, fold=str)
    if draft.home_region is None:
        return
    home = partition_of(draft.home_region)
    for path, region in draft.regions.items():
        if partition_of(region) != home:
            yield (
                path,
                CheckError(
                    f"lies in the partition {partition_of(region)}, the home region {draft.home_region} in {home}",
                    value=region,
                    allowed="regions of one partition; the others need a stack of their own",
                ),
            )


def _names(draft: Draft) -> Iterator[Contradiction]:
    """A name stands for one watch: alarms, metrics and mails are known by it."""
    for name in draft.custom_sets:
        if name in EVENT_SETS:
            yield ("customSets", name), CheckError("is the name of an event set of the catalogue; choose another")
        elif name == ANY_ADDRESS:
            yield ("customSets", name), CheckError("is the name of the watch that burst makes; choose another")
    taken: dict[str, str] = dict.fromkeys(draft.custom_sets, "a custom set") | {ANY_ADDRESS: "what burst makes"}
    for path, source in draft.source_ips.items():
        place = (*path, "name")
        if source.name in EVENT_SETS:
            yield place, CheckError("is the name of an event set of the catalogue", value=source.name)
        elif source.name in taken:
            yield place, CheckError(f"is already the name of {taken[source.name]}", value=source.name)
        taken.setdefault(source.name, "another source-IP entry")


def _suppressions(draft: Draft) -> Iterator[Contradiction]:
    """Each says who it is about, has a name of its own, and somebody reads it."""
    taken: set[str] = set()
    for number, each in enumerate(draft.alerts.suppressions):
        place: KeyPath = ("alerts", "suppressions", number)
        if problem := binding_problem(each.pattern):
            yield (*place, "pattern"), problem
        if each.name in taken:
            yield (*place, "name"), CheckError("is already the name of another suppression", value=each.name)
        taken.add(each.name)
    if draft.alerts.explain:
        return
    if draft.alerts.suppressions:
        yield (
            ("alerts", "suppressions"),
            CheckError("does nothing while alerts.explain is false", allowed="alerts.explain true, or leave it out"),
        )


def _mutes(draft: Draft) -> Iterator[Contradiction]:
    """Each has a name of its own, and mutes alarms that there are and that may be muted."""
    loudness = {name: ours.severity or EVENT_SETS[name].severity for name, ours in draft.event_sets.items()}
    loudness |= {name: ours.severity for name, ours in draft.custom_sets.items()}
    loudness |= {each.name: each.severity for each in draft.source_ips.values()}
    loudness |= {ANY_ADDRESS: draft.burst.severity} if draft.burst else {}
    taken: set[str] = set()
    for number, each in enumerate(draft.alerts.mutes):
        place: KeyPath = ("alerts", "mutes", number)
        if each.name in taken:
            yield (*place, "name"), CheckError("is already the name of another mute", value=each.name)
        taken.add(each.name)
        for keys, error in each.contradictions(loudness):
            yield (*place, *keys), error


def _nothing_to_watch(draft: Draft) -> Iterator[Contradiction]:
    """Sets on things of ours that this stack does not have."""
    for name in draft.event_sets:
        if gone := facts.absent(EVENT_SETS[name], has_guardian=draft.remediation.mode != "off"):
            yield (
                ("eventSets", name),
                CheckError(
                    f"has nothing to watch: with remediation.mode off this stack makes no {' and no '.join(gone)}",
                    allowed="remediation.mode restore or notify, or leave the set out",
                ),
            )


def _unwritable_sets(draft: Draft) -> Iterator[Contradiction]:
    for name in draft.event_sets:
        try:
            event_set_pattern(EVENT_SETS[name], regions=list(draft.regions.values()))
        except ValueError as error:
            yield ("eventSets", name), CheckError(str(error).removeprefix(f"{name}: "))


def _watches(draft: Draft) -> Iterator[Contradiction]:
    watches = resolve(
        stack=draft.stack,
        regions=list(draft.regions.values()),
        event_sets=draft.event_sets,
        custom_sets=draft.custom_sets,
        source_ips=draft.source_ips.values(),
        alerts=draft.alerts,
    )
    places = _places(draft)
    taken = {CANARY_METRIC: "the guardian"}
    yield from _shared(watches, places, of="metric", what="metric", key="metricName", taken=taken)
    prefix = draft.alerts.alarm_prefix
    own = (*HEALTH_ALARMS, *EXPLAINER_ALARMS)
    named = {f"{prefix}health-{name}": "trailwarden" for name in own} if prefix else {}
    if draft.burst and (ours := draft.burst.alarm_name or (f"{prefix}{ANY_ADDRESS}" if prefix else None)):
        named[ours] = "burst"
    yield from _shared(watches, places, of="alarm_name", what="alarm", key="alarmName", taken=named)
    filters = len(watches) + (HEALTH_FILTERS if draft.remediation.mode != "off" else 0)
    if filters > filterpattern.MAX_FILTERS_PER_LOG_GROUP:
        yield (
            ("eventSets",),
            CheckError(
                f"with customSets, sourceIps and our own these are {filters} metric filters",
                allowed=f"at most {filterpattern.MAX_FILTERS_PER_LOG_GROUP} per log group, a limit of CloudWatch",
            ),
        )
    yield from _alarm_names(watches)
    costly = [watch.name for watch in watches if _may_hold_regex(watch)]
    if len(costly) > filterpattern.MAX_REGEX_FILTERS_PER_LOG_GROUP:
        kind = "sourceIps" if draft.source_ips else "customSets"
        yield (
            (kind,),
            CheckError(
                f"{len(costly)} patterns hold a regular expression: {', '.join(costly)}",
                allowed=f"at most {filterpattern.MAX_REGEX_FILTERS_PER_LOG_GROUP} per log group, a limit of "
                "CloudWatch; blocks of /8, /16, /24 and /32 need none",
            ),
        )


def _may_hold_regex(watch: Watch) -> bool:
    """Names of alarms that begin in several ways are found by a regex, and only a deployment knows these names."""
    if watch.pattern is None:
        return facts.ALARMS in watch.lacks
    return filterpattern.compile(watch.pattern).regexes > 0


def _alarm_names(watches: Iterable[Watch]) -> Iterator[Contradiction]:
    """Alarm names chosen by hand that a watch on the alarms cannot look for."""
    watches = list(watches)
    chosen = [watch.alarm_name for watch in watches if watch.alarm_name]
    for watch in watches:
        if facts.ALARMS not in watch.lacks:
            continue
        try:
            facts.beginnings(chosen, longest=limits.MAX_ALARM_NAME)
            if len(chosen) == len(watches):  # else it depends on names that are not known yet
                watch.pattern_with({**facts.examples(EVENT_SETS[watch.name]), facts.ALARMS: chosen})
        except RenderError as error:
            yield ("eventSets", watch.name), CheckError(str(error).removeprefix(f"{watch.name}: "))


def _places(draft: Draft) -> dict[str, KeyPath]:
    """Where each watch is written, by its name."""
    places: dict[str, KeyPath] = {name: ("eventSets", name) for name in draft.event_sets}
    places |= {name: ("customSets", name) for name in draft.custom_sets}
    return places | {source.name: path for path, source in draft.source_ips.items()}


def _shared(
    watches: Iterable[Watch],
    places: Mapping[str, KeyPath],
    *,
    of: str,
    what: str,
    key: str,
    taken: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Contradiction]:
    first = dict(taken)
    for watch in watches:
        name = getattr(watch, of)
        if name is None:
            continue
        # A name used for two watches is told by _names already.
        if (owner := first.setdefault(name, watch.name)) != watch.name:
            yield (
                (*places[watch.name], key),
                CheckError(f"the {what} {name} belongs to {owner} already", allowed="a name that no other watch has"),
            )
