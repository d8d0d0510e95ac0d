"""From the tree of a JSON pattern to one function over parsed events. Total: no JSON value makes it raise.

The tree is turned into nested functions once, so that evaluating costs little more than the look-ups it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from filterpattern._literals import Test, literal_test, one_of_test, text_of_node
from filterpattern._tree import And, Compare, Is, Node, NotExists, Or, Selector, String
from filterpattern._walk import MISSING, Event, Finder, getter

Predicate = Callable[[Event], bool]


def predicate(node: Node) -> Predicate:
    """The function that says whether an event fits a tree of the JSON form."""
    match node:
        case Or():
            return _any(_merge_equals(node.parts))
        case And():
            return _all([predicate(part) for part in node.parts])
        case Compare():
            return _compare(node)
        case Is():
            return _is(node)
        case NotExists():
            return _not_exists(node.selector)
    raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")


def _any(parts: Sequence[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda event: first(event) or second(event)

    def holds(event: Event) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than most of the parts
            if part(event):
                return True
        return False

    return holds


def _all(parts: Sequence[Predicate]) -> Predicate:
    if len(parts) == 2:
        first, second = parts
        return lambda event: first(event) and second(event)

    def holds(event: Event) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if not part(event):
                return False
        return True

    return holds


def _merge_equals(parts: Sequence[Node]) -> list[Predicate]:
    """The parts of an `Or`, with all `selector = "text"` on one selector made into a single look-up.

    That is the usual shape of a pattern: one field, a dozen names, or as many beginnings of names.
    """
    names: dict[Selector, list[str]] = {}
    rest: list[Node] = []
    for part in parts:
        match part:
            case Compare(selector, "=", String(value)) if not selector.has_wildcard:
                names.setdefault(selector, []).append(value)
            case _:
                rest.append(part)
    return [_one_of(selector, values) for selector, values in names.items()] + [predicate(part) for part in rest]


def _one_of(selector: Selector, values: Sequence[str]) -> Predicate:
    find = getter(selector.path)
    if any("*" in value for value in values):
        fits = one_of_test(values)

        def fits_one(event: Event) -> bool:
            node = find(event)
            text = node if type(node) is str else text_of_node(node)
            return text is not None and fits(text)

        return fits_one
    wanted = frozenset(values)

    def holds(event: Event) -> bool:
        node = find(event)
        if type(node) is str:
            return node in wanted
        return node is not MISSING and text_of_node(node) in wanted

    return holds


def _compare(node: Compare) -> Predicate:
    selector, symbol, literal = node.selector, node.operator, node.literal
    if symbol == "=" and isinstance(literal, String) and not selector.has_wildcard:
        return _one_of(selector, (literal.value,))
    if selector.has_wildcard and symbol == "!=":
        return _no_node(Finder(selector), literal_test("=", literal))
    return _some_node(selector, literal_test(symbol, literal))


def _some_node(selector: Selector, test: Test) -> Predicate:
    """True if the node fits; with a wildcard, if any of the nodes does (rule R9)."""
    if not selector.has_wildcard:
        find = getter(selector.path)
        return lambda event: test(find(event))
    nodes = Finder(selector).nodes
    return lambda event: any(map(test, nodes(event)))


def _no_node(finder: Finder, equals: Test) -> Predicate:
    """`!=` with a wildcard (rule R10): the path before it exists and none of the nodes equals the literal."""

    def holds(event: Event) -> bool:
        parent = finder.parent(event)
        return parent is not MISSING and not any(map(equals, finder.nodes_under(parent)))

    return holds


def _is(node: Is) -> Predicate:
    value = node.value
    if value is None and not node.selector.has_wildcard:
        return _some_node(node.selector, _null_or_holds_null)
    return _some_node(node.selector, lambda found: found is value)


def _null_or_holds_null(node: object) -> bool:
    # A quirk of the service (rule R8): without a wildcard an array that directly holds a null passes as well. Only
    # arrays with the null in front were observed.
    return node is None or (isinstance(node, (list, tuple)) and any(element is None for element in node))


def _not_exists(selector: Selector) -> Predicate:
    if not selector.has_wildcard:
        find = getter(selector.path)
        return lambda event: find(event) is MISSING
    nodes = Finder(selector).nodes
    return lambda event: not any(True for _ in nodes(event))
