"""Whether a regex of the subset is found in a text, in time linear in the text whatever the two are.

Without groups a regex is a handful of straight lines of characters, some optional and some repeated. All the places the
match may have reached are the bits of one whole number, and one character moves them all at once (the extended
Shift-And of Navarro and Raffinot). Each set of places that turns up is kept as a state with its moves, so a text mostly
walks through dictionaries. `re` is not used: it backtracks, and patterns and messages are both foreign input.
"""

from __future__ import annotations

from filterpattern._regex_syntax import OTHER, Branch

_MAX_MOVES = 10_000
"""Moves remembered by one matcher, some hundred bytes each. When they are full, it forgets them and goes on."""


class _State(dict[str, "_State"]):
    """A set of places reached, with the state that each character leads to; unknown moves are worked out on demand."""

    __slots__ = ("_matcher", "at_end", "places")

    def __init__(self, matcher: Matcher, places: int, at_end: bool) -> None:
        super().__init__()
        self._matcher, self.places, self.at_end = matcher, places, at_end

    def __missing__(self, char: str) -> _State:
        return self._matcher.move(self, char)


class Matcher:
    """A compiled regex. `search` may be called from several threads: states are only ever added."""

    def __init__(self, branches: tuple[Branch, ...]) -> None:
        # A place is "about to match this item". Every branch ends in one more place that no character matches.
        self._chunks: list[tuple[int, int]] = []  # characters accepted, and the places that accept them
        self._optional = self._repeated = 0
        self._found = self._found_at_end = 0
        first = later = 0
        size = 0
        for at_start, items, at_end in branches:
            first |= 1 << size
            later |= 0 if at_start else 1 << size
            for chars, low, high in items:
                size = self._lay_out(chars, low, high, size)
            if at_end:
                self._found_at_end |= 1 << size
            else:
                self._found |= 1 << size
            size += 1
        self._again = self._skip_optional(later)
        self._accepting: dict[int, int] = {}
        self._hit = _State(self, -1, at_end=True)
        self._miss = _State(self, 0, at_end=False)
        self._states: dict[int, _State] = {}
        self._moves = 0
        self._first_places = self._skip_optional(first)

    def _lay_out(self, chars: int, low: int, high: int | None, size: int) -> int:
        """Give one repeated item its places and return the next free one."""
        count = max(low, 1) if high is None else high
        if not count:
            return size
        self._chunks.append((chars, ((1 << count) - 1) << size))
        if high is None:
            self._repeated |= 1 << (size + count - 1)
        for place in range(low, count):
            self._optional |= 1 << (size + place)
        return size + count

    def _skip_optional(self, places: int) -> int:
        # Within a run of optional places, the carry of the addition turns over every bit from the lowest one set up to
        # the first place after the run: exactly those that can be reached by skipping.
        optional = self._optional
        return places | ((optional + (places & optional)) ^ optional)

    def _accepted_by(self, char: str) -> int:
        code = min(ord(char), OTHER)
        places = self._accepting.get(code)
        if places is None:
            places = 0
            for chars, chunk in self._chunks:
                if chars >> code & 1:
                    places |= chunk
            self._accepting[code] = places
        return places

    def move(self, state: _State, char: str) -> _State:
        """The state after one more character, remembered for next time."""
        matched = state.places & self._accepted_by(char)
        after = self._skip_optional((matched << 1) | (matched & self._repeated)) | self._again
        following = self._state(after)
        if char < "\x80":  # all others would fill the memory, one by one
            state[char] = following
            self._moves += 1
        return following

    def _state(self, places: int) -> _State:
        if places & self._found:
            return self._hit
        if not places:
            return self._miss
        known = self._states.get(places)
        if known is None:
            if self._moves > _MAX_MOVES:
                self._states, self._moves = {}, 0
            known = self._states[places] = _State(self, places, at_end=bool(places & self._found_at_end))
        return known

    def search(self, text: str) -> bool:
        """Whether the regex matches anywhere in the text."""
        state, hit, miss = self._state(self._first_places), self._hit, self._miss
        if state is hit:
            return True
        for char in text:
            state = state[char]
            if state is hit:
                return True
            if state is miss:
                return False
        return state.at_end
