"""The DuckDB translation, executed: it agrees with the evaluator row by row."""

import json
import math
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
import filterpattern
from filterpattern import TranslationError, to_duckdb
from filterpattern._render import render
from filterpattern._to_duckdb import DOUBLE_TEXT, LONG_INTEGERS
from filterpattern._tree import Selector, String, subtree
from tests.support import patterns
from tests.support.effort import examples

NO_OBJECTS = ["", "x", "[]", '[{"a": 1}]', '"a"', "null", "5", '{"a": 1', '{"a": 1} x', ' {"a": 1} ']


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def verdicts(database, condition, messages):
    """For each message whether WHERE would keep it."""
    rows = "SELECT unnest(range(len($1))) AS n, unnest($1) AS message"
    kept = {n for (n,) in database.execute(f"SELECT n FROM ({rows}) WHERE {condition}", [messages]).fetchall()}
    return [n in kept for n in range(len(messages))]


def writable(text):
    return not any("\ud800" <= char <= "\udfff" or char == "\x00" for char in text)


def numbers_in(node):
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        return [number for inner in node for number in numbers_in(inner)]
    return [node] if isinstance(node, (int, float)) and not isinstance(node, bool) else []


def excepted(translation, event):
    """Whether a caveat of the translation speaks of this event."""
    numbers = numbers_in(event)
    far = any(isinstance(n, float) and n and math.isfinite(n) and not 1e-3 <= abs(n) < 1e7 for n in numbers)
    long = any(isinstance(n, int) and not -(2**63) <= n < 2**64 for n in numbers)
    return (DOUBLE_TEXT in translation.caveats and far) or (LONG_INTEGERS in translation.caveats and long)


@settings(max_examples=examples(50))
@given(patterns.trees(), st.lists(patterns.events, min_size=1, max_size=6))
def test_it_agrees_with_the_evaluator(database, tree, found):
    pattern = filterpattern.compile(render(tree))
    if not all(writable(node.value) for node in subtree(tree) if isinstance(node, String)):
        with pytest.raises(TranslationError):
            to_duckdb(pattern)
        return
    translation = to_duckdb(pattern)
    messages = [patterns.as_message(event) for event in found if not excepted(translation, event)]
    messages = [message for message in messages if "\\ud8" not in message] + NO_OBJECTS
    expected = [pattern.matches(message) for message in messages]
    assert verdicts(database, translation.text, messages) == expected


@settings(max_examples=examples(50))
@given(patterns.conditions(), st.lists(patterns.nodes, min_size=1, max_size=4))
def test_it_agrees_where_the_path_exists(database, condition, nodes):
    pattern = filterpattern.compile(render(condition))
    if not all(writable(node.value) for node in subtree(condition) if isinstance(node, String)):
        return
    translation = to_duckdb(pattern)
    (selector,) = (node for node in subtree(condition) if isinstance(node, Selector))
    made = [patterns.plant(selector.path, nodes[at:]) for at in range(len(nodes))]
    messages = [patterns.as_message(event) for event in made if not excepted(translation, event)]
    messages = [message for message in messages if "\\ud8" not in message]
    assert verdicts(database, translation.text, messages or ["{}"]) == [
        pattern.matches(message) for message in messages or ["{}"]
    ]


VALUES = [None, True, False, {"v": "v"}, ["v", 5], [None, 1], [1, None], [[None]], [{"m": None}], [], {}, "v", "w", "5"]
VALUES += ["5.0", "true", "", 5, 5.0, 6, -1, float("inf"), ["x", "y"], ["y"], [{"id": 7}], [{"id": 8}], {"k": "x"}]
CONDITIONS = ['= "v"', '!= "v"', "= 5", "!= 5", "> 5", "<= 5", '= "*"', '!= "*"', '= "5"', '= "5.0"', '= "Infinity"']
CONDITIONS += ["= %^5%", "!= %^5%", '= "true"', '!= "true"', '= "t*"', '= "{*"', "IS NULL", "IS TRUE", "NOT EXISTS"]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("path", ["$.x", "$.x[*]", "$.x[*].id", "$.*", "$.o.x", "$.x[0]"])
def test_every_kind_of_value(database, path, condition):
    pattern = filterpattern.compile(f"{{ {path} {condition} }}")
    found = [{}, *({"x": value} for value in VALUES), *({"o": {"x": value}} for value in VALUES)]
    messages = [patterns.as_message(event) for event in found]
    expected = [pattern.matches(message) for message in messages]
    assert verdicts(database, to_duckdb(pattern).text, messages) == expected


