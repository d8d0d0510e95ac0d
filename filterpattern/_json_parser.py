"""The JSON form `{ … }`: recursive descent over its tokens.

pattern   := "{" or "}"
or        := and  ( "||" and  )*
and       := prim ( "&&" prim )*
prim      := "(" or ")" | condition
condition := selector compare literal | selector "IS" ( "NULL" | "TRUE" | "FALSE" ) | selector "NOT" "EXISTS"
"""

from __future__ import annotations

from filterpattern._errors import PatternError
from filterpattern._limits import MAX_DEPTH, MAX_WILDCARD_SELECTORS_PER_PATTERN
from filterpattern._reader import WORDS_FOR_SYMBOLS, LiteralReader, join
from filterpattern._tokens import END, OPERATOR, REGEX, SELECTOR, STRING, WORD, Token, tokens
from filterpattern._tree import And, Compare, Is, Node, NotExists, Or, Selector, Span

_CONSTANTS: dict[str, bool | None] = {"NULL": None, "TRUE": True, "FALSE": False}


def parse_json(text: str, start: int) -> Node:
    """The tree of the JSON pattern whose `{` stands at `start`. Raises PatternError."""
    return _Parser(text, start).pattern()


class _Parser(LiteralReader):
    """The JSON form."""

    null_fix = 'write IS NULL; for the text, write "null"'

    def __init__(self, text: str, start: int) -> None:
        super().__init__(text, tokens(text, start))
        self._depth = self._wildcard_selectors = 0

    def pattern(self) -> Node:
        self._advance()
        if self._token.kind == "}":
            raise self._error("there is no condition between the braces", fix='such as $.eventName = "StopLogging"')
        tree = self._or()
        if self._token.kind != "}":
            raise self._misplaced()
        self._advance()
        if self._token.kind != END:
            raise self._error(
                "nothing may follow the closing brace",
                fix="put all conditions between one pair of braces",
                code="text-after-brace",
                end=len(self._text.rstrip()),
            )
        return tree

    def _or(self) -> Node:
        start = self._token.start
        parts = [self._and()]
        while self._token.kind == "||":
            self._advance()
            parts.append(self._and())
        return join(Or, parts, (start, self._end))

    def _and(self) -> Node:
        start = self._token.start
        parts = [self._primary()]
        while self._token.kind == "&&":
            self._advance()
            parts.append(self._primary())
        return join(And, parts, (start, self._end))

    def _primary(self) -> Node:
        if self._token.kind != "(":
            return self._condition()
        if self._depth == MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} nested brackets", code="too-deep", fix="leave some out")
        opening = self._advance()
        self._depth += 1
        tree = self._or()
        self._depth -= 1
        if self._token.kind == END or self._token.kind == "}":
            raise PatternError(
                "this bracket is not closed", text=self._text, position=opening.start, fix="close it with )"
            )
        if self._token.kind != ")":
            raise self._misplaced()
        self._advance()
        return tree

    def _condition(self) -> Node:
        token = self._token
        if token.kind != SELECTOR:
            raise self._no_selector()
        selector = self._selector()
        if self._token.kind == OPERATOR:
            return self._compare(selector)
        word = self._word()
        if word == "IS":
            return self._is(selector)
        if word == "NOT":
            self._advance()
            if self._word() != "EXISTS":
                raise self._error("only EXISTS may follow NOT", fix="write NOT EXISTS, or != for another value")
            return NotExists(selector, self._span_from(selector, self._advance()))
        raise self._no_operator(word)

    def _selector(self) -> Selector:
        token = self._token
        path = token.value
        assert isinstance(path, tuple)
        selector = Selector(path, token.span)
        if selector.has_wildcard:
            self._wildcard_selectors += 1
            if self._wildcard_selectors > MAX_WILDCARD_SELECTORS_PER_PATTERN:
                raise self._error(
                    f"more than {MAX_WILDCARD_SELECTORS_PER_PATTERN} selectors with a wildcard in one pattern",
                    code="too-many-wildcards",
                    fix="split the pattern over two filters",
                )
        self._advance()
        return selector

    def _compare(self, selector: Selector) -> Compare:
        operator = self._advance()
        literal = self.literal(operator)
        assert isinstance(operator.value, str)
        return Compare(selector, operator.value, literal, (selector.span[0], literal.span[1]))

    def _is(self, selector: Selector) -> Is:
        self._advance()
        word = self._word()
        if word == "NOT":
            raise self._error(
                "IS NOT does not exist", fix='write != for another value, = "*" for any string or number', code="is-not"
            )
        if word not in _CONSTANTS:
            raise self._error("only NULL, TRUE or FALSE may follow IS", fix="write = for a value")
        return Is(selector, _CONSTANTS[word], self._span_from(selector, self._advance()))

    # Errors

    def _no_selector(self) -> PatternError:
        token, word = self._token, self._word()
        if word == "NOT":
            fix = "write != or NOT EXISTS in each condition"
            return self._error("there is no general NOT", fix=fix, code="word-operator")
        if word in WORDS_FOR_SYMBOLS:
            return self._error(
                f"{token.value} is not an operator", fix=f"write {WORDS_FOR_SYMBOLS[word]}", code="word-operator"
            )
        if token.kind == WORD:
            return self._error("a condition starts with a selector", fix=f"write $.{token.value}")
        if token.kind in (STRING, REGEX):
            return self._error("a condition starts with a selector", fix="the field comes first: $.field = value")
        if token.kind == END:
            return self._error("a condition is missing", fix="add one, and the closing }")
        if token.kind in ("}", ")", "&&", "||"):
            return self._error(
                f"a condition is missing before {self._shown()}", fix=f"add one, or leave out {self._shown()}"
            )
        return self._error(f"{self._shown()} where a condition should start", fix="such as $.field = value")

    def _no_operator(self, word: str) -> PatternError:
        if word == "EXISTS":
            fix = 'write = "*" for any string or number; only NOT EXISTS exists'
            return self._error("EXISTS alone does not exist", fix=fix, code="exists")
        if word in WORDS_FOR_SYMBOLS or self._token.kind in ("&&", "||", ")", "}", END):
            return self._error("a condition needs an operator and a value", fix='such as = "value" or NOT EXISTS')
        fix = "the operators are = != < <= > >=, IS and NOT EXISTS"
        return self._error(f"{self._shown()} where an operator should stand", fix=fix)

    def _misplaced(self) -> PatternError:
        """The error for what stands where `&&`, `||` or an end should."""
        token, word = self._token, self._word()
        if word in WORDS_FOR_SYMBOLS:
            return self._error(
                f"{token.value} is not an operator", fix=f"write {WORDS_FOR_SYMBOLS[word]}", code="word-operator"
            )
        if token.kind == END:
            return self._error("the closing } is missing", fix="add it")
        if token.kind == ")":
            return self._error("this ) closes nothing", fix="leave it out, or open it")
        if token.kind in (SELECTOR, "("):
            return self._error("&& or || is missing between two conditions", fix="write one of them")
        return self._error(
            f"{self._shown()} after a whole condition",
            fix="put a value with blanks in quotes, join conditions with && or ||",
        )

    @staticmethod
    def _span_from(selector: Selector, last: Token) -> Span:
        return selector.span[0], last.end
