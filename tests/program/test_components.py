"""The contract that every component keeps, and what the recording monitor refuses."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

import components
from tests.support.recorded_program import Recording, record
from tests.support.reference_stacks import recorded

COMPONENTS = [
    each for each in vars(components).values() if isinstance(each, type) and issubclass(each, pulumi.ComponentResource)
]


# Together they have every component.
FULLEST = ("full", "channels", "options", "burst", "explained")


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each.__name__)
def test_contract(component: type[pulumi.ComponentResource]) -> None:
    """Token, children and outputs, on every instance in the fullest stacks."""
    token = f"trailwarden:index:{component.__name__}"
    instances = [
        (recording, each)
        for recording in map(recorded, FULLEST)
        for each in recording.registrations
        if each.type == token
    ]
    assert instances, f"nothing in the program is a {token}"
    for recording, each in instances:
        children = [child for child in recording.registrations if child.parent == each.urn]
        assert children
        assert all(child.name == each.name or child.name.startswith(f"{each.name}-") for child in children)
        assert recording.registered_outputs[each.urn], "register_outputs tells what was made"
        assert not each.custom
        assert each.inputs == {}


def test_every_component_of_the_program_is_public() -> None:
    registered = (each for stack in FULLEST for each in recorded(stack).registrations)
    tokens = {each.type for each in registered if each.type.startswith("trailwarden:")}
    assert tokens == {f"trailwarden:index:{component.__name__}" for component in COMPONENTS}


@pytest.mark.parametrize("stack", FULLEST)
def test_every_resource_belongs_to_a_component_and_every_component_to_the_stack(stack: str) -> None:
    recording = recorded(stack)
    types = {each.urn: each.type for each in recording.registrations}
    for each in recording.registrations:
        if each.custom:
            assert types[each.parent].startswith("trailwarden:index:"), each.urn
        elif each.type != "pulumi:pulumi:Stack":
            assert types[each.parent] == "pulumi:pulumi:Stack", each.urn


def in_a_stack(program: Callable[[components.Home], Any]) -> Recording:
    return record(lambda: program(components.Home.look_up(stack="test", region="eu-west-1")), {})


def test_components_of_one_kind_live_side_by_side() -> None:
    def program(home: components.Home) -> None:
        first = components.AlertChannel("first", home=home)
        components.AlertChannel("second", home=home, key_arn=first.key_arn)
        components.AlertChannel("third", home=home)

    recording = in_a_stack(program)
    assert [each.name for each in recording.of("Topic")] == ["first", "second", "third"]
    keys = {each.name: each.inputs["kmsMasterKeyId"].rpartition("/")[2] for each in recording.of("Topic")}
    assert keys == {"first": "first-key-1a2b3c4", "second": "first-key-1a2b3c4", "third": "third-key-1a2b3c4"}


def test_a_second_component_of_the_same_name_is_refused() -> None:
    def program(home: components.Home) -> None:
        components.AlertChannel("alerts", home=home)
        components.AlertChannel("alerts", home=home)

    with pytest.raises(Exception, match="two resources have the URN"):
        in_a_stack(program)


def test_a_provider_given_to_a_component_reaches_its_children() -> None:
    def program(home: components.Home) -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent", {})
        components.AlertChannel("alerts", home=home, opts=pulumi.ResourceOptions(parent=parent, protect=True))

    recording = in_a_stack(program)
    assert recording.with_urn(recording.one("AlertChannel").parent).name == "parent"
    assert recording.one("Topic").protect


def test_an_unknown_call_to_aws_fails_the_run() -> None:
    import pulumi_aws as aws

    with pytest.raises(Exception, match="getRegion"):
        in_a_stack(lambda home: aws.get_region_output())
