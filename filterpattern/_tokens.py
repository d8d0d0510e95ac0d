"""Cutting a pattern of the JSON or the space-delimited form into tokens.

This is lazy, so that the first mistake in the text is the one that is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from filterpattern._errors import PatternError
from filterpattern._selectors import scan_selector
from filterpattern._tree import Span

BLANKS = " \t\r\n"
BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.*+-")
_ENDS_RUN = frozenset(BLANKS + "(){}&|=!<>\"$%'")
_OPERATORS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b\u2032"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_UNKNOWN_OPERATORS = {
    "==": ("==", "write ="),
    "===": ("===", "write ="),
    "=>": ("=>", "write >="),
    "=<": ("=<", "write <="),
    "<>": ("<>", "write !="),
    "=!": ("=!", "write !="),
    "!==": ("!==", "write !="),
}

# Kinds of token. The punctuation stands for itself.
SELECTOR, STRING, WORD, REGEX, OPERATOR, END = "selector", "string", "word", "regex", "operator", "end"


class Token:
    """`text[start:end]` of the pattern. `value` is the path of a selector, a string's content, a regex's body."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, start: int, end: int, value: object = None) -> None:
        self.kind, self.start, self.end, self.value = kind, start, end, value

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return self.start, self.end

    def __repr__(self) -> str:
        return f"Token({self.kind!r}, {self.start}, {self.end}, {self.value!r})"


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a JSON pattern from `start` on; the last is `END`, at the end of the text. Raises PatternError."""
    at, stop = start, len(text)
    while True:
        while at < stop and text[at] in BLANKS:
            at += 1
        if at >= stop:
            yield Token(END, stop, stop)
            return
        token = _token(text, at)
        yield token
        at = token.end


def _token(text: str, at: int, *, also_ends: str = "") -> Token:
    char = text[at]
    if char == "$":
        path, end = scan_selector(text, at)
        return Token(SELECTOR, at, end, path)
    if char in BARE:
        return _scan_word(text, at)
    if char == '"':
        return scan_string(text, at)
    if char in "(){}":
        return Token(char, at, at + 1)
    if char in "=!<>":
        return _scan_operator(text, at)
    if char in "&|":
        return _scan_junction(text, at)
    if char == "%":
        return _scan_regex(text, at)
    raise _stray(text, at, also_ends=also_ends)


def field_tokens(text: str, start: int) -> Iterator[Token]:
    """The tokens of a space-delimited pattern from its `[` on; the last is `END`. Raises PatternError."""
    at, stop = start, len(text)
    while True:
        while at < stop and text[at] in BLANKS:
            at += 1
        if at >= stop:
            yield Token(END, stop, stop)
            return
        char = text[at]
        if char in "[],":
            token = Token(char, at, at + 1)
        elif char in BARE:
            token = _scan_word(text, at, also_ends=",]")
        elif char == "$":
            raise PatternError("a field is named without $", text=text, position=at, fix="leave out the $")
        else:
            token = _token(text, at, also_ends=",]")
        yield token
        at = token.end


def _scan_word(text: str, at: int, *, also_ends: str = "") -> Token:
    """A bare word: a string, a number or a keyword; the parser knows which."""
    end, stop = at, len(text)
    while end < stop and text[end] in BARE:
        end += 1
    if end < stop and text[end] not in _ENDS_RUN and text[end] not in also_ends:
        raise _bare_symbol(text, at, end, also_ends=also_ends)
    if end < stop and text[end] in "\"'$%":
        raise PatternError(
            f"{text[end]} directly after {text[at:end]}", text=text, position=end, fix="put a blank or && between them"
        )
    word = text[at:end]
    return Token("..." if also_ends and word == "..." else WORD, at, end, word)


def _bare_symbol(text: str, start: int, at: int, *, also_ends: str = "") -> PatternError:
    """The error for a symbol inside an unquoted string, with the whole run quoted as its fix."""
    end = at
    while end < len(text) and text[end] not in _ENDS_RUN and text[end] not in also_ends:
        end += 1
    return PatternError(
        f"a string with {text[at]} needs quotes: without them only letters, digits and _ . * + - can stand",
        text=text,
        position=at,
        fix=f'write "{text[start:end]}"',
        code="bare-symbol",
    )


def scan_string(text: str, at: int) -> Token:
    r"""A quoted string. `\"` and `\\` stand for the second character; any other backslash is plain text."""
    end, stop = at + 1, len(text)
    while end < stop and text[end] != '"':
        end += 2 if text[end] == "\\" and text[end + 1 : end + 2] in ('"', "\\") else 1
    if end >= stop:
        raise PatternError("the quotes are not closed", text=text, position=at, fix='close them with "')
    value = text[at + 1 : end]
    if "\\" in value:
        value = unescape(value)
    return Token(STRING, at, end + 1, value)


def unescape(value: str) -> str:
    r"""A quoted string's content with `\"` and `\\` read as one character. AWS's own pattern builder writes them."""
    return "\\".join(piece.replace('\\"', '"') for piece in value.split("\\\\"))


def _scan_regex(text: str, at: int) -> Token:
    """`%body%`. A percent sign cannot be part of the body, so the next one ends it."""
    end = text.find("%", at + 1)
    if end < 0:
        raise PatternError("the regex is not closed", text=text, position=at, fix="close it with %")
    return Token(REGEX, at, end + 1, text[at + 1 : end])


def _scan_operator(text: str, at: int) -> Token:
    """One of `= != < <= > >=`."""
    end = at
    while end < len(text) and text[end] in "=!<>~":
        end += 1
    operator = text[at:end]
    if operator in _OPERATORS:
        return Token(OPERATOR, at, end, operator)
    if operator in _UNKNOWN_OPERATORS:
        written, fix = _UNKNOWN_OPERATORS[operator]
        code = "double-equals" if written.startswith("==") else "syntax"
        raise PatternError(f"there is no operator {written}", text=text, position=at, end=end, fix=fix, code=code)
    if operator == "!":
        raise PatternError(
            "there is no general NOT", text=text, position=at, fix="write != or NOT EXISTS", code="word-operator"
        )
    if "~" in operator:
        fix = "to search with a regex, write = %regex% or != %regex%"
    else:
        fix = "the operators are = != < <= > >="
    raise PatternError(f"there is no operator {operator}", text=text, position=at, end=end, fix=fix)


def _scan_junction(text: str, at: int) -> Token:
    pair = text[at] * 2
    if not text.startswith(pair, at):
        raise PatternError(f"a single {text[at]}", text=text, position=at, fix=f"write {pair}", code="word-operator")
    return Token(pair, at, at + 2)


def _stray(text: str, at: int, *, also_ends: str) -> PatternError:
    """The error for a character that starts no token."""
    char = text[at]
    if char in _SINGLE_QUOTES:
        close = min((i for i in (text.find(c, at + 1) for c in _SINGLE_QUOTES) if i > 0), default=-1)
        fix = f'write "{text[at + 1 : close]}"' if close > 0 else 'write "'
        return PatternError("single quotes do not make a string", text=text, position=at, fix=fix, code="single-quotes")
    if char in _DOUBLE_QUOTES:
        return PatternError("typographic quotes do not make a string", text=text, position=at, fix='write "')
    if char.isspace():
        return PatternError(
            f"a blank of another kind (U+{ord(char):04X})", text=text, position=at, fix="write a plain blank"
        )
    if char == "@":
        return PatternError(
            "fields of the log event itself cannot be tested here",
            text=text,
            position=at,
            fix="a selector starts with $.",
        )
    if char in "[]":
        return PatternError(
            f"{char} does not belong here",
            text=text,
            position=at,
            fix="an index follows its field without a blank: $.a[0]",
        )
    return _bare_symbol(text, at, at, also_ends=also_ends)
