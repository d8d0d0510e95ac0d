"""Many patterns, one event: a pattern is evaluated only where the event could fit it at all.

Most patterns name the values that one field must have (`eventName`, `eventSource`, …). A set files each pattern under
those values, looks the event's own value up, and evaluates what is filed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from filterpattern._errors import PatternError
from filterpattern._evaluate import Predicate
from filterpattern._known_fields import ALWAYS_THERE
from filterpattern._literals import text_of_node
from filterpattern._message import as_text, parse_event
from filterpattern._pattern import Pattern, parse
from filterpattern._required import ANY_TEXT, required_texts
from filterpattern._tree import Selector
from filterpattern._walk import Event, getter

_Filed = tuple[str, Predicate]
_NONE: frozenset[str] = frozenset()


class PatternSet:
    """Compiled patterns by name; `compile_all` makes it. `matches` answers as asking each of them would."""

    def __init__(self, patterns: Mapping[str, Pattern]) -> None:
        self.patterns: Mapping[str, Pattern] = MappingProxyType(dict(patterns))
        self._on_text: list[tuple[str, Pattern]] = []
        self._always: list[_Filed] = []
        indices: dict[Selector, _Index] = {}
        for name, pattern in self.patterns.items():
            fits_event = pattern.fits_event
            if fits_event is None:
                self._on_text.append((name, pattern))
                continue
            place = _place(pattern)
            if place is None:
                self._always.append((name, fits_event))
            else:
                indices.setdefault(place[0], _Index(place[0])).file(place[1], (name, fits_event))
        # Most indices are on a field at the top, which needs no function to be found.
        self._top = [(str(i.path[0]), i.by_text, i.any_text) for i in indices.values() if len(i.path) == 1]
        self._deep = [(getter(i.path), i.by_text, i.any_text) for i in indices.values() if len(i.path) > 1]

    def matches(self, message: str | bytes | Mapping[str, object]) -> frozenset[str]:
        """The names of the patterns that match a message. TypeError where `Pattern.matches` of one would raise it."""
        if isinstance(message, (str, bytes)):
            return self._match_text(message)
        # Asking an abstract class takes as long as a pattern does; almost every event is a plain dict.
        if type(message) is not dict and not isinstance(message, Mapping):
            raise TypeError(f"a message is text, bytes or a parsed event, not {type(message).__name__}")
        if self._on_text:
            name, pattern = self._on_text[0]
            raise TypeError(f"a parsed event needs JSON patterns; {name} is {pattern.text!r}")
        return self._match_event(message)

    def _match_text(self, message: str | bytes) -> frozenset[str]:
        text = as_text(message)
        if text is None:
            return frozenset()
        found = frozenset(name for name, pattern in self._on_text if pattern.matches(text))
        event = parse_event(text) if len(self._on_text) < len(self.patterns) else None
        return found if event is None else found | self._match_event(event)

    def _match_event(self, event: Event) -> frozenset[str]:
        found: list[str] = []
        for name, fits in self._always:
            if fits(event):
                found.append(name)
        for key, by_text, any_text in self._top:
            node = event.get(key)
            text = node if type(node) is str else text_of_node(node)
            if text is not None:
                for name, fits in by_text.get(text, any_text):
                    if fits(event):
                        found.append(name)
        for find, by_text, any_text in self._deep:
            text = text_of_node(find(event))
            if text is not None:
                for name, fits in by_text.get(text, any_text):
                    if fits(event):
                        found.append(name)
        return frozenset(found) if found else _NONE


class _Index:
    """The patterns that need one field to be a text, by that text."""

    def __init__(self, selector: Selector) -> None:
        self.path = selector.path
        self.by_text: dict[str, tuple[_Filed, ...]] = {}
        self.any_text: tuple[_Filed, ...] = ()

    def file(self, texts: frozenset[str] | None, filed: _Filed) -> None:
        """Add a pattern under some texts, or under all (None). Those for all are in every list, so one look-up does."""
        if texts is None:
            self.any_text += (filed,)
            self.by_text = {text: (*others, filed) for text, others in self.by_text.items()}
            return
        for text in texts:
            self.by_text[text] = (*self.by_text.get(text, self.any_text), filed)


def _place(pattern: Pattern) -> tuple[Selector, frozenset[str] | None] | None:
    """The field to file a pattern under, with the texts it must have (None: any); nothing if no field rules it out."""
    best: tuple[tuple[int, int], Selector, frozenset[str] | None] | None = None
    for selector in dict.fromkeys(pattern.selectors):
        texts = required_texts(pattern.tree, selector)
        # That a field which is always there must be a text rules nothing out.
        if texts is None or (texts is ANY_TEXT and selector.path in ALWAYS_THERE):
            continue
        if isinstance(texts, frozenset):
            # Event names tell events apart best; else the field with the fewest values.
            rank = (0, 0 if selector.path == ("eventName",) else 1 + len(texts))
            candidate = (rank, selector, texts)
        else:
            candidate = ((1, 0), selector, None)
        if best is None or candidate[0] < best[0]:
            best = candidate
    return best and best[1:]


def compile_all(patterns: Mapping[str, str]) -> PatternSet:
    """Read many patterns, by name. Raises PatternError for the first that is wrong, its name before the problem."""
    compiled: dict[str, Pattern] = {}
    for name, text in patterns.items():
        try:
            compiled[name] = Pattern(text, parse(text))
        except PatternError as error:
            raise PatternError(
                f"{name}: {error.problem}",
                text=error.text,
                position=error.position,
                fix=error.fix,
                code=error.code,
                end=error.end,
            ) from error
    return PatternSet(compiled)
