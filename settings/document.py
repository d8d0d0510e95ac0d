"""What somebody wrote, as plain data that still knows where each part stands.

Files are read through ruamel's node tree and not through its loader: only the nodes still have the text of a scalar
as it was written, and its line. Pulumi reads stack files with another YAML library (Go's yaml.v3), so a scalar on
which readers disagree (`012345678901`, `010`, `2026-01-01`) is a problem here, never a silent number.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from settings.keys import TEXT_KEYS
from settings.problems import Problem, SettingsError, shown

KeyPath = tuple[str | int, ...]

_PLAIN_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_TAG = "tag:yaml.org,2002:"


class _Secret:
    """Stands where a value is encrypted."""

    def __repr__(self) -> str:
        return "a secret"


SECRET: Final = _Secret()
WRITTEN_TWICE: Final = "is written twice"


@dataclass(frozen=True)
class Mark:
    """Where a value was written: the file, the line (from 1, None if unknown)."""

    source: str
    line: int | None = None


class Document(dict[str, Any]):
    """Plain data in the shape of an answers file: settings keys without prefix, and `homeRegion`.

    `marks` says where a value was written, by path; `labels` how a key is called in its file (`homeRegion` is
    `aws:region` in a stack file). `problems` are those that only the reader of the file could see.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        source: str,
        marks: Mapping[KeyPath, Mark] | None = None,
        labels: Mapping[str, str] | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        super().__init__(data)
        self.source = source
        self.marks: dict[KeyPath, Mark] = dict(marks or {})
        self.labels: dict[str, str] = dict(labels or {})
        self.problems: list[Problem] = list(problems)

    def mark(self, path: KeyPath) -> Mark:
        """Where the value at `path` was written, or the nearest value around it."""
        for length in range(len(path), 0, -1):
            if (mark := self.marks.get(path[:length])) is not None:
                return mark
        return Mark(self.source)

    def label(self, path: KeyPath) -> str:
        """The path as it is written in messages: `eventSets.iam-changes.threshold`, `emails[1]`."""
        if not path:
            return ""
        first, *rest = path
        text = self.labels.get(str(first), str(first))
        return text + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in rest)

    def decoded(self, key: str, text: str) -> Any:
        """The value of a key that Pulumi keeps as text: JSON, unless the key takes a text.

        A text that is no JSON stays as it is; the model then says what it should have been.
        """
        if key in TEXT_KEYS:
            return text
        try:
            return from_json(text, source=self.source)
        except SettingsError as error:
            twice = [each for each in error.problems if each.problem == WRITTEN_TWICE]
            self.problems += [replace(each, key=f"{self.label((key,))}.{each.key}") for each in twice]
            return None if twice else text

    def refuse_secret(self, key: str) -> None:
        """Takes a key out and notes why: our settings are read by people and by the wizard, which cannot decrypt."""
        self.pop(key, None)
        line = self.mark((key,)).line
        problem = "is a secret, but this setting must be readable"
        self.problems.append(
            Problem(self.source, self.label((key,)), None, problem, allowed="a plain value", line=line)
        )

    def refuse_secrets(self) -> None:
        """Takes out every key that holds a secret, however deep, and notes why."""
        for key in [key for key, value in self.items() if _holds_secret(value)]:
            self.refuse_secret(key)

    def layered(self, over: Mapping[str, Any]) -> "Document":
        """These data with the keys of `over` put on top, each with its own marks."""
        top = over if isinstance(over, Document) else Document(over, source=self.source)
        result = Document({**self, **top}, source=top.source)
        for document, keys in ((self, self.keys() - top.keys()), (top, top.keys())):
            result.marks |= {(key,): Mark(document.source) for key in keys}
            result.marks |= {path: mark for path, mark in document.marks.items() if path and path[0] in keys}
            result.labels |= {key: label for key, label in document.labels.items() if key in keys}
        hidden = {self.label((key,)) for key in self.keys() & top.keys()}
        result.problems = [each for each in self.problems if not _is_within(each.key, hidden)] + top.problems
        return result


def _is_within(key: str, others: Iterable[str]) -> bool:
    return any(key == other or key.startswith((f"{other}.", f"{other}[")) for other in others)


def _holds_secret(value: Any) -> bool:
    match value:
        case dict():
            return any(_holds_secret(each) for each in value.values())
        case list():
            return any(_holds_secret(each) for each in value)
        case _:
            return value is SECRET


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
        root: Node | None = YAML(typ="rt", pure=True).compose(text)
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
        if key is None or key_node.tag == f"{_TAG}merge":
            place = ".".join(path)
            yield Problem(source, place, None, "holds a key that is not a simple text", allowed="key: value", line=line)
            continue
        if key in seen:
            yield Problem(source, ".".join((*path, key)), None, WRITTEN_TWICE, line=line)
        seen.add(key)
        yield from _odd_keys(value_node, (*path, key), source=source)


def _refusal(source: str, problem: str, *, line: int | None = None) -> SettingsError:
    return SettingsError([Problem(source, "", None, problem, line=line)])


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
        match str(node.tag).removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on", "y")
            case "int" if _PLAIN_INTEGER.fullmatch(text) and len(text) < 100:
                return int(text)
            case "int":
                self._problem(path, node, "YAML readers disagree about this number", text=text)
                return text
            case "timestamp":
                self._problem(path, node, "YAML takes this for a date", text=text)
                return text
            case "float":
                return float(text.replace("_", "")) if _is_float(text) else text
            case _:
                return text

    def _problem(self, path: KeyPath, node: Node, problem: str, *, text: str | None = None) -> None:
        self.problems.append(
            Problem(
                self.source,
                self.label(path),
                text if text is None else shown(text).strip('"'),
                problem,
                allowed=None if text is None else f'in quotes if it is a text ("{text}"), without leading zeros if not',
                line=node.start_mark.line + 1,
            )
        )


def key_text(node: Node) -> str | None:
    """A key as it was written, None if it is a list or a mapping."""
    return node.value if isinstance(node, ScalarNode) else None


def is_secure(node: Node) -> bool:
    """Whether a node is a value that Pulumi encrypted: `{secure: …}`."""
    return isinstance(node, MappingNode) and [key_text(key) for key, _ in node.value] == ["secure"]


def _is_float(text: str) -> bool:
    try:
        float(text.replace("_", ""))
    except ValueError:  # .inf and .nan: no setting takes them, and the message shows them as written
        return False
    return True


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


def refuse_list_of_sets(document: Document) -> None:
    """Notes a problem if `eventSets` is a list. Only answers files may be so short: `Pulumi.yaml` says object."""
    if isinstance(document.get("eventSets"), list):
        problem = Problem(
            document.source,
            document.label(("eventSets",)),
            shown(document["eventSets"]),
            "must map names to settings",
            allowed="such as {trail-changes: {}}",
            line=document.mark(("eventSets",)).line,
        )
        document.problems.append(problem)
