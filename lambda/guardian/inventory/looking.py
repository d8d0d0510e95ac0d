"""Looking at everything of ours, kind by kind; what AWS refuses to show is part of the answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import TypeVar

from guardian.inventory import channels, evidence, mutes, watching, wiring
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, NotSeenError, Seen

T = TypeVar("T")
U = TypeVar("U")
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
    "schedule": wiring.schedules,
    "subscription": channels.subscriptions,
    "topic": channels.topics,
}
"""Each is given things of one region that belong to one thing (`of`), and answers for each of them."""
_TOGETHER = frozenset({"alarm", "filter", "insight-rule", "subscription"})
"""Kinds that AWS lists; the others are asked for one by one, and a refusal is that one's own."""
AT_ONCE = 8
"""So many regions are looked at beside each other. One after the other, thirty forwarders would take most of a run:
each region wants connections of its own, half way round the world. More at once would only wait for the processor."""


def look(things: Iterable[Thing], eyes: Eyes) -> tuple[Seen, ...]:
    """What there is of each thing, by kind and place, whatever order they are given in."""
    by_place = sorted(things, key=_place)
    places = [list(group) for _, group in groupby(by_place, key=_place)]
    by_region: dict[str, list[int]] = {}
    for number, place in enumerate(places):
        by_region.setdefault(place[0].region, []).append(number)

    def look_around(numbers: Iterable[int]) -> list[tuple[int, list[Seen]]]:
        return [(number, _read(places[number][0].kind, places[number], eyes)) for number in numbers]

    found = chain.from_iterable(_beside_each_other(look_around, [*by_region.values()]))
    return tuple(seen for _, part in sorted(found, key=itemgetter(0)) for seen in part)


def _beside_each_other(look_around: Callable[[T], U], regions: Sequence[T]) -> list[U]:
    if len(regions) < 2:
        return list(map(look_around, regions))
    # Only now: a cold start that has a stopped trail to start should not wait for it.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(AT_ONCE, len(regions))) as pool:
        return list(pool.map(look_around, regions))


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
