"""Every sample against every pattern: what matches beyond its own set is known, reviewed and explained."""

import json
from collections import defaultdict
from pathlib import Path

import filterpattern
from catalog import EVENT_SETS

PINNED = json.loads((Path(__file__).parents[1] / "data/catalog/cross_matches.json").read_text(encoding="utf-8"))[
    "pairs"
]


def observed() -> dict[str, dict[str, list[str]]]:
    """Set → other set → samples of the first that the other's pattern matches too."""
    patterns = {name: filterpattern.compile(event_set.pattern) for name, event_set in EVENT_SETS.items()}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, event_set in EVENT_SETS.items():
        for sample in event_set.samples:
            event = sample.event
            for other, pattern in patterns.items():
                if other != name and pattern.matches(event):
                    found[name][other].append(sample.why)
    return {name: dict(others) for name, others in found.items()}


def test_no_sample_matches_more_than_was_reviewed() -> None:
    """On a difference: look at each pair, and if it is meant, put it into cross_matches.json with its reason."""
    pinned = {
        name: {other: sorted(pair["samples"]) for other, pair in others.items()} for name, others in PINNED.items()
    }
    found = {name: {other: sorted(samples) for other, samples in others.items()} for name, others in observed().items()}
    assert found == pinned


def test_every_pair_is_explained() -> None:
    bare = [(name, other) for name, others in PINNED.items() for other, pair in others.items() if len(pair["why"]) < 20]
    assert bare == []
