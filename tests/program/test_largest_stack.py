"""The largest stack there can be fits into AWS: every region, every event set, all that a stack file can ask for."""

import dataclasses
import functools
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from guardian.inventory.document import Inventory, read

from catalog import EVENT_SETS
from components._inspection_policies import Deployed, inspection
from components.inventory import MOST_BYTES, PLAIN_BYTES, attributes
from settings import aws_sizes, room_rules
from settings.limits import MAX_PARAMETER, MAX_STACK_NAME
from settings.regions import REGIONS
from settings.trail_checks import DATA_TYPES
from tests.support.fake_table import FakeTable
from tests.support.guardian_world import Hands
from tests.support.policy_sizes import KEY_ID, inline_policies
from tests.support.recorded_program import Recording, Registration, run_program
from tests.support.reference_stacks import wire_config

HOME = "ap-southeast-2"  # no region has a longer name than the longest of its partition
SUFFIX = "-1a2b3c4"
EVERYWHERE = "multi-region"
# Room for what a later version adds: nobody may learn of a limit by an upgrade.
MARGIN = 0.95


@functools.cache
def largest(layout: str) -> Recording:
    """Names and people as short as may be: what they add is counted by the settings (`settings.room_rules`)."""
    far = [each for each in REGIONS["aws"] if each not in (HOME, "us-east-1")]
    everywhere = layout == EVERYWHERE
    # Its pattern would be longer than CloudWatch allows, and the settings say so.
    sets = [each for each in EVENT_SETS if each != "out-of-region"]
    trail: dict[str, Any] = {
        "mode": "create",
        "name": "abc",
        "organization": everywhere,
        "layout": layout,
        "deliveryTopic": True,
        "management": "write" if everywhere else "all",
        "dataEvents": [{"type": each, "record": "write"} for each in DATA_TYPES],
        "insights": ["ApiCallRateInsight", "ApiErrorRateInsight"],
    }
    config = wire_config(
        "explained",
        trail=trail,
        regions=[HOME, "us-east-1", *(far if everywhere else [max(far, key=len)])],  # there is nothing between regions
        eventSets={name: {} for name in sets},
        alerts={"explain": True, "deliveryStatus": 100, "digest": {"hour": 6, "weekday": "sunday"}},
        burst={"threshold": 500},
        subscribers=[],
        emails=["a@b.io"],
        dashboard=True,
    )
    return run_program({**config, "aws:region": HOME}, stack="x" * MAX_STACK_NAME)


def things(recording: Recording) -> Iterator[Registration]:
    return (each for each in recording.registrations if each.custom)


def size(value: Any) -> int:
    return len((value if isinstance(value, str) else json.dumps(value)).encode())


# -- what a role may hold


def test_a_forwarder_in_every_region_leaves_room_in_the_guardians_rights() -> None:
    """And so in every layout. What the stack files add by hand is counted apart, at least so much."""
    sums = {
        layout: max(inline_policies(largest(layout)).items(), key=lambda each: each[1])
        for layout in (EVERYWHERE, "per-region")
    }
    assert all(role.startswith("guardian") for role, _ in sums.values()), "no other role is near the limit"
    beside = 4 * len("abc") + len('"a@b.io",')
    assert all(length - beside <= room_rules.GUARDIAN_RIGHTS for _, length in sums.values()), sums


def test_names_that_the_settings_allow_fit_to_the_last_character() -> None:
    """Into the guardian's rights and its desired state both, and one more of either is refused."""
    topic, group, dead = "t" * 200, "g" * 300, {"protocol": "email-json", "deadLetters": True, "gets": "everything"}
    only = [f"arn:aws:s3:::b{number:02}/" for number in range(100)]

    def run(*, people: int, arns: int) -> Recording:
        emails = [f"{number:03}@example.com" for number in range(people)]
        trail: dict[str, Any] = {
            "mode": "create",
            "name": "n" * 60,
            "logGroup": group,
            "management": "write",
            "dataEvents": [{"type": each, "record": "write"} for each in DATA_TYPES],
            "insights": ["ApiCallRateInsight", "ApiErrorRateInsight"],
            "deliveryTopic": True,
        }
        trail["dataEvents"][0]["only"] = only[:arns]
        config = wire_config(
            "explained",
            trail=trail,
            regions=[HOME, "us-east-1", "eu-west-1"],
            eventSets={"trail-changes": {}},
            alerts={"explain": True, "topicName": topic},
            subscribers=[{**dead, "endpoint": "robot@example.com"}],
            emails=emails,
        )
        return run_program({**config, "aws:region": HOME}, stack="edge")

    people = (room_rules.ROOM_IN_RIGHTS - 4 * (200 + 60) - 2 * 300 - len("robot@example.com") - 3) // len(
        '000@example.com",,'
    )
    arns = (room_rules.ROOM_IN_DESIRED_STATE - 200 - 300 - 2 * room_rules.QUEUE) // (len(only[0]) + 3)
    recording = run(people=people, arns=arns)
    assert max(inline_policies(recording).values()) <= aws_sizes.MAX_INLINE_POLICIES
    assert size(recording.one("Parameter").inputs["insecureValue"]) + len(KEY_ID) <= MAX_PARAMETER
    with pytest.raises(pulumi.RunError, match="guardian's rights") as refused:
        run(people=people + 1, arns=arns + 1)
    assert "trail.dataEvents: names resources in" in str(refused.value)


