"""What we write is read back the same by readers of YAML 1.1 and of YAML 1.2."""

from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from settings.yaml_text import entry, flow, item, scalar

# What YAML readers take for something else when it is bare, beside what hypothesis finds.
TRAPS = [
    "012345678901",
    "012345670123",
    "123456789012",
    "1e5",
    "0o17",
    "0x1F",
    "1_000",
    "1:30",
    "2026-01-01",
    "yes",
    "No",
    "ON",
    "off",
    "y",
    "null",
    "Null",
    "~",
    "true",
    ".inf",
    "-.inf",
    ".nan",
    "",
    " ",
    "- a",
    "a: b",
    "a #b",
    "#a",
    "'",
    '"',
    "\\",
    "a\\b'c\"d",
    "[a",
    "{a",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "<<",
    "=",
    "?",
    "a\nb",
    "a\tb",
    "\u2028",
    "\ufeff",
    "\x85",
    "\x07",
    "😀",
    "a,b",
    "security@example.com",
    "203.0.113.0/24",
    "2001:db8::/32",
    '{ $.eventName = "It\'s" }',
]
texts = st.one_of(st.sampled_from(TRAPS), st.text(st.characters(exclude_categories=["Cs"])))
values = st.recursive(
    st.one_of(texts, st.integers(-(10**14), 10**14), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


def read_both(text: str) -> tuple[Any, Any]:
    return pyyaml.safe_load(text), YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("text", TRAPS, ids=repr)
def test_traps(text: str) -> None:
    assert read_both(f"a: {scalar(text)}\n") == ({"a": text}, {"a": text})
    assert read_both(f"a: [{scalar(text)}, {{b: {scalar(text)}}}]\n")[0] == {"a": [text, {"b": text}]}


@given(values)
def test_flow_is_read_the_same_by_all(value: Any) -> None:
    assert read_both(f"a: {flow(value)}\n") == ({"a": value}, {"a": value})


@given(st.dictionaries(texts, values, max_size=3), st.integers(0, 3), st.integers(0, 8))
def test_lines_are_read_the_same_by_all(value: dict[str, Any], depth: int, indent: int) -> None:
    text = "\n".join(entry("key", value, indent=indent, depth=depth))
    assert read_both(text) == ({"key": value}, {"key": value})


@given(values, st.integers(0, 2))
def test_items_are_read_the_same_by_all(value: Any, depth: int) -> None:
    text = "\n".join([*item(value, indent=2, depth=depth), *item("last", indent=2)])
    assert read_both(text) == ([value, "last"], [value, "last"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("eu-west-1", "eu-west-1"),
        ("security@example.com", "security@example.com"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("A secret was read", "A secret was read"),
        ("off", '"off"'),
        ("012345678901", '"012345678901"'),
        ('{ $.eventName = "X" }', "'{ $.eventName = \"X\" }'"),
        ("acme-", '"acme-"'),
        (300, "300"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_people_can_read_it(value: Any, text: str) -> None:
    assert scalar(value) == text


def test_layout() -> None:
    value = {"a": {"x": 1}, "b": ["c", "d"], "long": ["x" * 30, "y" * 30, "z" * 30]}
    assert entry("trailwarden:key", value, indent=2, depth=1) == [
        "  trailwarden:key:",
        "    a: {x: 1}",
        "    b: [c, d]",
        "    long:",
        "      - " + "x" * 30,
        "      - " + "y" * 30,
        "      - " + "z" * 30,
    ]
    assert item({"name": "office", "cidr": "192.0.2.1"}, indent=4) == ["    - {name: office, cidr: 192.0.2.1}"]
    assert item({"name": "office", "cidr": "192.0.2.1"}, indent=4, depth=1) == [
        "    - name: office",
        "      cidr: 192.0.2.1",
    ]
