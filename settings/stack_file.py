"""The stack file `Pulumi.<stack>.yaml`: reads our settings and changes them without touching anything else."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from settings.checks import stack_name
from settings.document import Document, KeyPath, Mark
from settings.files import read_text, write_atomically
from settings.keys import ALWAYS_WRITTEN, HOME_KEY, KEYS, REGION_KEY, qualified, unqualified
from settings.model import Settings
from settings.parse import WIZARD, read_section, unknown_keys
from settings.problems import CheckError, Problem, SettingsError
from settings.section import Section
from settings.yaml_reader import TAG, compose, key_text, read_value, written_twice
from settings.yaml_writer import with_config

PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_FILE_NAME = re.compile(r"Pulumi\.(?P<stack>.+)\.ya?ml")


def find_project(start: Path | str) -> Path:
    """The folder of `Pulumi.yaml`, from `start` upward. Raises `SettingsError`."""
    folder = Path(start).resolve()
    for each in (folder, *folder.parents):
        if any((each / name).is_file() for name in PROJECT_FILES):
            return each
    problem = "there is no Pulumi.yaml here or in any folder above; run this in the folder of the Pulumi project"
    raise SettingsError([Problem(str(folder), "", None, problem)])


def stack_file_path(project: Path, stack: str) -> Path:
    """Where a stack's settings are: beside `Pulumi.yaml`, in the file that exists or else in `Pulumi.<stack>.yaml`.

    Raises `SettingsError` for what is no name of a stack.
    """
    try:
        stack = stack_name(stack)
    except CheckError as error:
        raise SettingsError([Problem("--stack", "", None, str(error))]) from error
    usual = project / f"Pulumi.{stack}.yaml"
    other = usual.with_suffix(".yml")
    return other if other.is_file() and not usual.is_file() else usual


def stacks_of(project: Path) -> tuple[str, ...]:
    """The stacks that have a file in the folder of a project."""
    return tuple(sorted({path.stem.removeprefix("Pulumi.") for path in project.glob("Pulumi.?*.y*ml")}))


class StackFile:
    """One stack file as it was read, or one that does not exist yet. Make it with `read`."""

    def __init__(self, path: Path, *, stack: str, text: str | None) -> None:
        self.path = path
        self.stack = stack
        self.text = text
        """The file's text, line ends included; None if there is no file."""
        root = compose(text or "", source=path.name)
        if twice := written_twice(root, source=path.name):  # Pulumi cannot read such a file either
            raise SettingsError(twice)
        self._root = _mapping(root, source=path.name, what="the file")
        config = dict(_entries(self._root)).get("config")
        self._config = _mapping(config, source=path.name, what="config")

    @classmethod
    def read(cls, path: Path | str) -> "StackFile":
        """The stack file at `path`, which may not exist yet.

        Raises `SettingsError` if the name is not a stack file's, if the file cannot be read, or if it is not YAML.
        """
        path = Path(path)
        name = _FILE_NAME.fullmatch(path.name)
        if name is None:
            allowed = "a name such as Pulumi.prod.yaml"
            raise SettingsError([Problem(path.name, "", None, "is not a stack file's name", allowed=allowed)])
        return cls(path, stack=name["stack"], text=read_text(path) if os.path.lexists(path) else None)

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.text is not None

    @cached_property
    def answers(self) -> Document:
        """What the file says, in the shape of an answers file: plain data that know their lines."""
        document = Document({}, source=self.path.name, labels={HOME_KEY: REGION_KEY})
        for key_node, value_node in self._config.value if self._config else ():
            name = key_text(key_node) or ""
            if (key := unqualified(name)) is None:
                continue
            if key in document:
                line = key_node.start_mark.line + 1
                problem = "is written twice, with and without prefix"
                document.problems.append(Problem(self.path.name, key, None, problem, line=line))
            value = read_value(value_node, document, (key,))
            document.marks[key,] = Mark(self.path.name, key_node.start_mark.line + 1)
            document.put(key, value)
        document.refuse_list_of_sets()
        document.settle_secrets(can_hold=True)
        document.refuse_secrets()
        document.problems += self._foreign_problems
        return document

    def settings(self) -> Settings:
        """The settings in the file. Raises `SettingsError` with every problem."""
        if not self.exists:
            there = stacks_of(self.path.parent)
            others = f" (there is: {', '.join(there)})" if there else ""
            makes = f"{WIZARD[:-1]} --stack {self.stack}` makes it"
            raise SettingsError([Problem(self.path.name, "", None, f"does not exist{others}; {makes}")])
        return Settings.parse(self.answers, stack=self.stack, source=self.path.name)

    def plan_changes(self, settings: Settings) -> "Change":
        """What to change so that the file says `settings`. What it says already, in whatever form, stays as it is.

        Raises `SettingsError` if the file holds keys that do not exist or broken values of others, or if it cannot be
        changed safely.
        """
        if settings.stack != self.stack:
            raise ValueError(f"the settings are those of stack {settings.stack}, the file is {self.path.name}")
        if problems := [*unknown_keys(self.answers), *self._foreign_problems]:
            raise SettingsError(problems)
        changes = self._changes(settings)
        return Change(self.path, old=self.text, new=self._changed(changes, settings) if changes else self.text or "")

    def _changes(self, settings: Settings) -> dict[str, Any]:
        """The new values, by the key as it is written in the file; None where a key is no longer needed."""
        wanted = block(settings)
        written = {unqualified(name): name for name, _ in _entries(self._config)}
        changes: dict[str, Any] = {}
        for key in (HOME_KEY, *KEYS):
            says_it = key in self.answers and _section(key, self.answers[key]) == getattr(settings, _FIELDS[key])
            if not says_it and (key in written or key in wanted):
                changes[written.get(key) or qualified(key)] = wanted.get(key)
        return changes

    def _changed(self, changes: Mapping[str, Any], settings: Settings) -> str:
        """The new text. It says the settings, and everything that is not ours says what it said."""
        try:
            text = with_config(self.text or "", changes)
            after = StackFile(self.path, stack=self.stack, text=text)
            if after.settings() == settings and after._foreign() == self._foreign():
                return text
        except (YAMLError, ValueError, TypeError, RecursionError):  # SettingsError is a ValueError
            pass
        problem = "is written in a way that cannot be changed safely; nothing was changed"
        allowed = "plain `key: value` lines, without anchors"
        raise SettingsError([Problem(self.path.name, "", None, problem, allowed)])

    def _foreign(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is not ours, beside `config` and in it, as YAML sees it."""
        others = {name: _typed(node) for name, node in _entries(self._root) if name != "config"}
        config = {name: _typed(node) for name, node in _entries(self._config) if unqualified(name) not in _FIELDS}
        return others, config

    @cached_property
    def _foreign_problems(self) -> list[Problem]:
        return [
            problem
            for name, node in _entries(self._config)
            if unqualified(name) is None
            for problem in _broken_account_ids(node, (name,), source=self.path.name)
        ]


@dataclass(frozen=True)
class Change:
    """A change to one stack file that has not been written yet. `old` is None if there is no file."""

    path: Path
    old: str | None
    new: str

    @property
    def is_empty(self) -> bool:
        """Whether the file says everything already."""
        return self.old == self.new

    @property
    def diff(self) -> str:
        """The change as unified text, empty if there is none."""
        rows = difflib.unified_diff(
            _rows(self.old or ""),
            _rows(self.new),
            fromfile="/dev/null" if self.old is None else self.path.name,
            tofile=self.path.name,
        )
        return "".join(rows)

    def write(self) -> None:
        """Write the file at once or not at all; an empty change writes nothing. Symbolic links are followed.

        Raises `SettingsError` if the file cannot be written, or if somebody changed it since it was read.
        """
        if not self.is_empty:
            write_atomically(self.path, self.new, expected=self.old)


def block(settings: Settings) -> dict[str, Any]:
    """The settings as plain data, keyed as in an answers file: what a new stack file says.

    Keys that are not always written are left out where they have their default, and so are values nobody chose.
    """
    data: dict[str, Any] = {HOME_KEY: settings.home_region}
    for key in KEYS:
        value = getattr(settings, _FIELDS[key])
        is_default = value is True if isinstance(value, bool) else not value
        if key in ALWAYS_WRITTEN or not is_default:
            data[key] = _plain_value(value)
    data["trail"] = {"mode": settings.trail.mode, **data["trail"]}
    data["remediation"] = {"mode": settings.remediation.mode, **data["remediation"]}
    if not data["alerts"]:
        del data["alerts"]
    return data


_FIELDS: Final[Mapping[str | None, str]] = {
    HOME_KEY: "home_region",
    **{field.alias or name: name for name, field in Settings.model_fields.items() if field.alias in KEYS},
}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Section):
        return _plain_value(value.model_dump(by_alias=True, exclude_unset=True, exclude_none=True))
    if isinstance(value, Mapping):
        return {key: _plain_value(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain_value(each) for each in value]
    return value


def _section(key: str, raw: Any) -> Any:
    """One key's value in the form in which `Settings` keeps it, None if it is not valid."""
    value: Any = read_section(key, raw)
    is_list = isinstance(raw, list) and key != "eventSets"
    return tuple(value.values()) if is_list and value is not None else value


def _rows(text: str) -> list[str]:
    rows = text.splitlines(keepends=True)
    if rows and not rows[-1].endswith(("\n", "\r")):
        rows[-1] += "\n\\ No newline at end of file\n"
    return rows


def _mapping(node: Node | None, *, source: str, what: str) -> MappingNode | None:
    """The mapping, None if nothing is written there."""
    if node is None or (isinstance(node, ScalarNode) and node.tag == f"{TAG}null"):
        return None
    if isinstance(node, MappingNode):
        return node
    line = node.start_mark.line + 1
    raise SettingsError([Problem(source, "", None, f"{what} is not a mapping", "config: {key: value}", line=line)])


def _entries(node: MappingNode | None) -> Iterator[tuple[str, Node]]:
    for key, value in node.value if node is not None else ():
        yield key_text(key) or "", value


def _typed(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {name: _typed(each) for name, each in _entries(node)}
    if isinstance(node, SequenceNode):
        return [_typed(each) for each in node.value]
    # `~` and nothing, `True` and `true` are the same to every reader.
    is_word = node.tag in (f"{TAG}null", f"{TAG}bool")
    return str(node.tag), node.value.lower().removeprefix("~").removeprefix("null") if is_word else node.value


def _broken_account_ids(node: Node, path: KeyPath, *, source: str) -> Iterator[Problem]:
    """Account ids that YAML turns into numbers: Pulumi reads `012345678901` as 1.2345678901e+10."""
    if isinstance(node, MappingNode):
        for name, each in _entries(node):
            yield from _broken_account_ids(each, (*path, name), source=source)
    elif isinstance(node, SequenceNode):
        for index, each in enumerate(node.value):
            yield from _broken_account_ids(each, (*path, index), source=source)
    elif str(node.tag).endswith((":int", ":float")) and _ACCOUNT_ID.fullmatch(node.value):
        is_about_accounts = "account" in "".join(map(str, path)).lower()
        if node.value.startswith("0") or is_about_accounts:
            label = Document({}, source=source).label(path)
            problem = "YAML takes this account id for a number"
            allowed = f'in quotes: "{node.value}"'
            yield Problem(source, label, node.value, problem, allowed, line=node.start_mark.line + 1)
