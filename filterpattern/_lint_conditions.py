"""Lint rules for conditions of the JSON form: fields that are missing, booleans, numbers, addresses, precedence."""

from __future__ import annotations

from collections.abc import Iterator

from filterpattern._findings import Finding
from filterpattern._known_fields import ALWAYS_THERE
from filterpattern._literals import text_test
from filterpattern._render import selector_text
from filterpattern._tree import And, Compare, Node, NotExists, Number, Or, Regex, Selector, String, subtree

# Hold digits, or `true` and `false`, as text wherever they occur in CloudTrail.
_TEXT_NUMBERS = frozenset(
    ("accountId", "recipientAccountId", "eventVersion", "apiVersion", "eventTime", "sourceIPAddress")
)
_TEXT_BOOLEANS = frozenset(("mfaAuthenticated",))
_SERVICE = "cloudformation.amazonaws.com"


def lint_conditions(text: str, tree: Node) -> Iterator[Finding]:
    """What the conditions of a JSON pattern show, each seen with those it is joined with."""
    yield from _walk(text, tree, together=(), absent=frozenset())
    for node in subtree(tree):
        if isinstance(node, Or):
            yield from _precedence(text, node)


def _walk(text: str, node: Node, *, together: tuple[Node, ...], absent: frozenset[Selector]) -> Iterator[Finding]:
    """`together` are the other parts of every `&&` around this one, `absent` the fields that may also be missing."""
    match node:
        case And(parts):
            for index, part in enumerate(parts):
                yield from _walk(text, part, together=together + parts[:index] + parts[index + 1 :], absent=absent)
        case Or(parts):
            absent |= {part.selector for part in parts if isinstance(part, NotExists)}
            for part in parts:
                yield from _walk(text, part, together=together, absent=absent)
        case Compare(_, operator, literal):
            if operator == "!=":
                yield from _unequal(text, node, together=together, absent=absent)
            if isinstance(literal, String):
                yield from _string(text, node, literal)
            elif isinstance(literal, Number):
                yield from _number(text, node, literal)


def _unequal(text: str, node: Compare, *, together: tuple[Node, ...], absent: frozenset[Selector]) -> Iterator[Finding]:
    selector, written = node.selector, selector_text(node.selector)
    if selector.path == ("sourceIPAddress",) and _matches_services(selector, (node, *together)):
        why = "calls made by AWS itself have a service's name in place of the address, and match too"
        fix = f'add && {written} != "*.amazonaws.com" && {written} != "AWS Internal*"'
        yield Finding("ip-ne-alone", text, *node.span, why, fix)
    known = selector.path in ALWAYS_THERE
    if known or selector.has_wildcard or selector in absent or any(_needs(other, selector) for other in together):
        return
    condition = text[node.span[0] : node.span[1]]
    why = f"!= is false where {written} is missing"
    yield Finding("ne-missing", text, *node.span, why, f"write (({written} NOT EXISTS) || ({condition}))")


def _needs(node: Node, selector: Selector) -> bool:
    """Whether a condition asks for something that the field has, and so says on purpose that it is there."""
    match node:
        case Compare(where, operator, _):
            return where == selector and operator != "!="
        case And(parts):
            return any(_needs(part, selector) for part in parts)
        case Or(parts):
            return all(_needs(part, selector) for part in parts)
    return False


def _matches_services(selector: Selector, together: tuple[Node, ...]) -> bool:
    """Whether the conditions that hold together let a service's name in the place of an address pass."""
    for part in together:
        match part:
            case NotExists(where) if where.path == ("userIdentity", "invokedBy"):
                return False
            case Compare(where, operator, String() | Regex() as literal) if where == selector:
                if text_test(literal)(_SERVICE) is not (operator == "="):
                    return False
    return True


def _string(text: str, node: Compare, literal: String) -> Iterator[Finding]:
    written, value = selector_text(node.selector), literal.value
    name = node.selector.path[-1]
    if value.lower() in ("true", "false") and name not in _TEXT_BOOLEANS:
        is_it = f"{written} IS {value.upper()}"
        fix = f"write {is_it}" if node.operator == "=" else ""
        why = f"{value} is a plain string here, and never a JSON boolean"
        yield Finding("boolean-compare", text, *node.span, why, fix)
    if value and not value.strip("*"):
        why = (
            "this is true for strings and numbers only, not for booleans, objects, arrays and null"
            if node.operator == "="
            else "this can never be true: every string and number fits *"
        )
        yield Finding("star-as-exists", text, *node.span, why)


def _number(text: str, node: Compare, literal: Number) -> Iterator[Finding]:
    name = node.selector.path[-1]
    source = literal.source
    is_text = name in _TEXT_NUMBERS
    written = selector_text(node.selector)
    if node.operator not in ("=", "!="):
        if is_text:
            yield Finding("number-on-text", text, *node.span, f"{written} holds a text, which no ordering matches")
    elif is_text or (source[0] == "0" and source.isdigit() and len(source) > 1):
        why = f"texts are compared with {source} as it is written, numbers by value"
        yield Finding("number-on-text", text, *literal.span, why, f'write "{source}"')


def _precedence(text: str, node: Or) -> Iterator[Finding]:
    for part in node.parts:
        if isinstance(part, And) and not _in_brackets(text, part):
            start, end = part.span
            why = "&& binds tighter than ||, so this part stands alone"
            yield Finding("or-and", text, start, end, why, f"write ({text[start:end]})")


def _in_brackets(text: str, node: Node) -> bool:
    before, after = text[: node.span[0]].rstrip(), text[node.span[1] :].lstrip()
    return before.endswith("(") and after.startswith(")")
