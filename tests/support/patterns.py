"""Generated filter patterns and events: trees, texts that say them in many spellings, and messages that nearly fit."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

import filterpattern
from filterpattern import Pattern, PatternError
from filterpattern._numbers import is_number
from filterpattern._selectors import NAME
from filterpattern._tokens import BARE
from filterpattern._tree import (
    ANY,
    And,
    AnyFields,
    Compare,
    Field,
    Fields,
    FieldTest,
    Is,
    Node,
    NotExists,
    Number,
    Or,
    Regex,
    Selector,
    Step,
    String,
    Term,
    Terms,
    subtree,
)

NAMES = ("a", "b", "userIdentity", "x-y", "_1", "cluster.name", "a b", "é", "*")
VALUES = (
    "",
    "a",
    "b",
    "ab",
    "aab",
    "Root",
    "5",
    "5.0",
    "05",
    "1e3",
    "true",
    "null",
    "*",
    "a*b",
    'q"\\',
    "\\",
    "é",
    "\ud800",
    "  ",
)
NUMBERS = (
    "5",
    "5.0",
    "+5",
    "-5",
    ".5",
    "5.",
    "0",
    "1e3",
    "1E-3",
    "9007199254740993",
    "9007199254740992",
    "1e400",
    "1e-400",
    "0.1",
)
REGEXES = ("a", "^a", "b$", "^[0-9]+$", r"\.", "a.b", "a|b", r"^\s*$", "[^a]", "5", r"\x3A", "o{2}", "^$")

steps = st.one_of(st.sampled_from(NAMES), st.integers(0, 3), st.just(ANY))


@st.composite
def selectors(draw: st.DrawFn, *, wildcard: bool | None = None) -> Selector:
    """A selector; `wildcard` True or False says whether it must or must not hold one."""
    path: list[Step] = [draw(st.sampled_from(NAMES))]
    path += draw(st.lists(st.one_of(st.sampled_from(NAMES), st.integers(0, 2)), max_size=2))
    if wildcard or (wildcard is None and draw(st.integers(0, 3)) == 0):
        path.insert(draw(st.integers(0, len(path))), ANY)
    if not isinstance(path[0], str) and path[0] is not ANY:
        path.insert(0, "a")
    return Selector(tuple(path))


texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=6).filter(lambda text: "\x00" not in text))
strings = st.one_of(texts, st.lists(st.sampled_from(["a", "b", "*", "5"]), max_size=5).map("".join)).map(String)
numbers = (
    st.one_of(
        st.sampled_from(NUMBERS), st.integers().map(str), st.decimals(allow_nan=False, allow_infinity=False).map(str)
    )
    .filter(lambda text: is_number(text) and len(text) < 60)
    .map(Number)
)
regexes = st.sampled_from(REGEXES).map(Regex)


@st.composite
def conditions(draw: st.DrawFn, *, wildcard: bool | None = None) -> Node:
    """One condition of the JSON form."""
    selector = draw(selectors(wildcard=wildcard))
    kind = draw(st.sampled_from(["equal", "equal", "order", "is", "not exists"]))
    if kind == "equal":
        return Compare(selector, draw(st.sampled_from(["=", "!="])), draw(st.one_of(strings, numbers, regexes)))
    if kind == "order":
        return Compare(selector, draw(st.sampled_from(["<", "<=", ">", ">="])), draw(numbers))
    return Is(selector, draw(st.sampled_from([None, True, False]))) if kind == "is" else NotExists(selector)


def compiled(text: str) -> Pattern | PatternError:
    """The pattern, or why there is none."""
    try:
        return filterpattern.compile(text)
    except PatternError as error:
        return error


def _within_limits(tree: Node) -> bool:
    nodes = list(subtree(tree))
    wildcards = sum(isinstance(node, Selector) and node.has_wildcard for node in nodes)
    return wildcards <= 3 and sum(isinstance(node, Regex) for node in nodes) <= 2


@st.composite
def trees(draw: st.DrawFn, *, depth: int = 3, wildcard: bool | None = None) -> Node:
    """A tree of the JSON form within the limits on regexes and wildcards, flattened as the parser does."""
    return draw(_trees(depth=depth, wildcard=wildcard).filter(_within_limits))


@st.composite
def _trees(draw: st.DrawFn, *, depth: int, wildcard: bool | None) -> Node:
    if not depth or draw(st.booleans()):
        return draw(conditions(wildcard=wildcard))
    kind = draw(st.sampled_from([And, Or]))
    parts: list[Node] = []
    for part in draw(st.lists(_trees(depth=depth - 1, wildcard=wildcard), min_size=2, max_size=3)):
        parts += part.parts if isinstance(part, kind) else [part]
    return kind(tuple(parts))


# The other forms

words = st.one_of(
    st.sampled_from(["ERROR", "a", "b", "a_b", "1.5", "é"]),
    st.sampled_from([" ", "a b", 'q"', "\\", "x:y", "-a", "*", "%a%"]),
)
terms = st.builds(Term, st.sampled_from(["", "", "-", "?"]), st.one_of(words, st.text(min_size=1, max_size=4)))
term_trees = st.lists(terms, min_size=1, max_size=4).map(lambda parts: Terms(tuple(parts)))


@st.composite
def field_trees(draw: st.DrawFn) -> Fields:
    """A space-delimited pattern."""
    names = draw(st.lists(st.sampled_from(["a", "b", "_c", "status_code", "x1"]), unique=True, max_size=4))
    parts: list[Field | AnyFields] = [Field(name, draw(st.none() | field_tests())) for name in names]
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), Field(None, None))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), AnyFields())
    if parts == [Field(None, None)]:
        parts.append(Field(None, None))  # [] means something else: it has no fields
    return Fields(tuple(parts))


@st.composite
def field_tests(draw: st.DrawFn) -> Node:
    """The condition on one field: what `||` and `&&` can say without brackets."""

    def test() -> Node:
        if draw(st.integers(0, 2)):
            return FieldTest(draw(st.sampled_from(["=", "!="])), draw(strings | numbers))
        return FieldTest(draw(st.sampled_from(["<", "<=", ">", ">="])), draw(numbers))

    def some(kind: type[And] | type[Or], part: Callable[[], Node]) -> Node:
        parts = [part() for _ in range(draw(st.integers(1, 2)))]
        return parts[0] if len(parts) == 1 else kind(tuple(parts))

    return some(Or, lambda: some(And, test))


all_trees = st.one_of(trees(), term_trees, field_trees(), regexes)
pieces = st.sampled_from(["a", "b", "ERROR", "5", "5.0", "05", "1e3", '"a b"', "[a b]", '"', "[", "]", "a_b", "é"])
messages = st.lists(pieces | st.text(max_size=3), max_size=6).map(" ".join)


blanks = st.sampled_from(["", "", " ", "  ", "\n", "\t"])


@st.composite
def spellings(draw: st.DrawFn, tree: Node) -> str:
    """A text whose tree is `tree`, with blanks, brackets, quotes and keywords as somebody might write them."""
    return "{" + draw(blanks) + draw(_spelled(tree, inside=Or)) + draw(blanks) + "}"


@st.composite
def _spelled(draw: st.DrawFn, node: Node, *, inside: type[Node]) -> str:
    def keyword(text: str) -> str:
        return draw(st.sampled_from([text, text.lower(), text.title()]))

    gap = st.sampled_from([" ", "  ", "\n"])
    match node:
        case And(parts) | Or(parts):
            symbol = "&&" if isinstance(node, And) else "||"
            text = "".join(
                (draw(blanks) + symbol + draw(blanks) if i else "") + draw(_spelled(part, inside=type(node)))
                for i, part in enumerate(parts)
            )
            brackets = isinstance(node, Or) and inside is And
        case Compare(selector, operator, literal):
            text = _selector(draw, selector) + draw(blanks) + operator + draw(blanks) + _literal(draw, literal)
            brackets = False
        case Is(selector, value):
            constant = "NULL" if value is None else str(value).upper()
            text = _selector(draw, selector) + draw(gap) + keyword("IS") + draw(gap) + keyword(constant)
            brackets = False
        case NotExists(selector):
            text = _selector(draw, selector) + draw(gap) + keyword("NOT") + draw(gap) + keyword("EXISTS")
            brackets = False
        case _:
            raise TypeError(node)
    if brackets or draw(st.integers(0, 4)) == 0:
        return "(" + draw(blanks) + text + draw(blanks) + ")"
    return text


def _selector(draw: st.DrawFn, selector: Selector) -> str:
    text = "$"
    for index, step in enumerate(selector.path):
        if step is ANY:
            text += ".*" if index == 0 or draw(st.booleans()) else "[*]"
        elif isinstance(step, int):
            text += f"[{step}]"
        elif NAME.issuperset(str(step)) and draw(st.booleans()):
            text += f".{step}"
        else:
            text += f".['{step}']"
    return text


def _literal(draw: st.DrawFn, literal: Node) -> str:
    match literal:
        case Number(source):
            return source
        case Regex(body):
            return f"%{body}%"
        case String(value):
            bare = value and BARE.issuperset(value) and not is_number(value) and value.upper() != "NULL"
            if bare and draw(st.booleans()):
                return value
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    raise TypeError(literal)


# Events

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 5, -5, 5.0, 0.1, 0.5, 1000, 1000.0, 1e-3, 2**53, 2**53 + 1, 10**30, float("inf"), -float("inf")]
    ),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(VALUES),
    st.sampled_from(["b:b", "oo", "5", ".", "aXb", "1000"]),
    st.text(max_size=4),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)),
    max_leaves=12,
)
events: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from(NAMES), nodes, max_size=6)


def plant(path: Sequence[Step], nodes: Sequence[Any]) -> Any:
    """An event in which every wildcard step finds all the nodes, and any other path the first."""
    if not path:
        return nodes[0]
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return {step: plant(rest, nodes)}
    if isinstance(step, int):
        return [None] * step + [plant(rest, nodes)]
    return {f"k{index}": plant(rest, [node]) for index, node in enumerate(nodes)}


def as_message(event: object) -> str:
    """The event as JSON text; a number that overflows is written as CloudTrail could, `1e999`."""
    return json.dumps(event).replace("-Infinity", "-1e999").replace("Infinity", "1e999")
