"""Patterns as EventBridge event patterns on CloudTrail events, which stand under `detail`.

An event pattern is a list of alternatives (`$or`), each an object that asks one thing of each field. So the tree is
multiplied out into alternatives, and conditions on one field are merged into one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from filterpattern._event_pattern import Clause, Path, written
from filterpattern._known_fields import ALWAYS_TEXT, NEVER_ARRAYS
from filterpattern._literals import ORDER
from filterpattern._matchers import (
    Between,
    Block,
    Exactly,
    Exists,
    Glob,
    Matcher,
    Num,
    Text,
    Unlike,
    both,
)
from filterpattern._pattern import JSON, Pattern
from filterpattern._regex_shapes import as_blocks, as_globs
from filterpattern._translation import Translation, TranslationError, as_pattern, is_textual
from filterpattern._tree import ANY, And, Compare, Is, Node, NotExists, Number, Or, Regex, Selector, String

NOTES = (
    "EventBridge delivers at best effort",
    "read-only events (Get, List, Describe) arrive only under a rule in the state "  # noqa: ISC004
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    "detail-type is left open: `AWS API Call via CloudTrail` for calls, other texts for sign-ins and service events",
)
IN_ARRAYS = "an array matches here if one of its elements does"
TEXT_OF_NUMBERS = "a number is not compared by its text here"
UNEQUAL_TO_ALL = "`!=` also holds for null and booleans here"
UNEQUAL_TEXT = "a text that reads like the number is unequal to it here"
ALSO_ABSENT = "NOT EXISTS also holds for objects, `{}` and `[]` here"
ALSO_PRESENT = 'a value of any kind that is no object passes for `= "*"` here'
ONE_WILDCARD = "values of objects are not looked at here, and a value outside of an array is"
SAME_ELEMENT = "two conditions inside one array must be met by the same element here"
ADDRESSES_ONLY = "only texts that are whole IPv4 addresses lie in a block here"
LINE_BREAKS = "the wildcard also runs over line breaks here"

MAX_TEXT = 2048
MAX_TEXT_RAISED = 4096
"""Characters of an event pattern, and what AWS raises the quota to (EventBridge quotas, read 2026-09)."""
MAX_ALTERNATIVES = 1000
MAX_NUMBER = Decimal("5e9")
"""Largest number, either side of zero, in a `numeric` match (EventBridge user guide, content filtering)."""


def to_eventbridge(pattern: Pattern | str) -> Translation:
    """An event pattern, as JSON text, for the same CloudTrail events. Raises TranslationError."""
    pattern = as_pattern(pattern)
    if pattern.form != JSON:
        raise TranslationError("an event pattern looks at fields of JSON events, not at the text of messages")
    writer = _Writer()
    clauses = writer.clauses(pattern.tree)
    if sum(selector.has_wildcard for selector in pattern.selectors) > 1:
        writer.caveats.append(SAME_ELEMENT)
    if not clauses:
        raise TranslationError("the pattern can never match")
    text = json.dumps({"detail": written(clauses)}, ensure_ascii=False, separators=(", ", ": "))
    notes = NOTES
    if len(text) > MAX_TEXT_RAISED:
        raise TranslationError(f"{len(text):,} characters; an event pattern may have {MAX_TEXT_RAISED:,} at most")
    if len(text) > MAX_TEXT:
        notes += (f"{len(text):,} characters: the quota of {MAX_TEXT:,} must be raised first",)
    return Translation(text, tuple(dict.fromkeys(writer.caveats)), notes)


class _Writer:
    """Multiplies the tree out and collects what is lost."""

    def __init__(self) -> None:
        self.caveats: list[str] = []

    def clauses(self, node: Node) -> list[Clause]:
        """Alternatives that together say the tree; each field stands once in each of them."""
        match node:
            case Or(parts):
                found = _join_one_field([clause for part in parts for clause in self.clauses(part)])
            case And(parts):
                found: list[Clause] = [{}]
                for part in parts:
                    found = _product(found, self.clauses(part))
            case Compare() | Is() | NotExists():
                return [{self._path(node.selector): self._leaf(node)}]
            case _:
                raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")
        if len(found) > MAX_ALTERNATIVES:
            raise TranslationError(f"{len(found):,} alternatives; an event pattern may have {MAX_ALTERNATIVES:,}")
        return found

    def _path(self, selector: Selector) -> Path:
        path: list[str] = []
        for step in selector.path:
            if isinstance(step, int):
                raise TranslationError("an event pattern has no index; it looks at every element of an array")
            if step is ANY:
                self.caveats.append(ONE_WILDCARD)
            elif isinstance(step, str):
                if "." in step or step == "$or":
                    raise TranslationError(f"an event pattern cannot name the field {step!r}")
                path.append(step)
        if not path:
            raise TranslationError("an event pattern has no wildcard for the name of a field")
        if selector.path not in NEVER_ARRAYS:
            self.caveats.append(IN_ARRAYS)
        return tuple(path)

    def _leaf(self, node: Compare | Is | NotExists) -> tuple[Matcher, ...]:
        selector = node.selector
        if isinstance(node, Is):
            return (Exactly(node.value),)
        unequal = isinstance(node, Compare) and node.operator == "!="
        if selector.has_wildcard and (unequal or isinstance(node, NotExists)):
            raise TranslationError("an event pattern asks whether some element fits, never whether none does")
        if isinstance(node, NotExists):
            if not _is_text(selector):
                self.caveats.append(ALSO_ABSENT)
            return (Exists(exists=False),)
        if unequal and not _is_text(selector):
            self.caveats.append(UNEQUAL_TO_ALL)
        if isinstance(node.literal, Number):
            return self._number(node.operator, node.literal.source)
        return self._text(selector, node.literal, unequal=unequal)

    def _number(self, operator: str, source: str) -> tuple[Matcher, ...]:
        value = Decimal(source)
        if abs(value) > MAX_NUMBER or Decimal(repr(float(value))) != value:
            raise TranslationError(f"an event pattern cannot compare with the number {source}")
        if operator in ORDER:
            return (Between(((operator, value),)),)
        if operator == "=":
            return Num(value), Text(source)
        self.caveats.append(UNEQUAL_TEXT)
        return (Unlike((Num(value),)),)

    def _text(self, selector: Selector, literal: String | Regex, *, unequal: bool) -> tuple[Matcher, ...]:
        if isinstance(literal, String) and literal.value and not literal.value.strip("*"):
            if unequal:
                raise TranslationError('`!= "*"` can never be true')
            if not _is_text(selector):
                self.caveats.append(ALSO_PRESENT)
            return (Exists(exists=True),)
        if not is_textual(literal) and not _is_text(selector):
            self.caveats.append(TEXT_OF_NUMBERS)
        values = _shapes(literal)
        if isinstance(literal, Regex) and ".*" in literal.body and not _is_text(selector):
            self.caveats.append(LINE_BREAKS)
        if any(isinstance(value, Block) for value in values):
            self.caveats.append(ADDRESSES_ONLY)
        if not unequal:
            return values
        kept = tuple(value for value in values if isinstance(value, (Text, Glob)))
        if len(kept) < len(values):
            raise TranslationError("an event pattern cannot say that an address lies outside of a block")
        return (Unlike(kept),)


def _shapes(literal: String | Regex) -> tuple[Text | Glob | Block, ...]:
    if isinstance(literal, String):
        return (_shape(tuple(literal.value.split("*"))),)
    globs = as_globs(literal.body)
    if globs == ():
        raise TranslationError(f"%{literal.body}% can never match")
    if globs is not None:
        return tuple(_shape(pieces) for pieces in globs)
    blocks = as_blocks(literal.body)
    if blocks is None:
        raise TranslationError(f"an event pattern has no regexes, and %{literal.body}% is more than a wildcard")
    return tuple(Block(block) for block in blocks)


def _shape(pieces: tuple[str, ...]) -> Text | Glob:
    if len(pieces) == 1:
        return Text(pieces[0])
    return Glob((pieces[0], *(piece for piece in pieces[1:-1] if piece), pieces[-1]))


def _is_text(selector: Selector) -> bool:
    return selector.path in ALWAYS_TEXT


# Alternatives


def _join_one_field(clauses: Sequence[Clause]) -> list[Clause]:
    """The same alternatives, those that ask only about one and the same field made into one."""
    fields: dict[Path, tuple[Matcher, ...]] = {}
    rest: list[Clause] = []
    for clause in clauses:
        ((path, matchers), *others) = clause.items()
        # `exists: false` is kept apart: EventBridge documents it as the only element of a list.
        if others or Exists(exists=False) in matchers:
            rest.append(clause)
        else:
            fields[path] = tuple(dict.fromkeys(fields.get(path, ()) + matchers))
    return [{path: matchers} for path, matchers in fields.items()] + rest


def _product(ones: Sequence[Clause], others: Sequence[Clause]) -> list[Clause]:
    if len(ones) * len(others) > MAX_ALTERNATIVES:
        raise TranslationError(f"more than {MAX_ALTERNATIVES:,} alternatives")
    found = (_merge(one, other) for one in ones for other in others)
    return [clause for clause in found if clause is not None]


def _merge(one: Clause, other: Clause) -> Clause | None:
    """Both alternatives together, None if no event can meet them."""
    merged = dict(one)
    for path, matchers in other.items():
        merged[path] = both(merged[path], matchers) if path in merged else matchers
        if not merged[path]:
            return None
    return merged
