"""What an EventBridge event pattern can ask of one field, and how two such questions about one field become one.

EventBridge takes a field only once in an object, with a list of alternatives; so `&&` on one field has to be worked out
here, or it cannot be said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from filterpattern._literals import ORDER
from filterpattern._translation import TranslationError


@dataclass(frozen=True)
class Text:
    """The string is this one."""

    value: str


@dataclass(frozen=True)
class Glob:
    """The string is these pieces with anything between them."""

    pieces: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Whether a text is of this shape."""
        head, *middle, tail = self.pieces
        at, stop = len(head), len(text) - len(tail)
        if stop < at or not text.startswith(head) or not text.endswith(tail):
            return False
        for piece in middle:
            at = text.find(piece, at, stop)
            if at < 0:
                return False
            at += len(piece)
        return True


@dataclass(frozen=True)
class Unlike:
    """There is a value, and it is none of these."""

    values: tuple[Text | Glob | Num, ...]


@dataclass(frozen=True)
class Num:
    """The JSON number of this value."""

    value: Decimal


@dataclass(frozen=True)
class Between:
    """A JSON number within bounds: pairs of operator and number."""

    bounds: tuple[tuple[str, Decimal], ...]

    def holds(self, number: Decimal) -> bool:
        """Whether a number lies within."""
        return all(ORDER[operator](number, bound) for operator, bound in self.bounds)


@dataclass(frozen=True)
class Exactly:
    """JSON null, true or false."""

    value: bool | None


@dataclass(frozen=True)
class Exists:
    """There is a value, or there is none."""

    exists: bool


@dataclass(frozen=True)
class Block:
    """The string is an address in this block."""

    cidr: str


Matcher = Text | Glob | Unlike | Num | Between | Exactly | Exists | Block


def both(one: Iterable[Matcher], other: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """The alternatives of two conditions that one field must meet together; none if it cannot. Raises
    TranslationError where EventBridge has no words for it.
    """
    other = tuple(other)
    pairs = [_pair(a, b) for a in one for b in other]
    return tuple(dict.fromkeys(pair for pair in pairs if pair is not None))


def _pair(one: Matcher, other: Matcher) -> Matcher | None:
    if one == other:
        return one
    if Exists(exists=False) in (one, other) or isinstance(one, Exactly) or isinstance(other, Exactly):
        return None
    for a, b in ((one, other), (other, one)):
        match a, b:
            case Exists(), _:  # that there is a value is said by the other as well
                return b
            case Text(value), (Text() | Glob() | Unlike()):
                return a if _text_fits(value, b) else None
            case ((Text() | Glob() | Block()), (Num() | Between())):
                return None
            case Num(value), (Num() | Between() | Unlike()):
                return a if _number_fits(value, b) else None
            case Unlike(values), Unlike(more):
                return Unlike(tuple(dict.fromkeys(values + more)))
            case Between(bounds), Between(more):
                return _narrowest(bounds + more)
    raise TranslationError("an event pattern cannot ask two such things of one field")


def _text_fits(text: str, matcher: Text | Glob | Unlike) -> bool:
    match matcher:
        case Text(value):
            return text == value
        case Glob():
            return matcher.fits(text)
        case Unlike(values):
            return not any(_text_fits(text, value) for value in values if not isinstance(value, Num))


def _number_fits(number: Decimal, matcher: Num | Between | Unlike) -> bool:
    match matcher:
        case Num(value):
            return number == value
        case Between():
            return matcher.holds(number)
        case Unlike(values):
            return Num(number) not in values


def _narrowest(bounds: Iterable[tuple[str, Decimal]]) -> Between | None:
    """At most one lower and one upper bound, as EventBridge takes them."""
    lower = [bound for bound in bounds if bound[0][0] == ">"]
    upper = [bound for bound in bounds if bound[0][0] == "<"]
    kept: list[tuple[str, Decimal]] = []
    if lower:
        kept.append(max(lower, key=lambda bound: (bound[1], bound[0] == ">")))
    if upper:
        kept.append(min(upper, key=lambda bound: (bound[1], bound[0] == "<=")))
    if len(kept) == 2:
        (low, least), (high, most) = kept
        if least > most or (least == most and (low, high) != (">=", "<=")):
            return None
    return Between(tuple(kept))
