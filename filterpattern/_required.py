"""What a pattern needs of one field, whatever the others are: the conclusion that indices and translations draw."""

from __future__ import annotations

from collections.abc import Iterable

from filterpattern._tree import And, Compare, Node, Or, Selector, String


class AnyText:
    """The field has to be a string or a number, of whatever text."""

    def __repr__(self) -> str:
        return "ANY_TEXT"


ANY_TEXT = AnyText()
Texts = frozenset[str] | AnyText | None


def required_texts(node: Node, selector: Selector) -> Texts:
    """The texts of which the field at `selector` (no wildcard in it) has one in every event that fits the tree.

    None where the tree can also fit without: by the rules R3 to R6 and R12 a comparison holds for strings and numbers
    only, so it always says something; `IS` and `NOT EXISTS` do not.
    """
    match node:
        case Compare(where, operator, literal) if where == selector and not where.has_wildcard:
            exact = operator == "=" and isinstance(literal, String) and "*" not in literal.value
            return frozenset((literal.value,)) if exact and isinstance(literal, String) else ANY_TEXT
        case And(parts):
            return _both(required_texts(part, selector) for part in parts)
        case Or(parts):
            return _either(required_texts(part, selector) for part in parts)
    return None


def _both(parts: Iterable[Texts]) -> Texts:
    result: Texts = None
    for texts in parts:
        if result is None or (result is ANY_TEXT and texts is not None):
            result = texts
        elif isinstance(texts, frozenset) and isinstance(result, frozenset):
            result &= texts
    return result


def _either(parts: Iterable[Texts]) -> Texts:
    result: Texts = frozenset()
    for texts in parts:
        if texts is None:
            return None
        result = result | texts if isinstance(texts, frozenset) and isinstance(result, frozenset) else ANY_TEXT
    return result
