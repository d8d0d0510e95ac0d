"""What the four translations have in common: their result, and questions about literals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from filterpattern._numbers import is_number
from filterpattern._pattern import Pattern, parse
from filterpattern._regex_syntax import parse_regex
from filterpattern._tree import Compare, Node, Number, Regex, Selector, String

_DIGITS = frozenset("0123456789.eE+-")
_INFINITY = "-Infinity"
_NUMBER_SET = sum(1 << ord(char) for char in _DIGITS | set(_INFINITY))


@dataclass(frozen=True)
class Translation:
    """A pattern said in another language.

    `text` is that language's text. `caveats` say where its answer differs for this pattern; without any it is exact on
    every message that `notes` do not except. `notes` are standing facts about the target, the same for all patterns.
    """

    text: str
    caveats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether nothing was lost."""
        return not self.caveats


class TranslationError(ValueError):
    """The target cannot say this pattern without changing its meaning. The message is the reason."""


def as_pattern(pattern: Pattern | str) -> Pattern:
    """The pattern, read first if it is given as text. Raises PatternError."""
    return Pattern(pattern, parse(pattern)) if isinstance(pattern, str) else pattern


def is_textual(literal: Node) -> bool:
    """Whether no number has a text that fits the literal, so that it makes no difference how numbers are written."""
    if isinstance(literal, String):
        pieces = literal.value.split("*")
        if len(pieces) == 1:
            return not (is_number(pieces[0]) or pieces[0] in (_INFINITY, _INFINITY[1:]))
        return not (all(map(_DIGITS.issuperset, pieces)) or all(piece in _INFINITY for piece in pieces))
    if isinstance(literal, Regex):
        branches = parse_regex(literal.body, text=literal.body, offset=0)
        return all(any(low and not chars & _NUMBER_SET for chars, low, _ in items) for _, items, _ in branches)
    return not isinstance(literal, Number)


def alternatives(
    parts: Sequence[Node], *, listable: Callable[[Selector, str], bool]
) -> list[Node | tuple[Selector, list[str]]]:
    """The parts of an `Or`, those that ask one field for one of several plain texts made into one list of texts.

    `listable` says whether the target can take a field's text into such a list.
    """
    lists: dict[Selector, list[str]] = {}
    found: list[Node | tuple[Selector, list[str]]] = []
    for part in parts:
        match part:
            case Compare(selector, "=", String(value)) if "*" not in value and listable(selector, value):
                if selector not in lists:
                    lists[selector] = []
                    found.append((selector, lists[selector]))
                lists[selector].append(value)
            case _:
                found.append(part)
    return found


def like_text(value: str) -> str:
    r"""A string with `*` as an SQL LIKE pattern, to be used with ESCAPE '\'."""
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


def sql_text(value: str) -> str:
    """A text as an SQL literal. Raises TranslationError for what no SQL text can hold."""
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise TranslationError("a text with NUL or half a surrogate pair cannot be written in SQL")
    return "'" + value.replace("'", "''") + "'"
