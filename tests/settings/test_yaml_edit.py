"""A change is cut into the text: everything else keeps every byte."""

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode

from settings.texts import compose
from settings.yaml_edit import DELETE, edit


def edited(text: str, changes: dict[str, Any], *, depth: int = 0) -> str:
    root = compose(text, source="test")
    assert isinstance(root, MappingNode)
    return edit(text, root, changes, depth=depth)


# before, changes, after
EDITS: list[Any] = [
    pytest.param("a: 1\n", {"a": 1}, "a: 1\n", id="nothing changes"),
    pytest.param("a:   1   # why\nb: 2\n", {"a": 3}, "a:   3   # why\nb: 2\n", id="scalar keeps blanks and comment"),
    pytest.param("a: 'x'\nb: 2\n", {"b": "z"}, "a: 'x'\nb: z\n", id="quotes of others stay"),
    pytest.param("---\na: 1\n...\n", {"a": 2}, "---\na: 2\n...\n", id="document markers stay"),
    pytest.param("a: 1\r\nb: 2\r\n", {"c": [1], "a": 3}, "a: 3\r\nb: 2\r\nc: [1]\r\n", id="CRLF stays"),
    pytest.param("a: 1", {"b": 2}, "a: 1\nb: 2", id="a missing last newline stays missing"),
    pytest.param("a:\nb: 2\n", {"a": "x"}, "a: x\nb: 2\n", id="empty value"),
    pytest.param("a: # why\nb: 2\n", {"a": "x"}, "a: x # why\nb: 2\n", id="empty value with comment"),
    pytest.param("a:\n", {"a": {"b": {"c": 1}}}, "a: {b: {c: 1}}\n", id="empty value becomes a mapping"),
    pytest.param("a: ~\n", {"a": "x"}, "a: x\n", id="null"),
    pytest.param("a: [1, 2] # why\n", {"a": [1, 2, 3]}, "a: [1, 2, 3] # why\n", id="flow list grows"),
    pytest.param("a: [ 1,2 , 3 ]\n", {"a": [1, 3]}, "a: [ 1,3 ]\n", id="flow list loses its middle"),
    pytest.param("a: [1, 2, 3]\n", {"a": [1]}, "a: [1]\n", id="flow list loses its end"),
    pytest.param("a: [1, 2, 3]\n", {"a": [3]}, "a: [3]\n", id="flow list loses its start"),
    pytest.param("a: [1, 3]\n", {"a": [0, 1, 2, 3]}, "a: [0, 1, 2, 3]\n", id="flow list grows everywhere"),
    pytest.param("a: ['x', \"y\"]\n", {"a": ["x", "z"]}, "a: ['x', z]\n", id="flow list keeps quotes"),
    pytest.param("a: [1, 2,]\n", {"a": [1, 2, 3]}, "a: [1, 2, 3,]\n", id="flow list with a trailing comma"),
    pytest.param("a: [1, 2]\n", {"a": []}, "a: []\n", id="flow list becomes empty"),
    pytest.param("a: {b: 1, c: 2}\n", {"a": {"b": 1, "c": 3}}, "a: {b: 1, c: 3}\n", id="flow mapping changes"),
    pytest.param("a: {b: 1, c: 2, d: 3}\n", {"a": {"c": 2}}, "a: {c: 2}\n", id="flow mapping shrinks"),
    pytest.param("a: {b: 1}\n", {"a": {"b": 1, "c": "x y"}}, "a: {b: 1, c: x y}\n", id="flow mapping grows"),
    pytest.param("a:\n  - 1\n  - 2 # two\n", {"a": [1, 2, 3]}, "a:\n  - 1\n  - 2 # two\n  - 3\n", id="list grows"),
    pytest.param("a:\n- 1\n- 2\nb: 1\n", {"a": [1, 2, 3]}, "a:\n- 1\n- 2\n- 3\nb: 1\n", id="flush list grows"),
    pytest.param("a:\n  - 1\n  # about two\n  - 2\n", {"a": [2]}, "a:\n  # about two\n  - 2\n", id="list shrinks"),
    pytest.param("a:\n  - 2\n", {"a": [1, 2]}, "a:\n  - 1\n  - 2\n", id="list grows at its start"),
    pytest.param("a:\n  - 1\n# next\nb: 2\n", {"a": []}, "a: []\n# next\nb: 2\n", id="list becomes empty"),
    pytest.param("a: # why\n  - 1\nb: 2\n", {"a": "x"}, "a: x # why\nb: 2\n", id="list becomes a text"),
    pytest.param(
        "a:\n  - {n: x, t: 1} # x\n  - {n: y, t: 1} # y\n",
        {"a": [{"n": "x", "t": 2}, {"n": "y", "t": 1}]},
        "a:\n  - {n: x, t: 2} # x\n  - {n: y, t: 1} # y\n",
        id="one item changes",
    ),
    pytest.param(
        "a:\n  - k: x # x\n    t: 1\n  - k: y\n",
        {"a": [{"k": "x"}, {"k": "y", "t": 3}, {"k": "z", "t": 4}]},
        "a:\n  - k: x # x\n  - k: y\n    t: 3\n  - k: z\n    t: 4\n",
        id="tall items stay tall",
    ),
    pytest.param("a:\n  - n: x\n    t: 1\n", {"a": [{"t": 1}]}, "a:\n  - t: 1\n", id="first key of an item goes"),
    pytest.param(
        "a:\n  - n: x\n    m: 2\n    # t\n    t: 1\n    u: 2\n",
        {"a": [{"t": 1}]},
        "a:\n  - t: 1\n",
        id="first keys of an item go",
    ),
    pytest.param(
        "a:\n  x: {}\n  # about y\n  y: {t: 1}\n\n# about b\nb: 1\n",
        {"a": {"x": {"t": 2}, "y": {"t": 1}, "z": {}}},
        "a:\n  x: {t: 2}\n  # about y\n  y: {t: 1}\n  z: {}\n\n# about b\nb: 1\n",
        id="comments between entries",
    ),
    pytest.param(
        "a:\n  x:\n  y: {}\n", {"a": {"x": {}, "y": {}, "z": {}}}, "a:\n  x:\n  y: {}\n  z: {}\n", id="bare set"
    ),
    pytest.param("a: 1\nb: 2\nc: 3\n", {"b": DELETE}, "a: 1\nc: 3\n", id="delete"),
    pytest.param(
        "a: 1\nb:\n  - 1\n  # in b\n  - 2\n# c\nc: 3\n", {"b": DELETE}, "a: 1\n# c\nc: 3\n", id="delete lines"
    ),
    pytest.param("a: 1\nz: 9\n", {"a": 1, "b": 2}, "a: 1\nb: 2\nz: 9\n", id="a new key goes behind the one before it"),
    pytest.param("z: 9\n", {"a": 1, "b": 2}, "z: 9\na: 1\nb: 2\n", id="new keys go to the end"),
    pytest.param("{a: 1, b: 2}\n", {"a": 3, "c": [4]}, "{a: 3, c: [4], b: 2}\n", id="flow root"),
    pytest.param("a: |\n  x\n  y\nb: 1\n", {"b": 2, "c": 3}, "a: |\n  x\n  y\nb: 2\nc: 3\n", id="block text stays"),
    pytest.param("a: |\n  x\nz: 1\n", {"a": "x\n", "c": 3}, "a: |\n  x\nc: 3\nz: 1\n", id="between block texts"),
    pytest.param("a:\n  - 1\n  # two\n  - 2\n", {"a": [1]}, "a:\n  - 1\n  # two\n", id="comments stay"),
    pytest.param("a: |\n  x\n  y\nb: 1\n", {"a": "z"}, "a: z\nb: 1\n", id="block text goes"),
    pytest.param("b: 1\na: |\n  x\n", {"c": 3}, "b: 1\na: |\n  x\nc: 3\n", id="behind a block text"),
    pytest.param("b: 1\na: >-\n  x\n  y\n", {"a": "x y"}, "b: 1\na: >-\n  x\n  y\n", id="folded text is the same"),
    pytest.param("a:\n  - x\n  -\nb: 1\n", {"b": 2}, "a:\n  - x\n  -\nb: 2\n", id="empty item of another"),
    pytest.param("b: 1\na:\n  - x\n  -\n\n# end\n", {"c": 2}, "b: 1\na:\n  - x\n  -\nc: 2\n\n# end\n", id="empty end"),
    pytest.param("a: first\n  second\nb: 1\n", {"a": "x"}, "a: x\nb: 1\n", id="text over two lines"),
    pytest.param("a:\n  first\nb: 1\n", {"a": "x"}, "a: x\nb: 1\n", id="text on the next line"),
]


