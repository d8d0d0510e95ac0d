"""Names of the deployment: who has them, and what they become in a pattern."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import filterpattern
from catalog import EVENT_SETS, RenderError
from settings import facts
from settings.checks import available_event_sets
from tests.support.effort import examples

LOG_GROUP = "trail-log-group-1a2b3c4"


def test_every_set_of_the_catalogue_can_be_chosen() -> None:
    """A set that asks for a fact nobody gives would be offered to nobody."""
    assert available_event_sets() == tuple(EVENT_SETS)


def test_no_fact_is_of_no_use() -> None:
    assert {fact for entry in EVENT_SETS.values() for fact in facts.lacking(entry)} == set(facts.FACTS)


NEEDED = {
    "trail-storage": (("bucket",), ()),
    "self-alarms-logs": (("alarms", "log_group"), ()),
    "self-delivery": (("topics",), ()),
    "self-functions": (("functions",), ("function",)),
    "self-state": (("rules", "parameters", "schedules"), ("event rule", "parameter", "schedule")),
    "self-queues": (("queues", "tables"), ("queue", "table")),
    "self-roles": (("roles",), ()),
}


@pytest.mark.parametrize("name", EVENT_SETS)
def test_what_a_set_lacks_and_what_it_misses_without_a_guardian(name: str) -> None:
    lacks, gone = NEEDED.get(name, ((), ()))
    assert facts.lacking(EVENT_SETS[name]) == lacks
    assert facts.absent(EVENT_SETS[name], has_guardian=False) == gone
    assert facts.absent(EVENT_SETS[name], has_guardian=True) == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["watch-trail-1a2b3c4", "watch-iam-5d6e7f8"], ("watch-*",)),
        (["only-one-1a2b3c4"], ("only-one-1a2b3c4",)),
        (["watch-a-1", "watch-b-2", "source-ip-office-3"], ("source-ip-office-3", "watch-*")),
        (["watch-a-1", "watch-b-2", "source-ip-x-3", "source-ip-y-4"], ("source-ip-*", "watch-*")),
        (["prod-trailwarden-watch-a-1", "prod-trailwarden-source-ip-b-2"], ("prod-trailwarden-*",)),
        (["acmetrail-changes", "acmeroot-use"], ("acme*",)),
        (["CloudTrail Changes", "CloudTrail Stops", "Secrets"], ("CloudTrail *", "Secrets")),
        (["9f-watch-a", "12-watch-b"], ("12-watch-b", "9f-watch-a")),
        (["a-one", "a-two"], ("a-one", "a-two")),
        (["same", "same"], ("same",)),
        ([], ()),
    ],
)
def test_beginnings(names: list[str], expected: tuple[str, ...]) -> None:
    assert facts.beginnings(names, longest=255) == expected


def test_what_is_too_long_is_cut() -> None:
    assert facts.beginnings(["x" * 30, "y" * 8], longest=12) == ("x" * 12 + "*", "y" * 8)
    assert facts.beginnings(["x" * 30 + "a", "x" * 30 + "b"], longest=12) == ("x" * 12 + "*",)


_words = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\*'), min_size=1, max_size=12)
_names = st.lists(_words, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from("-_ /").map(lambda j: j.join(parts))
)


@hypothesis_settings(max_examples=examples(50))
@given(st.lists(_names, min_size=1, max_size=5), st.sampled_from(["alarmName", "alarmNames", "muteTargets"]))
def test_every_alarm_is_found_or_nothing_is_deployed(names: list[str], key: str) -> None:
    try:
        pattern = filterpattern.compile(facts.render("self-alarms-logs", {"alarms": names, "log_group": [LOG_GROUP]}))
    except RenderError:
        return  # too long; other tests look at the reasons
    for name in names:
        named = {"alarmName": name, "alarmNames": [name], "muteTargets": {"alarmNames": ["x", name]}}[key]
        event = {"eventSource": "monitoring.amazonaws.com", "eventName": "PutMetricAlarm"}
        assert pattern.matches({**event, "requestParameters": {key: named}}), name
        assert not pattern.matches({**event, "requestParameters": {key: "?"}}) or "?" in names


@given(st.lists(_names, min_size=1, max_size=30), st.integers(4, 30))
def test_beginnings_cover_every_name_and_never_begin_with_nothing(names: list[str], longest: int) -> None:
    found = facts.beginnings(names, longest=longest)
    for name in names:
        assert any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in found)
    assert all(len(each) > facts.SHORTEST_BEGINNING for each in found if each.endswith("*"))


def test_names_of_any_length_of_what_a_stack_makes_by_default_fit() -> None:
    names = [f"watch-{name}-1a2b3c4" for name in EVENT_SETS] + [f"source-ip-{'x' * 60}-1a2b3c4"]
    text = facts.render("self-alarms-logs", {"alarms": names, "log_group": [LOG_GROUP]})
    assert 'alarmName="watch-*"' in text


@pytest.mark.parametrize("length", [20, 60, 90, 300, 512])
def test_a_log_group_of_any_length_is_watched(length: int) -> None:
    group = ("acme-audit/CloudTrail-" + "x" * 500)[:length]
    text = facts.render("self-alarms-logs", {"alarms": ["watch-a-1", "watch-b-2"], "log_group": [group]})
    assert "**" not in text  # what CloudWatch makes of two is not documented
    pattern = filterpattern.compile(text)
    arn = "arn:aws:logs:eu-west-1:111122223333:log-group:"
    calls = {
        "PutRetentionPolicy": {"logGroupName": "@"},
        "PutDataProtectionPolicy": {"logGroupIdentifier": "@"},
        "PutTransformer": {"logGroupIdentifier": f"{arn}@"},
        "DisassociateKmsKey": {"resourceIdentifier": f"{arn}@:*"},
    }
    for call, parameters in calls.items():
        for name, is_ours in ((group, True), ("/aws/lambda/shop", False)):
            asked = {key: value.replace("@", name) for key, value in parameters.items()}
            event = {"eventSource": "logs.amazonaws.com", "eventName": call, "requestParameters": asked}
            assert pattern.matches(event) is is_ours, (call, name)


def test_names_that_begin_in_too_many_ways_are_refused_with_the_remedy() -> None:
    names = [f"{number:04x}-watch" for number in range(20)]
    with pytest.raises(RenderError, match=r"would be \d+ characters long .* alerts\.alarmPrefix of 4 characters"):
        facts.render("self-alarms-logs", {"alarms": names, "log_group": [LOG_GROUP]})


@pytest.mark.parametrize("name", NEEDED)
def test_nothing_is_ever_watched_in_silence(name: str) -> None:
    """Without any name there is no pattern, and not one that matches nothing, or everything."""
    with pytest.raises(RenderError):
        facts.render(name, {})


@pytest.mark.parametrize("odd", ['"', "\\", "*"])
def test_a_name_that_would_change_the_pattern_is_refused(odd: str) -> None:
    with pytest.raises(RenderError, match=re.escape(f"which holds {odd}")):
        facts.beginnings([f"watch{odd}a", "watch-b"], longest=255)


@pytest.mark.parametrize("name", NEEDED)
def test_examples_make_the_text_of_the_catalogue(name: str) -> None:
    entry = EVENT_SETS[name]
    assert entry.render(**facts.examples(entry)) == entry.pattern
