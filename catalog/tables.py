"""Reading a table of data strictly: every key typed, every fault collected, nothing ignored."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any


class Table:
    """One table of a TOML file. Each getter takes its key away; `done` complains about what is left.

    `where` is what a person reads before the key, such as `sets/trail-changes.toml: defaults`. Faults go into
    `problems`, shared by all tables of one load, and the getter then answers with a harmless value.
    """

    def __init__(self, data: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self._left = dict(data)
        self._known: list[str] = []
        self.where = where
        self.problems = problems

    def complain(self, key: str, problem: str) -> None:
        """Add a fault of one key."""
        self.problems.append(f"{self.where}: {key}: {problem}" if key else f"{self.where}: {problem}")

    def __contains__(self, key: object) -> bool:
        return key in self._left

    def _take(self, key: str, kind: type, kind_name: str, default: Any) -> tuple[Any, bool]:
        """The value of a key, and whether the file gave it (and not the default, or an empty value after a fault)."""
        self._known.append(key)
        instead = kind() if default is None else default
        if key not in self._left:
            if default is None:
                self.complain(key, "missing")
            return instead, False
        value = self._left.pop(key)
        # A TOML boolean is a Python int too.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complain(key, f"must be {kind_name}, is {value!r}")
            return instead, False
        return value, True

    def text(self, key: str, *, default: str | None = None, longest: int = 1024) -> str:
        """A text of one line. Required unless it has a default."""
        value, given = self._take(key, str, "a text", default)
        if given and not value.strip():
            self.complain(key, "must not be empty")
        elif given and len(value) > longest:
            self.complain(key, f"is {len(value)} characters long; {longest} are allowed")
        elif given and ("\n" in value or value != value.strip()):
            self.complain(key, "must be one line without blanks around it")
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        return self._take(key, bool, "true or false", default)[0]

    def number(self, key: str, *, default: int, allowed: range) -> int:
        """A whole number within a range (its step counts)."""
        value, given = self._take(key, int, "a whole number", default)
        if given and value not in allowed:
            step = f", in steps of {allowed.step}" if allowed.step != 1 else ""
            self.complain(key, f"must be from {allowed.start} to {allowed[-1]}{step}, is {value}")
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """One of some words."""
        words = tuple(allowed)
        value, given = self._take(key, str, f"one of {', '.join(words)}", None)
        if given and value not in words:
            self.complain(key, f"must be one of {', '.join(words)}; is {value!r}{suggestion(value, words)}")
        return value

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, each of them once, none of them empty."""
        value, _ = self._take(key, list, "a list of texts", None if default is None else list(default))
        if not all(isinstance(item, str) and item for item in value):
            self.complain(key, f"must be a list of texts, is {value!r}")
            return ()
        if len(set(value)) != len(value):
            self.complain(key, "says something twice")
        return tuple(value)

    def table(self, key: str, *, required: bool = False) -> Table:
        """A table inside this one; an empty one if it is missing and may be."""
        value, _ = self._take(key, dict, "a table", None if required else {})
        return Table(value, f"{self.where}: {key}", self.problems)

    def tables(self, key: str) -> list[Table]:
        """A list of tables, counted from 1 in messages; empty if the key is missing."""
        value, _ = self._take(key, list, "a list of tables", [])
        if not all(isinstance(item, dict) for item in value):
            self.complain(key, "must be a list of tables")
            return []
        return [Table(item, f"{self.where}: {key} {n}", self.problems) for n, item in enumerate(value, start=1)]

    def free(self, key: str) -> dict[str, Any]:
        """A table whose keys are not ours to know."""
        return dict(self._take(key, dict, "a table", {})[0])

    def raw(self, key: str) -> Any:
        """A value whose type the caller checks; None if it is missing."""
        self._known.append(key)
        return self._left.pop(key, None)

    def keys(self) -> list[str]:
        """The keys that nobody has taken yet."""
        return list(self._left)

    def done(self) -> None:
        """Complain about keys that nobody asked for."""
        for key in self._left:
            self.complain(key, f"no such key{suggestion(key, self._known)}; known here: {', '.join(self._known)}")
        self._left = {}


def suggestion(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing if no word is near."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""Names of event sets and records."""