@pytest.mark.parametrize(("before", "changes", "after"), EDITS)
def test_edits(before: str, changes: dict[str, Any], after: str) -> None:
    assert edited(before, changes, depth=1) == after


def test_what_is_new_is_laid_out_as_asked() -> None:
    value = {"b": {"c": 1}, "d": [1, 2]}
    assert edited("a:\n", {"a": value}, depth=2) == "a:\n  b: {c: 1}\n  d: [1, 2]\n"
    assert edited("a: x # why\n", {"a": value}, depth=2) == "a:\n  b: {c: 1}\n  d: [1, 2] # why\n"
    assert (
        edited("a: 1\r\n", {"b": value}, depth=3) == "a: 1\r\nb:\r\n  b:\r\n    c: 1\r\n  d:\r\n    - 1\r\n    - 2\r\n"
    )


def test_a_file_as_people_write_it() -> None:
    before = dedent(
        """\
        # Owned by the security team.
        encryptionsalt: v1:abc=:v1:def
        config:
          aws:region: eu-west-1   # home
          aws:profile: 'audit'

          # who gets the mails
          trailwarden:emails:
          - security@example.com  # the list
          - "oncall@example.com"
          other:token:
            secure: v1:xyz==
          trailwarden:eventSets:
            trail-changes: {}
            # noisy, see the runbook
            iam-activity: {threshold: 500,  period: 3600}  # agreed in March
        """
    )
    root = compose(before, source="test")
    assert isinstance(root, MappingNode)
    config = root.value[1][1]
    after = edit(
        before,
        config,
        {
            "aws:region": "us-east-1",
            "trailwarden:emails": ["security@example.com", "night@example.com"],
            "trailwarden:eventSets": {"trail-changes": {}, "iam-activity": {"threshold": 900, "period": 3600}},
            "trailwarden:evidence": "keep",
        },
    )
    assert (
        after
        == before.replace("eu-west-1", "us-east-1")
        .replace('"oncall@example.com"', "night@example.com")
        .replace("500", "900")
        + "  trailwarden:evidence: keep\n"
    )


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
    """A YAML text in mixed styles and the data in it."""
    content = draw(mappings)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [*draw(noise), *write(content, draw, indent=draw(st.sampled_from([0, 2]))), *draw(noise)]
    return newline.join(lines) + draw(st.sampled_from(["", newline])), content


