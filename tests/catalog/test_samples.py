"""Every sample event does what its set says, and every pattern is exercised in full."""

import fnmatch
import re

import pytest

import filterpattern
from catalog import EVENT_SETS, EventSet, Noise, Sample

SETS = [pytest.param(event_set, id=name) for name, event_set in EVENT_SETS.items()]
SAMPLES = [
    pytest.param(event_set, sample, id=f"{name}: {sample.why}")
    for name, event_set in EVENT_SETS.items()
    for sample in event_set.samples
]
ALL_NOISE = [(n, e, noise) for n, e in EVENT_SETS.items() for noise in e.noise if noise.example]
NOISE = [pytest.param(event_set, noise, id=f"{name}: {noise.what}") for name, event_set, noise in ALL_NOISE]
SUPPRESSED = [
    pytest.param(event_set, noise, id=f"{name}: {noise.what}")
    for name, event_set, noise in ALL_NOISE
    if noise.suppression
]
EVENT_NAME = re.compile(r'\$\.eventName\s*=\s*"?([A-Za-z0-9*]+)"?')


@pytest.mark.parametrize(("event_set", "sample"), SAMPLES)
def test_samples(event_set: EventSet, sample: Sample) -> None:
    assert filterpattern.compile(event_set.pattern).matches(sample.event) is sample.matches


@pytest.mark.parametrize("event_set", SETS)
def test_every_event_name_of_a_pattern_has_a_positive_sample(event_set: EventSet) -> None:
    seen = {sample.event["eventName"] for sample in event_set.samples if sample.matches}
    missing = [name for name in EVENT_NAME.findall(event_set.pattern) if not fnmatch.filter(seen, name)]
    assert missing == []


@pytest.mark.parametrize("event_set", SETS)
def test_every_positive_sample_of_a_list_of_names_is_named_in_it(event_set: EventSet) -> None:
    """Guards the test above: a name that the expression does not find would never be missed."""
    named = EVENT_NAME.findall(event_set.pattern)
    unnamed = [
        sample.why
        for sample in event_set.samples
        if sample.matches and named and not any(fnmatch.fnmatchcase(sample.event["eventName"], name) for name in named)
    ]
    assert unnamed == []


@pytest.mark.parametrize(("event_set", "noise"), NOISE)
def test_noise_really_raises_the_alarm(event_set: EventSet, noise: Noise) -> None:
    assert noise.example
    assert filterpattern.compile(event_set.pattern).matches(noise.example.event)


@pytest.mark.parametrize(("event_set", "noise"), SUPPRESSED)
def test_a_suppression_hides_its_noise_and_none_of_the_samples_that_matter(event_set: EventSet, noise: Noise) -> None:
    assert noise.suppression
    assert noise.example
    suppression = filterpattern.compile(noise.suppression)
    assert suppression.matches(noise.example.event)
    assert [s.why for s in event_set.samples if s.matches and suppression.matches(s.event)] == []


def test_suppressions_are_bound_to_an_identity() -> None:
    """The user agent and the source address are chosen by the caller; who called is not."""
    suppressions = [(name, noise.suppression) for name, _, noise in ALL_NOISE if noise.suppression]
    assert suppressions
    assert [s for s in suppressions if "$.userIdentity." not in s[1] or "$.userAgent" in s[1]] == []


def test_no_suppression_hides_a_critical_event_of_another_set_by_the_same_caller() -> None:
    """Suppressions are not tied to the set they were written for, and a role can be taken over."""
    critical = [
        (event_set.name, filterpattern.compile(event_set.pattern), sample.why, sample.event)
        for event_set in EVENT_SETS.values()
        if event_set.severity == "critical"
        for sample in event_set.samples
        if sample.matches
    ]
    hidden = []
    for owner, _, noise in ALL_NOISE:
        caller = noise.example.event["userIdentity"] if noise.example else {}
        # What only AWS itself can assume (a service-linked role) cannot be taken over.
        if not noise.suppression or "invokedBy" in caller:
            continue
        suppression = filterpattern.compile(noise.suppression)
        for name, pattern, why, event in critical:
            done_by_caller = {**event, "userIdentity": caller}
            if name != owner and pattern.matches(done_by_caller) and suppression.matches(done_by_caller):
                hidden.append(f"{owner}: {noise.suppression} hides {name}: {why}")
    assert hidden == []


def test_each_look_at_a_sample_gives_a_copy_of_its_own() -> None:
    sample = EVENT_SETS["trail-changes"].samples[0]
    first = sample.event
    first["requestParameters"]["name"] = "spoilt"
    assert sample.event["requestParameters"]["name"] == "trailwarden-prod"


def test_every_event_of_the_catalogue_has_an_id_of_its_own() -> None:
    events = [
        sample.event["eventID"]
        for event_set in EVENT_SETS.values()
        for sample in (*event_set.samples, *(noise.example for noise in event_set.noise if noise.example))
    ]
    assert len(set(events)) == len(events)
