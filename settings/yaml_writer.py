"""Changes a stack file's text by ruamel's round trip, which keeps comments, the order of keys, and quotes.

A text in which something changes does not keep everything: blanks at the ends of lines, mixed line ends and a missing
last line end are mended, lists are indented as most of the file is, a comment beside a changed value may move sideways,
a comment goes with the entry that it stands above, a closing `...` goes, `~` and `True` get their usual spelling, and
ruamel loses a comment above an empty item of a list (`- {}`). The person sees all this before anything is written.
"""

import io
import re
from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)
from ruamel.yaml.tokens import CommentToken

LONGEST_FLOW: Final = 100
"""How long a list or mapping may be to be written on one line, in characters."""

# What stands before the data, of which a round trip loses some: byte order mark, directives, comments, `---`.
_HEAD: Final = re.compile(r"\ufeff?(?:(?:[#%].*|[ \t]*)\n)*+(?:---[ \t]*(?:#.*)?(?:\n|$))?")
# How people, Go and Python indent: the columns of a key, of an item and of its dash.
_LAYOUTS: Final = ((2, 4, 2), (2, 2, 0), (4, 6, 4), (4, 4, 2), (4, 2, 0))
_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./@+: -]*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
# YAML 1.1 and 1.2 together, https://yaml.org/type/bool.html and https://yaml.org/type/null.html
_WORDS_WITH_A_MEANING: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def with_config(text: str, changes: Mapping[str, Any]) -> str:
    """The text with new values for some keys of `config`. None takes a key out, a new key goes to the end.

    What a value says already keeps its form, down to its entries. The caller reads the result and compares. Raises
    `YAMLError`, `ValueError` (a date that does not exist), `AttributeError` (a mapping with a strange tag) or
    `RecursionError` for a text of which ruamel makes no data.
    """
    unix = text.replace("\r\n", "\n")
    found = _HEAD.match(unix)
    head = found[0] if found else ""
    body = unix[len(head) :]
    data = _round_trip().load(body)
    if data is None:  # comments only; ruamel would drop them
        head, data = _ended(head) + _ended(body), CommentedMap()
    layout = _layout(body, data)
    foot = _hang_above(data)
    if data.get("config"):
        _merge(data["config"], changes)
    else:
        _merge(data, {"config": {key: value for key, value in changes.items() if value is not None}})
    new = head + _dumped(data, layout) + foot
    return new.replace("\n", "\r\n") if "\r\n" in text else new


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096  # the default folds long lines
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.composer.warn_double_anchors = False  # they are legal, and a warning would be printed across the wizard
    return yaml


def _dumped(data: Any, layout: tuple[int, int, int]) -> str:
    yaml, stream = _round_trip(), io.StringIO()
    mapping, sequence, offset = layout
    yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
    yaml.dump(data, stream)
    return stream.getvalue()


def _layout(text: str, data: Any) -> tuple[int, int, int]:
    """The indentation that reproduces the text, or most of its lines."""
    lines = set(text.splitlines())
    return max(_LAYOUTS, key=lambda layout: sum(line in lines for line in _dumped(data, layout).splitlines()))


def _merge(node: CommentedMap, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if key not in node:
            if value is not None:
                node[_text(key)] = new_node(value)
        elif value is None:
            del node[key]
            node.ca.items.pop(key, None)
        elif not _same(node[key], value):
            _replace(node, key, value)


def _same(old: Any, new: Any) -> bool:
    return old == new or (old is None and new == {})  # `trail-changes:` with nothing behind it is the same


def _replace(node: CommentedMap, key: str, value: Any) -> None:
    old = node[key]
    if old and value and isinstance(old, CommentedMap) and isinstance(value, Mapping):
        _merge(old, _whole(old, value))
    elif old and value and isinstance(old, CommentedSeq) and isinstance(value, list):
        _replace_items(old, value)
    else:
        node[key] = new_node(value)
        _comments(node, key)[3] = None


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that leave nothing but `new`."""
    return {key: None for key in old if key not in new} | dict(new)


def _replace_items(node: CommentedSeq, items: list[Any]) -> None:
    by_name = {each["name"]: each for each in items if isinstance(each, dict) and "name" in each}
    for index in reversed(range(len(node))):
        old = node[index]
        if isinstance(old, CommentedMap) and old.get("name") in by_name:
            _merge(old, _whole(old, by_name[old["name"]]))
        elif old not in items:
            del node[index]
    for index, each in enumerate(items):
        if index >= len(node) or node[index] != each:
            node.insert(index, new_node(each))
    del node[len(items) :]


def new_node(value: Any) -> Any:
    """Plain data as they are written anew.

    A short list or mapping without mappings inside stands on one line, all others have a line for each entry, so that
    a review shows which one changed.
    """
    if isinstance(value, Mapping):
        node: Any = CommentedMap({_text(key): new_node(each) for key, each in value.items()})
        entries = list(value.values())
    elif isinstance(value, list):
        node, entries = CommentedSeq(map(new_node, value)), value
    else:
        return _text(value) if isinstance(value, str) else value
    if len(str(value)) <= LONGEST_FLOW and not any(isinstance(each, Mapping) for each in entries):
        node.fa.set_flow_style()
    return node


def _text(value: str) -> str:
    """A text, in quotes if any reader of YAML might take it for something else.

    Pulumi reads the file with Go's yaml.v3, other tools with PyYAML. They and ruamel disagree about bare words such as
    `012345678901`, `1e5`, `off` and `2026-01-01`.
    """
    if _BARE.fullmatch(value) and value.lower() not in _WORDS_WITH_A_MEANING:
        return value
    is_easier_in_single = value.isprintable() and any(each in value for each in '"\\')
    return (SingleQuotedScalarString if is_easier_in_single else DoubleQuotedScalarString)(value)


def _hang_above(node: Any) -> str:
    """Hangs the comment lines between entries above the one that follows, and returns those below the last one.

    ruamel hangs them at the last line before them, however deep that is, but people write about what follows. So they
    stay when the entry before them changes, and go with the one that they are about.
    """
    below = ""
    for key in range(len(node)) if isinstance(node, CommentedSeq) else node:
        comments = _comments(node, key)
        if below:
            comments[1] = [CommentToken(below, CommentMark(0), None), *(comments[1] or ())]
        below = _cut_below(node, key)
    return below


def _cut_below(node: Any, key: Any) -> str:
    value, comments = node[key], _comments(node, key)
    if value and isinstance(value, CommentedMap | CommentedSeq) and not value.fa.flow_style():
        return _hang_above(value)
    place = 0 if isinstance(node, CommentedSeq) else 2
    if (token := comments[place]) is None:
        return ""
    if isinstance(value, LiteralScalarString | FoldedScalarString):  # nothing can stand beside their last line
        beside, below = "", " " * token.start_mark.column + token.value
    else:
        beside, _, below = token.value.partition("\n")
    token.value = beside + "\n"
    if not beside:
        comments[place] = None
    return below


def _comments(node: Any, key: Any) -> list[Any]:
    """What is written around an entry: beside an item, above, beside a value, above the first entry in the value."""
    return node.ca.items.setdefault(key, [None, None, None, None])
