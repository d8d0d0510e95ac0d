"""What the parsers of the JSON and of the space-delimited form have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from filterpattern._errors import PatternError
from filterpattern._limits import MAX_REGEXES_PER_PATTERN
from filterpattern._numbers import exponent_fits, is_number
from filterpattern._regex_syntax import parse_regex
from filterpattern._tokens import END, REGEX, SELECTOR, STRING, WORD, Token
from filterpattern._tree import And, Node, Number, Or, Regex, Span, String

WORDS_FOR_SYMBOLS = {"AND": "&&", "OR": "||"}
Literal = String | Number | Regex


class LiteralReader:
    """Tokens with one of look-ahead, and the values that conditions of both forms compare with."""

    null_fix = 'for the text, write "null"'

    def __init__(self, text: str, source: Iterator[Token]) -> None:
        self._text = text
        self._tokens = source
        self._token = next(source)
        self._regexes = 0
        self._end = self._token.start  # of what was read so far

    def literal(self, operator: Token) -> Literal:
        """The value after an operator."""
        literal = self._literal()
        if operator.value not in ("=", "!=") and not isinstance(literal, Number):
            raise self._error(
                f"{operator.value} compares numbers only",
                at=literal.span,
                fix="write a number without quotes, or compare with =",
                code="ordered-text",
            )
        return literal

    def _literal(self) -> Literal:
        token = self._token
        if token.kind == STRING:
            self._advance()
            return String(str(token.value), token.span)
        if token.kind == REGEX:
            return self._regex()
        if token.kind != WORD:
            raise self._no_literal()
        word = str(token.value)
        if word.upper() == "NULL":
            raise self._error("null is not a value", fix=self.null_fix, code="bare-null")
        if not is_number(word):
            self._advance()
            return String(word, token.span)
        if not exponent_fits(word):
            raise self._error("the exponent does not fit 32 bits", fix="use a smaller number")
        self._advance()
        return Number(word, token.span)

    def _regex(self) -> Regex:
        token = self._token
        body = str(token.value)
        self._regexes += 1
        if self._regexes > MAX_REGEXES_PER_PATTERN:
            raise self._error(
                f"more than {MAX_REGEXES_PER_PATTERN} regexes in one pattern",
                fix="join them with |, each part with its own ^, or use * in a string",
                code="too-many-regexes",
            )
        parse_regex(body, text=self._text, offset=token.start + 1)
        self._advance()
        return Regex(body, token.span)

    def _no_literal(self) -> PatternError:
        if self._token.kind == SELECTOR:
            return self._error("two fields cannot be compared", fix="write a string, a number or a regex")
        if self._token.kind == END:
            return self._error("a value is missing", fix="add it, and close the pattern")
        return self._error(
            f"{self._shown()} where a value should stand", fix="put a string with other characters in quotes"
        )

    def _shown(self) -> str:
        return "the end" if self._token.kind == END else self._text[self._token.start : self._token.end]

    def _error(
        self, problem: str, *, fix: str, code: str = "syntax", at: Span | None = None, end: int | None = None
    ) -> PatternError:
        start, stop = at or self._token.span
        return PatternError(problem, text=self._text, position=start, end=end or stop, fix=fix, code=code)

    def _advance(self) -> Token:
        token = self._token
        if token.kind != END:
            self._end = token.end
            self._token = next(self._tokens)
        return token

    def _word(self) -> str:
        """The current token as a keyword in upper case, empty if it is no word."""
        return str(self._token.value).upper() if self._token.kind == WORD else ""


def join(kind: type[And] | type[Or], parts: Sequence[Node], span: Span) -> Node:
    """One node for several parts; a part of the same kind is taken apart, as brackets around it mean nothing."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return kind(tuple(flat), span)
