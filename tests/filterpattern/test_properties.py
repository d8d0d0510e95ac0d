"""What holds for every pattern and every event, on generated ones."""

import copy
import json
import pickle

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import filterpattern
from filterpattern import PatternError
from filterpattern._render import _Writer, render
from filterpattern._tokens import END, tokens
from filterpattern._tree import Compare, Node, Number, Selector, String, subtree
from tests.support import patterns
from tests.support.effort import examples
from tests.support.reference_evaluator import holds

SPOILERS = st.sampled_from([*"{}()[]$.*=!<>&|%\"'\\ \n", "AND", "==", "null", "1e99", "é", "\ud800", "\x00"])


@given(patterns.all_trees)
def test_the_canonical_form_compiles_to_the_same_pattern(tree):
    text = render(tree)
    assume(len(text) <= filterpattern.MAX_PATTERN_LENGTH)
    pattern = filterpattern.compile(text)
    assert pattern.tree == tree
    assert str(pattern) == text
    assert filterpattern.compile(str(pattern)) == pattern
    assert filterpattern.compile(_Writer(compact=True).pattern(tree)) == pattern
    assert len(_Writer(compact=True).pattern(tree)) <= len(text)


@given(st.data())
def test_every_spelling_compiles_to_its_tree(data):
    tree = data.draw(patterns.trees())
    text = data.draw(patterns.spellings(tree))
    assume(len(text) <= filterpattern.MAX_PATTERN_LENGTH)
    pattern = filterpattern.compile(text)
    assert pattern.tree == tree
    assert len(_Writer(compact=True).pattern(tree)) <= len(text)
    assert filterpattern.compile(_Writer(compact=True).pattern(tree)) == pattern


@pytest.mark.parametrize(
    "text",
    [
        "a" + "-b" * 511,
        '"a"' + '?"b c"' * 170,
        "[" + ",".join(f"a{number}=b{number}||a{number}=c" for number in range(48)) + "]",
        "[" + "," * 1022 + "]",
    ],
)
def test_the_other_forms_at_full_length(text):
    assert len(text) <= filterpattern.MAX_PATTERN_LENGTH
    pattern = filterpattern.compile(text)
    assert filterpattern.compile(str(pattern)) == pattern


def test_the_canonical_form_of_a_pattern_of_full_length_still_compiles():
    text = "{" + "||".join(["$.ab=b"] * 128) + "}"
    assert len(text) == filterpattern.MAX_PATTERN_LENGTH
    assert len(text.replace("||", " || ")) > filterpattern.MAX_PATTERN_LENGTH
    pattern = filterpattern.compile(text)
    assert filterpattern.compile(str(pattern)) == pattern
    assert str(pattern) == text


@given(st.data())
def test_spans_point_at_what_was_read(data):
    tree = data.draw(patterns.trees())
    text = data.draw(patterns.spellings(tree))
    assume(len(text) <= filterpattern.MAX_PATTERN_LENGTH)
    for node in subtree(filterpattern.compile(text).tree):
        start, end = node.span
        piece = text[start:end]
        if isinstance(node, Selector):
            assert filterpattern.compile(f"{{{piece} NOT EXISTS}}").selectors == (node,)
        elif isinstance(node, Number):
            assert piece == node.source
        elif isinstance(node, Compare):
            assert filterpattern.compile(f"{{{piece}}}").tree == node
        elif isinstance(node, String):
            assert filterpattern.compile(f"{{ $.a = {piece} }}").tree == Compare(Selector(("a",)), "=", node)


@given(st.data())
def test_tokens_cut_the_text_without_gaps(data):
    text = data.draw(patterns.spellings(data.draw(patterns.trees())))
    at = 0
    for token in tokens(text):
        assert text[at : token.start].strip(" \t\r\n") == ""
        assert token.start < token.end or token.kind == END
        at = token.end
    assert at == len(text)


@given(st.data())
def test_an_error_points_into_the_text(data):
    text = data.draw(patterns.spellings(data.draw(patterns.trees())))
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 5))
    spoiled = text[:at] + data.draw(SPOILERS) + text[at + cut :]
    error = patterns.compiled(spoiled)
    if isinstance(error, PatternError):
        assert 0 <= error.position <= len(spoiled)
        assert error.position < error.end <= len(spoiled) + 1
        assert error.text == spoiled
        assert str(error).count("\n") == 2


@given(
    st.sampled_from(["", "{", "[", "%", " "]),
    st.text(alphabet=st.sampled_from(list("{}$.a*=!&|%\"[]()'\\ 5x,-?")), max_size=40),
)
def test_any_text_is_a_pattern_or_a_pattern_error(first, rest):
    text = first + rest
    pattern = patterns.compiled(text)
    if isinstance(pattern, PatternError):
        assert 0 <= pattern.position <= len(text)
    else:
        assert filterpattern.compile(str(pattern)) == pattern


