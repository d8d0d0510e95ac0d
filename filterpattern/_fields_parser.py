"""The space-delimited form `[a, b = "x" || b = 5, ..., c]`.

    pattern   := "[" [ field ( "," field )* ] "]"
    field     := "" | "..." | name | condition ( ( "&&" | "||" ) condition )*
    condition := name compare literal                    the name is the same in the whole field

`&&` binds tighter than `||`; round brackets are not documented for this form and are refused.
"""

from __future__ import annotations

from filterpattern._errors import PatternError
from filterpattern._reader import WORDS_FOR_SYMBOLS, LiteralReader, join
from filterpattern._tokens import END, OPERATOR, WORD, Token, field_tokens
from filterpattern._tree import And, AnyFields, Field, Fields, FieldTest, Node, Or

_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME = _FIRST | frozenset("0123456789")


def parse_fields(text: str, start: int) -> Fields:
    """The tree of the space-delimited pattern whose `[` stands at `start`. Raises PatternError."""
    return _Parser(text, start).pattern()


class _Parser(LiteralReader):
    """One token of look-ahead, as for the JSON form; the values are read by the same code."""

    def __init__(self, text: str, start: int) -> None:
        super().__init__(text, field_tokens(text, start))
        self._names: set[str] = set()

    def pattern(self) -> Fields:
        opening = self._advance()
        parts: list[Field | AnyFields] = []
        if self._token.kind != "]":
            parts.append(self._field())
            while self._token.kind == ",":
                self._advance()
                parts.append(self._field())
        if self._token.kind == END:
            raise PatternError(
                "this bracket is not closed", text=self._text, position=opening.start, fix="close it with ]"
            )
        if self._token.kind != "]":
            raise self._misplaced()
        closing = self._advance()
        if self._token.kind != END:
            end = len(self._text.rstrip())
            fix = "put all fields between one pair of brackets"
            raise self._error("nothing may follow the closing bracket", fix=fix, code="text-after-brace", end=end)
        return Fields(tuple(parts), (opening.start, closing.end))

    def _field(self) -> Field | AnyFields:
        token = self._token
        if token.kind in (",", "]"):
            return Field(None, None, (token.start, token.start))
        if token.kind == "...":
            self._claim("...")
            self._advance()
            return AnyFields(token.span)
        name = self._name()
        self._claim(name)
        self._advance()
        if self._token.kind != OPERATOR:
            return Field(name, None, token.span)
        test = self._or(name)
        return Field(name, test, (token.start, test.span[1]))

    def _claim(self, name: str) -> None:
        if name in self._names:
            if name == "...":
                raise self._error("a second ...", fix="only one may stand for any number of fields")
            raise self._error(f"two fields named {name}", fix="give each field its own name")
        self._names.add(name)

    def _name(self) -> str:
        token = self._token
        if token.kind != WORD:
            raise self._misplaced()
        name = str(token.value)
        if name[0] not in _FIRST or not _NAME.issuperset(name):
            plain = "".join(char if char in _NAME else "_" for char in name)
            fix = f"write {plain if plain[0] in _FIRST else '_' + plain}"
            raise self._error("a field's name is a letter or _, then letters, digits and _", fix=fix)
        return name

    def _or(self, name: str) -> Node:
        start = self._token.start
        parts = [self._and(name)]
        while self._token.kind == "||":
            self._advance()
            self._same_name(name)
            parts.append(self._and(name))
        return join(Or, parts, (start, self._end))

    def _and(self, name: str) -> Node:
        start = self._token.start
        parts: list[Node] = [self._test()]
        while self._token.kind == "&&":
            self._advance()
            self._same_name(name)
            parts.append(self._test())
        return join(And, parts, (start, self._end))

    def _same_name(self, name: str) -> None:
        token = self._token
        if token.kind != WORD:
            raise self._error(f"{self._shown()} where a condition should start", fix=f"repeat the name: {name} = value")
        if token.value != name:
            fix = f"only {name} can be tested here; put the other condition into the other field"
            raise self._error(f"a condition on {token.value} in the field {name}", fix=fix)
        self._advance()

    def _test(self) -> FieldTest:
        if self._token.kind != OPERATOR:
            raise self._error(f"{self._shown()} where an operator should stand", fix="the operators are = != < <= > >=")
        operator = self._advance()
        literal = self.literal(operator)
        return FieldTest(str(operator.value), literal, (operator.start, literal.span[1]))

    def _misplaced(self) -> PatternError:
        token: Token = self._token
        if token.kind in ("(", ")"):
            return self._error(
                "round brackets do not exist in this form", fix="&& binds tighter than ||; repeat a condition instead"
            )
        if token.kind == END:
            return self._error("the closing ] is missing", fix="add it")
        symbol = WORDS_FOR_SYMBOLS.get(self._word())
        if symbol:
            return self._error(f"{token.value} is not an operator", fix=f"write {symbol}", code="word-operator")
        return self._error(f"{self._shown()} does not belong here", fix="fields are separated by commas")
