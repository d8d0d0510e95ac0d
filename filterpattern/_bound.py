"""Which texts a pattern demands of certain fields in every case: who a suppression is about."""

from __future__ import annotations

from collections.abc import Collection

from filterpattern._pattern import JSON, Pattern
from filterpattern._tree import And, Compare, Node, Or, Selector, String

Path = tuple[str, ...]
Bound = frozenset[tuple[Path, str]]


def bound_texts(pattern: Pattern, fields: Collection[Path]) -> Bound | None:
    """For each branch of a pattern one demand that a field of `fields` be a text (`*` in it stands for anything).

    None if some branch demands nothing of them, so that events match whatever these fields hold. Only `=` with a text
    counts: `!=` and NOT EXISTS say who it is not, and a regular expression is not judged.
    """
    return _bound(pattern.tree, frozenset(fields)) if pattern.form == JSON else None


def _bound(node: Node, fields: frozenset[Path]) -> Bound | None:
    match node:
        case Compare(Selector(path), "=", String(value)) if path in fields:
            return frozenset({(tuple(str(step) for step in path), value)})
        case And(parts):
            found = [bound for part in parts if (bound := _bound(part, fields)) is not None]
            # One is enough, and the longest text says the most.
            return max(found, key=_length) if found else None
        case Or(parts):
            each = [_bound(part, fields) for part in parts]
            known = [bound for bound in each if bound is not None]
            return frozenset().union(*known) if len(known) == len(each) else None
        case _:
            return None


def _length(bound: Bound) -> int:
    return min(len(text.replace("*", "")) for _path, text in bound)
