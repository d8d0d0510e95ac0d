"""Pulumi's configuration says the same as the stack file, quotes no secret, and hides no unknown key."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from settings import KEYS, Settings, SettingsError, StackFile, block
from settings.keys import TEXT_KEYS, qualified
from tests.support.answers_strategy import answers
from tests.support.effort import examples
from tests.support.recorded_program import own_event_loop

GOOD = {"aws:region": "eu-west-1", "trailwarden:emails": '["security@example.com"]'}
ALL_KEYS = ", ".join(["aws:region", *KEYS])


@pytest.fixture(autouse=True)
def stack() -> Iterator[None]:
    """A stack called prod, of a project with another name than our namespace. There is no monitor: nothing is made."""
    with own_event_loop():  # the runtime wants one, and other tests leave none behind
        pulumi.runtime.reset_options(project="renamed", stack="prod")
        yield
        pulumi.runtime.reset_options()
        pulumi.runtime.set_all_config({}, [])


def configure(config: dict[str, str], *, secrets: tuple[str, ...] = ()) -> None:
    pulumi.runtime.set_all_config(config, list(secrets))


def refused(config: dict[str, str], *, secrets: tuple[str, ...] = ()) -> list[str]:
    configure(config, secrets=secrets)
    with pytest.raises(SettingsError) as caught:
        Settings.from_pulumi()
    return [str(problem) for problem in caught.value.problems]


def as_config(data: dict[str, Any]) -> dict[str, str]:
    """What the CLI hands to a program: texts as they are, lists and mappings as JSON."""
    return {qualified(key): value if key in TEXT_KEYS else json.dumps(value) for key, value in data.items()}


def test_the_least() -> None:
    configure(GOOD)
    settings = Settings.from_pulumi()
    assert (settings.stack, settings.home_region, settings.emails) == ("prod", "eu-west-1", ("security@example.com",))


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_the_same_as_the_stack_file(data: dict[str, Any]) -> None:
    expected = Settings.parse(data, stack="prod", source="test")
    configure(as_config(data))
    assert Settings.from_pulumi() == expected
    text = StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=None).plan_changes(expected).new
    configure(as_config(block(expected)))
    assert Settings.from_pulumi() == StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=text).settings()


def test_configuration_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    configure({})
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({**GOOD, "trailwarden:evidnce": "keep"}))
    monkeypatch.setenv("PULUMI_CONFIG_TRAILWARDEN_EVIDENCE", "disposable")
    assert [problem.key for problem in error().problems] == ["evidnce"]
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(GOOD))
    assert Settings.from_pulumi().evidence == "disposable"


def error() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.from_pulumi()
    return caught.value


def test_nothing_is_configured() -> None:
    assert refused({}) == [
        "configuration of stack prod: stack prod has no settings yet; `.venv/bin/python -m wizard` asks for them"
    ]


def test_only_the_region_is_configured() -> None:
    assert refused({"aws:region": "eu-west-1"}) == [
        (
            "configuration of stack prod: emails: is missing; write for example emails: [security@example.com], "
            "or let `.venv/bin/python -m wizard` ask for it"
        )
    ]


WRONG = [
    pytest.param(
        {"trailwarden:emials": "[]"},
        f"emials: there is no such key; did you mean emails?; allowed: {ALL_KEYS}",
        id="unknown",
    ),
    pytest.param(
        {"trailwarden:homeRegion": "eu-west-1"},
        f"trailwarden:homeRegion: there is no such key; did you mean aws:region?; allowed: {ALL_KEYS}",
        id="home region under its name in answers",
    ),
    pytest.param(
        {"trailwarden:regions": "eu-west-1"},
        'regions: must be a list (got "eu-west-1"); allowed: a list, such as [eu-west-1, us-east-1]',
        id="text for a list",
    ),
    pytest.param(
        {"trailwarden:eventSets": '["trail-changes"]'},
        "eventSets: must map names to settings (got a list); allowed: a mapping, such as {trail-changes: {}}",
        id="list for a mapping",
    ),
    pytest.param(
        {"trailwarden:trail": '{"name": 12345678901}'},
        'trail.name: must be a text (got 12345678901); allowed: a text, here in quotes: "12345678901"',
        id="an account id that became a number",
    ),
    pytest.param(
        {"trailwarden:trail": '{"name": 1.2345678901e+10}'},
        "trail.name: must be a text (got 12345678901.0); allowed: a text, in quotes if it looks like a number",
        id="an account id that became a fraction",
    ),
    pytest.param({"trailwarden:trail": '{"name": "a", "name": "b"}'}, "trail.name: is written twice", id="twice"),
    pytest.param(
        {"trailwarden:evidence": "true"},
        'evidence: is not one of the choices (got "true"); allowed: keep, disposable',
        id="text",
    ),
]


@pytest.mark.parametrize(("config", "said"), WRONG)
def test_what_is_wrong(config: dict[str, str], said: str) -> None:
    assert refused({**GOOD, **config}) == [f"configuration of stack prod: {said}"]


def test_keys_of_others_are_not_read() -> None:
    configure({**GOOD, "renamed:emails": "[]", "other:evidence": "kept", "aws:profile": "audit"})
    assert Settings.from_pulumi().emails == ("security@example.com",)


def test_secrets_are_refused_without_a_word_of_them() -> None:
    """Pulumi's own errors print the value; a nested `secure:` makes the whole key a secret."""
    config = {
        "aws:region": "eu-west-1",
        "trailwarden:emails": "hush-1",
        "trailwarden:alerts": '{"topicName": "hush-2 not a name"}',
        "trailwarden:webhook": "https://hooks.example.com/hush-3",
    }
    said = refused(config, secrets=tuple(config)[1:])
    assert said == [
        "configuration of stack prod: emails: is a secret, but this setting must be readable; allowed: a plain value",
        "configuration of stack prod: alerts: is a secret, but this setting must be readable; allowed: a plain value",
    ]
    assert "hush" not in repr(error())


WEBHOOK = {**GOOD, "trailwarden:subscribers": '[{"protocol": "https", "endpointSecret": "webhookUrl"}]'}


def test_the_url_of_a_subscriber_is_a_secret_that_nobody_reads_here() -> None:
    configure({**WEBHOOK, "trailwarden:webhookUrl": "https://hush.example.com"}, secrets=("trailwarden:webhookUrl",))
    assert Settings.from_pulumi().secrets == ("webhookUrl",)
    assert "hush" not in repr(Settings.from_pulumi())


@pytest.mark.parametrize(
    ("written", "secrets", "said"),
    [
        (
            {"trailwarden:webhookUrl": "https://hush.example.com"},
            (),
            "webhookUrl: is a secret in plain text; allowed: `pulumi config set --secret trailwarden:webhookUrl`",
        ),
        (
            {"trailwarden:webhokUrl": "https://hush.example.com"},
            ("trailwarden:webhokUrl",),
            (
                "subscribers[0].endpointSecret: the stack has no secret webhookUrl; did you mean webhokUrl?; "
                "allowed: `pulumi config set --secret --stack prod trailwarden:webhookUrl`"
            ),
        ),
    ],
    ids=["in plain text", "of another name"],
)
def test_a_secret_that_is_none(written: dict[str, str], secrets: tuple[str, ...], said: str) -> None:
    assert refused({**WEBHOOK, **written}, secrets=secrets) == [f"configuration of stack prod: {said}"]
