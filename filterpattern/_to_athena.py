"""Patterns as Athena conditions on the CloudTrail table that AWS's guide creates.

Most columns of that table are plain text, `useridentity` is a struct, and what varies from call to call
(`requestparameters` and its like) is one column of JSON text. The conditions were written from the documentation of
Athena, Trino and the table; nobody has run them on Athena.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from filterpattern._known_fields import ALWAYS_TEXT
from filterpattern._literals import text_test
from filterpattern._pattern import JSON, Pattern
from filterpattern._portable_regex import portable_regex
from filterpattern._render import selector_text
from filterpattern._translation import (
    Translation,
    TranslationError,
    alternatives,
    as_pattern,
    is_textual,
    like_text,
    sql_text,
)
from filterpattern._tree import And, Compare, Everything, Is, Node, NotExists, Number, Or, Regex, Selector, Step, String

NOTES = (
    "add predicates on your partition columns, or the whole table is read",
    "written for the table of AWS's CloudTrail guide from documentation, and not run on Athena",
)
NULL_OR_MISSING = "a null and a missing field are one in a column"
NULL_KEPT_APART = "a null inside JSON text is taken to be told apart from a missing field"
BOOLEAN_OR_TEXT = "a boolean and the text of its name are one in the column readonly"
TEXT_OF_NUMBERS = "a number is compared by the text it has in the record"
AS_DOUBLES = "numbers are compared as doubles: inexact beyond 2^53, and one too large for a double is infinite"

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT_COLUMNS = frozenset(
    (
        "apiVersion",
        "awsRegion",
        "errorCode",
        "errorMessage",
        "eventCategory",
        "eventID",
        "eventName",
        "eventSource",
        "eventTime",
        "eventType",
        "eventVersion",
        "recipientAccountId",
        "requestID",
        "sharedEventID",
        "sourceIPAddress",
        "userAgent",
        "vpcEndpointId",
    )
)
_JSON_COLUMNS = frozenset(("additionalEventData", "requestParameters", "responseElements", "serviceEventDetails"))
_BOOLEAN_COLUMN = "readOnly"
_STRUCTS = frozenset(
    (
        ("userIdentity",),
        ("userIdentity", "sessionContext"),
        ("userIdentity", "sessionContext", "attributes"),
        ("userIdentity", "sessionContext", "sessionIssuer"),
    )
)


def to_athena(pattern: Pattern | str) -> Translation:
    """A condition for the WHERE of a query on AWS's CloudTrail table. Raises TranslationError."""
    pattern = as_pattern(pattern)
    if isinstance(pattern.tree, Everything):
        return Translation("TRUE", notes=NOTES)
    if pattern.form != JSON:
        raise TranslationError("the table holds the fields of events, not the text of messages")
    writer = _Writer()
    text = writer.condition(pattern.tree)
    return Translation(text, tuple(dict.fromkeys(writer.caveats)), NOTES)


