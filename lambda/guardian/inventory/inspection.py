"""One inspection: look at everything of ours, wait, look again, put back what the role may, and say what is left.

A difference is believed when it is seen twice, the grace time apart, and against the inventory of that moment: `pulumi
up` in the middle of its calls is left alone. What is known already is not waited for.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from common.retry import Clock

from guardian.environment import Environment
from guardian.inventory import conditions
from guardian.inventory.comparing import Difference, compare
from guardian.inventory.document import Inventory, NoInventory
from guardian.inventory.eyes import Eyes, Seen
from guardian.inventory.looking import look
from guardian.inventory.mending import mend, mendable
from guardian.sweep import Condition


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What an inspection works with.

    `read` gets the inventory. `wait` waits for the grace time, and answers False, without waiting, when this run has
    too little time left. `may_mend` says why nothing may be put back now, "" when it may; `begin` is told before a
    thing is. No call begins after `until`.
    """

    environment: Environment
    read: Callable[[], Inventory | NoInventory]
    client_for: Callable[[str, str], Any]
    clock: Clock
    until: float
    wait: Callable[[], bool]
    may_mend: Callable[[], str]
    begin: Callable[[Condition], None]


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What came of it. `found` are conditions, lasting or put back; `blind` the beginnings of keys not judged now."""

    found: tuple[Condition, ...] = ()
    blind: tuple[str, ...] = ()


BLIND = Inspected(blind=(conditions.OURS, conditions.unseen_key("")))
"""Nothing was looked at."""


def inspect(inventory: Inventory, *, known: Collection[str], tools: Tools) -> Inspected:
    """Compare everything with the inventory. `known` are the keys of incidents that people were told of already."""
    eyes = Eyes(client_for=tools.client_for, clock=tools.clock, until=tools.until)
    seen = look(inventory.things, eyes)
    differences = compare(seen)
    left = tools.may_mend() if any(map(mendable, differences)) else ""
    if any(_is_news(each, known=known, is_mended=not left) for each in differences) or _refused_now(seen, known):
        if not tools.wait():
            return _judged(seen, (), environment=tools.environment, is_first_look=True)
        again = tools.read()
        if isinstance(again, NoInventory):
            return BLIND
        seen, differences = _look_again(seen, differences, again, eyes)
    mended: list[Difference] = []
    if not left:
        mended = [each for each in differences if mendable(each) and _mends(each, eyes=eyes, tools=tools)]
        left = "AWS refused it"
    lasts = [each for each in differences if each not in mended]
    environment = tools.environment
    judged = _judged(seen, conditions.lasting(lasts, left=left, environment=environment), environment=environment)
    return Inspected(found=(*conditions.mended(mended, environment=environment), *judged.found), blind=judged.blind)


def _is_news(difference: Difference, *, known: Collection[str], is_mended: bool) -> bool:
    """Whether something would be told or done about it that was not told already."""
    # Once so many of a kind are told as one incident, one more or less is no news.
    keys = {conditions.key_of(difference), conditions.many_key(difference.thing.kind)}
    return not keys & {*known} or (is_mended and mendable(difference))


def _refused_now(seen: Iterable[Seen], known: Collection[str]) -> bool:
    """Whether AWS refuses to show something, and people do not know."""
    return any(each.refused and conditions.unseen_key(each.refused[0]) not in known for each in seen)


def _look_again(
    seen: tuple[Seen, ...], first: tuple[Difference, ...], inventory: Inventory, eyes: Eyes
) -> tuple[tuple[Seen, ...], tuple[Difference, ...]]:
    """A second look at what differed or was refused, by the inventory as it is now.

    What is no longer in that is nobody's trouble.
    """
    doubtful = {each.thing.key for each in first} | {each.thing.key for each in seen if each.refused}
    again = look([thing for thing in inventory.things if thing.key in doubtful], eyes)
    same = tuple(each for each in seen if each.thing.key not in doubtful)
    return (*same, *again), compare(again)


def _mends(difference: Difference, *, eyes: Eyes, tools: Tools) -> bool:
    """Put one thing back; whether it reads so afterwards."""
    for condition in conditions.lasting([difference], left="", environment=tools.environment):
        tools.begin(condition)
    if mend(difference, client_for=tools.client_for, clock=tools.clock, until=tools.until):
        return False
    (after,) = look([difference.thing], eyes)
    return not after.refused and not compare([after])


def _judged(
    seen: Iterable[Seen], lasting: Iterable[Condition], *, environment: Environment, is_first_look: bool = False
) -> Inspected:
    """What is told, and what is not judged now: what AWS refused, and after a first look alone what differed in it."""
    seen = tuple(seen)
    refused = [(each.thing, each.refused) for each in seen if each.refused]
    doubtful = [thing for thing, _ in refused]
    if is_first_look:
        doubtful += (each.thing for each in compare(seen))
    blind = {f"{conditions.OURS}{thing.key}#" for thing in doubtful}
    blind |= {conditions.many_key(thing.kind) for thing in doubtful}
    if is_first_look:
        return Inspected(blind=(*sorted(blind), conditions.unseen_key("")))
    return Inspected(found=(*lasting, *conditions.unseen(refused, environment=environment)), blind=tuple(sorted(blind)))
