"""Which controls of which benchmark the account passes, and by whose filter; the filters need not be ours.

An auditor looks for the text of a filter, an alarm on its metric, and somebody who is told. Here the catalogue's text
is looked for on the log group of a trail: as it stands (blanks aside, which auditors pass), or with the same meaning,
which Security Hub, comparing texts, may fail.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import filterpattern
from account import Alarm, CouldNotLook, Found, MetricFilter, Trail, found_or, owner_of
from catalog import EVENT_SETS, EventSet
from catalog.coverage import Answer as Assessed
from catalog.coverage import coverage
from operate.checking.survey import Survey
from operate.checking.words import named


@dataclass(frozen=True, kw_only=True)
class Covered:
    """How one event set fares in the account. `why` says what is missing where it does not pass.

    `is_heard`: somebody is told, though perhaps of one region only, which no auditor passes.
    """

    event_set: str
    passes: bool
    is_heard: bool = False
    is_exact: bool = False
    filter: str = ""
    owner: str = ""
    alarm: str = ""
    why: str = ""
    blind: CouldNotLook | None = None


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of one benchmark, as one auditor will see it. `outcome`: passes, fails, not assessed or unknown."""

    auditor: str
    benchmark: str
    control: str
    event_set: str
    title: str
    outcome: str
    why: str
    filter: str
    owner: str
    alarm: str


@dataclass(frozen=True)
class Coverage:
    """All event sets that answer a control."""

    by_set: Mapping[str, Covered]

    def of(self, event_set: str) -> Covered:
        """How one event set fares."""
        return self.by_set[event_set]

    def controls(self) -> tuple[Control, ...]:
        """One row for each auditor, benchmark and control, in the catalogue's order."""
        passed = [name for name, each in self.by_set.items() if each.passes]
        return tuple(self._row(answer) for answer in coverage(passed))

    def _row(self, answer: Assessed) -> Control:
        covered = self.by_set[answer.event_set]
        outcome, why = str(answer.outcome), answer.why
        if outcome == "passes" and answer.auditor == "security-hub" and not covered.is_exact:
            outcome, why = "fails", "the filter means the same but reads otherwise, and Security Hub compares texts"
        elif outcome == "fails" and covered.blind is not None:
            outcome, why = "unknown", str(covered.blind)
        elif outcome == "fails" and not covered.passes:
            why = covered.why
        return Control(
            auditor=answer.auditor,
            benchmark=answer.benchmark,
            control=answer.control,
            event_set=answer.event_set,
            title=answer.title,
            outcome=outcome,
            why=why,
            filter=covered.filter,
            owner=covered.owner,
            alarm=covered.alarm,
        )


def cover(survey: Survey, *, namespaces: Iterable[str] = ()) -> Coverage:
    """How every event set that answers a control fares. `namespaces` are those of our own metrics."""
    own = tuple(namespaces)
    places = [(trail, each) for trail in survey.trails.found for each in survey.filters_on(trail.log_group_arn)]
    blind = _blind(survey)
    wanted = [entry for entry in EVENT_SETS.values() if entry.controls]
    return Coverage({entry.name: _covered(entry, places, survey, own, blind) for entry in wanted})


def _covered(
    entry: EventSet,
    places: Iterable[tuple[Trail, MetricFilter]],
    survey: Survey,
    own: tuple[str, ...],
    blind: CouldNotLook | None,
) -> Covered:
    best: Covered | None = None
    for trail, each in places:
        is_exact = _bare(each.pattern) == _bare(entry.pattern)
        if not is_exact and not _means(each.pattern, entry):
            continue
        found = _judged(entry, trail, each, survey, owner_of(each, namespaces=own), is_exact=is_exact)
        if best is None or _rank(found) > _rank(best):
            best = found
    if best is not None and (best.passes or best.blind):
        return best
    if blind is not None:
        return Covered(event_set=entry.name, passes=False, blind=blind)
    return best or Covered(event_set=entry.name, passes=False, why=_unfiltered(survey))


def _unfiltered(survey: Survey) -> str:
    """Why no filter has the text of an event set."""
    trails = survey.trails.found
    if trails and not any(trail.log_group_arn for trail in trails):
        return f"{named(f'trail {trail.name}' for trail in trails)} writes to no log group, and filters need one"
    return "no filter has its text"


