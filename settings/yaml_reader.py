"""Reads YAML strictly: into plain data that know their lines, with messages that name the line.

It goes by ruamel's node tree and not through its loader: only the nodes still have the text of a scalar as it was
written. Pulumi reads stack files with another YAML library (Go's yaml.v3), so a scalar on which readers disagree
(`012345678901`, `010`, `2026-01-01`) is a problem here, never a silent number.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from settings.document import SECRET, WRITTEN_TWICE, Document, KeyPath, Mark
from settings.problems import Problem, SettingsError

TAG: Final = "tag:yaml.org,2002:"
# Beyond fifteen digits Pulumi's numbers, which travel as JSON, are no longer exact.
_PLAIN_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_PLAIN_FRACTION: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
ODD_KEY: Final = "holds a key that is not a simple text"
# Far more than settings ever hold. A few lines of aliases of aliases stand for billions, and would never end.
MAX_VALUES: Final = 100_000


def compose(text: str, *, source: str) -> Node | None:
    """The node tree of one YAML document, None if it is empty.

    Raises `SettingsError` naming the line: also for what cannot be read safely by others (merges, keys that are not
    texts). Whether a key is written twice `written_twice` tells.
    """
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False  # they are legal, and a warning would be printed across the wizard
        root: Node | None = yaml.compose(text)
        if root is not None and _size(root, {}) > MAX_VALUES:
            raise _refusal(source, f"is too large: more than {MAX_VALUES:,} values once its aliases are written out")
        problems = [
            Problem(source, ".".join(path), None, ODD_KEY, "key: value", line=_line(key))
            for path, key, _ in _keys(root)
            if not _is_simple(key)
        ]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        place = f" in column {mark.column + 1}" if mark else ""
        raise _refusal(source, f"is not YAML: {what}{place}", line=mark.line + 1 if mark else None) from error
    except YAMLError as error:  # characters that no YAML may hold; the text quotes one character at most
        raise _refusal(source, f"is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise _refusal(source, "is nested too deeply") from error
    if problems:
        raise SettingsError(problems)
    return root


def _size(node: Node, known: dict[int, int]) -> int:
    """How many values a node stands for. `known` has the sizes by identity, so that an alias is counted only once."""
    if id(node) not in known:
        known[id(node)] = 1  # while it is being counted: an alias of something around it
        parts = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
        known[id(node)] += sum(_size(part, known) for part in parts if isinstance(part, Node))
    return known[id(node)]


def written_twice(root: Node | None, *, source: str) -> list[Problem]:
    """A problem for each key that its mapping has already. `read_value` takes the last of its values."""
    return [
        Problem(source, ".".join((*path, key.value)), None, WRITTEN_TWICE, line=_line(key))
        for path, key, is_again in _keys(root)
        if is_again
    ]


def _keys(node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node, bool]]:
    """(path of its mapping, key, whether the mapping has it already) of every key."""
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _keys(item, (*path, str(index)))
    if not isinstance(node, MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if not _is_simple(key):
            yield path, key, False
            continue
        yield path, key, key.value in seen
        seen.add(key.value)
        yield from _keys(value, (*path, key.value))


def _is_simple(key: Node) -> bool:
    return key_text(key) is not None and key.tag != f"{TAG}merge"


def _line(node: Node) -> int:
    return node.start_mark.line + 1


def _refusal(source: str, problem: str, *, line: int | None = None) -> SettingsError:
    return SettingsError([Problem(source, "", None, problem, line=line)])


def key_text(node: Node) -> str | None:
    """A key as it was written, None if it is a list or a mapping."""
    return node.value if isinstance(node, ScalarNode) else None


def _is_secure(node: Node) -> bool:
    """Whether a node is a value that Pulumi encrypted: `{secure: v1:…}`."""
    if not isinstance(node, MappingNode):
        return False
    return [(key_text(key), type(value)) for key, value in node.value] == [("secure", ScalarNode)]


def read_value(node: Node, document: Document, path: KeyPath) -> Any:
    """The plain data of a node. Its lines and problems go to the document, under `path`.

    An encrypted value (`secure:`) becomes `SECRET`.
    """
    document.marks[path] = Mark(document.source, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return SECRET if _is_secure(node) else read_mapping(node, document, path)
    if isinstance(node, SequenceNode):
        return [read_value(item, document, (*path, index)) for index, item in enumerate(node.value)]
    return _scalar(node, document, path)


def read_mapping(node: MappingNode, document: Document, path: KeyPath = ()) -> dict[str, Any]:
    """The plain data of a mapping, see `read_value`."""
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_text(key_node)
        assert key is not None  # compose() has refused other keys
        result[key] = read_value(value_node, document, (*path, key))
        # An empty value has its mark on whatever follows; the key's line is the one to look at.
        document.marks[*path, key] = Mark(document.source, key_node.start_mark.line + 1)
    return result


def _scalar(node: Node, document: Document, path: KeyPath) -> Any:
    text: str = node.value
    quoted = f'"{text}" in quotes if it is a text'
    match str(node.tag).removeprefix(TAG):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if _PLAIN_INTEGER.fullmatch(text):
            return int(text)
        case "float" if _PLAIN_FRACTION.fullmatch(text):
            return float(text)
        case "int":
            problem = "YAML readers disagree about this number"
            quoted += ", plain digits without leading zeros if it is a number"
        case "float":
            problem = "YAML takes this for a number"
        case "timestamp":
            problem = "YAML takes this for a date"
        case _:
            return text
    line = node.start_mark.line + 1
    document.problems.append(Problem(document.source, document.label(path), text, problem, quoted, line=line))
    return text