NUMBERS = ["5", "5.0", "5e0", "0.1", "0.10000000000000000001", "-3", "-3.5", "9007199254740993", "9007199254740993.0",
           "18446744073709551615", "-9223372036854775808", "1e308", "1e309", "-1e309", "1e-400",
           "0", "-0.0", '"5"', "true"]  # fmt: skip
LITERALS = ["5", "5.0", "+5", "0.1", "0.10000000000000000001", "-3.5", "-3", "9007199254740993", "9007199254740992",
            "1e400", "-1e400", "1e-400", "0", "3.5", "1e30", "1e31", "123456789012345678901234567890.5"]  # fmt: skip


@pytest.mark.parametrize("literal", LITERALS)
def test_numbers_are_compared_exactly(database, literal):
    messages = [f'{{"a": {number}}}' for number in NUMBERS]
    for operator in ("=", "!=", "<", "<=", ">", ">="):
        pattern = filterpattern.compile(f"{{ $.a {operator} {literal} }}")
        expected = [pattern.matches(message) for message in messages]
        assert verdicts(database, to_duckdb(pattern).text, messages) == expected, operator


def test_the_catalogue_on_its_own_samples(database):
    messages = [json.dumps(dict(sample.event)) for entry in catalog.EVENT_SETS.values() for sample in entry.samples]
    for name, entry in catalog.EVENT_SETS.items():
        translation = to_duckdb(entry.pattern)
        assert translation.is_exact, (name, translation.caveats)
        pattern = filterpattern.compile(entry.pattern)
        assert verdicts(database, translation.text, messages) == [pattern.matches(m) for m in messages], name


MESSAGES = ["ERROR a", "a b", "b", "", "a\nb", "ab\n", '{"a": 1}', "10.0.0.1"]
OTHER_FORMS = [
    "",
    "ERROR",
    "a -b",
    "?a ?b",
    "?a b",
    "-a",
    "%^a.b$%",
    "%b$%",
    r"%^10\.%",
    '"a b"',
    "%a{,2}b%",
    r"%[\[x]|\{%",
]


@pytest.mark.parametrize("text", OTHER_FORMS)
def test_the_other_forms(database, text):
    pattern = filterpattern.compile(text)
    assert verdicts(database, to_duckdb(text).text, MESSAGES) == [pattern.matches(message) for message in MESSAGES]


COMPARABLE = """json_type(message, '$."a"') IN ('VARCHAR', 'BIGINT', 'UBIGINT', 'DOUBLE')"""
TEXT = """json_extract_string(message, '$."a"')"""
WRITTEN = [
    ('{ $.eventName = "StopLogging" }', """json_extract_string(message, '$."eventName"') = 'StopLogging'"""),
    ('{ $.a != "it\'s" }', f"{COMPARABLE} AND {TEXT} <> 'it''s'"),
    ('{ $.a = "x%_*" }', rf"{COMPARABLE} AND {TEXT} LIKE 'x\%\_%' ESCAPE '\'"),
    ("{ $.a[0].b NOT EXISTS }", """json_type(message, '$."a"[0]."b"') IS NULL"""),
    ('{ $.a = "*" }', COMPARABLE),
]  # fmt: skip


@pytest.mark.parametrize(("text", "condition"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_how_it_is_written(text, condition):
    whole = f"CASE WHEN json_valid(message) THEN json_type(message) = 'OBJECT' AND ({condition}) ELSE FALSE END"
    translation = to_duckdb(text)
    assert translation.text == whole
    assert translation.is_exact
    assert "m.j" in to_duckdb(text, column="m.j").text


REFUSED = [
    ("[a, b]", "cuts a message into fields"),
    ("{ $.['a\"b'] = 1 }", "double quote"),
    ('{ $.a = "\ud800" }', "surrogate"),
    ('"\x00"', "NUL"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[ascii(row[0]) for row in REFUSED])
def test_refused(text, reason):
    with pytest.raises(TranslationError, match=reason):
        to_duckdb(text)


def test_caveats_are_said_once():
    assert to_duckdb(r"{ $.a = %1% || $.b = %2% }").caveats == (DOUBLE_TEXT,)
    assert to_duckdb("{ $.a = 1e20 }").caveats == (LONG_INTEGERS,)
