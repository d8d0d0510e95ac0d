"""Matching messages with the space-delimited form: cutting a message into fields, and testing each.

How a message is cut was observed on the service: runs of blanks or tabs separate; a field that begins with `"` or `[`
goes to the closing one, which ends it even if no blank follows, and loses both; unclosed ones are ordinary characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from filterpattern._literals import ORDER, text_test
from filterpattern._numbers import exponent_fits, is_number
from filterpattern._tree import And, AnyFields, Field, Fields, FieldTest, Node, Number, Or

_CLOSING = {'"': '"', "[": "]"}
TextTest = Callable[[str], bool]


def split(message: str, limit: int | None = None) -> list[str]:
    """The fields of a message; at most `limit` of them, the last of which then takes the rest of the message."""
    fields: list[str] = []
    flat = message.replace("\t", " ")  # of equal length: to find the next blank is one search, and the whole is linear
    unclosed: set[str] = set()
    at, stop = 0, len(flat.rstrip(" "))
    while at < stop:
        if flat[at] == " ":
            at += 1
            continue
        closing = _CLOSING.get(flat[at])
        close = -1 if closing is None or closing in unclosed else message.find(closing, at + 1, stop)
        if close > 0:
            field, end = message[at + 1 : close], close + 1
        else:
            unclosed.update(closing or "")  # what is not closed from here on will not be closed later either
            end = flat.find(" ", at, stop)
            end = stop if end < 0 else end
            field = message[at:end]
        if limit is not None and len(fields) == limit - 1 and end < stop:
            field, end = message[at:stop], stop
        fields.append(field)
        at = end
    return fields


class FieldsTest:
    """A compiled space-delimited pattern."""

    def __init__(self, fields: Fields) -> None:
        parts = fields.parts
        gap = next((index for index, part in enumerate(parts) if isinstance(part, AnyFields)), None)
        # Without `...` the last field takes the rest of the message; with it, all of the message is cut.
        self._limit = len(parts) if gap is None and parts else None
        head = parts if gap is None else parts[:gap]
        tail = () if gap is None else parts[gap + 1 :]
        self._least = len(head) + len(tail)
        numbered = [*enumerate(head), *((index - len(tail), part) for index, part in enumerate(tail))]
        self._tests = [(at, _test(part.test)) for at, part in numbered if isinstance(part, Field) and part.test]
        self._names = [(at, part.name) for at, part in numbered if isinstance(part, Field) and part.name]

    def matches(self, message: str) -> bool:
        """Whether there are enough fields, and each that is tested fits."""
        return self._cut(message) is not None

    def _cut(self, message: str) -> list[str] | None:
        if not self._least:
            return []
        fields = split(message, self._limit)
        if len(fields) < self._least or not all(test(fields[at]) for at, test in self._tests):
            return None
        return fields

    def extract(self, message: str) -> Mapping[str, str] | None:
        """The fields of a message that fits, as TestMetricFilter names them: `$name`, or `$n` counted from 1."""
        fields = self._cut(message)
        if fields is None:
            return None
        named = {at % len(fields): name for at, name in self._names} if fields else {}
        return {f"${named.get(index, index + 1)}": field for index, field in enumerate(fields)}


def _test(node: Node) -> TextTest:
    match node:
        case Or(parts):
            some = [_test(part) for part in parts]
            return lambda field: any(test(field) for test in some)
        case And(parts):
            every = [_test(part) for part in parts]
            return lambda field: all(test(field) for test in every)
        case FieldTest(operator, Number() as literal):
            return _number_test(operator, literal)
        case FieldTest(operator, literal) if not isinstance(literal, Number):
            fits, wanted = text_test(literal), operator == "="
            return lambda field: fits(field) is wanted
    raise TypeError(f"{type(node).__name__} is not part of a space-delimited pattern")


def _number_test(operator: str, literal: Number) -> TextTest:
    """Here, unlike in the JSON form, the text of the field is read as a number and compared by value (observed)."""
    wanted = Decimal(literal.source)
    order = ORDER.get(operator)

    def fits(field: str) -> bool:
        if not is_number(field) or not exponent_fits(field):
            return operator == "!="  # not settled
        value = Decimal(field)
        return order(value, wanted) if order else (value == wanted) is (operator == "=")

    return fits
