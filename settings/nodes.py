"""From YAML nodes to plain data, strictly.

Pulumi reads stack files with another YAML library (Go's yaml.v3) than we do, so a scalar on which readers disagree
(`012345678901`, `010`, `2026-01-01`) is a problem here, never a silent number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from settings.document import SECRET, KeyPath, Mark
from settings.problems import Problem
from settings.texts import TAG, is_secure, key_text

# Beyond fifteen digits Pulumi's numbers, which travel as JSON, are no longer exact.
_PLAIN_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_PLAIN_FRACTION: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")


@dataclass
class NodeReader:
    """Turns nodes into plain data, and collects marks and problems on the way."""

    source: str
    label: Callable[[KeyPath], str]
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, node: Node, path: KeyPath) -> Any:
        """The data of a node. An encrypted value (`secure:`) becomes `SECRET`."""
        self.marks[path] = Mark(self.source, node.start_mark.line + 1)
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
            case _:
                return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: KeyPath) -> Any:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_text(key_node)
            assert key is not None  # compose() has refused other keys
            result[key] = self.read(value_node, (*path, key))
            # An empty value has its mark on whatever follows; the key's line is the one to look at.
            self.marks[(*path, key)] = Mark(self.source, key_node.start_mark.line + 1)
        return SECRET if path and is_secure(node) else result

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        text: str = node.value
        match str(node.tag).removeprefix(TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if _PLAIN_INTEGER.fullmatch(text):
                return int(text)
            case "int":
                number = "plain digits without leading zeros if it is a number"
                self._refuse(
                    path, node, "YAML readers disagree about this number", allowed=f"{_quoted(text)}, {number}"
                )
                return text
            case "float" if _PLAIN_FRACTION.fullmatch(text):
                return float(text)
            case "float":
                self._refuse(path, node, "YAML takes this for a number", allowed=_quoted(text))
                return text
            case "timestamp":
                self._refuse(path, node, "YAML takes this for a date", allowed=_quoted(text))
                return text
            case _:
                return text

    def _refuse(self, path: KeyPath, node: Node, problem: str, *, allowed: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.source, self.label(path), node.value, problem, allowed, line=line))


def _quoted(text: str) -> str:
    return f'"{text}" in quotes if it is a text'
