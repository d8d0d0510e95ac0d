"""Changes by round trip: all readers read the same, what is there stays, comments stay with what they are about."""

import io
import re
from textwrap import indent
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode

from settings.yaml_reader import compose
from settings.yaml_writer import LONGEST_FLOW, new_node, with_config

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
    "a?b",
    'a"?b',
    "a,b]",
    "a: ",
    "a:",
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


def written(value: Any) -> str:
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.dump({"a": new_node(value)}, stream)
    return stream.getvalue()


def read_both(text: str) -> tuple[Any, Any]:
    return pyyaml.safe_load(text), YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("text", TRAPS, ids=repr)
def test_traps(text: str) -> None:
    for value in (text, [text, {"b": text}], {text: [text]}, {text: {}}):
        assert read_both(written(value)) == ({"a": value}, {"a": value})


@given(values)
def test_what_is_new_is_read_the_same_by_all(value: Any) -> None:
    assert read_both(written(value)) == ({"a": value}, {"a": value})


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
        (300, "300"),
        (True, "true"),
        (["a@example.com", "off"], '[a@example.com, "off"]'),
        ({"mode": "create"}, "{mode: create}"),
        ({"no": {}, "x": {"threshold": 3}}, '\n  "no": {}\n  x: {threshold: 3}'),
        ([{"name": "x", "cidr": ["192.0.2.1"]}], "\n- {name: x, cidr: [192.0.2.1]}"),
        (["x" * LONGEST_FLOW], f"\n- {'x' * LONGEST_FLOW}"),
        ([], "[]"),
    ],
)
def test_people_can_read_it(value: Any, text: str) -> None:
    assert written(value) == (f"a:{text}\n" if text.startswith("\n") else f"a: {text}\n")


