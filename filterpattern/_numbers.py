"""Numbers as CloudWatch compares them: integers exactly, all others as doubles, and their text the Java way."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

from filterpattern._limits import MAX_EXPONENT

_DIGITS = frozenset("0123456789")
JsonNumber = int | float | Decimal
"""`Decimal` stands only for an integer that is too long for Python's `int`; no parser gives it otherwise."""


def is_number(word: str) -> bool:
    """Whether a bare word is a number literal: `5`, `-.5`, `5.`, `1e+3`."""
    mantissa, mark, exponent = word.replace("E", "e").partition("e")
    whole, _, fraction = mantissa.removeprefix("-" if mantissa[:1] == "-" else "+").partition(".")
    if not _DIGITS.issuperset(whole) or not _DIGITS.issuperset(fraction) or not (whole or fraction):
        return False
    return not mark or (
        bool(digits := exponent.removeprefix("-" if exponent[:1] == "-" else "+")) and _DIGITS.issuperset(digits)
    )


def exponent_fits(number: str) -> bool:
    """Whether the exponent of a number literal fits 32 bits; the service refuses others (observed for large ones)."""
    exponent = number.replace("E", "e").partition("e")[2]
    return not exponent or abs(int(exponent)) <= MAX_EXPONENT


def literal_value(source: str) -> int | Decimal:
    """The exact value of a number literal; a whole number of ordinary size as `int`, which compares fastest."""
    exact = Decimal(source)
    return int(exact) if exact.adjusted() < 40 and exact == exact.to_integral_value() else exact


def finite_value(number: JsonNumber) -> int | Decimal | None:
    """The value of a number in an event, exact for integers, or None if it is beyond the range of a double.

    A double stands for its shortest decimal text, so 0.1 in an event equals the literal `0.1`.
    """
    if isinstance(number, float):
        return Decimal(repr(float(number))) if isfinite(number) else None
    return number


def text_of(number: JsonNumber) -> str:
    """The text a number is compared by with strings and regexes (rule R5): `5` for 5, `5.0` for 5.0 and 5e0.

    Doubles are written by the rules of Java's Double.toString. From 10^7 up and below 10^-3 that is not settled.
    """
    if isinstance(number, float):
        return _java_text(number)
    if isinstance(number, Decimal):
        return format(number, "f")
    try:
        return int.__str__(number)
    except ValueError:  # longer than Python writes at once (4,300 digits)
        return format(Decimal(number), "f")


def _java_text(number: float) -> str:
    if not isfinite(number):
        return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"
    sign, digits, exponent = Decimal(repr(float(number))).as_tuple()
    assert isinstance(exponent, int)
    minus = "-" if sign else ""
    if not number:
        return f"{minus}0.0"
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + exponent  # where the decimal point stands, counted from the first digit
    if not -3 < point <= 7:
        return f"{minus}{text[0]}.{text[1:] or '0'}E{point - 1}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    text = text.ljust(point, "0")
    return f"{minus}{text[:point]}.{text[point:] or '0'}"