noise = st.lists(st.sampled_from(["# a: comment", "", "  # - another"]), max_size=2)


def write(value: dict[str, Any], draw: st.DrawFn, *, indent: int) -> list[str]:
    lines: list[str] = []
    for key, each in value.items():
        lines += draw(noise)
        lines += write_entry(" " * indent + quoted(key) + ":", each, draw, indent=indent)
    return lines


def write_entry(start: str, value: Any, draw: st.DrawFn, *, indent: int) -> list[str]:
    comment = draw(st.sampled_from(["", " # why", "   # [b]"]))
    if isinstance(value, dict) and value and draw(st.booleans()):
        return [start + comment, *write(value, draw, indent=indent + draw(st.sampled_from([1, 2, 4])))]
    if isinstance(value, list) and value and draw(st.booleans()):
        dash = " " * (indent + draw(st.sampled_from([0, 2]))) + "-"
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


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@given(documents(), mappings, st.data(), st.integers(0, 2))
def test_any_change_to_any_document(
    document: tuple[str, dict[str, Any]], new: dict[str, Any], chosen: st.DataObject, depth: int
) -> None:
    text, old = document
    assert load(text) == old
    removed = chosen.draw(st.sets(st.sampled_from(sorted(old)), max_size=len(old) - 1)) - new.keys()
    changes = {**dict.fromkeys(removed, DELETE), **new}
    after = edited(text, changes, depth=depth)
    assert load(after) == {key: value for key, value in old.items() if key not in removed} | new
    # A second time there is nothing left to do.
    assert edited(after, new, depth=depth) == after


@given(documents())
def test_the_same_data_change_nothing(document: tuple[str, dict[str, Any]]) -> None:
    text, old = document
    assert edited(text, old) == text


@given(documents(), st.data())
def test_what_does_not_change_keeps_its_lines(document: tuple[str, dict[str, Any]], chosen: st.DataObject) -> None:
    """Every line outside of the changed entry is still there, in order."""
    text, old = document
    key = chosen.draw(st.sampled_from(sorted(old)))
    after = edited(text, {key: "new value"})
    root = compose(text, source="test")
    assert isinstance(root, MappingNode)
    starts = [node.start_mark.line for node, _ in root.value] + [len(text.splitlines())]
    place = [node.value for node, _ in root.value].index(key)
    lines = text.splitlines()
    kept_before, kept_after = lines[: starts[place]], lines[starts[place + 1] :]
    result = after.splitlines()
    assert result[: len(kept_before)] == kept_before
    assert not kept_after or result[-len(kept_after) :] == kept_after
