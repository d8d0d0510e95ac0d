"""The EventBridge translation, held against an evaluator that is not ours on the same events."""

import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
import filterpattern
from filterpattern import TranslationError, cidr, to_eventbridge
from filterpattern import _to_eventbridge as eventbridge
from filterpattern._numbers import is_number
from filterpattern._render import render
from filterpattern._tree import And, Compare, Is, NotExists, Number, Or, Regex, Selector, String
from tests.support import patterns
from tests.support.effort import examples
from tests.support.eventbridge_judge import matches, matches_detail

CASES = json.loads((Path(__file__).parents[1] / "data/filterpattern/eventbridge_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_judge_is_right_on_recorded_cases(case):
    assert matches(json.dumps(case["pattern"]), case["event"]) is case["expect"]


# Generated patterns on fields of all kinds, and on fields of CloudTrail that hold texts only.

TEXT_FIELDS = [("eventName",), ("errorCode",), ("userIdentity", "type"), ("userIdentity", "invokedBy")]
OTHER_FIELDS = [("a",), ("b", "c"), ("readOnly",)]
texts = st.sampled_from(["x", "y", "xy", "x-y", "Put", "PutX", "a*b", "back\\slash", "5", "true", "é"])
selectors = st.sampled_from(TEXT_FIELDS + OTHER_FIELDS).map(Selector)
literals = st.one_of(
    texts.map(String),
    st.sampled_from(["x*", "*y", "*x*", "x*y", "*", "x*y*"]).map(String),
    st.sampled_from(["5", "5.5", "-1", "0"]).map(Number),
    st.sampled_from(["^x", "y$", "x", "^x.*y$", "^x$|^y", r"^10\.", r"^172\.1[6-9]\.|^172\.2[0-9]\."]).map(Regex),
)
conditions = st.one_of(
    st.builds(lambda s, o, v: Compare(s, o, v), selectors, st.sampled_from(["=", "=", "!="]), literals),
    st.builds(
        lambda s, o, v: Compare(s, o, Number(v)),
        selectors,
        st.sampled_from(["<", "<=", ">", ">="]),
        st.sampled_from(["5", "5.5", "0"]),
    ),
    st.builds(Is, selectors, st.sampled_from([None, True, False])),
    st.builds(NotExists, selectors),
)


def joined(kind: Any, parts: Any) -> Any:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else [part])]
    return kind(tuple(flat))


