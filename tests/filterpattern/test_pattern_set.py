"""Many patterns at once give what asking each of them gives."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import filterpattern
from filterpattern import PatternError, compile_all
from filterpattern._render import render
from filterpattern._required import ANY_TEXT, required_texts
from filterpattern._tree import Compare, Or, Selector, String
from tests.support import patterns
from tests.support.effort import examples
from tests.support.reference_evaluator import find

FIELDS = [Selector(("a",)), Selector(("b",)), Selector(("userIdentity", "a"))]
# Trees as people write them: one of some names, and a few more conditions.
usual = st.builds(
    lambda field, names, rest: (
        render(rest)
        if not names
        else render(
            Or(tuple(Compare(field, "=", String(n)) for n in names))
            if len(names) > 1
            else Compare(field, "=", String(names[0]))
        )
    ),
    st.sampled_from(FIELDS),
    st.lists(st.sampled_from(["a", "b", "ab", "5", "5.0"]), max_size=3, unique=True),
    patterns.trees(),
)
texts = st.one_of(usual, patterns.trees().map(render))


@settings(max_examples=examples(60))
@given(st.lists(texts, max_size=8), patterns.events)
def test_it_answers_as_one_by_one(written, event):
    named = {f"p{index}": text for index, text in enumerate(written)}
    together = compile_all(named)
    assert together.matches(event) == {
        name for name, text in named.items() if filterpattern.compile(text).matches(event)
    }


@given(
    st.lists(patterns.all_trees.map(render), max_size=5), patterns.messages | patterns.events.map(patterns.as_message)
)
def test_it_answers_as_one_by_one_on_text(written, message):
    named = {f"p{index}": text for index, text in enumerate(written)}
    expected = {name for name, text in named.items() if filterpattern.compile(text).matches(message)}
    together = compile_all(named)
    assert together.matches(message) == expected
    if message.isascii():
        assert together.matches(message.encode()) == expected


@given(patterns.trees(), patterns.events)
def test_what_is_required_is_there_in_every_match(tree, event):
    if not filterpattern.compile(render(tree)).matches(event):
        return
    for selector in filterpattern.compile(render(tree)).selectors:
        texts = required_texts(tree, selector)
        if texts is None:
            continue
        (node,) = find(selector, event)
        assert isinstance(node, (str, int, float))
        assert not isinstance(node, bool)
        if isinstance(node, str) and isinstance(texts, frozenset):
            assert node in texts


REQUIRED = [
    ('{ $.n = "x" }', {"x"}),
    ('{ $.n = "x" || $.n = "y" }', {"x", "y"}),
    ('{ ($.n = "x" || $.n = "y") && $.n = "y" }', {"y"}),
    ('{ $.n = "x" && $.n = "y" }', set()),
    ('{ $.n = "x" && $.m NOT EXISTS }', {"x"}),
    ('{ $.n = "x" || $.m NOT EXISTS }', None),
    ('{ $.n = "x" || $.m = "x" }', None),
    ('{ $.n = "x*" || $.n = "y" }', ANY_TEXT),
    ('{ $.n = "x*" && $.n = "xy" }', {"xy"}),
    ('{ $.n != "x" }', ANY_TEXT),
    ("{ $.n > 5 }", ANY_TEXT),
    ("{ $.n = 5 }", ANY_TEXT),
    ("{ $.n = %x% }", ANY_TEXT),
    ("{ $.n IS TRUE }", None),
    ("{ $.n NOT EXISTS }", None),
    ('{ $.n[*] = "x" }', None),
]


@pytest.mark.parametrize(("text", "texts"), REQUIRED, ids=[row[0] for row in REQUIRED])
def test_what_is_required(text, texts):
    assert required_texts(filterpattern.compile(text).tree, Selector(("n",))) == texts


def test_only_what_could_match_is_evaluated():
    """The point of the index: the event below is looked at by one pattern out of three."""
    together = compile_all(
        {
            "trail": "{ $.eventName = StopLogging || $.eventName = StartLogging }",
            "iam": "{ $.eventSource = iam.amazonaws.com && $.eventName = A* }",
            "denied": '{ $.errorCode = "AccessDenied*" }',
        }
    )
    asked: list[str] = []

    def spy(name, fits):
        return lambda event: asked.append(name) or fits(event)

    def spied(filed):
        return tuple((name, spy(name, fits)) for name, fits in filed)

    together._top = [
        (key, {t: spied(f) for t, f in by_text.items()}, spied(rest)) for key, by_text, rest in together._top
    ]
    assert not together._deep
    assert not together._always
    event = {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}
    assert together.matches(event) == {"trail"}
    assert asked == ["trail"]


@pytest.mark.parametrize("order", [("named", "starred"), ("starred", "named")])
def test_a_pattern_for_any_text_is_found_beside_those_for_certain_texts(order):
    written = {"named": '{ $.errorCode = "AccessDenied" }', "starred": '{ $.errorCode = "*Denied" }'}
    together = compile_all({name: written[name] for name in order})
    assert together.matches({"errorCode": "AccessDenied"}) == {"named", "starred"}
    assert together.matches({"errorCode": "Denied"}) == {"starred"}
    assert together.matches({}) == frozenset()


def test_all_forms_together():
    together = compile_all({"json": "{ $.a = 1 }", "regex": "%1%", "terms": "a -b", "fields": "[x]", "all": ""})
    assert together.matches('{"a": 1}') == {"json", "regex", "terms", "fields", "all"}
    assert together.matches("b 1") == {"regex", "fields", "all"}
    assert together.matches(b"\xff") == frozenset()
    assert isinstance(together.patterns, Mapping)
    assert together.patterns["json"] == filterpattern.compile("{ $.a = 1 }")


def test_types_are_as_for_one_pattern():
    with pytest.raises(TypeError, match="terms is 'a'"):
        compile_all({"json": "{ $.a = 1 }", "terms": "a"}).matches({"a": 1})
    with pytest.raises(TypeError, match="not int"):
        compile_all({}).matches(5)  # pyright: ignore[reportArgumentType]
    assert compile_all({}).matches({"a": 1}) == frozenset()


def test_an_error_names_the_pattern():
    with pytest.raises(PatternError, match=r"broken: there is no operator ==") as caught:
        compile_all({"fine": "{ $.a = 1 }", "broken": "{ $.a == 1 }"})
    assert caught.value.position == 6


def test_parse_event_reads_what_matches_reads():
    assert filterpattern.parse_event(' {"a": 1} ') == {"a": 1}
    assert filterpattern.parse_event(b'{"a": 1}') == {"a": 1}
    assert filterpattern.parse_event("[1]") is None
    assert filterpattern.parse_event(b"\xff") is None
