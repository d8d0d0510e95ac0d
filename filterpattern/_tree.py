"""The tree of a pattern: frozen nodes, equal when they mean the same wherever they stand in the text.

The nodes are written out and not `dataclasses`: making sixteen of those takes longer than importing everything else in
this package, and the package is loaded when a Lambda starts cold.
"""

from __future__ import annotations

from collections.abc import Iterator

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


class Node:
    """Something in a pattern. `span` is where it stands (offsets, end excluded) and takes no part in equality."""

    __slots__ = ("span",)
    __match_args__: tuple[str, ...] = ()
    span: Span

    def _fill(self, span: Span, *values: object) -> None:
        put = object.__setattr__
        put(self, "span", span)
        for name, value in zip(self.__match_args__, values, strict=True):
            put(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; cannot delete {name!r}")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Node) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values()))})"


class Wildcard:
    """The step `[*]` or `.*` of a selector; both walk over array elements and object values (rule R2)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ANY"


ANY = Wildcard()
Step = str | int | Wildcard


class Selector(Node):
    """`$.a['b c'][0][*]`: names are text, indices numbers, wildcards `ANY`."""

    __slots__ = __match_args__ = ("path",)
    path: tuple[Step, ...]

    def __init__(self, path: tuple[Step, ...], span: Span = NOWHERE) -> None:
        self._fill(span, path)

    @property
    def has_wildcard(self) -> bool:
        """Whether one of the steps is `[*]` or `.*`."""
        return ANY in self.path


class String(Node):
    """A text literal, quoted or bare. Every `*` in it is a wildcard (R11): there is no way to write a plain one."""

    __slots__ = __match_args__ = ("value",)
    value: str

    def __init__(self, value: str, span: Span = NOWHERE) -> None:
        self._fill(span, value)


class Number(Node):
    """A number literal as it was written: `5` and `5.0` differ, because texts are compared with the source (R4)."""

    __slots__ = __match_args__ = ("source",)
    source: str

    def __init__(self, source: str, span: Span = NOWHERE) -> None:
        self._fill(span, source)


class Regex(Node):
    """`%body%`, as a literal or as a whole pattern."""

    __slots__ = __match_args__ = ("body",)
    body: str

    def __init__(self, body: str, span: Span = NOWHERE) -> None:
        self._fill(span, body)


class Compare(Node):
    """`selector operator literal`; the operator is one of `= != < <= > >=`."""

    __slots__ = __match_args__ = ("selector", "operator", "literal")
    selector: Selector
    operator: str
    literal: String | Number | Regex

    def __init__(
        self, selector: Selector, operator: str, literal: String | Number | Regex, span: Span = NOWHERE
    ) -> None:
        self._fill(span, selector, operator, literal)


class Is(Node):
    """`selector IS NULL`, `IS TRUE` or `IS FALSE`; `value` is None, True or False."""

    __slots__ = __match_args__ = ("selector", "value")
    selector: Selector
    value: bool | None

    def __init__(self, selector: Selector, value: bool | None, span: Span = NOWHERE) -> None:
        self._fill(span, selector, value)


class NotExists(Node):
    """`selector NOT EXISTS`."""

    __slots__ = __match_args__ = ("selector",)
    selector: Selector

    def __init__(self, selector: Selector, span: Span = NOWHERE) -> None:
        self._fill(span, selector)


class _Junction(Node):
    __slots__ = __match_args__ = ("parts",)
    parts: tuple[Node, ...]

    def __init__(self, parts: tuple[Node, ...], span: Span = NOWHERE) -> None:
        self._fill(span, parts)


class And(_Junction):
    """Two or more parts joined by `&&`; no part is itself an `And`."""

    __slots__ = ()


class Or(_Junction):
    """Two or more parts joined by `||`; no part is itself an `Or`."""

    __slots__ = ()


class Everything(Node):
    """The empty pattern, which matches every message."""

    __slots__ = ()

    def __init__(self, span: Span = NOWHERE) -> None:
        self._fill(span)


class Term(Node):
    """A text to look for in the message. `sign` is empty (must be there), `-` (must not) or `?` (one of these)."""

    __slots__ = __match_args__ = ("sign", "text")
    sign: str
    text: str

    def __init__(self, sign: str, text: str, span: Span = NOWHERE) -> None:
        self._fill(span, sign, text)


class Terms(Node):
    """A pattern of one or more `Term`."""

    __slots__ = __match_args__ = ("parts",)
    parts: tuple[Term, ...]

    def __init__(self, parts: tuple[Term, ...], span: Span = NOWHERE) -> None:
        self._fill(span, parts)


class FieldTest(Node):
    """`operator literal` on the field it stands in, in a space-delimited pattern."""

    __slots__ = __match_args__ = ("operator", "literal")
    operator: str
    literal: String | Number | Regex

    def __init__(self, operator: str, literal: String | Number | Regex, span: Span = NOWHERE) -> None:
        self._fill(span, operator, literal)


class Field(Node):
    """One field of a space-delimited pattern. `name` is None for an unnamed one, `test` None where anything goes."""

    __slots__ = __match_args__ = ("name", "test")
    name: str | None
    test: Node | None

    def __init__(self, name: str | None, test: Node | None, span: Span = NOWHERE) -> None:
        self._fill(span, name, test)


class AnyFields(Node):
    """`...` in a space-delimited pattern: any number of fields, also none."""

    __slots__ = ()

    def __init__(self, span: Span = NOWHERE) -> None:
        self._fill(span)


class Fields(Node):
    """A space-delimited pattern: `Field`s and at most one `AnyFields`; without parts it matches everything."""

    __slots__ = __match_args__ = ("parts",)
    parts: tuple[Field | AnyFields, ...]

    def __init__(self, parts: tuple[Field | AnyFields, ...], span: Span = NOWHERE) -> None:
        self._fill(span, parts)


def subtree(node: Node) -> Iterator[Node]:
    """The node and everything under it, in the order of the text."""
    yield node
    for value in node._values():  # noqa: SLF001 - the walk belongs to the tree
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from subtree(part)
