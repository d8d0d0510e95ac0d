"""What a person reads when the configuration is wrong, and what Pulumi.yaml says of it."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from ruamel.yaml import YAML

from settings import ALWAYS_WRITTEN
from tests.support.recorded_program import ROOT, RecordingMonitor, run_program
from tests.support.reference_stacks import stack_file, wire_config


def refusal(config: Mapping[str, str]) -> pulumi.RunError:
    """The error of a run, which must come before the first resource."""
    monitors: list[RecordingMonitor] = []
    with pytest.raises(pulumi.RunError) as caught:
        run_program(config, into=monitors.append)
    made = {each.type for each in monitors[0].registrations.values()}
    assert made == {"pulumi:pulumi:Stack"}
    return caught.value


WRONG: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "nothing at all": ({}, ["no settings", "-m wizard"]),
    "nobody to tell": (wire_config("least", without=("trailwarden:emails",)), ["emails"]),
    "no home region": (wire_config("least", without=("aws:region",)), ["aws:region"]),
    "an unknown key": (wire_config("least", emial=["a@example.com"]), ["emial", "emails"]),
    "an unknown event set": (wire_config("least", eventSets={"trail-chanegs": {}}), ["trail-chanegs", "trail-changes"]),
    "an unknown mode": (wire_config("least", remediation={"mode": "repair"}), ["repair", "restore"]),
    "host bits": (
        wire_config("least", sourceIps=[{"name": "x", "cidr": "10.0.0.5/24"}]),
        ["10.0.0.5/24", "10.0.0.0/24"],
    ),
    "a threshold of 0": (wire_config("least", eventSets={"trail-changes": {"threshold": 0}}), ["threshold"]),
    "broken JSON": ({**wire_config("least"), "trailwarden:eventSets": "{"}, ["eventSets"]),
    "a list where a mapping belongs": (wire_config("least", remediation=["restore"]), ["remediation"]),
    "several things": (
        wire_config("least", evidence="burn", emails=["nobody"], remediation={"mode": "maybe"}),
        ["burn", "nobody", "maybe"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_configuration_is_explained_before_anything_is_made(case: str) -> None:
    config, words = WRONG[case]
    text = str(refusal(config))
    for word in words:
        assert word in text
    assert "Traceback" not in text
    assert "pydantic" not in text.lower()


def test_the_cause_is_dropped_so_that_the_list_is_what_people_see() -> None:
    error = refusal({})
    assert error.__cause__ is None
    assert error.__suppress_context__


def declared() -> dict[str, Any]:
    return YAML(typ="safe").load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]


def test_pulumi_yaml_declares_what_the_wizard_always_writes() -> None:
    """A declared key without default is required by the CLI, and other namespaces cannot be declared."""
    own = {key.removeprefix("trailwarden:") for key in ALWAYS_WRITTEN if key != "aws:region"}
    assert declared().keys() == own


def test_pulumi_yaml_declares_the_kinds_that_stack_files_hold() -> None:
    kinds = {dict: "object", list: "array", str: "string"}
    config = YAML(typ="safe").load(stack_file("full").read_text(encoding="utf-8"))["config"]
    for key, schema in declared().items():
        value = config[f"trailwarden:{key}"]
        assert schema["type"] == kinds[type(value)], key
        assert schema["description"], key
        assert not {"default", "value", "secret"} & schema.keys(), "the model has the defaults"
        if schema["type"] == "array":
            assert schema["items"]["type"] == kinds[type(value[0])], key


def test_pulumi_yaml_names_the_project_and_its_environment() -> None:
    project = YAML(typ="safe").load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert project["name"] == "trailwarden"
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert "main" not in project
