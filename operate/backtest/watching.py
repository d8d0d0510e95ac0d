"""What the events are held against: patterns by the name of their watch, and a range of time. It travels to workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import filterpattern
from operate.event_text import to_text

ALWAYS = ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


@dataclass(frozen=True)
class Watching:
    """Patterns, and the range of `eventTime`: from `first`, before `last`, both as CloudTrail writes times."""

    patterns: Mapping[str, str]
    suppressions: Mapping[str, str] = field(default_factory=dict)
    """Patterns of what people know to be harmless."""
    loud: frozenset[str] = frozenset()
    """The watches whose events cannot be suppressed."""
    slot: int = 5
    """Minutes in which the calls of each address are counted together."""
    first: str = ALWAYS[0]
    last: str = ALWAYS[1]

    @cached_property
    def matches(self) -> Callable[[dict[str, Any]], frozenset[str]]:
        """The names of the JSON patterns that match a record."""
        return filterpattern.compile_all(self._of_form(is_json=True)).matches

    @cached_property
    def is_known(self) -> Callable[[dict[str, Any], str | None, frozenset[str]], bool] | None:
        """Whether a record that these watches match is suppressed, as the explainer decides; None if nothing can be."""
        if not self.suppressions:
            return None
        known = Watching(self.suppressions)
        matches, text_matches, loud = known.matches, known.text_matches, self.loud

        def is_known(record: dict[str, Any], line: str | None, names: frozenset[str]) -> bool:
            if names & loud:
                return False
            return bool(matches(record)) or bool(text_matches and text_matches(record, line))

        return is_known

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

    def __getstate__(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}  # what is compiled stays at home

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
