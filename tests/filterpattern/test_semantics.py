"""The rules of the JSON form as tables: which event fits which condition."""

import json
from types import MappingProxyType

import pytest

import filterpattern
from filterpattern import PatternError

ABSENT = object()
VALUES = {
    "missing": ABSENT,
    "null": None,
    "true": True,
    "false": False,
    "object": {"v": "v"},
    "array": ["v", 5],
    "text v": "v",
    "text w": "w",
    "text 5": "5",
    "text 5.0": "5.0",
    "number 5": 5,
    "number 5.0": 5.0,
    "number 6": 6,
    "overflow": float("inf"),
}
# Each row: the condition, and every value for which it holds. For all other values it must not.
NO_WILDCARD = [
    ('= "v"', {"text v"}),
    ('!= "v"', {"text w", "text 5", "text 5.0", "number 5", "number 5.0", "number 6", "overflow"}),
    ("= 5", {"text 5", "number 5", "number 5.0"}),
    ("!= 5", {"text v", "text w", "text 5.0", "number 6"}),
    ("> 5", {"number 6"}),
    (">= 5", {"number 5", "number 5.0", "number 6"}),
    ("< 6", {"number 5", "number 5.0"}),
    ("<= 5", {"number 5", "number 5.0"}),
    ('= "*"', {"text v", "text w", "text 5", "text 5.0", "number 5", "number 5.0", "number 6", "overflow"}),
    ("= *", {"text v", "text w", "text 5", "text 5.0", "number 5", "number 5.0", "number 6", "overflow"}),
    ('= "5"', {"text 5", "number 5"}),
    ('= "5.0"', {"text 5.0", "number 5.0"}),
    ('= "Infinity"', {"overflow"}),
    ("= %^5%", {"text 5", "text 5.0", "number 5", "number 5.0"}),
    ("!= %^5%", {"text v", "text w", "number 6", "overflow"}),
    ("= %Inf%", {"overflow"}),
    ("= true", set()),
    ("!= false", {"text v", "text w", "text 5", "text 5.0", "number 5", "number 5.0", "number 6", "overflow"}),
    ("IS NULL", {"null"}),
    ("IS TRUE", {"true"}),
    ("is false", {"false"}),
    ("NOT EXISTS", {"missing"}),
]


@pytest.mark.parametrize(("condition", "holds"), NO_WILDCARD, ids=[row[0] for row in NO_WILDCARD])
@pytest.mark.parametrize("path", ["$.x", "$.o.x", "$.o.p.x", "$.l[1]", "$.l[1].x"])
def test_what_each_kind_of_value_gives(condition, holds, path):
    pattern = filterpattern.compile(f"{{ {path} {condition} }}")
    found = {name for name, value in VALUES.items() if pattern.matches(event_with(path, value))}
    assert found == holds
    as_text = {name for name, value in VALUES.items() if pattern.matches(message(event_with(path, value)))}
    assert as_text == holds


def event_with(path, value):
    """An event that holds `value` at `path`, or everything up to it where the value is absent."""
    inner = {} if value is ABSENT else {"x": value}
    return {
        "$.x": {"k": 1, **inner},
        "$.o.x": {"o": inner},
        "$.o.p.x": {"o": {"p": inner}},
        "$.l[1]": {"l": ["first", *([] if value is ABSENT else [value])]},
        "$.l[1].x": {"l": ["first", inner]},
    }[path]


def message(event):
    return json.dumps(event).replace("Infinity", "1e999")


