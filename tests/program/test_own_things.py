"""Event sets on our own things: their patterns hold the names that the deployment made, and nobody else's."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

import filterpattern
from catalog import EVENT_SETS
from settings import Settings
from settings.facts import lacking
from tests.support.recorded_program import Recording, run_program
from tests.support.reference_stacks import recorded, wire_config

OWN = tuple(name for name, entry in EVENT_SETS.items() if lacking(entry))


def run(
    stack: str = "full", *, sets: Mapping[str, Any] | None = None, changes: Mapping[str, Any] | None = None, **how: Any
) -> Recording:
    event_sets = {"trail-changes": {}, "iam-changes": {}, **{key: {} for key in OWN}} if sets is None else sets
    alerts = json.loads(wire_config(stack).get("trailwarden:alerts", "{}"))
    alerts.pop("mutes", None)  # of sets that are not watched here
    changed = {"alerts": alerts, **(changes or {})}
    return run_program(wire_config(stack, eventSets=event_sets, **changed), stack="own", **how)


def refusal(**how: Any) -> str:
    """Why the deployment stops half-way."""
    with pytest.raises(pulumi.RunError) as caught:
        run(**how)
    return str(caught.value)


@pytest.fixture(scope="module")
def full() -> Recording:
    return run()


def patterns(recording: Recording) -> dict[str, str]:
    """The patterns of our own sets, by set."""
    by_name = {each.name.removeprefix("watch-"): each.inputs["pattern"] for each in recording.of("LogMetricFilter")}
    return {name: by_name[name] for name in OWN if name in by_name}


NAMES: dict[str, dict[str, Any]] = {
    "trail-storage": {"bucket": "trail-bucket-1a2b3c4"},
    "self-alarms-logs": {
        "alarms": ("source-ip-*", "watch-*"),
        "log_group": "trail-log-group-1a2b3c4",
    },
    "self-delivery": {
        "topics": ("signals-1a2b3c4", "alerts-1a2b3c4", "last-resort-1a2b3c4"),
    },
    "self-functions": {"functions": ("guardian-1a2b3c4",)},
    "self-state": {
        "rules": ("guardian-1a2b3c4",),
        "parameters": ("desired-state-1a2b3c4",),
        "schedules": ("guardian-1a2b3c4-sweep",),
    },
    "self-queues": {
        "queues": (
            "last-resort-1a2b3c4",
            "guardian-dead-letters-1a2b3c4",
            "forward-us-east-1-dead-letters-1a2b3c4",
        ),
        "tables": ("ledger-1a2b3c4",),
    },
    "self-roles": {
        "roles": ("trail-delivery-1a2b3c4", "guardian-1a2b3c4", "guardian-sweep-1a2b3c4", "forward-us-east-1-1a2b3c4")
    },
}
"""What the fullest stack makes."""


def test_the_patterns_hold_the_names_that_were_made(full: Recording) -> None:
    assert tuple(NAMES) == OWN
    assert patterns(full) == {name: EVENT_SETS[name].render(**names) for name, names in NAMES.items()}


def test_every_queue_and_schedule_is_watched_whoever_it_belongs_to() -> None:
    """The explainer's, and those that keep what subscribers did not get."""
    explained = run("explained", sets={"self-queues": {}, "self-state": {}}, changes={"subscribers": []})
    for recording, endings in (
        (explained, ("explainer-dead-letters", "explainer-sweep")),
        (recorded("channels"), ("alerts-sqs-e7df5d-dead-letters",)),
    ):
        things = [*recording.of("Queue"), *recording.of("Schedule")]
        assert {each.name for each in things} >= set(endings)
        seen = [filterpattern.compile(pattern) for pattern in patterns(recording).values()]
        for each in things:
            name = each.inputs.get("name") or f"{each.name}-1a2b3c4"
            queue = {"queueUrl": f"https://sqs.eu-west-1.amazonaws.com/111122223333/{name}"}
            event = (
                {"eventSource": "sqs.amazonaws.com", "eventName": "SetQueueAttributes", "requestParameters": queue}
                if each.kind == "Queue"
                else {
                    "eventSource": "scheduler.amazonaws.com",
                    "eventName": "UpdateSchedule",
                    "requestParameters": {"name": name},
                }
            )
            assert any(pattern.matches(event) for pattern in seen), name


