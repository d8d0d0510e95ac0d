"""`compile`, and the `Pattern` it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from filterpattern._errors import PatternError
from filterpattern._evaluate import Predicate, predicate
from filterpattern._fields import FieldsTest
from filterpattern._fields_parser import parse_fields
from filterpattern._json_parser import parse_json
from filterpattern._limits import MAX_PATTERN_LENGTH
from filterpattern._literals import text_test
from filterpattern._message import as_text, parse_event
from filterpattern._regex_syntax import parse_regex
from filterpattern._render import render
from filterpattern._terms import parse_terms, terms_test
from filterpattern._tokens import BLANKS
from filterpattern._tree import Everything, Fields, Node, Regex, Selector, Terms, subtree

JSON, REGEX, TERMS, FIELDS, EVERYTHING = "json", "regex", "terms", "fields", "everything"


class Pattern:
    """A compiled filter pattern. Immutable; equal to another one that has the same tree, however either was written.

    `text` is the pattern as it was given, `str()` its canonical text, `form` says how it reads messages: `json`,
    `regex`, `terms`, `fields` (space-delimited), or `everything` for the empty pattern.
    """

    __slots__ = ("_fields", "_fits_text", "fits_event", "form", "text", "tree")
    text: str
    form: str
    tree: Node

    def __init__(self, text: str, tree: Node) -> None:
        self.text, self.tree = text, tree
        self.fits_event: Predicate | None = None  # None where messages are not JSON
        self._fits_text: Callable[[str], bool] | None = None
        self._fields: FieldsTest | None = None
        match tree:
            case Everything():
                self.form = EVERYTHING
                self._fits_text = _always
            case Regex():
                self.form = REGEX
                self._fits_text = text_test(tree)
            case Terms():
                self.form = TERMS
                self._fits_text = terms_test(tree)
            case Fields():
                self.form = FIELDS
                self._fields = FieldsTest(tree)
                self._fits_text = self._fields.matches
            case _:
                self.form = JSON
                self.fits_event = predicate(tree)

    def matches(self, message: str | bytes | Mapping[str, object]) -> bool:
        """Whether CloudWatch would count this log message.

        A mapping is an event that was parsed already. It needs a JSON pattern, else TypeError: the text that the other
        forms look at is gone. Bytes that are not UTF-8 match nothing. No message makes it raise.
        """
        fits_event = self.fits_event
        if isinstance(message, (str, bytes)):
            text = as_text(message)
            if text is None:
                return False
            if fits_event is None:
                assert self._fits_text is not None
                return self._fits_text(text)
            event = parse_event(text)
            return event is not None and fits_event(event)
        # Asking an abstract class takes as long as the pattern does; almost every event is a plain dict.
        if type(message) is not dict and not isinstance(message, Mapping):
            raise TypeError(f"a message is text, bytes or a parsed event, not {type(message).__name__}")
        if fits_event is None:
            raise TypeError(f"a parsed event needs a JSON pattern, not {self.text!r}")
        return fits_event(message)

    def extracted_values(self, message: str | bytes) -> Mapping[str, str]:
        """TestMetricFilter's `extractedValues`: the fields of a message that a space-delimited pattern matches.

        Keys are `$name`, or `$n` for the unnamed n-th field, counted from 1. The other forms extract nothing
        (observed), nor does a message that is not matched. How fields under `...` are numbered is not settled.
        """
        text = as_text(message)
        return (self._fields.extract(text) if self._fields and text is not None else None) or {}

    @property
    def regexes(self) -> int:
        """How many regexes the pattern holds. Five filters of a log group may hold any."""
        return sum(isinstance(node, Regex) for node in subtree(self.tree))

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """The selectors in the order they stand in the pattern; one that stands there twice is given twice."""
        return tuple(node for node in subtree(self.tree) if isinstance(node, Selector))

    def __str__(self) -> str:
        return render(self.tree)

    def __repr__(self) -> str:
        return f"filterpattern.compile({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return self.tree == other.tree if isinstance(other, Pattern) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.tree)

    def __reduce__(self) -> tuple[object, ...]:
        return compile, (self.text,)  # the functions inside cannot be pickled


def compile(text: str) -> Pattern:  # noqa: A001 - as in `re`, read as filterpattern.compile
    """Read a filter pattern. Raises PatternError where CloudWatch would refuse it or what it would do is not known."""
    return Pattern(text, parse(text))


def parse(text: str, *, any_length: bool = False) -> Node:
    """The tree of a filter pattern; `any_length` leaves the limit on its characters to the caller."""
    if not isinstance(text, str):
        raise TypeError(f"a filter pattern is text, not {type(text).__name__}")
    if len(text) > MAX_PATTERN_LENGTH and not any_length:
        raise PatternError(
            f"{len(text):,} characters; a pattern may have {MAX_PATTERN_LENGTH:,}",
            text=text,
            position=MAX_PATTERN_LENGTH,
            fix="split it over two filters",
            code="too-long",
        )
    inner = text.strip(BLANKS)
    start = text.find(inner)
    match inner[:1]:
        case "":
            return Everything()
        case "{":
            return parse_json(text, start)
        case "%":
            return _parse_regex_message(text, start, start + len(inner))
        case "[":
            return parse_fields(text, start)
    return parse_terms(text, start, start + len(inner))


def _parse_regex_message(text: str, start: int, stop: int) -> Regex:
    close = text.find("%", start + 1)
    if close < 0:
        raise PatternError("the regex is not closed", text=text, position=start, fix="close it with %")
    if close + 1 < stop:
        raise PatternError(
            "a stand-alone regex is the whole pattern",
            text=text,
            position=stop - len(text[close + 1 : stop].lstrip(BLANKS)),
            end=stop,
            fix="put everything into one regex, or leave out the % to search for terms",
            code="regex-mixed",
        )
    body = text[start + 1 : close]
    parse_regex(body, text=text, offset=start + 1)
    return Regex(body, (start, close + 1))


def _always(_message: str) -> bool:
    return True