TAGS = '$.tags[*] != "x"'
ITEMS = "$.items[*].id != 7"
WILDCARDS = [
    (TAGS, {}, False),
    (TAGS, {"tags": ["x", "y"]}, False),
    (TAGS, {"tags": ["y"]}, True),
    (TAGS, {"tags": []}, True),
    (TAGS, {"tags": {}}, True),
    (TAGS, {"tags": None}, True),
    (TAGS, {"tags": "x"}, True),
    (TAGS, {"tags": [{"k": "x"}]}, True),
    (TAGS, {"tags": {"k": "x"}}, False),
    (ITEMS, {}, False),
    (ITEMS, {"items": [{"id": 7}, {"id": 8}]}, False),
    (ITEMS, {"items": [{"id": 8}]}, True),
    (ITEMS, {"items": [{}]}, True),
    (ITEMS, {"items": [None]}, True),
    (ITEMS, {"items": 7}, True),
    ("$.a.b[*] != 7", {"a": {}}, False),
    ("$.a.b[*] != 7", {"a": {"b": []}}, True),
    ("$.* != 7", {}, True),
    ("$.* != 7", {"a": 7}, False),
    ("$.tags[*] != %^x%", {"tags": ["xy"]}, False),
    ("$.tags[*] != %^x%", {"tags": ["yx"]}, True),
    ('$.tags[*] != "*"', {"tags": [True, None, {}]}, True),
    ('$.tags[*] = "x"', {"tags": ["y", "x"]}, True),
    ('$.tags[*] = "x"', {"tags": {"k": "x"}}, True),
    ('$.tags.* = "x"', {"tags": ["x"]}, True),
    ('$.tags[*] = "x"', {"tags": "x"}, False),
    ("$.n[*] > 5", {"n": [1, 6]}, True),
    ("$.n[*] > 5", {"n": [1, 5]}, False),
    ("$.n[*].a[0] = 1", {"n": [{"a": [2]}, {"a": [1]}]}, True),
    ("$.n[*] IS NULL", {"n": [1, None]}, True),
    ("$.n[*] IS NULL", {"n": [[None]]}, False),
    ("$.n[*] IS TRUE", {"n": [False, True]}, True),
    ("$.n[*] IS FALSE", {"n": [True]}, False),
    ("$.n NOT EXISTS", {"n": []}, False),
    ("$.n[*] NOT EXISTS", {}, True),
    ("$.n[*] NOT EXISTS", {"n": "text"}, True),
    ("$.n[*] NOT EXISTS", {"n": None}, True),
    ("$.n[*] NOT EXISTS", {"n": []}, True),
    ("$.n[*] NOT EXISTS", {"n": {}}, True),
    ("$.n[*] NOT EXISTS", {"n": [None]}, False),
    ("$.n[*].m NOT EXISTS", {"n": [{"k": 1}]}, True),
    ("$.a.b NOT EXISTS", {"a": 5}, True),
    ("$.n IS NULL", {"n": [None, 1]}, True),  # the quirk of arrays
    ("$.n IS NULL", {"n": [1, None]}, True),  # not settled: taken as any element
    ("$.n IS NULL", {"n": [[None]]}, False),
    ("$.n IS NULL", {"n": [{"m": None}]}, False),
    ("$.n IS NULL", {"n": []}, False),
    ("$.n IS TRUE", {"n": [True]}, False),
]


@pytest.mark.parametrize(("condition", "event", "holds"), WILDCARDS, ids=[f"{c} on {e}" for c, e, _ in WILDCARDS])
def test_wildcards_and_arrays(condition, event, holds):
    assert filterpattern.compile(f"{{ {condition} }}").matches(event) is holds


NUMBERS = [
    ("= 9007199254740993", "9007199254740993", True),
    ("= 9007199254740993", "9007199254740992", False),  # equal as doubles
    ("= 9007199254740993", "9007199254740993.0", False),  # a fraction makes it a double, which is ...992
    ("= 9007199254740992", "9007199254740993.0", True),
    ("> 9007199254740992", "9007199254740993", True),
    ("= 0.1", "0.1", True),
    ("= 0.1", "0.10", True),
    ("= 1e-3", "0.001", True),
    ("= 5e0", "5", True),
    ("= 0", "-0.0", True),
    ("= 0", "1e-400", True),  # underflows to 0.0
    ("= 1e-400", "1e-400", False),  # the literal stays exact and is not zero
    ("> 1e-400", "0.0", False),
    ("< 1e-400", "1e-400", True),
    ("> 0", "1e400", False),
    ("!= 0", "1e400", False),
    ("< 0", "-1e400", False),
    ("< 1e400", "1e308", True),
    ("> 1e2147483647", "5", False),
    ("< 1e2147483647", "5", True),
    ("= +5", "5", True),
    ("= 5", '"5"', True),
    ("= 5", '"05"', False),
    ("= 5", '"5.0"', False),
    ("= +5", '"5"', False),
    ("= +5", '"+5"', True),
    ("!= +5", '"5"', True),
    ("= 5.", "5", True),
    ("= .5", "0.5", True),
    ('= "5000.0"', "5e3", True),
    ('= "5"', "5.0", False),
    ('= "5.0"', "5e0", True),
    ('= "-Infinity"', "-1e400", True),
    ('= "0.001"', "0.001", True),
    ('= "1.0E7"', "10000000.0", True),  # not settled: Java's Double.toString
    ('= "9999999.0"', "9999999.0", True),
    ('= "9.9E-4"', "0.00099", True),
    ('= "1.2345678E8"', "123456780.0", True),
    ('= "-0.0"', "-0.0", True),
    ('= "100000000000000000000"', "100000000000000000000", True),
]


