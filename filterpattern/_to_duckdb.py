"""Patterns as DuckDB conditions over a column of raw messages.

A condition is false or NULL where the pattern does not match; both keep a row out of WHERE. Patterns have no general
NOT, so a comparison with a missing field, which is NULL, needs no repair (and `IS DISTINCT FROM` would be wrong).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import isinf

from filterpattern._literals import ORDER
from filterpattern._numbers import literal_value
from filterpattern._pattern import FIELDS, Pattern
from filterpattern._portable_regex import portable_regex
from filterpattern._translation import (
    Translation,
    TranslationError,
    alternatives,
    as_pattern,
    is_textual,
    like_text,
    sql_text,
)
from filterpattern._tree import (
    ANY,
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
    Step,
    String,
    Terms,
)

NOTES = (
    "of equal keys in one object DuckDB reads the first, CloudWatch's reader is taken to keep the last",
    "DuckDB also reads NaN, Infinity and trailing commas, and refuses half a surrogate pair",
)
DOUBLE_TEXT = (
    "numbers with a fraction or exponent from 10^7 up or below 10^-3 have another text here; "
    "which one CloudWatch compares is not settled"
)
LONG_INTEGERS = "integers beyond 64 bits are compared as doubles here"

_COMPARABLE = "('VARCHAR', 'BIGINT', 'UBIGINT', 'DOUBLE')"
_INTEGERS = "('BIGINT', 'UBIGINT')"
_JSON_STARTS = ("{", "[")


def to_duckdb(pattern: Pattern | str, *, column: str = "message") -> Translation:
    """A boolean DuckDB expression over `column`, which holds one message a row (VARCHAR). Raises TranslationError.

    Wildcard selectors use `lambda`, so they need DuckDB 1.3 or later; the `json` extension is part of DuckDB.
    """
    pattern = as_pattern(pattern)
    tree = pattern.tree
    match tree:
        case Everything():
            return Translation("TRUE")
        case Regex(body):
            return Translation(f"regexp_matches({column}, {sql_text(portable_regex(body))})")
        case Terms():
            return Translation(_terms(tree, column))
    if pattern.form == FIELDS:
        raise TranslationError("DuckDB has no function that cuts a message into fields as CloudWatch does")
    writer = _Writer(column)
    condition = writer.condition(tree)
    # CASE, not AND: only there is the order certain, and a look into broken JSON is an error.
    text = f"CASE WHEN json_valid({column}) THEN json_type({column}) = 'OBJECT' AND ({condition}) ELSE FALSE END"
    return Translation(text, tuple(dict.fromkeys(writer.caveats)), NOTES)


def _terms(terms: Terms, column: str) -> str:
    def contains(text: str) -> str:
        return f"contains({column}, {sql_text(text)})"

    others = [term for term in terms.parts if term.sign != "?"]
    if others:
        return " AND ".join(("NOT " if term.sign else "") + contains(term.text) for term in others)
    return "(" + " OR ".join(contains(term.text) for term in terms.parts) + ")"


class _Place:
    """One node of the message in SQL: its type and its text."""

    def __init__(self, value: str, path: str) -> None:
        self.type = f"json_type({value}, {path})"
        self.text = f"json_extract_string({value}, {path})"
        # The text by rule R5: DuckDB keeps an overflowing number as it was written.
        double = f"TRY_CAST({self.text} AS DOUBLE)"
        self.exact_text = (
            f"CASE WHEN {self.type} = 'DOUBLE' AND isinf({double}) THEN "
            f"CASE WHEN {double} > 0 THEN 'Infinity' ELSE '-Infinity' END "
            f"WHEN {self.type} IN {_COMPARABLE} THEN {self.text} END"
        )


class _Writer:
    """Turns the tree into SQL and collects what is lost."""

    def __init__(self, column: str) -> None:
        self._column = column
        self.caveats: list[str] = []

    def condition(self, node: Node) -> str:
        match node:
            case And(parts):
                return " AND ".join(f"({self.condition(part)})" for part in parts)
            case Or(parts):
                return " OR ".join(self._alternative(part) for part in alternatives(parts, listable=_listable))
            case Compare(selector, operator, literal):
                return self._compare(selector, operator, literal)
            case Is(selector, value):
                return self._is(selector, value)
            case NotExists(selector):
                return self._not_exists(selector)
        raise TypeError(f"{type(node).__name__} is not part of a JSON pattern")

    def _alternative(self, part: Node | tuple[Selector, list[str]]) -> str:
        if isinstance(part, Node):
            return f"({self.condition(part)})"
        selector, values = part
        text = self._place(selector.path).text
        if len(values) == 1:
            return f"{text} = {sql_text(values[0])}"
        return f"{text} IN ({', '.join(map(sql_text, values))})"

    def _compare(self, selector: Selector, operator: str, literal: Node) -> str:
        if not selector.has_wildcard:
            return self._test(self._place(selector.path), operator, literal)
        if operator != "!=":
            return f"{self._count(selector, self._test(_ELEMENT, operator, literal))} > 0"
        none_equal = f"{self._count(selector, self._test(_ELEMENT, '=', literal))} = 0"
        parent = selector.path[: selector.path.index(ANY)]
        return f"{self._place(parent).type} IS NOT NULL AND {none_equal}" if parent else none_equal

    def _test(self, place: _Place, operator: str, literal: Node) -> str:
        if isinstance(literal, Number):
            return self._number(place, operator, literal.source)
        if isinstance(literal, String) and literal.value and not literal.value.strip("*"):
            return f"{place.type} IN {_COMPARABLE}" if operator == "=" else "FALSE"
        textual = is_textual(literal)
        if not textual:
            self.caveats.append(DOUBLE_TEXT)
        text = place.text if textual else place.exact_text
        match literal:
            case String(value) if "*" not in value:
                fits = f"{text} {'=' if operator == '=' else '<>'} {sql_text(value)}"
                certain = textual and operator == "=" and not _is_other_json(value)
            case String(value):
                fits = f"{text} {'LIKE' if operator == '=' else 'NOT LIKE'} {sql_text(like_text(value))} ESCAPE '\\'"
                certain = False
            case Regex(body):
                fits = f"{'' if operator == '=' else 'NOT '}regexp_matches({text}, {sql_text(portable_regex(body))})"
                certain = False
            case _:
                raise TypeError(f"{type(literal).__name__} is not a literal")
        return fits if certain or not textual else f"{place.type} IN {_COMPARABLE} AND {fits}"

    def _number(self, place: _Place, operator: str, source: str) -> str:
        exact = Decimal(literal_value(source))
        number = f"TRY_CAST({place.text} AS DOUBLE)"
        integer = _integer_test(f"TRY_CAST({place.text} AS HUGEINT)", operator, exact)
        double = f"isfinite({number}) AND {_double_test(number, operator, exact)}"
        by_value = (
            f"CASE WHEN {place.type} IN {_INTEGERS} THEN {integer} WHEN {place.type} = 'DOUBLE' THEN {double} END"
        )
        if abs(exact) > 2**63:
            self.caveats.append(LONG_INTEGERS)
        if operator not in ("=", "!="):
            return by_value
        as_text = f"{place.text} {'=' if operator == '=' else '<>'} {sql_text(source)}"
        return f"CASE WHEN {place.type} = 'VARCHAR' THEN {as_text} ELSE {by_value} END"

    def _is(self, selector: Selector, value: bool | None) -> str:
        if selector.has_wildcard:
            return f"{self._count(selector, _is_value(_ELEMENT, value))} > 0"
        place = self._place(selector.path)
        if value is not None:
            return _is_value(place, value)
        elements = f"json_extract({self._column}, {_path((*selector.path, ANY), any_step='[*]')})"
        holds_null = f"len(list_filter({elements}, lambda n: json_type(n) = 'NULL')) > 0"
        return f"{_is_value(place, None)} OR {holds_null}"  # an array that holds a null passes as well (rule R8)

    def _not_exists(self, selector: Selector) -> str:
        if selector.has_wildcard:
            return f"len({self._nodes(selector)}) = 0"
        return f"{self._place(selector.path).type} IS NULL"

    def _place(self, path: Sequence[Step]) -> _Place:
        return _Place(self._column, _path(path))

    def _count(self, selector: Selector, test: str) -> str:
        return f"len(list_filter({self._nodes(selector)}, lambda n: {test}))"

    def _nodes(self, selector: Selector) -> str:
        """The nodes of a wildcard: DuckDB has one step for arrays and another for objects."""
        ways = [f"json_extract({self._column}, {_path(selector.path, any_step=step)})" for step in ("[*]", ".*")]
        return f"list_concat({', '.join(ways)})"


_ELEMENT = _Place("n", "'$'")


def _is_value(place: _Place, value: bool | None) -> str:
    if value is None:
        return f"{place.type} = 'NULL'"
    return f"{place.type} = 'BOOLEAN' AND {place.text} = '{str(value).lower()}'"


def _listable(selector: Selector, value: str) -> bool:
    return not selector.has_wildcard and is_textual(String(value)) and not _is_other_json(value)


def _is_other_json(value: str) -> bool:
    """Whether the text of something that is no string could be this text."""
    return value in ("true", "false", "null") or value.startswith(_JSON_STARTS)


def _path(path: Sequence[Step], *, any_step: str = "") -> str:
    pieces = ["$"]
    for step in path:
        if isinstance(step, str):
            if '"' in step:
                raise TranslationError(f"DuckDB cannot name a field with a double quote in it: {step}")
            pieces.append(f'."{step}"')
        else:
            pieces.append(f"[{step}]" if isinstance(step, int) else any_step)
    return sql_text("".join(pieces))


def _integer_test(number: str, operator: str, exact: Decimal) -> str:
    """A comparison of whole numbers that says the same as one with any exact number, without leaving whole numbers."""
    if abs(exact) > 2**100:
        return "TRUE" if operator == "!=" or ((operator[0] == "<") is (exact > 0) and operator != "=") else "FALSE"
    below = int(exact) - (exact < int(exact))
    is_whole = exact == below
    if operator in ("=", "!="):
        return f"{number} {'=' if operator == '=' else '<>'} {below}" if is_whole else str(operator == "!=").upper()
    bound = below if is_whole or operator in ("<=", ">") else below + 1
    return f"{number} {operator} {bound}"


def _double_test(number: str, operator: str, exact: Decimal) -> str:
    """A comparison of doubles that says the same as one of their shortest decimal text with an exact number."""
    nearest = float(exact)
    if isinf(nearest):
        return "TRUE" if operator == "!=" or ((operator[0] == "<") is (nearest > 0) and operator != "=") else "FALSE"
    shown = Decimal(repr(nearest))
    bound = f"CAST('{nearest!r}' AS DOUBLE)"
    if shown == exact:
        return f"{number} {'<>' if operator == '!=' else operator} {bound}"
    if operator in ("=", "!="):
        return str(operator == "!=").upper()
    # No double is shown as the literal itself; the nearest one lies on a known side of it.
    includes = ORDER[operator](shown, exact)
    return f"{number} {operator[0]}{'=' if includes else ''} {bound}"
