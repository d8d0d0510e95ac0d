"""The form of terms: what a message must, must not and may contain."""

import pytest
from hypothesis import given

import filterpattern
from filterpattern import PatternError
from filterpattern._render import render
from tests.support import patterns

MATCHES = [
    ("ERROR", "an ERRORCODE", True),
    ("ERROR", "an error", False),
    ("a b", "b-a", True),
    ("-a", "bcd", True),
    ("-a", "abc", False),
    ("-a", "", True),
    ('-"a phrase"', "no such phrase", True),
    ('-"a phrase"', "here is a phrase", False),
    ('"a phrase"', "a  phrase", False),
    ('"a*e"', "a phrase", False),
    ('"a*e"', "x a*e x", True),
    ("?a ?b", "b", True),
    ("?a ?b", "c", False),
    ("?a", "", False),
    ("?a b", "b", True),  # optional terms count for nothing beside others
    ("?a b", "a", False),
    ("?a -b", "c", True),
    ("?a -b", "ab", False),
    ("a-b", "a", True),  # a and not b
    ("a-b", "ab", False),
    ("a?b", "a", True),
    ("a?b", "b", False),
    ('a-"b c"', "a b c", False),
    ('"a"-b', "a", True),
    ('" "', "a b", True),
    ('" "', "ab", False),
    ("é1_.", "xé1_.x", True),
    ('"a\\"b"', 'a"b', True),
    ('"a\\\\b"', "a\\b", True),
    ('"{}"', "{}", True),
    ("  a \n b ", "ab", True),
]


@pytest.mark.parametrize(("text", "message", "expected"), MATCHES, ids=[f"{t} on {m!r}" for t, m, _ in MATCHES])
def test_matches(text, message, expected):
    pattern = filterpattern.compile(text)
    assert pattern.form == "terms"
    assert pattern.matches(message) is expected
    assert pattern.matches(message.encode()) is expected
    assert filterpattern.compile(str(pattern)).matches(message) is expected
    assert pattern.extracted_values(message) == {}


REJECTED = [
    ('¦""', "empty phrase", "the empty pattern"),
    ('a -¦""', "empty phrase", "leave it out"),
    ('¦"abc', "not closed", 'close them with "'),
    ('"a"¦b', "directly after closing quotes", "blank"),
    ('a¦"b"', "middle of a term", "blank"),
    ("¦-", "a - without a term", "without a blank"),
    ("a ¦- b", "a - without a term", "without a blank"),
    ("¦? a", "a ? without a term", "without a blank"),
    ("-¦-a", "needs quotes", '"'),
    ("¦*", "no wildcard", "leave the pattern empty"),
    ("a¦*", "needs quotes", 'write "a*"'),
    ("a¦!", "needs quotes", 'write "a!"'),
    ("a¦:b c", "needs quotes", 'write "a:b"'),
    ("¦/path", "needs quotes", 'write "/path"'),
    ("me¦@example.com", "needs quotes", 'write "me@example.com"'),
    ("WORD ¦%re%", "regex must be the whole pattern", "quotes"),
    ("a ¦{ $.b = 1 }", "needs quotes", 'write "{"'),
    ("a¦=b", "needs quotes", 'write "a=b"'),
    ("a ¦\ud800", "needs quotes", 'write "'),
]


@pytest.mark.parametrize(("marked", "problem", "fix"), REJECTED, ids=[ascii(row[0]) for row in REJECTED])
def test_rejected(marked, problem, fix):
    text = marked.replace("¦", "")
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    assert problem in caught.value.problem
    assert fix in caught.value.fix
    assert caught.value.position == marked.index("¦")


CANONICAL = [('a-b?"c"', "a -b ?c"), ('"a b"  "c"', '"a b" c'), ('-"x:y"', '-"x:y"'), ('"\\""', '"\\""')]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_canonical(text, canonical):
    assert str(filterpattern.compile(text)) == canonical


@given(patterns.term_trees, patterns.messages)
def test_agrees_with_the_rule(tree, message):
    others = [term for term in tree.parts if term.sign != "?"]
    if others:
        expected = all((term.text in message) is (term.sign == "") for term in others)
    else:
        expected = any(term.text in message for term in tree.parts)
    assert filterpattern.compile(render(tree)).matches(message) is expected
