"""What one literal asks of one node: functions from a node to whether it fits.

A node is whatever JSON can hold, or MISSING. Comparisons see strings and numbers only (rule R3): for all else `=` and
`!=` are both false.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal

from filterpattern._numbers import finite_value, literal_value, text_of
from filterpattern._regex_match import Matcher
from filterpattern._regex_syntax import parse_regex
from filterpattern._tree import Number, Regex, String

Test = Callable[[object], bool]
ORDER: dict[str, Callable[[int | Decimal, int | Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def text_of_node(node: object) -> str | None:
    """The text by which a node is compared with strings and regexes; None if it is neither a string nor a number."""
    if isinstance(node, str):
        return node
    if node is True or node is False:
        return None
    return text_of(node) if isinstance(node, (int, float, Decimal)) else None


def literal_test(symbol: str, literal: String | Number | Regex) -> Test:
    """The function for `operator literal` on a single node."""
    if isinstance(literal, Number):
        return _number_test(symbol, literal)
    wanted = symbol == "="
    if isinstance(literal, String) and "*" not in literal.value:
        return _plain_text_test(literal.value, wanted=wanted)
    fits = text_test(literal)

    def on_text(node: object) -> bool:
        text = text_of_node(node)
        return text is not None and fits(text) is wanted

    return on_text


def _plain_text_test(value: str, *, wanted: bool) -> Test:
    """The most frequent test, without the detour over another function."""

    def compare(node: object) -> bool:
        text = node if type(node) is str else text_of_node(node)
        return text is not None and (text == value) is wanted

    return compare


def text_test(literal: String | Regex) -> Callable[[str], bool]:
    """The function from a text to whether a string or regex literal fits it."""
    if isinstance(literal, Regex):
        return Matcher(parse_regex(literal.body, text=literal.body, offset=0)).search
    if "*" not in literal.value:
        return literal.value.__eq__
    return glob_test(literal.value)


def one_of_test(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text fits any of some strings, in which `*` is as in `glob_test`: most are names or begin names."""
    exact: list[str] = []
    starts: list[str] = []
    globs: list[Callable[[str], bool]] = []
    for pattern in patterns:
        match pattern.count("*"):
            case 0:
                exact.append(pattern)
            case 1 if pattern.endswith("*"):
                starts.append(pattern[:-1])
            case _:
                globs.append(glob_test(pattern))
    names, beginnings, others = frozenset(exact), tuple(starts), tuple(globs)
    if not others:
        return lambda text: text in names or text.startswith(beginnings)
    return lambda text: text in names or text.startswith(beginnings) or any(fits(text) for fits in others)


def glob_test(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits a string in which every `*` stands for any run of characters (rule R11)."""
    head, *middle, tail = pattern.split("*")
    least = len(head) + len(tail)
    pieces = tuple(piece for piece in middle if piece)
    if not pieces:
        return lambda text: len(text) >= least and text.startswith(head) and text.endswith(tail)

    def fits(text: str) -> bool:
        if not (len(text) >= least and text.startswith(head) and text.endswith(tail)):
            return False
        # Taking each piece at its first place leaves the most room for those after it: no going back is needed.
        at, stop = len(head), len(text) - len(tail)
        for piece in pieces:
            at = text.find(piece, at, stop)
            if at < 0:
                return False
            at += len(piece)
        return True

    return fits


def _number_test(symbol: str, literal: Number) -> Test:
    exact, source = literal_value(literal.source), literal.source
    if symbol in ORDER:
        holds = ORDER[symbol]

        def ordered(node: object) -> bool:
            value = _finite(node)
            return value is not None and holds(value, exact)

        return ordered
    wanted = symbol == "="

    def equal(node: object) -> bool:
        if isinstance(node, str):
            return (node == source) is wanted
        value = _finite(node)
        return value is not None and (value == exact) is wanted

    return equal


def _finite(node: object) -> int | Decimal | None:
    if node is True or node is False or not isinstance(node, (int, float, Decimal)):
        return None
    return finite_value(node)
