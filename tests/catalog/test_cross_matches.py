"""Every sample against every pattern: what matches beyond its own set is known, reviewed and explained."""

import json
from pathlib import Path

import filterpattern
from catalog import EVENT_SETS

PINNED = json.loads((Path(__file__).parents[1] / "data/catalog/cross_matches.json").read_text(encoding="utf-8"))[
    "pairs"
]


Found = set[tuple[str, str, str]]
"""(set, other set, sample of the first that the other's pattern matches too)."""


def observed() -> Found:
    patterns = {name: filterpattern.compile(event_set.pattern) for name, event_set in EVENT_SETS.items()}
    return {
        (name, other, sample.why)
        for name, event_set in EVENT_SETS.items()
        for sample, event in [(sample, sample.event) for sample in event_set.samples]
        for other, pattern in patterns.items()
        if other != name and pattern.matches(event)
    }


def pinned() -> Found:
    return {
        (name, other, why)
        for name, others in PINNED.items()
        for other, pair in others.items()
        for why in pair["samples"]
    }


def test_no_sample_matches_more_than_was_reviewed() -> None:
    """If it is meant, put it into cross_matches.json with its reason."""
    assert sorted(observed() - pinned()) == []


def test_what_was_reviewed_still_matches() -> None:
    """If it was meant to stop, take it out of cross_matches.json."""
    assert sorted(pinned() - observed()) == []


def test_every_pair_is_explained() -> None:
    bare = [(name, other) for name, others in PINNED.items() for other, pair in others.items() if len(pair["why"]) < 20]
    assert bare == []