@pytest.mark.parametrize(("condition", "written", "holds"), NUMBERS, ids=[f"{c} on {w}" for c, w, _ in NUMBERS])
def test_numbers(condition, written, holds):
    assert filterpattern.compile(f"{{ $.n {condition} }}").matches(f'{{"n": {written}}}') is holds


STARS = [
    ("Event*", "EventName", True),
    ("Event*", "MyEvent", False),
    ("*Event", "PutEvent", True),
    ("*Event", "PutEvents", False),
    ("*vent*", "PutEvents", True),
    ("Ev*ent", "EvXXent", True),
    ("Ev*ent", "Event", True),
    ("ab*ba", "aba", False),  # head and tail must not share a letter
    ("a*b*c", "a-c-b", False),
    ("a*b*b", "abb", True),
    ("a*b*b", "ab", False),
    ("*aab*", "aaab", True),
    ("**", "", True),
    ("*", "x\ny", True),
    ("a*", "A", False),
]


@pytest.mark.parametrize(("literal", "text", "holds"), STARS, ids=[f"{a} on {b!r}" for a, b, _ in STARS])
def test_stars(literal, text, holds):
    assert filterpattern.compile(f'{{ $.e = "{literal}" }}').matches({"e": text}) is holds
    assert filterpattern.compile(f'{{ $.e != "{literal}" }}').matches({"e": text}) is not holds


NO_EVENT = [
    "",
    " ",
    "x",
    "[]",
    '[{"a":1}]',
    '"a"',
    "5",
    "null",
    '{"a":1',
    '{"a":1} x',
    'x {"a":1}',
    '{"a":1}{"a":1}',
    "{'a':1}",
]
NO_EVENT += ['{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":1,}', '{"a":01}', '{"a":"\n"}', '\ufeff{"a":1}']


@pytest.mark.parametrize("text", NO_EVENT)
def test_what_is_not_one_json_object_matches_nothing(text):
    assert filterpattern.compile("{ $.b NOT EXISTS }").matches(text) is False
    assert filterpattern.compile("{ $.b NOT EXISTS }").matches(text.encode()) is False


def test_blanks_around_the_object_do_no_harm():
    assert filterpattern.compile("{ $.a = 1 }").matches(' \r\n\t{"a": 1}\n')


def test_of_equal_keys_the_last_counts():
    pattern = filterpattern.compile("{ $.a = 2 }")
    assert pattern.matches('{"a": 1, "a": 2}')
    assert not pattern.matches('{"a": 2, "a": 1}')


def test_bytes_are_read_as_utf8():
    pattern = filterpattern.compile('{ $.a = "é" }')
    assert pattern.matches('{"a": "é"}'.encode())
    assert not pattern.matches('{"a": "é"}'.encode("latin-1"))
    assert not filterpattern.compile("").matches(b"\xff")


def test_any_mapping_is_an_event():
    event = MappingProxyType({"a": MappingProxyType({"b": ("x", "y")})})
    assert filterpattern.compile('{ $.a.b[1] = "y" && $.a.* = "nothing" || $.a.b[*] = "x" }').matches(event)


@pytest.mark.parametrize("text", ["%a%", ""])
def test_a_parsed_event_needs_a_json_pattern(text):
    with pytest.raises(TypeError, match="needs a JSON pattern"):
        filterpattern.compile(text).matches({"a": "a"})


@pytest.mark.parametrize("message", [None, 5, ["x"], bytearray(b"{}")])
def test_a_message_is_text_bytes_or_a_mapping(message):
    with pytest.raises(TypeError, match="a message is"):
        filterpattern.compile("{ $.a = 1 }").matches(message)


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_the_empty_pattern_matches_every_message(text):
    pattern = filterpattern.compile(text)
    assert pattern.matches("anything")
    assert pattern.matches("")
    assert str(pattern) == ""


def test_precedence_is_brackets_then_and_then_or():
    assert filterpattern.compile("{ $.a = 1 || $.b = 1 && $.c = 1 }").matches({"a": 1})
    assert not filterpattern.compile("{ ($.a = 1 || $.b = 1) && $.c = 1 }").matches({"a": 1})
    assert filterpattern.compile("{ $.b = 1 && $.c = 1 || $.a = 1 }").matches({"a": 1})


def test_errors_are_value_errors():
    with pytest.raises(ValueError, match="there is no operator =="):
        filterpattern.compile('{ $.a == "b" }')
    assert issubclass(PatternError, ValueError)