def _rank(covered: Covered) -> tuple[bool, bool, bool]:
    return covered.passes, covered.is_heard, covered.is_exact


def _judged(
    entry: EventSet, trail: Trail, each: MetricFilter, survey: Survey, owner: str, *, is_exact: bool
) -> Covered:
    alarms = survey.alarms.get(each.region)
    listed = found_or(alarms, ()) if alarms is not None else ()
    on_it = [one for one in listed if (one.namespace, one.metric) == (each.namespace, each.metric)]
    heard = [one for one in on_it if one.actions_enabled and _reaches(one, survey)]
    why, blind = "", alarms if isinstance(alarms, CouldNotLook) else None
    if not on_it:
        why = f"no alarm is on what filter {each.name} counts"
    elif not any(one.actions_enabled for one in on_it):
        why = f"alarm {on_it[0].name} has its actions disabled"
    elif not heard:
        blind = next((answer for one in on_it for answer in _unseen(one, survey)), None)
        why = f"alarm {on_it[0].name} acts on no topic that somebody is subscribed to"
    trail_fault = _trail_fault(trail, survey, entry)
    alarm = (heard or on_it)[0].name if on_it else ""
    passes = bool(heard) and not trail_fault
    return Covered(
        event_set=entry.name,
        passes=passes,
        is_heard=bool(heard) and (not trail_fault or (not trail.is_multi_region and _is_logging(trail))),
        is_exact=is_exact,
        filter=each.name,
        owner=owner,
        alarm=alarm,
        why="" if passes else trail_fault or why,
        blind=None if passes or trail_fault else blind,
    )


def _trail_fault(trail: Trail, survey: Survey, entry: EventSet) -> str:
    status, selectors = found_or(trail.status, None), found_or(trail.selectors, None)
    if not trail.is_multi_region:
        return f"trail {trail.name} is not multi-region"
    if status is not None and not status.is_logging:
        return f"trail {trail.name} is not logging"
    if trail.owner != survey.identity.account_id:
        return f"trail {trail.name} is owned by another account"
    if selectors is not None and entry.name.startswith("kms-") and "kms.amazonaws.com" in selectors.left_out:
        return f"the selectors of trail {trail.name} leave kms.amazonaws.com out"
    return ""


def _is_logging(trail: Trail) -> bool:
    status = found_or(trail.status, None)
    return status is not None and status.is_logging


def _reaches(alarm: Alarm, survey: Survey) -> bool:
    """Whether a topic that the alarm acts on has somebody who confirmed."""
    for action in alarm.alarm_actions:
        topic = found_or(survey.topics[action], None) if action in survey.topics else None
        if topic is not None and any(not each.is_pending for each in found_or(topic.subscriptions, ())):
            return True
    return False


def _unseen(alarm: Alarm, survey: Survey) -> Iterable[CouldNotLook]:
    for action in alarm.alarm_actions:
        answer = survey.topics.get(action)
        if isinstance(answer, CouldNotLook):
            yield answer
        elif isinstance(answer, Found) and isinstance(answer.value.subscriptions, CouldNotLook):
            yield answer.value.subscriptions


def _blind(survey: Survey) -> CouldNotLook | None:
    """Why filters may be missing from what was seen."""
    for group in survey.groups.values():
        if isinstance(group, CouldNotLook):
            return group
        if isinstance(group, Found) and isinstance(group.value.filters, CouldNotLook):
            return group.value.filters
    return next(iter(survey.trails.blind), None)


def _bare(pattern: str) -> str:
    return "".join(pattern.split())


def _means(pattern: str, entry: EventSet) -> bool:
    tree = _tree(pattern)
    return tree is not None and tree == _tree(entry.pattern)


@functools.lru_cache(maxsize=1024)
def _tree(pattern: str) -> filterpattern.Pattern | None:
    """The parsed pattern. CloudWatch refuses what we cannot parse, or we know too little to credit it: None."""
    try:
        return filterpattern.compile(pattern)
    except filterpattern.PatternError:
        return None