# before, changes, after; inside of `config:`
EDITS: list[Any] = [
    pytest.param("a: 1   # why\nb: 'x'\n", {"a": 3}, "a: 3   # why\nb: 'x'\n", id="comments and quotes stay"),
    pytest.param("a: 'x'\n", {"a": "z"}, "a: 'z'\n", id="a changed text keeps its quotes"),
    pytest.param("a: x\n", {"a": "1e5"}, 'a: "1e5"\n', id="a changed text gets quotes"),
    pytest.param("a: x\n", {"a": "x", "b": {}, "c": None}, "a: x\nb: {}\n", id="new keys go to the end"),
    pytest.param("a: # why\nb: 2\n", {"a": "x"}, "a: x # why\nb: 2\n", id="empty value with comment"),
    pytest.param("a: [x, 2] # why\n", {"a": ["x", 2, 3]}, "a: [x, 2, 3] # why\n", id="flow list grows"),
    pytest.param("a: ['x', \"y\"]\n", {"a": ["x", "z"]}, "a: ['x', z]\n", id="flow list keeps quotes"),
    pytest.param("a: {b: 1, c: 2, d: 3}\n", {"a": {"c": 4}}, "a: {c: 4}\n", id="flow mapping shrinks"),
    pytest.param(
        "a:\n  - x\n  # about y\n  - y # two\n# b\nb: 1\n",
        {"a": ["w", "y", "z"]},
        "a:\n  - w\n  # about y\n  - y # two\n  - z\n# b\nb: 1\n",
        id="items keep their comments",
    ),
    pytest.param("a:\n  - x # x\n# b\nb: 1\n", {"a": []}, "a: []\n# b\nb: 1\n", id="list becomes empty"),
    pytest.param("a: # why\n  - x\nb: 2\n", {"a": "x"}, "a: x # why\nb: 2\n", id="list becomes a text"),
    pytest.param(
        "a: # why\n  # in a\n  b: 1\n# c\nc: 1\n", {"a": {}}, "a: {} # why\n  # in a\n# c\nc: 1\n", id="emptied"
    ),
    pytest.param(
        "a:\n  # x\n  - {name: x, t: 1} # until June\n  # why\n  - {name: why, t: 1} # why\n",
        {"a": [{"name": "x", "t": 2}, {"name": "why", "t": 1}]},
        "a:\n  # x\n  - {name: x, t: 2} # until June\n  # why\n  - {name: why, t: 1} # why\n",
        id="a changed item is known by its name",
    ),
    pytest.param(
        "a:\n  - name: x # x\n    t: 1\n  - name: z\n",
        {"a": [{"name": "z", "t": 3}, {"name": "w", "t": 4}]},
        "a:\n  - name: z\n    t: 3\n  - {name: w, t: 4}\n",
        id="tall items stay tall",
    ),
    pytest.param(
        "a:\n  w: {}\n  # about x\n  x: {t: 1} # x\n\n# about b\nb: 1\n",
        {"a": {"w": {"t": 2}, "x": {"t": 1}, "z": {}}},
        "a:\n  w: {t: 2}\n  # about x\n  x: {t: 1} # x\n  z: {}\n\n# about b\nb: 1\n",
        id="new entries go above the comment on what follows",
    ),
    pytest.param(
        "a:\n  w:\n  x: {}\n", {"a": {"w": {}, "x": {}, "z": {}}}, "a:\n  w:\n  x: {}\n  z: {}\n", id="bare set"
    ),
    pytest.param("# a\na: 1 # a\n# b\nb: 2\nc: 3\n", {"a": None}, "# a\n# b\nb: 2\nc: 3\n", id="delete the first"),
    pytest.param(
        "a: 1\n# b\nb:\n  - 1\n  # in b\n  - 2\n\n# c\nc: 3\n", {"b": None}, "a: 1\n\n# c\nc: 3\n", id="delete"
    ),
    pytest.param("a: 1\n# b\nb: 1\n", {"b": None, "c": 2}, "a: 1\nc: 2\n", id="delete the last"),
    pytest.param("a: |\n  x\n# b\nb: 1\n", {"a": "x\n", "b": 2}, "a: |\n  x\n# b\nb: 2\n", id="block text stays"),
    pytest.param("b: 1\na: |\n  x\n", {"c": 3}, "b: 1\na: |\n  x\nc: 3\n", id="behind a block text"),
]


def in_config(text: str) -> str:
    return f"config:\n{indent(text, '  ')}\n# end\nz: 0x1F\n"


@pytest.mark.parametrize(("before", "changes", "after"), EDITS)
def test_edits(before: str, changes: dict[str, Any], after: str) -> None:
    assert with_config(in_config(before), changes) == in_config(after)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "head", ["", "---\n", "# about all\n\n--- # go\n", "%YAML 1.2\n---\n", "\ufeff", "\ufeff# x\n---\n"]
)
@pytest.mark.parametrize("foot", ["", "# end\n", "\n  # end\n\n"])
def test_what_stands_around_stays(head: str, foot: str, newline: str) -> None:
    text = (head + "# about config\nconfig:\n  a: 1\n" + foot).replace("\n", newline)
    assert with_config(text, {"b": 2}) == text.replace("  a: 1" + newline, f"  a: 1{newline}  b: 2{newline}")


@pytest.mark.parametrize("item", ["  - x", "- x", "    - x", "  -   x"])
@pytest.mark.parametrize("width", [2, 4])
def test_the_indentation_of_most_lines_wins(item: str, width: int) -> None:
    blank = " " * width
    before = f"config:\n{blank}l:\n{blank}{item}\n{blank}{item}\n{blank}m:\n{blank}- x\n"
    after = with_config(before, {"n": 1})
    assert f"\n{blank}l:\n" in after
    assert (f"{blank}{item}\n" in after) == (item != "  -   x" and (width, item) != (2, "    - x"))


