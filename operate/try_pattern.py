"""`trailwarden test-pattern`: how many of some events a filter pattern matches, and which; by our word or by AWS's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import filterpattern
from account import Access
from catalog import EVENT_SETS
from catalog.tables import suggestion
from exits import Exit
from filterpattern import Pattern, PatternError
from operate.console import note, refuse, say
from operate.describe import line_of
from operate.event_text import EventsError, Readable
from operate.events import STANDARD_INPUT, Event, read_events
from operate.live import Asked, LiveError, ask_aws, batches, logs_client

SHOWN_DISAGREEMENTS = 20


@dataclass
class Tally:
    """What was counted while the events went by."""

    events: int = 0
    matched: int = 0
    strange: int = 0
    """Those that are not CloudTrail's: a pattern for its records cannot match them."""
    asked: int = 0
    """Events that AWS was asked about."""
    disagreements: list[Asked] = field(default_factory=list)

    def count(self, event: Event) -> None:
        """One more event."""
        self.events += 1
        self.strange += event.record is None or "eventName" not in event.record


def try_pattern(
    arguments: Sequence[str],
    *,
    set_name: str | None = None,
    as_json: bool = False,
    live: Access | None = None,
    stdin: Readable | None = None,
) -> int:
    """Run one pattern over events and say which match.

    `arguments` are the pattern and then files, folders or `-` (standard input); with `set_name` the pattern is that of
    an event set and all arguments are events. No events named means standard input. `live` is where AWS's
    TestMetricFilter is asked as well. Returns the exit code: 0 matched, 1 none matched or AWS disagrees, 2 bad pattern
    or input.
    """
    sources = list(arguments)
    if set_name is not None:
        if set_name not in EVENT_SETS:
            return refuse(f"there is no event set {set_name!r}{suggestion(set_name, EVENT_SETS)}")
        text = EVENT_SETS[set_name].pattern
        if EVENT_SETS[set_name].parameters:
            values = json.dumps(dict(EVENT_SETS[set_name].parameters))
            note(f"{set_name} is a template; its pattern is tried with example values: {values}")
    elif sources:
        text = sources.pop(0)
    else:
        return refuse("give a pattern, or --set NAME, and then files, folders or - for standard input")
    try:
        pattern = filterpattern.compile(text)
    except PatternError as error:
        return refuse(f"{error}")
    if not sources and stdin is None and sys.stdin.isatty():
        return refuse("name files or folders with events, or pipe events in")
    for finding in _findings(pattern):
        note(f"{finding}\n")
    events = read_events(sources or [STANDARD_INPUT], stdin=stdin or sys.stdin.buffer)
    return _run(pattern, events, set_name=set_name, as_json=as_json, live=live)


def _findings(pattern: Pattern) -> list[filterpattern.Finding]:
    """What is doubtful about a pattern. The texts that auditors compare are left in peace."""
    audited = {name: event_set.pattern for name, event_set in EVENT_SETS.items() if event_set.controls}
    return filterpattern.lint(pattern.text, auditors=audited)


def _run(pattern: Pattern, events: Iterator[Event], *, set_name: str | None, as_json: bool, live: Access | None) -> int:
    tally = Tally()
    matches = _matching(pattern, events, tally, live=live)
    try:
        # The first event is looked at before anything is written: most problems show there.
        first = next(matches, None)
        writer = _write_json if as_json else _write_lines
        writer(
            pattern, chain(() if first is None else (first,), matches), tally, set_name=set_name, live=live is not None
        )
    except (EventsError, LiveError) as error:
        return refuse(str(error))
    if not tally.events:
        return refuse("there is no event in what was read")
    if tally.strange and not tally.matched and _is_json(pattern):
        note(f"{tally.strange} of {tally.events} are no CloudTrail records: they have no eventName")
    return Exit.FOUND if tally.disagreements or not tally.matched else Exit.OK


def _matching(pattern: Pattern, events: Iterable[Event], tally: Tally, *, live: Access | None) -> Iterator[Event]:
    """The events that match, counting as they go by."""
    if live is None:
        for event in events:
            tally.count(event)
            if _matches(pattern, event):
                tally.matched += 1
                yield event
        return
    client = logs_client(live)
    for batch in batches(events):
        ours = [_matches(pattern, event) for event in batch]
        theirs = ask_aws(client, pattern.text, [event.text for event in batch])
        for event, mine, aws in zip(batch, ours, theirs, strict=True):
            tally.count(event)
            tally.asked += aws is not None
            if aws is not None and aws is not mine:
                tally.disagreements.append(Asked(event, ours=mine, aws=aws))
            if mine:
                tally.matched += 1
                yield event


def _matches(pattern: Pattern, event: Event) -> bool:
    # Other forms than JSON look at the text, so an event that was parsed is written out again for them.
    if event.record is None or not _is_json(pattern):
        return pattern.matches(event.text)
    return pattern.matches(event.record)


def _is_json(pattern: Pattern) -> bool:
    return pattern.text.lstrip().startswith("{")


def _write_lines(pattern: Pattern, matches: Iterable[Event], tally: Tally, *, set_name: str | None, live: bool) -> None:
    del pattern, set_name  # the person has just typed them
    for event in matches:
        say(line_of(event))
    if tally.events:
        say(f"{tally.matched} of {tally.events} events match")
    if live:
        say(f"AWS was asked about {tally.asked} of them and disagrees on {len(tally.disagreements)}")
        for asked in tally.disagreements[:SHOWN_DISAGREEMENTS]:
            say(f"  AWS says {_word(asked.aws)}, trailwarden {_word(asked.ours)}: {line_of(asked.event)}")


def _word(matches: bool) -> str:
    return "match" if matches else "no match"


def _write_json(pattern: Pattern, matches: Iterable[Event], tally: Tally, *, set_name: str | None, live: bool) -> None:
    """One document, written as the events go by: the counts come last, because only then they are known."""
    out = sys.stdout
    out.write(f'{{"pattern": {json.dumps(pattern.text)}, "set": {json.dumps(set_name)}, "matches": [')
    tail: dict[str, Any] = {"error": None}
    try:
        for count, event in enumerate(matches):
            item = {"source": event.source, "number": event.number, "event": event.record or event.text}
            out.write(("," if count else "") + "\n" + json.dumps(item))
    except (EventsError, LiveError) as error:
        tail["error"] = str(error)
        raise
    finally:
        tail |= {"events": tally.events, "matched": tally.matched}
        tail["findings"] = [
            {"code": f.code, "severity": f.severity, "start": f.start, "end": f.end, "why": f.why, "fix": f.fix}
            for f in _findings(pattern)
        ]
        if live:
            tail["live"] = {
                "asked": tally.asked,
                "disagreements": [
                    {"source": a.event.source, "number": a.event.number, "aws": a.aws, "trailwarden": a.ours}
                    for a in tally.disagreements
                ],
            }
        out.write("\n], " + json.dumps(tail)[1:] + "\n")
