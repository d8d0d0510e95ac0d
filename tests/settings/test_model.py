"""The model itself: frozen, described, light to import, and of one mind with the list of keys."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

import settings
from settings import ALWAYS_WRITTEN, HOME_KEY, KEYS, Settings
from settings.keys import qualified, unqualified
from settings.section import Section

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


def test_the_keys_are_those_of_the_model() -> None:
    aliases = [to_camel(name) for name in Settings.model_fields]
    assert aliases == ["stack", HOME_KEY, *KEYS]
    assert set(ALWAYS_WRITTEN) <= set(KEYS)


@pytest.mark.parametrize("model", [Settings, *Section.__subclasses__()], ids=lambda model: model.__name__)
def test_every_key_says_what_it_is_for(model: Any) -> None:
    for name, field in model.model_fields.items():
        is_section = isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        assert field.description or (is_section and field.annotation.__doc__), name


def test_settings_cannot_be_changed() -> None:
    made = Settings.parse(GOOD, stack="prod", source="test")
    with pytest.raises(ValidationError):
        made.evidence = "disposable"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        made.trail.retention_days = 1  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (HOME_KEY, "aws:region"),
        ("emails", "trailwarden:emails"),
    ],
)
def test_names_of_keys(key: str, name: str) -> None:
    assert qualified(key) == name
    assert unqualified(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("emails", "emails"),
        ("aws:profile", None),
        ("other:emails", None),
        ("other:trailwarden:emails", None),
        ("trailwarden:homeRegion", "trailwarden:homeRegion"),
        ("homeRegion", "trailwarden:homeRegion"),
    ],
)
def test_whose_keys_are_whose(name: str, key: str | None) -> None:
    assert unqualified(name) == key


def test_the_room_is_light() -> None:
    """Settings are read by every command: no Pulumi, no AWS SDK, no terminal library comes with them."""
    heavy = [
        "pulumi",
        "pulumi_aws",
        "boto3",
        "botocore",
        "questionary",
        "rich",
        "typer",
        "wizard",
        "components",
        "sandbox",
    ]
    program = f"import sys, settings; print([name for name in {heavy!r} if name in sys.modules])"
    root = Path(settings.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