# Documents in many styles, from data: each level in block or flow style, with comments and blank lines between.
words = st.sampled_from(["a", "b", "c", "office", "012", "x y", "it's", "-", "#", "true", "é"])
scalars = st.one_of(words, st.integers(0, 99), st.booleans())
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=10,
)
mappings = st.dictionaries(words, data, min_size=1, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A stack file in mixed styles and the data in its `config`."""
    content = draw(mappings)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    body = write(content, draw, column=draw(st.sampled_from([1, 2, 4])))
    lines = [*draw(noise), "config:", *body, *draw(noise), "other: 012", *draw(noise)]
    return newline.join(lines) + draw(st.sampled_from(["", newline])), content


noise = st.lists(st.sampled_from(["# a: comment", "", "  # - another"]), max_size=2)


def write(value: dict[str, Any], draw: st.DrawFn, *, column: int) -> list[str]:
    lines: list[str] = []
    for key, each in value.items():
        lines += draw(noise)
        lines += write_entry(" " * column + quoted(key) + ":", each, draw, column=column)
    return lines


def write_entry(start: str, value: Any, draw: st.DrawFn, *, column: int) -> list[str]:
    comment = draw(st.sampled_from(["", " # why", "   # [b]"]))
    if isinstance(value, dict) and value and draw(st.booleans()):
        return [start + comment, *write(value, draw, column=column + draw(st.sampled_from([1, 2, 4])))]
    # ruamel loses comments above empty items, so there are none.
    if isinstance(value, list) and value and [] not in value and {} not in value and draw(st.booleans()):
        dash = " " * (column + draw(st.sampled_from([0, 2]))) + "-"
        lines = [start + comment]
        for each in value:
            lines += [*draw(noise), f"{dash} {write_flow(each, draw)}{draw(st.sampled_from(['', ' # item']))}"]
        return lines
    return [f"{start} {write_flow(value, draw)}{comment}"]


def write_flow(value: Any, draw: st.DrawFn) -> str:
    comma = draw(st.sampled_from([", ", ","]))
    if isinstance(value, dict):
        return "{" + comma.join(f"{quoted(key)}: {write_flow(each, draw)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + comma.join(write_flow(each, draw) for each in value) + "]"
    return quoted(value) if isinstance(value, str) else str(value).lower()


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(documents(), mappings, st.data())
def test_any_change_to_any_document(
    document: tuple[str, dict[str, Any]], new: dict[str, Any], chosen: st.DataObject
) -> None:
    text, old = document
    assert read_both(text)[1] == {"config": old, "other": 12}
    removed = chosen.draw(st.sets(st.sampled_from(sorted(old)), max_size=len(old) - 1)) - new.keys()
    after = with_config(text, {**dict.fromkeys(removed), **new})
    said = {key: value for key, value in old.items() if key not in removed} | new
    # `012` of others is left to every reader as it was.
    assert read_both(after) == ({"config": said, "other": 10}, {"config": said, "other": 12})
    # A second time there is nothing left to do.
    assert with_config(after, new) == after


@given(documents(), st.data())
def test_what_does_not_change_keeps_its_lines(document: tuple[str, dict[str, Any]], chosen: st.DataObject) -> None:
    """Every line outside of the changed entry is still there with its comment, in order; only blanks differ."""
    text, old = document
    key = chosen.draw(st.sampled_from(sorted(old)))
    root = compose(text, source="test")
    assert isinstance(root, MappingNode)
    config = root.value[0][1].value
    starts = [node.start_mark.line for node, _ in config] + [root.value[1][0].start_mark.line]
    place = [node.value for node, _ in config].index(key)
    lines = squeezed(text.splitlines())
    above, below = squeezed(text.splitlines()[: starts[place]]), squeezed(text.splitlines()[starts[place + 1] :])
    result = squeezed(with_config(text, {key: "new value"}).splitlines())
    assert len(above) + len(below) < len(lines)
    assert result[: len(above)] == above
    assert result[-len(below) :] == below


def squeezed(lines: list[str]) -> list[str]:
    return [re.sub(r"\s", "", line) for line in lines if line.strip()]
