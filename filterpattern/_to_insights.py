"""Patterns as CloudWatch Logs Insights filters, for the log group that the metric filter is on.

Insights finds the fields of JSON messages by itself and names them by their path. It makes no difference between a text
and a number that read alike, and here `!=` is true on a missing field (observed), so presence is asked for.
"""

from __future__ import annotations

import re

from filterpattern._known_fields import ALWAYS_TEXT
from filterpattern._pattern import FIELDS, Pattern
from filterpattern._portable_regex import portable_regex
from filterpattern._render import selector_text
from filterpattern._translation import Translation, TranslationError, alternatives, as_pattern, is_textual
from filterpattern._tree import (
    And,
    Compare,
    Everything,
    Is,
    Node,
    NotExists,
    Number,
    Or,
    Regex,
    Selector,
    String,
    Terms,
)

NOTES = (
    "Insights finds at most 200 fields in one JSON event, and none that is an object or an array",
    "written from documentation; a message that is not one JSON object is not excluded",
)
LIKE_NUMBERS = "a text and a number that read alike are not told apart here"
BOOLEANS = "how a boolean compares is not settled here"
ABSENCE = "an object or an array counts as missing here, and whether null does is not settled"
LINE_BREAKS = "a wildcard in the middle does not run over line breaks here"

_PLAIN = re.compile(r"[A-Za-z0-9_]+")


def to_insights(pattern: Pattern | str) -> Translation:
    """One `filter` command of a Logs Insights query. Raises TranslationError."""
    pattern = as_pattern(pattern)
    writer = _Writer()
    match pattern.tree:
        case Everything():
            return Translation("filter ispresent(@message)")
        case Regex(body):
            return Translation(f"filter @message like {_regex(body)}")
        case Terms() as terms:
            return Translation(f"filter {_terms(terms)}")
    if pattern.form == FIELDS:
        raise TranslationError("Insights cuts messages into fields by `parse`, in other ways than a filter does")
    text = f"filter {writer.condition(pattern.tree)}"
    return Translation(text, tuple(dict.fromkeys(writer.caveats)), NOTES)


def _terms(terms: Terms) -> str:
    others = [term for term in terms.parts if term.sign != "?"]
    if others:
        return " and ".join(f"@message {'not ' if term.sign else ''}like {_quoted(term.text)}" for term in others)
    return " or ".join(f"@message like {_quoted(term.text)}" for term in terms.parts)


class _Writer:
    """Turns the tree into a condition and collects what is lost."""

    def __init__(self) -> None:
        self.caveats: list[str] = []

    def condition(self, node: Node) -> str:
        match node:
            case And(parts):
                return " and ".join(self._part(part) for part in parts)
            case Or(parts):
                return " or ".join(self._alternative(part) for part in alternatives(parts, listable=_listable))
            case NotExists(selector):
                if selector.path not in ALWAYS_TEXT:
                    self.caveats.append(ABSENCE)
                return f"not ispresent({_field(selector)})"
            case Is(selector, value):
                word = "NULL" if value is None else str(value).upper()
                reason = f"how Insights compares null and booleans is not settled: {selector_text(selector)} IS {word}"
                raise TranslationError(reason)
            case Compare(selector, operator, literal):
                return self._compare(selector, operator, literal)
        raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")

    def _part(self, node: Node) -> str:
        return f"({self.condition(node)})"

    def _alternative(self, part: Node | tuple[Selector, list[str]]) -> str:
        if isinstance(part, Node):
            return self._part(part)
        selector, values = part
        if len(values) == 1:
            return self._part(Compare(selector, "=", String(values[0])))
        return f"{_field(selector)} in [{', '.join(map(_quoted, values))}]"

    def _compare(self, selector: Selector, operator: str, literal: Node) -> str:
        field = _field(selector)
        is_text = selector.path in ALWAYS_TEXT
        unequal = operator == "!="
        if not is_text and (unequal or _could_be_boolean(literal)):
            self.caveats.append(BOOLEANS)
        if not is_text and not is_textual(literal):
            self.caveats.append(LIKE_NUMBERS)
        match literal:
            case Number(source):
                if is_text and not unequal and operator != "=":
                    raise TranslationError(f"{selector_text(selector)} holds texts, which no {operator} matches")
                fits = f"{field} {operator} {_quoted(source) if is_text else source.lstrip('+')}"
            case String(value) if "*" not in value:
                fits = f"{field} {operator} {_quoted(value)}"
            case String(value) if not value.strip("*"):
                if unequal:
                    raise TranslationError('`!= "*"` can never be true')
                return f"ispresent({field})"
            case String(value):
                if "*" in value.strip("*") and not is_text:
                    self.caveats.append(LINE_BREAKS)
                fits = f"{field} {'not ' if unequal else ''}like {_glob(value)}"
            case Regex(body):
                fits = f"{field} {'not ' if unequal else ''}like {_regex(body)}"
            case _:
                raise TypeError(f"{type(literal).__name__} is not a literal")
        return f"ispresent({field}) and {fits}" if unequal else fits


def _listable(selector: Selector, value: str) -> bool:
    """Whether a text needs no caveat, so that it may stand in a list of texts."""
    return selector.path in ALWAYS_TEXT or (is_textual(String(value)) and not _could_be_boolean(String(value)))


def _could_be_boolean(literal: Node) -> bool:
    return isinstance(literal, String) and (literal.value in ("true", "false") or not literal.value.strip("*"))


def _field(selector: Selector) -> str:
    pieces: list[str] = []
    for step in selector.path:
        if isinstance(step, str):
            if "." in step or "`" in step or not step.isprintable():
                raise TranslationError(f"Insights cannot name the field {step!r}")
            pieces.append(step)
        elif isinstance(step, int):
            pieces.append(str(step))
        else:
            raise TranslationError(f"Insights has no wildcard for fields: {selector_text(selector)}")
    name = ".".join(pieces)
    return name if all(map(_PLAIN.fullmatch, pieces)) else f"`{name}`"


def _quoted(value: str) -> str:
    if not value.isprintable():
        raise TranslationError("a text with control characters cannot be written in an Insights query")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _glob(value: str) -> str:
    """A string with wildcards as a regex: open where it begins or ends with one."""
    if not value.isprintable():
        raise TranslationError("a text with control characters cannot be written in an Insights query")
    pieces = re.split(r"\*+", value)
    body = ".*".join("".join(map(_escaped, piece)) for piece in pieces)
    start = "" if value.startswith("*") else "^"
    end = "" if value.endswith("*") else "$"
    return f"/{start}{body.removeprefix('.*').removesuffix('.*') if not (start and end) else body}{end}/"


def _escaped(char: str) -> str:
    return char if char.isalnum() or char in "_ " or not char.isascii() else f"\\{char}"


def _regex(body: str) -> str:
    return f"/{portable_regex(body)}/"  # a slash inside would end it; there it is escaped, as all punctuation