trees = st.recursive(
    conditions,
    lambda inner: st.builds(joined, st.sampled_from([And, Or]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=5,
).filter(patterns._within_limits)

node = st.one_of(
    texts,
    st.sampled_from(["10.1.2.3", "172.17.0.1", "10.x", "x\ny", "5.5"]),
    st.sampled_from([5, 5.0, 5.5, -1, 0, True, False, None]),
    st.lists(st.one_of(texts, st.none(), st.integers(4, 6)), max_size=2),
    st.dictionaries(st.sampled_from(["c", "x"]), texts, max_size=1),
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """CloudTrail's text fields hold texts or are missing, `readOnly` one value, the others anything."""
    event: dict[str, Any] = {}
    for path in [*TEXT_FIELDS, *OTHER_FIELDS]:
        if draw(st.integers(0, 2)):
            place = event
            for step in path[:-1]:
                place = place.setdefault(step, {})
            kind = texts if path in TEXT_FIELDS else texts | st.booleans() if path == ("readOnly",) else node
            place[path[-1]] = draw(kind)
    return event


def leaves(value: Any) -> Iterator[Any]:
    """Every value in an event, arrays and objects too."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from leaves(inner)


def is_address(text: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False


EXPLAINS = {
    eventbridge.IN_ARRAYS: lambda value: isinstance(value, list),
    eventbridge.TEXT_OF_NUMBERS: lambda value: isinstance(value, (int, float)),
    eventbridge.UNEQUAL_TEXT: lambda value: isinstance(value, str) and is_number(value),
    eventbridge.UNEQUAL_TO_ALL: lambda value: value is None or isinstance(value, bool),
    eventbridge.ALSO_ABSENT: lambda value: isinstance(value, (dict, list)),
    eventbridge.ALSO_PRESENT: lambda value: value is None or isinstance(value, (bool, list)),
    eventbridge.ADDRESSES_ONLY: lambda value: isinstance(value, str) and not is_address(value),
    eventbridge.LINE_BREAKS: lambda value: isinstance(value, str) and "\n" in value,
}


@settings(max_examples=examples(250))
@given(trees, st.lists(events(), min_size=1, max_size=5))
def test_it_agrees_with_the_evaluator_but_for_its_caveats(tree, found):
    pattern = filterpattern.compile(render(tree))
    try:
        translation = to_eventbridge(pattern)
    except TranslationError:
        return
    for event in found:
        ours, theirs = pattern.matches(event), matches(translation.text, {"detail": event})
        inner = [value for value in leaves(event) if value is not event]
        explained = any(EXPLAINS[caveat](value) for caveat in translation.caveats for value in inner)
        assert ours is theirs or explained, (translation, event)


NOT_AN_EVENT_PATTERN = frozenset({"self-alarms-logs"})
"""Sets that ask of a field to begin with a text and not to be another: an event pattern cannot ask both."""


def test_the_catalogue_on_its_own_samples():
    samples = [(name, dict(sample.event)) for name, entry in catalog.EVENT_SETS.items() for sample in entry.samples]
    for name, entry in catalog.EVENT_SETS.items():
        if name in NOT_AN_EVENT_PATTERN:
            with pytest.raises(TranslationError):
                to_eventbridge(entry.pattern)
            continue
        translation, pattern = to_eventbridge(entry.pattern), filterpattern.compile(entry.pattern)
        for origin, event in samples:
            assert matches(translation.text, {"detail": event}) is pattern.matches(event), (name, origin)


@pytest.mark.parametrize(
    "blocks", [["10.0.0.0/8"], ["172.16.0.0/12", "198.51.100.64/26"], ["198.18.0.0/15", "203.0.113.128/25"]]
)
def test_address_blocks_become_blocks(blocks):
    translation = to_eventbridge(cidr(blocks))
    pattern = filterpattern.compile(cidr(blocks))
    for block in map(ipaddress.IPv4Network, blocks):
        first, last = int(block.network_address), int(block.broadcast_address)
        for number in (first - 1, first, (first + last) // 2, last, last + 1):
            event = {"sourceIPAddress": str(ipaddress.IPv4Address(number))}
            assert matches(translation.text, {"detail": event}) is pattern.matches(event)
    assert ("cidr" in translation.text) is (pattern.regexes == 1)


D = '{"detail": '
WRITTEN = [
    ('{ $.eventName = "A" }', D + '{"eventName": ["A"]}}'),
    ('{ $.eventName = "A" || $.eventName = "B*" }', D + '{"eventName": ["A", {"prefix": "B"}]}}'),
    ('{ $.errorCode = "*B" || $.errorCode = "*C*" }', D + '{"errorCode": [{"suffix": "B"}, {"wildcard": "*C*"}]}}'),
    ('{ $.eventName != "A" && $.eventName != "B" }', D + '{"eventName": [{"anything-but": ["A", "B"]}]}}'),
    ('{ $.eventName != "A*" }', D + '{"eventName": [{"anything-but": {"prefix": "A"}}]}}'),
    ('{ $.eventName != "A*" && $.eventName != "B" }',
     D + '{"eventName": [{"anything-but": {"wildcard": ["A*", "B"]}}]}}'),
    ("{ $.userIdentity.invokedBy NOT EXISTS }", D + '{"userIdentity": {"invokedBy": [{"exists": false}]}}}'),
    ("{ $.a > 5 && $.a <= 7.5 && $.a > 4 }", D + '{"a": [{"numeric": [">", 5, "<=", 7.5]}]}}'),
    ("{ $.a = 5 }", D + '{"a": [{"numeric": ["=", 5]}, "5"]}}'),
    ("{ $.a != 5 }", D + '{"a": [{"anything-but": [5]}]}}'),
    ("{ $.a IS NULL || $.a IS TRUE }", D + '{"a": [null, true]}}'),
    ('{ $.a = "*" }', D + '{"a": [{"exists": true}]}}'),
    ('{ $.tags[*] = "x" }', D + '{"tags": ["x"]}}'),
    (r'{ $.a = "x\*" }', D + r'{"a": [{"prefix": "x\\"}]}}'),
    (r'{ $.a = "*x\y*" }', D + r'{"a": [{"wildcard": "*x\\\\y*"}]}}'),
    (r"{ $.a = %^x\*y% }", D + r'{"a": [{"prefix": "x*y"}]}}'),
    ("{ $.a = %x{3}$% }", D + '{"a": [{"suffix": "xxx"}]}}'),
    ('{ $.eventName = "A" && ($.eventName = "A" || $.eventName = "B") }', D + '{"eventName": ["A"]}}'),
    ('{ ($.eventName = "A" || $.eventName = "B") && $.eventName != "A" }', D + '{"eventName": ["B"]}}'),
    ('{ $.eventName = "AB" && $.eventName = "A*" }', D + '{"eventName": ["AB"]}}'),
    ('{ $.eventSource = "s" && ($.eventName = "A" || $.errorCode = "B") }',
     D + '{"eventSource": ["s"], "$or": [{"eventName": ["A"]}, {"errorCode": ["B"]}]}}'),
    ('{ $.eventName = "A" || ($.eventName = "A" && $.errorCode = "B") }', D + '{"eventName": ["A"]}}'),
    ('{ $.errorCode NOT EXISTS || $.errorCode != "B" }',
     D + '{"$or": [{"errorCode": [{"anything-but": ["B"]}]}, {"errorCode": [{"exists": false}]}]}}'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "written"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_how_it_is_written(text, written):
    translation = to_eventbridge(text)
    assert translation.text == written
    assert matches_detail(translation.text, "{}") in (True, False)  # the judge takes it as legal


CAVEATS = [
    ('{ $.eventName = "A" }', []),
    ('{ $.a = "A" }', [eventbridge.IN_ARRAYS]),
    ('{ $.a != "A" }', [eventbridge.IN_ARRAYS, eventbridge.UNEQUAL_TO_ALL]),
    ('{ $.a = "5*" }', [eventbridge.IN_ARRAYS, eventbridge.TEXT_OF_NUMBERS]),
    ("{ $.a NOT EXISTS }", [eventbridge.IN_ARRAYS, eventbridge.ALSO_ABSENT]),
    ("{ $.readOnly IS TRUE }", []),
    ('{ $.t[*].a = "x" && $.t[*].b = "y" }',
     [eventbridge.ONE_WILDCARD, eventbridge.IN_ARRAYS, eventbridge.SAME_ELEMENT]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "caveats"), CAVEATS, ids=[row[0] for row in CAVEATS])
def test_caveats(text, caveats):
    assert list(to_eventbridge(text).caveats) == caveats
    assert to_eventbridge(text).is_exact is (not caveats)


REFUSED = [
    ("ERROR", "fields of JSON events"),
    ("%ERROR%", "fields of JSON events"),
    ("{ $.a[0] = 1 }", "no index"),
    ('{ $.* = "x" }', "no wildcard for the name"),
    ("{ $.['a.b'] = 1 }", "cannot name the field 'a.b'"),
    ('{ $.a[*] != "x" }', "whether none does"),
    ("{ $.a[*] NOT EXISTS }", "whether none does"),
    ("{ $.a = %^[0-9]+$% }", "no regexes"),
    ("{ $.a = %a^% }", "can never match"),
    ('{ $.a != "*" }', "never be true"),
    (r"{ $.a != %^172\.1[6-9]\.% }", "outside of a block"),
    ("{ $.a = 1e10 }", "cannot compare with the number 1e10"),
    ("{ $.a = 0.10000000000000000001 }", "cannot compare with the number"),
    ('{ $.a = "x*" && $.a = "*y" }', "two such things of one field"),
    ('{ $.a != 5 && $.a != "x" }', "numbers and texts of one field"),
    ('{ $.a = "x" && $.a = "y" }', "can never match"),
    ("{ $.a > 5 && $.a < 5 }", "can never match"),
    ("{ $.a IS TRUE && $.a = x }", "can never match"),
    ('{ $.a = "x" && $.a.b = "y" }', "an object and a field in it"),
    ('{ $.prefix = "x" || $.b = "y" }', "beside $or"),
    ("{ " + " && ".join(f"($.a{n} = x || $.b{n} = y)" for n in range(10)) + " }", "alternatives"),
    ("{ " + " && ".join(f"($.a{n} = x || $.b{n} = y)" for n in range(9)) + " }", "characters; an event pattern may"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[row[1] + ": " + row[0][:40] for row in REFUSED])
def test_refused(text, reason):
    with pytest.raises(TranslationError) as caught:
        to_eventbridge(text)
    assert reason in str(caught.value)


def test_a_long_one_says_that_the_quota_must_be_raised():
    text = "{ " + " && ".join(f"($.a{n} = x || $.b{n} = y)" for n in range(5)) + " }"
    translation = to_eventbridge(text)
    assert 2048 < len(translation.text) <= 4096
    assert "quota of 2,048 must be raised" in translation.notes[-1]


def test_numbers_stay_numbers():
    bounds = json.loads(to_eventbridge("{ $.a >= -5 && $.a < 5.5 }").text)["detail"]["a"][0]["numeric"]
    assert bounds == [">=", -5, "<", 5.5]
