"""Plain data as YAML text that every YAML reader reads the same way, laid out for people and for line-wise diffs.

Pulumi reads the stack file with Go's yaml.v3, the wizard with ruamel, other tools with PyYAML. They disagree about bare
words such as `012345678901`, `1e5`, `off` and `2026-01-01`, so only words that no reader takes for anything else stay
bare.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

LONGEST_LINE = 100

_BARE = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@+-]*[A-Za-z0-9_/])?(?: [A-Za-z0-9_./+-]*[A-Za-z0-9_])*")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
# YAML 1.1 and 1.2 together, https://yaml.org/type/bool.html and https://yaml.org/type/null.html
_WORDS_WITH_A_MEANING = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

Depth = int | Mapping[str, Any]
"""How many levels of a value are written one entry per line; a mapping says it key by key.

Deeper levels stand on one line as long as they fit."""


def scalar(value: str | int | float | bool | None) -> str:
    """A text, number, truth value or nothing as YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if (_BARE.fullmatch(value) or _IPV4.fullmatch(value)) and value.lower() not in _WORDS_WITH_A_MEANING:
        return value
    if value.isprintable() and any(c in value for c in '"\\') and "'" not in value:
        return f"'{value}'"
    return double_quoted(value)


def double_quoted(value: str) -> str:
    """A text in double quotes; what is not printable is escaped."""
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in quoted
    )


def flow(value: Any) -> str:
    """A value on one line: `{name: office, cidr: [203.0.113.0/24]}`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_scalar(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)


def key_scalar(key: str) -> str:
    """A key. The colon of `trailwarden:emails` is harmless there."""
    namespace, colon, name = key.partition(":")
    if colon and _BARE.fullmatch(namespace) and _BARE.fullmatch(name):
        return key
    return scalar(key)


def entry(key: str, value: Any, *, indent: int, depth: Depth = 0) -> list[str]:
    """The lines of `key: value`, the first one indented by `indent` columns."""
    start = " " * indent + key_scalar(key) + ":"
    below = lines(value, indent=indent + 2, depth=depth, room=LONGEST_LINE - len(start))
    return [f"{start} {below}"] if isinstance(below, str) else [start, *below]


def item(value: Any, *, indent: int, depth: Depth = 0) -> list[str]:
    """The lines of `- value`."""
    start = " " * indent + "- "
    below = lines(value, indent=indent + 2, depth=depth, room=LONGEST_LINE - len(start))
    if isinstance(below, str):
        return [start + below]
    return [start + below[0].lstrip(" "), *below[1:]]


def lines(value: Any, *, indent: int, depth: Depth, room: int = LONGEST_LINE) -> str | list[str]:
    """A value as one text for the end of a line, or as lines of their own indented by `indent`."""
    if not value or not isinstance(value, Mapping | list | tuple):
        return flow(value)
    is_deep = isinstance(depth, Mapping) or depth > 0
    if not is_deep and len(text := flow(value)) < room:
        return text
    if isinstance(value, Mapping):
        return [
            line
            for key, each in value.items()
            for line in entry(key, each, indent=indent, depth=depth_below(depth, key))
        ]
    return [line for each in value for line in item(each, indent=indent, depth=depth_below(depth, ""))]


def depth_below(depth: Depth, key: str) -> Depth:
    """The depth of one entry of a value."""
    if isinstance(depth, Mapping):
        return depth.get(key, 0)
    return max(depth - 1, 0)
