"""Writing a tree as the text of a pattern."""

from __future__ import annotations

from collections.abc import Sequence

from filterpattern._limits import MAX_PATTERN_LENGTH
from filterpattern._numbers import is_number
from filterpattern._selectors import NAME
from filterpattern._terms import is_bare
from filterpattern._tokens import BARE
from filterpattern._tree import (
    And,
    AnyFields,
    Compare,
    Everything,
    Field,
    Fields,
    FieldTest,
    Is,
    Node,
    NotExists,
    Number,
    Or,
    Regex,
    Selector,
    Step,
    String,
    Term,
    Terms,
    Wildcard,
)


def render(tree: Node) -> str:
    """The canonical text of a pattern: strings quoted, one blank around operators, brackets where `&&` and `||` meet.

    A pattern that would be longer than CloudWatch takes is written as short as it can be instead, which is never longer
    than any text with this tree.
    """
    text = _Writer(compact=False).pattern(tree)
    return text if len(text) <= MAX_PATTERN_LENGTH else _Writer(compact=True).pattern(tree)


def quoted(value: str) -> str:
    """A string literal in double quotes. A backslash is doubled only where it would be read as an escape."""
    pieces: list[str] = []
    for index, char in enumerate(value):
        following = value[index + 1 : index + 2]
        must_escape = char == '"' or (char == "\\" and following in ("", '"', "\\"))
        pieces.append("\\" + char if must_escape else char)
    return f'"{"".join(pieces)}"'


def selector_text(selector: Selector, *, compact: bool = False) -> str:
    """A selector as it is written in a pattern."""
    pieces = ["$"]
    for step in selector.path:
        pieces.append(_step_text(step, dotted=compact or len(pieces) == 1))
    return "".join(pieces)


def _step_text(step: Step, *, dotted: bool) -> str:
    if isinstance(step, str):
        return f".{step}" if NAME.issuperset(step) else f".['{step}']"
    if isinstance(step, Wildcard):
        return ".*" if dotted else "[*]"
    return f"[{step}]"


def _term_text(term: Term) -> str:
    bare = all(map(is_bare, term.text))
    return f"{term.sign}{term.text if bare else quoted(term.text)}"


class _Writer:
    """One of the two ways to write: to be read, or `compact`."""

    def __init__(self, *, compact: bool) -> None:
        self._compact = compact
        self._blank = "" if compact else " "

    def pattern(self, tree: Node) -> str:
        match tree:
            case Everything():
                return ""
            case Regex(body):
                return f"%{body}%"
            case Terms(parts):
                return self._terms(parts)
            case Fields(parts):
                return f"[{f',{self._blank}'.join(self._field(part) for part in parts)}]"
        return f"{{{self._blank}{self._json(tree)}{self._blank}}}"

    def _json(self, node: Node) -> str:
        match node:
            case Or(parts):
                brackets = not self._compact
                return f"{self._blank}||{self._blank}".join(self._part(part, brackets=brackets) for part in parts)
            case And(parts):
                return f"{self._blank}&&{self._blank}".join(self._part(part, brackets=True) for part in parts)
            case Compare(selector, operator, literal):
                value = self._literal(literal)
                return f"{self._selector(selector)}{self._blank}{operator}{self._blank}{value}"
            case Is(selector, value):
                return f"{self._selector(selector)} IS {'NULL' if value is None else str(value).upper()}"
            case NotExists(selector):
                return f"{self._selector(selector)} NOT EXISTS"
        raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")

    def _part(self, part: Node, *, brackets: bool) -> str:
        text = self._json(part)
        return f"({text})" if brackets and isinstance(part, (And, Or)) else text

    def _selector(self, selector: Selector) -> str:
        return selector_text(selector, compact=self._compact)

    def _terms(self, terms: Sequence[Term]) -> str:
        text = ""
        for term in terms:  # a sign also begins a term directly after another
            text += ("" if not text or (self._compact and term.sign) else " ") + _term_text(term)
        return text

    def _field(self, part: Node) -> str:
        match part:
            case AnyFields():
                return "..."
            case Field(name, None):
                return name or ""
            case Field(name, test) if name and test:
                return self._field_test(name, test)
        raise TypeError(f"{type(part).__name__} is not part of a space-delimited pattern")

    def _field_test(self, name: str, node: Node) -> str:
        match node:
            case Or(parts) | And(parts):  # && binds tighter, and there are no brackets in this form
                symbol = f"{self._blank}{'||' if isinstance(node, Or) else '&&'}{self._blank}"
                return symbol.join(self._field_test(name, part) for part in parts)
            case FieldTest(operator, literal):
                value = quoted("...") if literal == String("...") else self._literal(literal)
                return f"{name}{self._blank}{operator}{self._blank}{value}"
        raise TypeError(f"{type(node).__name__} is not a condition on a field")

    def _literal(self, literal: Node) -> str:
        match literal:
            case Number(source):
                return source
            case Regex(body):
                return f"%{body}%"
            case String(value):
                bare = value and BARE.issuperset(value) and not is_number(value) and value.upper() != "NULL"
                return value if self._compact and bare else quoted(value)
        raise TypeError(f"{type(literal).__name__} is not a literal")