def test_the_plan_counts_them(full: Recording) -> None:
    config = {key.removeprefix("trailwarden:"): value for key, value in wire_config("full").items()}
    data = {key: json.loads(value) for key, value in config.items() if value[:1] in "[{" and ":" not in key}
    data |= {"homeRegion": "eu-west-1", "eventSets": ["trail-changes", "iam-changes", *OWN]}
    data["alerts"].pop("mutes", None)
    assert dict(Settings.parse(data, stack="own", source="").plan().resources) == full.custom_types


def test_a_preview_registers_the_same_and_knows_no_pattern(full: Recording) -> None:
    preview = run(preview=True)
    assert preview.identities == full.identities
    assert all(isinstance(pattern, Unknown) for pattern in patterns(preview).values())
    assert len(patterns(preview)) == len(OWN)


def real(text: str, recording: Recording) -> str:
    """A sample with our own names in the place of the catalogue's."""
    exports = recording.exports
    text = text.replace("/guardian-9e0a3b7", "/guardian-dead-letters-1a2b3c4")  # of a queue, by its URL
    for example, ours in {
        "trailwarden-prod-evidence-1f6c2a9": exports["bucketName"],
        "trail-logs-8d2b417": exports["logGroupName"],
        "alerts-6e1f0b3": exports["alertsTopicArn"].rpartition(":")[2],
        "signals-0d4a9c8": exports["signalsTopicArn"].rpartition(":")[2],
        "guardian-2b7c9d0": "guardian-1a2b3c4",
        "guardian-9e0a3b7": "guardian-1a2b3c4-sweep",
        "/trailwarden/prod/desired": "desired-state-1a2b3c4",
        "guardian-4c8e1f5": exports["guardianFunctionName"],
        "last-resort-3d8a5f1": "last-resort-1a2b3c4",
        "forward-us-east-1-dead-letters-6b0c4e2": "forward-us-east-1-dead-letters-1a2b3c4",
        "ledger-8f2c6b0": "ledger-1a2b3c4",
        "guardian-7d9f2a6": "guardian-1a2b3c4",
        "trail-delivery-5c0e9d2": "trail-delivery-1a2b3c4",
    }.items():
        text = text.replace(example, ours)
    alarms = itertools.cycle(exports["alarmNames"].values())
    return re.sub(r"watch-[a-z-]+-[0-9a-f]{7}", lambda _: next(alarms), text)


SAMPLES = [
    pytest.param(name, sample, id=f"{name}: {sample.why}") for name in OWN for sample in EVENT_SETS[name].samples
]


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_samples_with_our_names_are_found_and_others_are_not(full: Recording, name: str, sample: Any) -> None:
    text = json.dumps(sample.event)
    ours = real(text, full)
    assert filterpattern.compile(patterns(full)[name]).matches(ours) is sample.matches
    # Alarms are found by what their names begin with, so a second stack of the account is heard too.
    if ours != text and sample.matches and "monitoring.amazonaws.com" not in text:
        assert not filterpattern.compile(patterns(full)[name]).matches(text), "things of another stack"


AUTONAMING: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "verbatim": (str, ("source-ip-*", "watch-*")),
    "stack in front": ("prod-{}-77".format, ("prod-*",)),
    "project in front": ("trailwarden-prod-{}".format, ("trailwarden-prod-*",)),
    "digits behind": ("{}7f".format, ("source-ip-*", "watch-*")),
}


@pytest.mark.parametrize("scheme", AUTONAMING)
def test_however_pulumi_names_things(scheme: str) -> None:
    autoname, beginnings = AUTONAMING[scheme]
    recording = run(autoname=autoname)
    assert patterns(recording)["self-alarms-logs"] == EVENT_SETS["self-alarms-logs"].render(
        alarms=beginnings, log_group=autoname("trail-log-group")
    )
    assert_each_alarm_is_watched(recording)
    assert f'"*:{autoname("signals")}"' in patterns(recording)["self-delivery"]


def assert_each_alarm_is_watched(recording: Recording) -> None:
    pattern = filterpattern.compile(patterns(recording)["self-alarms-logs"])
    names = {*recording.exports["alarmNames"].values(), *recording.exports.get("healthAlarmNames", {}).values()}
    # The explainer's own alarms are no output.
    explainer = [each for each in recording.of("MetricAlarm") if "explainer" in each.name]
    names |= {each.inputs.get("name") or f"{each.name}-1a2b3c4" for each in explainer}
    assert len(names) == len(recording.of("MetricAlarm")), "the alarm of the set itself among them"
    for name in names:
        event = {"eventSource": "monitoring.amazonaws.com", "eventName": "DeleteAlarms"}
        assert pattern.matches({**event, "requestParameters": {"alarmNames": ["cpu-high", name]}}), name
        assert not pattern.matches({**event, "requestParameters": {"alarmNames": ["cpu-high", f"x{name}"]}}), name


