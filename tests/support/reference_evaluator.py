"""The rules R1 to R13 of the JSON form written down once more, as plainly as possible and without regard to speed.

It judges `filterpattern`, so it shares nothing with it but the tree. Regexes are google-re2's.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import re2

from filterpattern._tree import ANY, And, Compare, Is, Node, NotExists, Number, Or, Regex, Selector, String


def holds(tree: Node, event: Mapping[str, Any]) -> bool:
    """Whether the event fits the tree."""
    match tree:
        case And(parts):
            return all(holds(part, event) for part in parts)
        case Or(parts):
            return any(holds(part, event) for part in parts)
        case NotExists(selector):
            return not find(selector, event)
        case Is(selector, value):
            found = find(selector, event)
            if value is None and ANY not in selector.path:
                return any(
                    node is None or (isinstance(node, list) and None in [x for x in node if x is None])
                    for node in found
                )
            return any(node is value for node in found)
        case Compare(selector, "!=", literal) if ANY in selector.path:
            parent = Selector(selector.path[: selector.path.index(ANY)])
            return bool(find(parent, event)) and not any(fits(node, "=", literal) for node in find(selector, event))
        case Compare(selector, operator, literal):
            return any(fits(node, operator, literal) for node in find(selector, event))
    raise TypeError(tree)


def find(selector: Selector, event: Mapping[str, Any]) -> list[Any]:
    """The nodes a selector gives."""
    found: list[Any] = [event]
    for step in selector.path:
        after: list[Any] = []
        for node in found:
            if step is ANY:
                after += node if isinstance(node, list) else node.values() if isinstance(node, dict) else []
            elif isinstance(node, dict) and isinstance(step, str):
                after += [node[step]] if step in node else []
            elif isinstance(node, list) and isinstance(step, int):
                after += node[step : step + 1]
        found = after
    return found


def fits(node: Any, operator: str, literal: Node) -> bool:
    """Whether one node fits `operator literal`."""
    if isinstance(node, bool) or not isinstance(node, (str, int, float)):
        return False
    if isinstance(literal, Number):
        if isinstance(node, str):
            return {"=": node == literal.source, "!=": node != literal.source}.get(operator, False)
        if isinstance(node, float) and not math.isfinite(node):
            return False
        value, wanted = Decimal(str(node)), Decimal(literal.source)
        order = (value > wanted) - (value < wanted)
        return {"=": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[
            operator
        ]
    text = node if isinstance(node, str) else number_text(node)
    match literal:
        case String(value):
            same = re.fullmatch(".*".join(map(re.escape, value.split("*"))), text, re.DOTALL) is not None
        case Regex(body):
            same = re2.search(body, text.encode("utf-8", "replace").decode()) is not None
        case _:
            raise TypeError(literal)
    return same if operator == "=" else not same


def number_text(number: float) -> str:
    """A number's text as Java writes it."""
    if isinstance(number, int):
        return str(number)
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return (
            format(Decimal(repr(number)), "f")
            if "." in format(Decimal(repr(number)), "f")
            else f"{Decimal(repr(number)):f}.0"
        )
    mantissa, exponent = f"{Decimal(repr(number)).normalize():e}".split("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
