"""Looking at everything of ours, kind by kind; what AWS refuses to show is part of the answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from guardian.inventory import channels, evidence, mutes, watching, wiring
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, NotSeenError, Seen

Reader = Callable[[Sequence[Thing], Eyes], Iterator[Seen]]

READERS: Mapping[str, Reader] = {
    "alarm": watching.alarms,
    "bucket": evidence.buckets,
    "filter": watching.filters,
    "function": wiring.functions,
    "insight-rule": watching.insight_rules,
    "key": evidence.keys,
    "log-group": watching.log_groups,
    mutes.KIND: mutes.mutes,
    "queue": channels.queues,
    "role": evidence.roles,
    "rule": wiring.rules,
    "subscription": channels.subscriptions,
    "topic": channels.topics,
}
"""Each is given things of one region that belong to one thing (`of`), and answers for each of them."""
_TOGETHER = frozenset({"alarm", "filter", "insight-rule", "subscription"})
"""Kinds that AWS lists; the others are asked for one by one, and a refusal is that one's own."""


def look(things: Iterable[Thing], eyes: Eyes) -> tuple[Seen, ...]:
    """What there is of each thing."""
    by_place = sorted(things, key=_place)
    return tuple(seen for place, group in groupby(by_place, key=_place) for seen in _read(place[0], list(group), eyes))


def _place(thing: Thing) -> tuple[str, str, str, str]:
    return thing.kind, thing.region, thing.of, "" if thing.kind in _TOGETHER else thing.name


def _read(kind: str, things: list[Thing], eyes: Eyes) -> list[Seen]:
    found: list[Seen] = []
    try:
        for seen in READERS[kind](things, eyes):  # one by one: what was seen before a refusal counts
            found.append(seen)  # noqa: PERF402
    except NotSeenError as error:
        known = {seen.thing.key for seen in found}
        rest = (thing for thing in things if thing.key not in known)
        found += (Seen(thing=thing, refused=(error.action, error.code)) for thing in rest)
    return found