@settings(max_examples=examples(120))
@given(patterns.trees(), patterns.events)
def test_the_evaluator_agrees_with_the_rules(tree, event):
    pattern = filterpattern.compile(render(tree))
    expected = holds(tree, event)
    assert pattern.matches(event) is expected
    # Through text an event may change: huge integers stay, equal keys cannot occur, and lone surrogates are kept.
    assert pattern.matches(patterns.as_message(event)) is expected


@settings(max_examples=examples(120))
@given(patterns.conditions(), st.lists(patterns.nodes, min_size=1, max_size=3))
def test_conditions_agree_with_the_rules_where_the_path_exists(condition, nodes):
    selector = next(node for node in subtree(condition) if isinstance(node, Selector))
    event = patterns.plant(selector.path, nodes)
    assume(isinstance(event, dict))
    assert filterpattern.compile(render(condition)).matches(event) is holds(condition, event)


@given(patterns.trees(), patterns.events)
def test_the_canonical_form_matches_the_same_events(tree, event):
    pattern = filterpattern.compile(render(tree))
    assert filterpattern.compile(str(pattern)).matches(event) is pattern.matches(event)


@given(
    patterns.all_trees, st.one_of(st.text(), st.binary(), patterns.messages, patterns.nodes.map(patterns.as_message))
)
@example(Compare(Selector(("a",)), "=", String("*")), '{"a":' * 100_000)
def test_the_evaluator_is_total(tree, message):
    assert filterpattern.compile(render(tree)).matches(message) in (True, False)


@given(patterns.all_trees, patterns.all_trees)
def test_equality_is_that_of_the_trees(one, other):
    first, second = filterpattern.compile(render(one)), filterpattern.compile(render(other))
    assert (first == second) is (one == other)
    assert hash(first) == hash(filterpattern.compile(str(first)))


@given(patterns.all_trees)
def test_patterns_can_be_copied_and_pickled(tree):
    pattern = filterpattern.compile(render(tree))
    for twin in (copy.deepcopy(pattern), pickle.loads(pickle.dumps(pattern))):
        assert twin == pattern
        assert twin.text == pattern.text


@given(patterns.trees())
def test_counts(tree):
    pattern = filterpattern.compile(render(tree))
    in_strings = sum(node.value.count("%") for node in subtree(tree) if isinstance(node, String))
    assert pattern.regexes == (render(tree).count("%") - in_strings) // 2
    assert len(pattern.selectors) == render(tree).count("$.") - sum(
        node.value.count("$.") for node in subtree(tree) if isinstance(node, String)
    )


def test_a_tree_is_frozen():
    node: Node = filterpattern.compile("{ $.a = 1 }").tree
    for spoil in (lambda: setattr(node, "operator", "!="), lambda: delattr(node, "operator")):
        try:
            spoil()
        except AttributeError as error:
            assert "frozen" in str(error)  # noqa: PT017 - both ways in one table
        else:
            raise AssertionError("the tree let itself be changed")


def test_a_pattern_is_no_other_thing():
    assert filterpattern.compile("{ $.a = 1 && $.b = 2 }") != filterpattern.compile("{ $.a = 1 || $.b = 2 }")
    assert filterpattern.compile("{ $.a = x }") != filterpattern.compile("{ $.a = %x% }")
    assert filterpattern.compile("%a%") != "%a%"
    assert filterpattern.compile("%a%") != filterpattern.compile("{ $.a = %a% }")
    assert repr(filterpattern.compile("%a%")) == "filterpattern.compile('%a%')"


CANONICAL = [
    ('{$.a.type="Root" && $.eventType !="X"}', '{ $.a.type = "Root" && $.eventType != "X" }'),
    ("{($.a=b)||($.c=d)}", '{ $.a = "b" || $.c = "d" }'),
    ("{ ((($.a = 1))) }", "{ $.a = 1 }"),
    ("{ $.a = 1 || ($.b = 1 || $.c = 1) }", "{ $.a = 1 || $.b = 1 || $.c = 1 }"),
    ("{ $.a = 1 || $.b = 1 && $.c = 1 }", "{ $.a = 1 || ($.b = 1 && $.c = 1) }"),
    ("{ ($.a = 1 || $.b = 1) && $.c = 1 }", "{ ($.a = 1 || $.b = 1) && $.c = 1 }"),
    ("{ $.['a'].['b c'].*.x[007] is null }", "{ $.a.['b c'][*].x[7] IS NULL }"),
    ("{ $.* not exists }", "{ $.* NOT EXISTS }"),
    (r'{ $.a = "a\"b\\c\d\\" }', r'{ $.a = "a\"b\c\d\\" }'),
    (r'{ $.a = "\\\\" }', r'{ $.a = "\\\\" }'),
    ("{ $.a >= +5.0E3 }", "{ $.a >= +5.0E3 }"),
    (" %a|b% ", "%a|b%"),
]  # fmt: skip


def test_canonical_texts():
    for text, canonical in CANONICAL:
        assert str(filterpattern.compile(text)) == canonical


def test_the_message_of_an_event_is_its_json():
    assert json.loads(patterns.as_message({"a": [float("inf"), -float("inf")]})) == {"a": [float("inf"), -float("inf")]}