QUEUE_ARN = "arn:aws:sqs:{}:111122223333:{}"


@pytest.mark.parametrize(
    ("far", "allowed"),
    [
        ([], []),
        ([("us-east-1", "forward-us-1a")], [("us-east-1", "forward-us-1a")]),
        ([("us-east-1", "forward-us-1a"), ("us-east-1", "forward-us-2b")], [("us-east-1", "forward-us-*")]),
        ([("us-east-1", "forward-us-1a"), ("eu-west-1", "forward-eu-2b")], [("*", "forward-*")]),
        # However Pulumi was told to name things: never a wildcard over everybody's.
        (
            [("us-east-1", "1a-forward"), ("eu-west-1", "2b-forward")],
            [("us-east-1", "1a-forward"), ("eu-west-1", "2b-forward")],
        ),
        ([("us-east-1", "fow"), ("eu-west-1", "forward")], [("eu-west-1", "forward"), ("us-east-1", "fow")]),
    ],
)
def test_forwarders_are_looked_at_by_what_their_names_begin_with(far: list[Any], allowed: list[Any]) -> None:
    known = {field.name: [] for field in dataclasses.fields(Deployed)}
    document = inspection(may_mend=False, **{**known, "far_queue_arns": [QUEUE_ARN.format(*each) for each in far]})
    (queues,) = (each for each in document["Statement"] if each["Sid"] == "SeeQueues")
    found = [queues["Resource"]] if isinstance(queues["Resource"], str) else queues["Resource"]
    assert sorted(found) == sorted(QUEUE_ARN.format(*each) for each in allowed)


# -- everything else that has a size


@pytest.mark.parametrize("layout", [EVERYWHERE, "per-region"])
def test_every_document_fits(layout: str) -> None:
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in things(largest(layout)):
        for key, value in each.inputs.items():
            if (each.kind, key) in aws_sizes.SIZES:
                seen[each.kind, key] = max(seen[each.kind, key], size(value))
    assert seen.keys() == aws_sizes.SIZES.keys()
    # Each of these is held to its limit by code of its own.
    exempt = {
        ("Parameter", "insecureValue"),
        ("TableItem", "item"),
        ("EventRule", "eventPattern"),
        ("Topic", "displayName"),
    }
    over = {key: most for key, most in seen.items() if most > aws_sizes.SIZES[key] * (1 if key in exempt else MARGIN)}
    assert not over
    assert seen["Parameter", "insecureValue"] + len(KEY_ID) <= room_rules.DESIRED_STATE


def test_a_long_inventory_is_packed_and_the_guardian_reads_it() -> None:
    item = json.loads(largest(EVERYWHERE).one("TableItem").inputs["item"])
    assert item.keys() == {"trail", "id", "packed"}
    assert size(item) < PLAIN_BYTES / 2
    table = FakeTable(items={(item["trail"]["S"], item["id"]["S"]): item})
    found = read(lambda: table, table="ledger", trail_arn=item["id"]["S"], clock=Hands().clock())
    assert isinstance(found, Inventory)
    assert len([each for each in found.things if each.kind == "role"]) > len(REGIONS["aws"])
    schedule = largest(EVERYWHERE).one("Schedule", "guardian-sweep").inputs["target"]["input"]
    assert found.digest in schedule


def test_an_inventory_that_is_too_long_even_so_stops_the_deployment() -> None:
    numbers = random.Random(7)
    with pytest.raises(pulumi.RunError, match="watch fewer event sets"):
        attributes("".join(f"{numbers.random()}" for _ in range(MOST_BYTES // 10)))


def test_every_name_fits() -> None:
    for each in things(largest(EVERYWHERE)):
        if most := aws_sizes.NAMES.get(each.kind):
            name = each.inputs.get("name") or f"{each.name}{SUFFIX}"
            assert len(name) <= most, name


@pytest.mark.parametrize("layout", [EVERYWHERE, "per-region"])
def test_the_environment_of_every_function_fits(layout: str) -> None:
    for each in largest(layout).of("Function"):
        variables = each.inputs["environment"]["variables"]
        assert sum(len(key) + size(value) for key, value in variables.items()) < aws_sizes.MAX_ENVIRONMENT / 2


def test_the_dashboard_fits() -> None:
    (dashboard,) = (each for each in largest(EVERYWHERE).of("Dashboard") if each.custom)
    widgets = json.loads(dashboard.inputs["dashboardBody"])["widgets"]
    metrics = [len(each["properties"].get("metrics", ())) for each in widgets]
    alarms = [len(each["properties"].get("alarms", ())) for each in widgets]
    assert len(widgets) < aws_sizes.MAX_WIDGETS * MARGIN
    assert max(metrics) < aws_sizes.MAX_METRICS_OF_GRAPH * MARGIN
    assert sum(metrics) < aws_sizes.MAX_METRICS_OF_DASHBOARD * MARGIN
    assert 0 < max(alarms) < aws_sizes.MAX_ALARMS_OF_WIDGET * MARGIN


def test_the_trails_selectors_fit() -> None:
    chosen = largest(EVERYWHERE).one("Trail").inputs["advancedEventSelectors"]
    values = [
        value
        for each in chosen
        for one in each["fieldSelectors"]
        for key in one
        if key != "field"
        for value in one[key]
    ]
    assert len(values) < aws_sizes.MAX_SELECTOR_VALUES * MARGIN