class _Writer:
    """Turns the tree into SQL and collects what is lost."""

    def __init__(self) -> None:
        self.caveats: list[str] = []

    def condition(self, node: Node) -> str:
        match node:
            case And(parts):
                return " AND ".join(self._part(part) for part in parts)
            case Or(parts):
                return " OR ".join(self._alternative(part) for part in alternatives(parts, listable=_listable))
            case Compare() | Is() | NotExists():
                return self._leaf(node)
        raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")

    def _part(self, node: Node) -> str:
        text = self.condition(node)
        return f"({text})" if isinstance(node, (And, Or)) or " OR " in text or " AND " in text else text

    def _alternative(self, part: Node | tuple[Selector, list[str]]) -> str:
        if isinstance(part, Node):
            return self._part(part)
        selector, values = part
        if len(values) == 1:
            return self._part(Compare(selector, "=", String(values[0])))
        return f"{_column(selector)} IN ({', '.join(map(sql_text, values))})"

    def _leaf(self, node: Compare | Is | NotExists) -> str:
        selector = node.selector
        if selector.has_wildcard:
            raise TranslationError(f"{selector_text(selector)}: the table's columns have no wildcard")
        name, *inner = selector.path
        if name in _JSON_COLUMNS and inner:
            return self._inside_json(node, str(name).lower(), inner)
        column = _column(selector)
        if isinstance(node, NotExists) or (isinstance(node, Is) and node.value is None):
            if isinstance(node, Is) or selector.path not in ALWAYS_TEXT:
                self.caveats.append(NULL_OR_MISSING)
            return f"{column} IS NULL"
        if isinstance(node, Is):
            return self._is_boolean(selector, column, value=bool(node.value))
        if selector.path not in ALWAYS_TEXT:
            raise TranslationError(f"{selector_text(selector)} is no text, and its column does not show what it was")
        return self._text(column, node.operator, node.literal)

    def _is_boolean(self, selector: Selector, column: str, *, value: bool) -> str:
        if selector.path != (_BOOLEAN_COLUMN,):
            raise TranslationError(f"{selector_text(selector)} is never a boolean in the table")
        self.caveats.append(BOOLEAN_OR_TEXT)
        return f"{column} = '{str(value).lower()}'"

    def _text(self, expression: str, operator: str, literal: Node) -> str:
        """A comparison with a text, or with NULL where there is none."""
        negated = "" if operator == "=" else "NOT "
        match literal:
            case Number(source):
                if operator not in ("=", "!="):
                    raise TranslationError(f"{expression} holds texts, which no {operator} matches")
                return f"{expression} {_equality(operator)} {sql_text(source)}"
            case String(value) if "*" not in value:
                return f"{expression} {_equality(operator)} {sql_text(value)}"
            case String(value) if not value.strip("*"):
                return f"{expression} IS NOT NULL" if operator == "=" else "FALSE"
            case String(value):
                return f"{expression} {negated}LIKE {sql_text(like_text(value))} ESCAPE '\\'"
            case Regex(body):
                # \z: in Java's regexes $ also stands before a last line break.
                return f"{negated}regexp_like({expression}, {sql_text(portable_regex(body, end=chr(92) + 'z'))})"
        raise TypeError(f"{type(literal).__name__} is not a literal")

    def _inside_json(self, node: Compare | Is | NotExists, column: str, path: Sequence[Step]) -> str:
        where = _json_path(path)
        scalar, raw = f"json_extract_scalar({column}, {where})", f"json_format(json_extract({column}, {where}))"
        if isinstance(node, NotExists):
            self.caveats.append(NULL_KEPT_APART)
            return f"json_extract({column}, {where}) IS NULL"
        if isinstance(node, Is):
            if node.value is None:
                self.caveats.append(NULL_KEPT_APART)
            return f"{raw} = '{'null' if node.value is None else str(node.value).lower()}'"
        if isinstance(node.literal, Number):
            return self._json_number(scalar, raw, node.operator, node.literal.source)
        if not is_textual(node.literal):
            self.caveats.append(TEXT_OF_NUMBERS)
        # json_extract_scalar gives booleans as texts; what has quotes in the JSON is a text.
        text = self._text(scalar, node.operator, node.literal)
        fits = text_test(node.literal)
        if node.operator == "=" and not fits("true") and not fits("false"):
            return text
        return f"{raw} NOT IN ('true', 'false') AND {text}"

    def _json_number(self, scalar: str, raw: str, operator: str, source: str) -> str:
        self.caveats.append(AS_DOUBLES)
        number = f"TRY_CAST({scalar} AS DOUBLE) {_equality(operator)} DOUBLE '{float(Decimal(source))!r}'"
        if operator not in ("=", "!="):
            return f"{raw} NOT LIKE '\"%' AND {number}"
        return f"CASE WHEN {raw} LIKE '\"%' THEN {scalar} {_equality(operator)} {sql_text(source)} ELSE {number} END"


def _listable(selector: Selector, _value: str) -> bool:
    return selector.path in ALWAYS_TEXT


def _equality(operator: str) -> str:
    return "<>" if operator == "!=" else operator


def _column(selector: Selector) -> str:
    """The column, or the member of a struct, that holds a field."""
    path = selector.path
    names = [str(step) for step in path]
    known = (
        path in ALWAYS_TEXT and (names[0] in _TEXT_COLUMNS or names[0] == "userIdentity"),
        path in _STRUCTS,
        path == (_BOOLEAN_COLUMN,),
        len(path) == 1 and names[0] in _JSON_COLUMNS,
    )
    if not any(known):
        raise TranslationError(f"the table has no column for {selector_text(selector)}")
    return ".".join(names).lower()


def _json_path(path: Sequence[Step]) -> str:
    pieces = ["$"]
    for step in path:
        if isinstance(step, int):
            pieces.append(f"[{step}]")
        elif _SIMPLE.fullmatch(str(step)):
            pieces.append(f".{step}")
        elif '"' in str(step) or "\\" in str(step):
            raise TranslationError(f"the name {step} cannot be written in a JSON path of Athena")
        else:
            pieces.append(f'["{step}"]')
    return sql_text("".join(pieces))
