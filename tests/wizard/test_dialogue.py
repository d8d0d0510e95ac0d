"""Whole dialogues about a new stack: somebody at the keyboard, and the stack file that comes of it."""

from pathlib import Path

import pytest

from catalog import EVENT_SETS
from exits import Exit
from settings import Settings
from settings.checks import available_event_sets
from tests.support.dialogue_steps import (
    HOME_DUBLIN,
    NO_RANGE,
    RECOMMENDED,
    REGIONS_AS_TICKED,
    SETS_AS_TICKED,
    SHORTEST,
    STACK_PROD,
    TWO_RANGES,
    WRITE,
)
from tests.support.typist import DOWN, ENTER
from tests.support.wizard_bench import Bench, bench


def test_the_shortest_dialogue_writes_what_was_said(project: Bench) -> None:
    outcome = project.dialogue([*SHORTEST, WRITE])
    assert outcome.code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    wanted = {
        "homeRegion": "eu-west-1",
        "regions": ["eu-west-1", "us-east-1"],
        "emails": ["security@example.com", "oncall@example.com"],
        "eventSets": RECOMMENDED,
        "sourceIps": [],
        "remediation": {"mode": "restore"},
        "evidence": "keep",
    }
    assert settings == Settings.parse(wanted, stack="prod", source="test")
    assert set(project.files()) == {"Pulumi.yaml", "Pulumi.prod.yaml"}


def test_the_screen_says_what_is_needed_to_decide(project: Bench) -> None:
    outcome = project.dialogue([*SHORTEST, WRITE])
    assert "stack: prod (new)" in outcome.err
    offered = {name for name, each in EVENT_SETS.items() if each.title in outcome.screen}
    assert offered == set(available_event_sets()), "all that a stack can have, and nothing else"
    assert "CloudWatch.5 · CIS 4.5" in outcome.screen
    assert "us-east-1 US East (N. Virginia) · IAM and sign-in events arise here" in outcome.screen
    first = next(iter(EVENT_SETS.values()))
    assert " ".join(first.why.split()) in outcome.screen, "why one would tick the set under the pointer"


def test_the_summary_counts_what_the_program_makes(project: Bench) -> None:
    out = project.dialogue([*SHORTEST, WRITE]).out
    plan = Settings.from_stack_file(project.stack_file()).plan()
    words = " ".join(out.split())
    assert f"{plan.filters} filters, {plan.alarms} alarms, {plan.topics} topics" in words
    assert f"{plan.total} resources, in eu-west-1, and what sends events there in us-east-1" in words
    assert "security@example.com, oncall@example.com" in words
    assert "Security Hub 14 of 14" in words, "the recommended sets pass all"
    assert "kept: bucket, audit log group and their key are protected" in words
    assert "+  trailwarden:emails:" in out or "+ trailwarden:emails:" in out


def test_flags_answers_and_dialogue_write_the_same_bytes(tmp_path: Path) -> None:
    by_hand, by_flags, by_file = (bench(_made(tmp_path / name)) for name in ("hand", "flags", "file"))
    steps = [*SHORTEST[:5], *TWO_RANGES, ("When somebody stops the trail?", DOWN + ENTER), WRITE]
    assert by_hand.dialogue(steps).code is Exit.OK

    flags = {
        "homeRegion": "eu-west-1",
        "regions": ["eu-west-1", "us-east-1"],
        "emails": ["security@example.com", "oncall@example.com"],
        "eventSets": list(RECOMMENDED),
        "sourceIps": [
            "office=203.0.113.0/24,match=inside,threshold=30,period=300",
            "vpn=198.51.100.7 198.51.100.9,match=outside,threshold=100,period=600",
        ],
        "remediation": "notify",
    }
    assert by_flags.setup(stack="prod", yes=True, flags=flags).code is Exit.OK

    answers = by_file.folder / "answers.yaml"
    answers.write_text(
        "homeRegion: eu-west-1\nregions: [eu-west-1, us-east-1]\n"
        "emails: [security@example.com, oncall@example.com]\n"
        f"eventSets: [{', '.join(RECOMMENDED)}]\n"
        "sourceIps:\n"
        "  - {name: office, cidr: 203.0.113.0/24, match: inside, threshold: 30, period: 300}\n"
        "  - {name: vpn, cidr: [198.51.100.7, 198.51.100.9], match: outside, threshold: 100, period: 600}\n"
        "remediation: {mode: notify}\n"
    )
    assert by_file.setup(stack="prod", yes=True, answers=answers).code is Exit.OK

    written = by_hand.stack_file().read_bytes()
    assert written == by_flags.stack_file().read_bytes() == by_file.stack_file().read_bytes()
    settings = Settings.from_stack_file(by_hand.stack_file())
    assert [each.name for each in settings.source_ips] == ["office", "vpn"]
    assert settings.source_ips[1].blocks == ("198.51.100.7", "198.51.100.9")
    assert settings.remediation.mode == "notify"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_what_a_flag_answers_is_not_asked(project: Bench) -> None:
    steps = [HOME_DUBLIN, REGIONS_AS_TICKED, SETS_AS_TICKED, NO_RANGE, WRITE]
    outcome = project.dialogue(steps, stack="prod", flags={"emails": ["a@example.com"], "remediation": "off"})
    assert outcome.code is Exit.OK
    assert "Who gets the alerts?" not in outcome.screen
    settings = Settings.from_stack_file(project.stack_file())
    assert (settings.emails, settings.remediation.mode) == (("a@example.com",), "off")


def test_the_dialogue_fits_a_narrow_terminal(project: Bench) -> None:
    project.columns = 60
    assert project.dialogue([*SHORTEST, WRITE]).code is Exit.OK


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_new_stack_is_offered_the_region_of_the_environment(project: Bench, variable: str) -> None:
    project.environ[variable] = "eu-central-1"
    steps = [STACK_PROD, ("Home region?", ENTER), *SHORTEST[2:], WRITE]
    assert project.dialogue(steps).code is Exit.OK
    assert Settings.from_stack_file(project.stack_file()).home_region == "eu-central-1"
