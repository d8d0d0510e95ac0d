"""Two revisions side by side: what gets weaker first, then every value that differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from operate.report import words
from operate.report.snapshot import Snapshot
from operate.report.weaker import weaker
from settings import replacements


@dataclass(frozen=True)
class Difference:
    """One value before and after; None is "not there"."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Comparison:
    """What a change of the stack file means. `before` is None for a stack that is new."""

    revision: str
    before: Snapshot | None
    weaker: tuple[str, ...]
    replacements: tuple[str, ...]
    """What `pulumi up` deletes or makes anew, and what is not recorded meanwhile."""
    differences: tuple[Difference, ...]


def compare(before: Snapshot | None, after: Snapshot, *, revision: str) -> Comparison:
    """`after` against `before`, which is what `revision` says."""
    if before is None:
        return Comparison(revision, None, (), (), ())
    old, new = before.values, after.values
    keys = [*old, *(key for key in new if key not in old)]
    differences = [Difference(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
    details = before.details
    differences += [
        Difference(f"watch: {name}, {what}", details[name, what], given)
        for (name, what), given in after.details.items()
        if (name, what) in details
    ]
    differences += [
        Difference("resources in all", before.settings.plan().total, after.settings.plan().total),
        Difference("US dollars a month", words.dollars(before.bill.dollars), words.dollars(after.bill.dollars)),
    ]
    return Comparison(
        revision,
        before,
        tuple(weaker(before.settings, after.settings)),
        replacements(before.settings, after.settings),
        tuple(each for each in differences if each.before != each.after),
    )
