"""YAML and JSON texts: from bytes to trees, with messages that name the line.

YAML is read into ruamel's node tree and not through its loader: only the nodes still have the text of a scalar as it
was written, and where it stands.
"""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from settings.problems import Problem, SettingsError

WRITTEN_TWICE: Final = "is written twice"
TAG: Final = "tag:yaml.org,2002:"


def read_text(path: Path) -> str:
    """The text of a file as it is, line ends included. Raises `SettingsError`."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal(path.name, f"is not UTF-8 text (byte {error.start + 1})") from error
    except OSError as error:
        raise _refusal(path.name, f"cannot be read: {error.strerror}") from error


def compose(text: str, *, source: str) -> Node | None:
    """The node tree of one YAML document, None if it is empty.

    Raises `SettingsError` naming the line: also for a key written twice, and for what cannot be read safely by others
    (merges, keys that are not texts).
    """
    try:
        with warnings.catch_warnings():
            # An anchor that is set twice is legal, and a warning would be printed across the wizard's screen.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root: Node | None = YAML(typ="safe", pure=True).compose(text)
        problems = [] if root is None else list(_odd_keys(root, (), source=source))
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


def _odd_keys(node: Node, path: tuple[str, ...], *, source: str) -> Iterator[Problem]:
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _odd_keys(item, (*path, str(index)), source=source)
    if not isinstance(node, MappingNode):
        return
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key, line = key_text(key_node), key_node.start_mark.line + 1
        if key is None or key_node.tag == f"{TAG}merge":
            place = ".".join(path)
            yield Problem(source, place, None, "holds a key that is not a simple text", allowed="key: value", line=line)
            continue
        if key in seen:
            yield Problem(source, ".".join((*path, key)), None, WRITTEN_TWICE, line=line)
        seen.add(key)
        yield from _odd_keys(value_node, (*path, key), source=source)


def _refusal(source: str, problem: str, *, line: int | None = None) -> SettingsError:
    return SettingsError([Problem(source, "", None, problem, line=line)])


def key_text(node: Node) -> str | None:
    """A key as it was written, None if it is a list or a mapping."""
    return node.value if isinstance(node, ScalarNode) else None


def is_secure(node: Node) -> bool:
    """Whether a node is a value that Pulumi encrypted: `{secure: …}`."""
    return isinstance(node, MappingNode) and [key_text(key) for key, _ in node.value] == ["secure"]


def from_json(text: str, *, source: str) -> Any:
    """The data of a JSON text. Raises `SettingsError` naming the line; a key written twice is refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise SettingsError([Problem(source, twice, None, WRITTEN_TWICE)])
        return result

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise _refusal(source, f"is not JSON: {error.msg} in column {error.colno}", line=error.lineno) from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        if isinstance(error, SettingsError):
            raise
        raise _refusal(source, "is nested too deeply, or holds a number that is too long") from error
