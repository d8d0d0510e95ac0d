"""What somebody wrote, as plain data that still knows where each part stands."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from settings.endpoints import secret_name, set_secret
from settings.keys import HOME_KEY, KEYS, TEXT_KEYS
from settings.problems import CheckError, Problem, SettingsError, nearest, shown

KeyPath = tuple[str | int, ...]

WRITTEN_TWICE: Final = "is written twice"


class _Secret:
    """Stands where a value is encrypted."""

    def __repr__(self) -> str:
        return "a secret"


SECRET: Final = _Secret()


@dataclass(frozen=True)
class Mark:
    """Where a value was written: the file, the line (from 1, None if unknown)."""

    source: str
    line: int | None = None


class Document(dict[str, Any]):
    """Plain data in the shape of an answers file: settings keys without prefix, and `homeRegion`.

    `marks` says where a value was written, by path; `labels` how a key is called in its file (`homeRegion` is
    `aws:region` in a stack file). `problems` are those that only the reader of the file could see. `secrets` are the
    names of the stack's own secrets, whose values nobody reads here.
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
        self.secrets: set[str] = set()

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

    def put(self, key: str, value: Any) -> None:
        """Takes in a key as Pulumi keeps it: lists and mappings may be JSON texts.

        A text that is no JSON stays as it is; the model then says what it should have been.
        """
        self[key] = value
        if not isinstance(value, str) or key in TEXT_KEYS:
            return
        try:
            self[key], twice = from_json(value, source=self.source)
        except SettingsError:
            return
        label, line = self.label((key,)), self.mark((key,)).line
        self.problems += [replace(each, key=f"{label}.{each.key}", line=line) for each in twice]

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

    def settle_secrets(self, *, can_hold: bool) -> None:
        """Takes out the stack's own secrets, and refuses what should have been one.

        A key of ours that is no setting and is encrypted is a secret of the stack; `endpointSecret` of a subscriber
        refers to it by its name. `can_hold`: whether this source may hold secrets; an answers file may not.
        """
        named = {name for _, name in _named_secrets(self.get("subscribers"))}
        for key in [each for each in self if each not in (*KEYS, HOME_KEY)]:
            is_secret = self[key] is SECRET
            if not is_secret and key not in named:
                continue
            self.secrets.add(key)
            del self[key]
            if not (is_secret and can_hold):
                line, where = self.mark((key,)).line, set_secret(key)
                problem = "is a secret, which this file cannot hold" if not can_hold else "is a secret in plain text"
                self.problems.append(Problem(self.source, self.label((key,)), None, problem, where, line=line))

    def require_secrets(self, *, stack: str) -> None:
        """Notes a problem for each `endpointSecret` that names no secret of the stack."""
        for index, name in _named_secrets(self.get("subscribers")):
            if name in self.secrets:
                continue
            path, meant = ("subscribers", index, "endpointSecret"), nearest(name, sorted(self.secrets))
            problem, where = f"the stack has no secret {name}", set_secret(name, stack=stack)
            line = self.mark(path).line
            self.problems.append(Problem(self.source, self.label(path), None, problem, where, meant, line))

    def refuse_list_of_sets(self) -> None:
        """Notes a problem if `eventSets` is a list. Only answers files may be so short: `Pulumi.yaml` says object."""
        sets, path = self.get("eventSets"), ("eventSets",)
        if isinstance(sets, list):
            problem, allowed = "must map names to settings", "a mapping, such as {trail-changes: {}}"
            line = self.mark(path).line
            self.problems.append(Problem(self.source, self.label(path), shown(sets), problem, allowed, line=line))

    def layered(self, over: Mapping[str, Any]) -> "Document":
        """These data with the keys of `over` put on top, each with its own marks."""
        top = over if isinstance(over, Document) else Document(over, source=self.source)
        result = Document({**self, **top}, source=top.source)
        for document, keys in ((self, self.keys() - top.keys()), (top, top.keys())):
            result.marks |= {(key,): Mark(document.source) for key in keys}
            result.marks |= {path: mark for path, mark in document.marks.items() if path and path[0] in keys}
            result.labels |= {key: label for key, label in document.labels.items() if key in keys}
        result.secrets = self.secrets | top.secrets
        hidden = {self.label((key,)) for key in top}
        result.problems = [each for each in self.problems if not _is_within(each.key, hidden)] + top.problems
        return result


def _is_within(key: str, others: Iterable[str]) -> bool:
    return any(key == other or key.startswith((f"{other}.", f"{other}[")) for other in others)


def _named_secrets(subscribers: Any) -> Iterator[tuple[int, str]]:
    """(place, name) of each `endpointSecret` in a list that nobody has validated yet."""
    for index, each in enumerate(subscribers if isinstance(subscribers, list | tuple) else ()):
        if isinstance(each, dict) and isinstance(name := each.get("endpointSecret"), str):
            try:
                yield index, secret_name(name)
            except CheckError:  # the model will say so
                continue


def _holds_secret(value: Any) -> bool:
    match value:
        case dict():
            return any(_holds_secret(each) for each in value.values())
        case list():
            return any(_holds_secret(each) for each in value)
        case _:
            return value is SECRET


def from_json(text: str, *, source: str) -> tuple[Any, list[Problem]]:
    """The data of a JSON text, and a problem for each key that is written twice: of its values the last is taken.

    So the other mistakes in the text can be told with it. Raises `SettingsError`, naming the line, if it is no JSON.
    """
    twice: list[Problem] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.extend(
            Problem(source, name, None, WRITTEN_TWICE)
            for name, times in Counter(name for name, _ in pairs).items()
            if times > 1
        )
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique), twice
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg} in column {error.colno}"
        raise SettingsError([Problem(source, "", None, problem, line=error.lineno)]) from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        problem = "is nested too deeply, or holds a number that is too long"
        raise SettingsError([Problem(source, "", None, problem)]) from error
