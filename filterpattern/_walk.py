"""Following a selector into a parsed event (rule R2). A step that does not fit gives no node, never an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from filterpattern._tree import ANY, Selector, Step, Wildcard

Event = Mapping[str, object]


class _Missing:
    """What a path without a wildcard gives where there is no node; JSON has nothing that could be mistaken for it."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
_LEAVES = frozenset((str, int, float, bool, type(None), _Missing))


def child(node: object, step: Step) -> object:
    """The node one named or numbered step further, or MISSING."""
    kind = type(node)
    if isinstance(step, str):
        if kind is dict or (kind not in _LEAVES and isinstance(node, Mapping)):
            return node.get(step, MISSING)  # pyright: ignore[reportAttributeAccessIssue]
    elif isinstance(step, int) and isinstance(node, (list, tuple)) and step < len(node):
        return node[step]
    return MISSING


def children(node: object) -> Iterable[object]:
    """The elements of an array, the values of an object, nothing for the rest."""
    if isinstance(node, (list, tuple)):
        return node
    if type(node) not in _LEAVES and isinstance(node, Mapping):
        return node.values()
    return ()


def getter(path: Sequence[Step]) -> Callable[[Event], object]:
    """A function from an event to the node at `path` (no wildcard) or MISSING."""
    steps = tuple(path)
    first = steps[0] if steps else None
    if len(steps) == 1 and isinstance(first, str):
        return lambda event: event.get(first, MISSING)
    if len(steps) == 2 and isinstance(first, str):
        second = steps[1]

        def of_two(event: Event) -> object:
            node = event.get(first)
            return MISSING if node is None else child(node, second)

        return of_two

    def of_many(event: Event) -> object:
        node: object = event
        for step in steps:
            node = child(node, step)
            if node is MISSING:
                return MISSING
        return node

    return of_many


class Finder:
    """A selector with a wildcard: its nodes, and whether the path before the wildcard exists (rule R10)."""

    def __init__(self, selector: Selector) -> None:
        at = next(index for index, step in enumerate(selector.path) if isinstance(step, Wildcard))
        self.parent = getter(selector.path[:at])
        self._rest = selector.path[at + 1 :]
        assert ANY not in self._rest

    def nodes_under(self, parent: object) -> Iterable[object]:
        """The nodes that the selector gives under the node before its wildcard."""
        found: Iterable[object] = children(parent)
        for step in self._rest:
            found = [after for node in found if (after := child(node, step)) is not MISSING]
        return found

    def nodes(self, event: Event) -> Iterable[object]:
        """All nodes that the selector gives."""
        return self.nodes_under(self.parent(event))
