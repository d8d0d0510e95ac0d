"""The events that a pattern of the stack's own is held to. What is refused stands in `bad_answers.yaml`."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog import EVENT_SETS
from settings import Settings, SettingsError
from settings.limits import MAX_SAMPLES

PATTERN = '{ ($.eventName = "GetSecretValue") && ($.readOnly IS TRUE) && ($.errorCode NOT EXISTS) }'


def held_to(samples: dict[str, Any], *, pattern: str = PATTERN) -> dict[str, Any]:
    custom = {"secret-reads": {"pattern": pattern, "samples": samples}}
    return {"homeRegion": "eu-west-1", "emails": ["security@example.com"], "customSets": custom}


def parsed(data: dict[str, Any]) -> Settings:
    return Settings.parse(data, stack="prod", source="answers")


@pytest.mark.parametrize("name", EVENT_SETS)
def test_whole_records_can_be_samples(name: str) -> None:
    """Every set of the catalogue, as if a stack had written it itself."""
    entry = EVENT_SETS[name]
    wanted, unwanted = (
        [json.loads(json.dumps(dict(each.event))) for each in entry.samples if each.matches is matches][:3]
        for matches in (True, False)
    )
    samples = {"matches": wanted, "matchesNot": unwanted}
    assert parsed(held_to(samples, pattern=entry.pattern)).custom_sets["secret-reads"].samples is not None
    with pytest.raises(SettingsError) as caught:
        parsed(held_to({"matches": unwanted, "matchesNot": wanted}, pattern=entry.pattern))
    assert len(caught.value.problems) == len(wanted) + len(unwanted), "each of them is told"


def test_a_stack_file_with_samples_says_where_its_pattern_fails(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(
        """\
config:
  aws:region: eu-west-1
  trailwarden:emails: [security@example.com]
  trailwarden:customSets:
    secret-reads:
      pattern: '{ $.eventName = "GetSecretValues" }'
      samples:
        matches:
          - {"eventName": "GetSecretValue", "requestParameters": {"secretId": "prod/db"}}
"""
    )
    with pytest.raises(SettingsError) as caught:
        Settings.from_stack_file(file)
    assert "Pulumi.prod.yaml:9: customSets.secret-reads.samples.matches[0]: the pattern does not match" in str(
        caught.value
    )


def test_samples_are_no_archive() -> None:
    """All of a stack's configuration travels in one variable of an environment."""
    event = {"eventName": "GetSecretValue", "readOnly": True, "more": ""}
    room = MAX_SAMPLES - len(json.dumps([event], separators=(",", ":")))
    assert parsed(held_to({"matches": [{**event, "more": room * "x"}]}))
    with pytest.raises(SettingsError, match=r"have 16,385 characters.*at most 16,384 characters"):
        parsed(held_to({"matches": [{**event, "more": (room + 1) * "x"}]}))
