"""Dialogues about a stack that has a file: what it says is where each answer starts from."""

import pytest

from catalog import EVENT_SETS
from exits import Exit
from settings import Settings
from tests.support.dialogue_steps import (
    AS_IT_IS,
    NO_RANGE,
    PRESENT,
    REGIONS_AS_TICKED,
    SHORTEST,
    STACK_PROD,
    WRITE,
)
from tests.support.typist import CLEAR, DOWN, ENTER, SPACE, UP, Step
from tests.support.wizard_bench import Bench


@pytest.fixture
def grown(project: Bench) -> Bench:
    """A stack that has lived for a while."""
    project.stack_file("live").write_text(PRESENT.replace("  trailwarden:webhook:\n    secure: AAABAGfQvs9Bm9\n", ""))
    return project


def test_enter_on_every_question_changes_nothing(grown: Bench) -> None:
    before = grown.files()
    outcome = grown.dialogue(AS_IT_IS)
    assert outcome.code is Exit.OK
    assert "no changes" in outcome.out
    assert "existing" in outcome.err
    assert grown.files() == before


def test_a_second_run_changes_only_what_was_said(grown: Bench) -> None:
    before = grown.stack_file("live").read_text()
    outcome = grown.dialogue([*AS_IT_IS[:6], ("When somebody stops the trail?", UP + ENTER), WRITE])
    assert outcome.code is Exit.OK
    assert grown.stack_file("live").read_text() == before.replace("{mode: notify}", "{mode: restore}")
    assert "Subscription Confirmation" not in outcome.out, "nobody new has to confirm anything"
    assert "pulumi stack init" not in outcome.out


def test_only_new_addresses_are_told_to_confirm(grown: Bench) -> None:
    outcome = grown.dialogue(
        [*AS_IT_IS[:3], ("Who gets the alerts?", " new@example.com" + ENTER), *AS_IT_IS[4:], WRITE]
    )
    confirmation = outcome.out.partition("Subscription Confirmation")[2]
    assert "new@example.com" in confirmation
    assert "oncall@example.com" not in confirmation
    assert "# the team's list" in grown.stack_file("live").read_text()


def test_a_range_is_changed_and_another_removed(grown: Bench) -> None:
    steps: list[Step] = [
        *AS_IT_IS[:5],
        ("remove vpn", 2 * DOWN + ENTER),  # the pointer stands on "go on": then add, change office
        ("Which addresses?", ENTER),
        ("A name for them?", CLEAR + "head-office" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", CLEAR + "50" + ENTER),
        ("Within how many seconds?", ENTER),
        ("remove vpn", 5 * DOWN + ENTER),  # … change vpn, remove head-office, remove vpn
        ("go on with these", ENTER),
        AS_IT_IS[6],
        WRITE,
    ]
    assert grown.dialogue(steps).code is Exit.OK
    (source,) = Settings.from_stack_file(grown.stack_file("live")).source_ips
    assert (source.name, source.threshold, source.severity) == ("head-office", 50, "high")


def test_an_event_set_keeps_its_overrides_while_it_is_ticked(grown: Bench) -> None:
    first = next(iter(EVENT_SETS))
    assert first == "trail-changes", "the pointer starts on it"
    steps = [*AS_IT_IS[:4], ("What should raise an alert?", SPACE + ENTER), *AS_IT_IS[5:], WRITE]
    assert grown.dialogue(steps).code is Exit.OK
    sets = Settings.from_stack_file(grown.stack_file("live")).event_sets
    assert set(sets) == {"unauthorized-api-calls"}
    assert sets["unauthorized-api-calls"].threshold == 10


def test_a_broken_present_answer_is_named_and_asked_anew(grown: Bench) -> None:
    path = grown.stack_file("live")
    path.write_text(path.read_text().replace("- oncall@example.com", "- oncall(at)example.com"))
    steps = [*AS_IT_IS[:3], ("Who gets the alerts?", "security@example.com" + ENTER), *AS_IT_IS[4:], WRITE]
    outcome = grown.dialogue(steps)
    assert outcome.code is Exit.OK
    assert "emails" in outcome.err
    assert "asked anew" in outcome.err
    assert Settings.from_stack_file(path).emails == ("security@example.com",)


def test_a_broken_answer_that_is_not_asked_ends_before_the_first_question(grown: Bench) -> None:
    path = grown.stack_file("live")
    path.write_text(
        path.read_text().replace("severity: high\n  trailwarden:sourceIps", "severity: hihg\n  trailwarden:sourceIps")
    )
    before = grown.files()
    outcome = grown.dialogue([("Which stack?", ENTER)])
    assert outcome.code is Exit.NO_ANSWER
    assert "customSets.snapshots-shared.severity" in outcome.err
    assert "Home region?" not in outcome.screen
    assert grown.files() == before


def test_an_account_id_that_yaml_broke_ends_before_the_first_question(project: Bench) -> None:
    project.stack_file("live").write_text("config:\n  aws:allowedAccountIds: [012345678901]\n")
    before = project.files()
    outcome = project.dialogue([("Which stack?", ENTER)])
    assert outcome.code is Exit.NO_ANSWER
    assert "012345678901" in outcome.err
    assert "Home region?" not in outcome.screen
    assert project.files() == before


def test_a_file_that_only_knows_a_region_is_a_start(project: Bench) -> None:
    """`pulumi stack init` and `pulumi config set aws:region` leave such a file."""
    start = "encryptionsalt: v1:abcdefgh=:v1:0123456789abcdef:Zm9vYmFy\nconfig:\n  aws:region: eu-west-2\n"
    project.stack_file().write_text(start)
    steps = [STACK_PROD, ("Home region?", ENTER), *SHORTEST[2:], WRITE]
    assert project.dialogue(steps).code is Exit.OK
    assert project.stack_file().read_text().startswith(start)
    assert Settings.from_stack_file(project.stack_file()).home_region == "eu-west-2"


def test_what_the_stack_says_about_a_later_question_does_not_bind_an_earlier_one(project: Bench) -> None:
    """A stack without guardian gets one, and in the same dialogue a watch on it."""
    assert (
        project.dialogue([*SHORTEST[:-1], ("When somebody stops the trail?", DOWN + DOWN + ENTER), WRITE]).code
        is Exit.OK
    )
    assert Settings.from_stack_file(project.stack_file()).remediation.mode == "off"
    again = (
        STACK_PROD,
        ("Home region?", ENTER),
        REGIONS_AS_TICKED,
        ("Who gets the alerts?", ENTER),
        ("What should raise an alert?", "a" + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", UP + UP + ENTER),
        WRITE,
    )
    assert project.dialogue([*again]).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.remediation.mode == "restore"
    assert set(settings.event_sets) == set(EVENT_SETS)
