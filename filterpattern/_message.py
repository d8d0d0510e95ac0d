"""Reading a log message as CloudWatch's JSON filters do: exactly one JSON object, or nothing at all (rule R1)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from json import JSONDecoder


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _long_int(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 1000 else Decimal(digits)


# Python's parser takes NaN and Infinity, which are not JSON.
_decode = JSONDecoder(parse_constant=_refuse).decode
_decode_long_numbers = JSONDecoder(parse_constant=_refuse, parse_int=_long_int).decode


def as_text(message: str | bytes) -> str | None:
    """The text of a message, None for bytes that are not UTF-8."""
    if isinstance(message, str):
        return message
    try:
        return message.decode()
    except UnicodeDecodeError:
        return None


def parse_event(message: str | bytes) -> Mapping[str, object] | None:
    """The JSON object that is the message (blanks around it are allowed), else None. Of equal keys the last one counts.

    It is what `Pattern.matches` reads from a text, for those who want to parse once and match often. Never raises: a
    message nested deeper than Python's parser goes is no event.
    """
    text = as_text(message)
    if text is None:
        return None
    try:
        try:
            event = _decode(text)
        except ValueError as error:
            if "integer string conversion" not in str(error):
                return None
            event = _decode_long_numbers(text)  # Python reads no more than 4,300 digits as an int
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