def test_names_that_begin_in_as_many_ways_as_there_are_alarms_stop_the_deployment() -> None:
    """Random text in front: the names are real, but more than a pattern holds."""
    digits = itertools.count(4096)
    text = refusal(sets={name: {} for name in EVENT_SETS}, autoname=lambda name: f"{next(digits):x}-{name}")
    assert re.match(r"eventSets\.self-alarms-logs: the pattern would be \d+ characters long", text)
    assert text.endswith(f"makes all {len(EVENT_SETS) + 3 + 7} alarms begin alike"), (
        "with a custom set, two ranges, health"
    )


def test_names_by_hand() -> None:
    """Some alarms chosen one by one, a topic, and autonaming for the rest."""
    recording = run(
        "named",
        sets={"trail-changes": {"alarmName": "CloudTrail Changes"}, "self-alarms-logs": {}, "self-delivery": {}},
        changes={"alerts": {"topicName": "CloudTrailAlert"}},
    )
    assert_each_alarm_is_watched(recording)
    assert set(recording.exports["alarmNames"].values()) >= {"CloudTrail Changes", "Secrets", "SourceIPAddress"}
    assert '"*:CloudTrailAlert"' in patterns(recording)["self-delivery"]


def test_an_alarm_prefix_is_the_beginning_that_is_watched() -> None:
    recording = run(
        "least", changes={"alerts": {"alarmPrefix": "acme/"}}, sets={"vpc-changes": {}, "self-alarms-logs": {}}
    )
    assert '"acme/*"' in patterns(recording)["self-alarms-logs"]
    assert_each_alarm_is_watched(recording)


def test_the_only_alarm_of_a_stack_watches_itself() -> None:
    recording = run("off", sets={"self-alarms-logs": {}})
    assert '"watch-self-alarms-logs-1a2b3c4"' in patterns(recording)["self-alarms-logs"]
    assert_each_alarm_is_watched(recording)


def test_remediation_off_leaves_what_there_is() -> None:
    sets = ("trail-storage", "self-alarms-logs", "self-delivery", "self-roles")
    found = patterns(run("off", sets={key: {} for key in sets}))
    assert tuple(found) == sets
    assert found["self-roles"] == EVENT_SETS["self-roles"].render(roles=["trail-delivery-1a2b3c4"])
    assert found["self-delivery"] == EVENT_SETS["self-delivery"].render(topics=["signals-1a2b3c4", "alerts-1a2b3c4"])
    assert "guardian" not in json.dumps(found)


@pytest.mark.parametrize("name", ["self-functions", "self-state", "self-queues"])
def test_remediation_off_refuses_what_there_is_not(name: str) -> None:
    with pytest.raises(pulumi.RunError, match=rf"eventSets\.{name}: has nothing to watch: .* remediation\.mode off"):
        run("off", sets={name: {}})


def test_a_name_that_aws_would_not_give_is_refused_in_words() -> None:
    """What is wrong with a name must be told: a filter that nothing matches looks like quiet."""
    odd = lambda name: f'{name}"' if name == "trail-bucket" else name  # noqa: E731
    text = refusal(sets={"trail-storage": {}}, autoname=odd)
    assert text == "eventSets.trail-storage: bucket: 'trail-bucket\"' is not one of the name of the trail's bucket"


def following(recording: Recording) -> Iterator[tuple[str, bool, bool]]:
    """Each watch: whether its alarm comes after its filter, whether its filter comes after its alarm."""
    for alarm in recording.of("MetricAlarm"):
        if alarm.inputs["namespace"].startswith("AWS/"):
            continue
        counted = recording.one("LogMetricFilter", alarm.name)
        yield alarm.name, counted.urn in alarm.depends_on, alarm.urn in counted.depends_on


def test_only_the_alarm_that_is_in_its_own_pattern_is_made_first(full: Recording) -> None:
    for name, is_after, is_before in following(full):
        assert (is_after, is_before) == ((False, True) if name == "watch-self-alarms-logs" else (True, False)), name
    alarms = {each.urn for each in full.of("MetricAlarm")}
    assert full.one("LogMetricFilter", "watch-self-alarms-logs").depends_on >= alarms
