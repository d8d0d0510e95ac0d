"""Facts of a deployment, the physical names that patterns of event sets ask for: who has them, and how they fit in.

Which set asks for which fact stands in the catalogue (`EventSet.parameters`), what each is worth in one deployment in
`components/deployment_facts.py`. Names are read from the deployment and never guessed: people choose them by hand, or
by `pulumi:autonaming`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from catalog import EVENT_SETS, EventSet, RenderError

GIVEN: Final = frozenset({"regions"})
"""What the settings know themselves."""

ALARMS: Final = "alarms"
"""The names of all alarms of a stack, that of the watch which asks for them included."""

BEGUN: Final = frozenset({"functions", "log_group", "queues", "roles", "rules", "schedules", "tables", "topics"})
"""Facts whose sets can also look for what names begin with."""

SHORTEST_BEGINNING: Final = 4
"""Characters below which a shared beginning says nothing about whose an alarm is."""

_CUTS: Final = (255, 24, 16, 12)
"""How much is kept of a name that begins like no other, until the pattern fits. An alarm's name has 255 characters."""

_FIRST_WORD: Final = re.compile(r"([^-_./: ]*[-_./: ]?).*", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact: what it names, and whether only a stack with a guardian has such things."""

    what: str
    is_of_guardian: bool = False


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        ALARMS: Fact(what="alarm"),
        "bucket": Fact(what="bucket"),
        "functions": Fact(what="function", is_of_guardian=True),
        "log_group": Fact(what="log group"),
        "parameters": Fact(what="parameter", is_of_guardian=True),
        "queues": Fact(what="queue", is_of_guardian=True),
        "roles": Fact(what="role"),
        "rules": Fact(what="event rule", is_of_guardian=True),
        "schedules": Fact(what="schedule", is_of_guardian=True),
        "tables": Fact(what="table", is_of_guardian=True),
        "topics": Fact(what="topic"),
    }
)


def lacking(entry: EventSet) -> tuple[str, ...]:
    """The facts that the set's pattern asks for and that only a deployment knows."""
    return tuple(fact for fact in entry.parameters if fact not in GIVEN)


def is_known(entry: EventSet) -> bool:
    """Whether a deployment can give everything that the set asks for."""
    return FACTS.keys() >= set(lacking(entry))


def absent(entry: EventSet, *, has_guardian: bool) -> tuple[str, ...]:
    """What there has to be for the set to watch anything, and is not in a stack with or without a guardian."""
    optional = {parameter.name for parameter in entry.template.parameters if parameter.is_optional}
    needed = (FACTS[fact] for fact in lacking(entry) if fact not in optional)
    return tuple(fact.what for fact in needed if fact.is_of_guardian and not has_guardian)


def render(name: str, facts: Mapping[str, Sequence[str]]) -> str:
    """The pattern of the event set `name` in a deployment with these physical names, by fact.

    Raises RenderError where no pattern that watches all of them, and little else, can be written.
    """
    entry = EVENT_SETS[name]
    values = {fact: tuple(facts.get(fact, ())) for fact in lacking(entry)}
    if ALARMS not in values:
        return _whole_or_begun(entry, values)
    problem: RenderError | None = None
    for cut in _CUTS:
        try:
            return entry.render(**{**_begun(values, longest=cut), ALARMS: beginnings(values[ALARMS], longest=cut)})
        except RenderError as error:
            problem = error
    raise RenderError(
        f"{problem}; an alerts.alarmPrefix of {SHORTEST_BEGINNING} characters or more "
        f"makes all {len(values[ALARMS])} alarms begin alike"
    )


def _whole_or_begun(entry: EventSet, values: Mapping[str, Sequence[str]]) -> str:
    """The pattern with whole names; where these do not fit, with what those of `BEGUN` begin with, as long as may be.

    A beginning may be another stack's too, so it is only for names that are long or many, as in other regions.
    """
    try:
        return entry.render(**values)
    except RenderError as error:
        problem = error
    for cut in _CUTS:
        try:
            return entry.render(**_begun(values, longest=cut))
        except RenderError as error:
            problem = error
    raise problem


def _begun(values: Mapping[str, Sequence[str]], *, longest: int) -> dict[str, Sequence[str]]:
    """The values with those of `BEGUN` cut to what they begin with."""
    return {fact: beginnings(names, longest=longest) if fact in BEGUN else names for fact, names in values.items()}


def beginnings(names: Collection[str], *, longest: int) -> tuple[str, ...]:
    """As few texts as cover all `names`: what all begin with and a star, else that for each first word.

    Names that share less than `SHORTEST_BEGINNING` characters stay whole, so that nobody else's are covered. What is
    longer than `longest` characters is cut there. Raises RenderError on a name that cannot stand in a pattern.
    """
    by_word: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        if odd := sorted(set(name) & set('"\\*')):
            raise RenderError(f"no filter pattern can look for the alarm name {name!r}, which holds {' '.join(odd)}")
        by_word.setdefault(_FIRST_WORD.sub(r"\1", name), []).append(name)
    if names and len(_shared(min(names), max(names))) >= SHORTEST_BEGINNING:
        by_word = {"": sorted(set(names))}  # a prefix need not end a word
    found: list[str] = []
    for group in by_word.values():
        shared = _shared(group[0], group[-1])  # they are sorted, so what these share all share
        if len(group) > 1 and len(shared) >= SHORTEST_BEGINNING:
            found.append(f"{shared[:longest]}*")
        else:
            found += (name if len(name) <= longest else f"{name[:longest]}*" for name in group)
    return tuple(dict.fromkeys(found))


def examples(entry: EventSet) -> dict[str, tuple[str, ...]]:
    """The catalogue's example names for what the set lacks, by fact. They exist nowhere."""
    return {fact: _several(entry.parameters[fact]) for fact in lacking(entry)}


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _shared(one: str, other: str) -> str:
    """What two texts begin with."""
    differ = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return one[: next(differ, min(len(one), len(other)))]
