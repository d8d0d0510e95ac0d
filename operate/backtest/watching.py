"""What the events are held against: patterns by the name of their watch, and a range of time. It travels to workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import filterpattern
from operate.events import to_text

ALWAYS = ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


@dataclass(frozen=True)
class Watching:
    """Patterns, and the range of `eventTime`: from `first`, before `last`, both as CloudTrail writes times."""

    patterns: Mapping[str, str]
    first: str = ALWAYS[0]
    last: str = ALWAYS[1]

    @cached_property
    def matches(self) -> Callable[[dict[str, Any]], frozenset[str]]:
        """The names of the JSON patterns that match a record."""
        return filterpattern.compile_all(self._of_form(is_json=True)).matches

    @cached_property
    def text_matches(self) -> Callable[[dict[str, Any], str | None], frozenset[str]] | None:
        """The names of the other patterns that match a record, or its `line` where it had one; None without any."""
        on_text = self._of_form(is_json=False)
        if not on_text:
            return None
        of_text = filterpattern.compile_all(on_text).matches
        return lambda record, line: of_text(to_text(record) if line is None else line)

    def _of_form(self, *, is_json: bool) -> dict[str, str]:
        return {name: text for name, text in self.patterns.items() if text.lstrip().startswith("{") is is_json}

    def __getstate__(self) -> tuple[dict[str, str], str, str]:
        return dict(self.patterns), self.first, self.last  # what is compiled stays at home

    def __setstate__(self, state: tuple[dict[str, str], str, str]) -> None:
        for name, value in zip(("patterns", "first", "last"), state, strict=True):
            object.__setattr__(self, name, value)
