"""Dialogues that go wrong: mistakes are explained where they are made, and whoever leaves writes nothing."""

import pytest

from catalog import EVENT_SETS
from exits import Exit
from settings import Settings
from tests.support.dialogue_steps import (
    HOME_DUBLIN,
    NO_RANGE,
    REGIONS_AS_TICKED,
    RESTORE,
    SETS_AS_TICKED,
    SHORTEST,
    STACK_PROD,
    TWO_MAILS,
    TWO_RANGES,
    WRITE,
)
from tests.support.typist import CLEAR, CTRL_C, CTRL_D, DOWN, ENTER, SPACE, Step
from tests.support.wizard_bench import Bench
from wizard.questions import QUESTIONS, STACK


def test_a_wrong_flag_ends_before_the_first_question(project: Bench) -> None:
    outcome = project.dialogue([("Which stack?", ENTER)], flags={"emails": ["nobody"]})
    assert outcome.code is Exit.NO_ANSWER
    assert "--email" in outcome.err
    assert '"nobody"' in outcome.err


def test_wrong_answers_are_explained_under_their_question_and_then_corrected(project: Bench) -> None:
    steps: list[Step] = [
        ("Which stack?", CLEAR + "my stack" + ENTER),
        ("cannot be the name of a stack", CLEAR + "prod" + ENTER),
        HOME_DUBLIN,
        REGIONS_AS_TICKED,
        ("Who gets the alerts?", ENTER),
        ("at least one, such as", "security@example" + ENTER),
        ("is not a mail address", CLEAR + "ops@example.com OPS@example.com" + ENTER),
        ("is listed twice", CLEAR + "ops@example.com" + ENTER),
        SETS_AS_TICKED,
        ("Alert when addresses make many calls?", DOWN + ENTER),
        ("Which addresses?", "10.0.0.5/24" + ENTER),
        ("did you mean 10.0.0.0/24?", CLEAR + "10.0.0.0/24" + ENTER),
        ("A name for them?", CLEAR + "Head Office" + ENTER),
        ("did you mean head-office?", CLEAR + "trail-changes" + ENTER),
        ("is the name of an event set", CLEAR + "head-office" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", CLEAR + "0" + ENTER),
        ("must be at least 1", CLEAR + "many" + ENTER),
        ("is not a whole number", CLEAR + "5" + ENTER),
        ("Within how many seconds?", CLEAR + "90" + ENTER),
        ("must be a multiple of 60", CLEAR + "120" + ENTER),
        ("go on with these", ENTER),
        RESTORE,
        WRITE,
    ]
    assert project.dialogue(steps).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.emails == ("ops@example.com",)
    (source,) = settings.source_ips
    assert (source.name, source.cidr, source.threshold, source.period) == ("head-office", "10.0.0.0/24", 5, 120)


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_range_too_many_is_explained_and_said_again_or_given_up(project: Bench, gives_up: bool) -> None:
    """Only five filters of a log group may hold a regular expression, and a /25 needs one. Its name is not at fault."""
    five = [f"half-{n}=10.0.{n}.0/25" for n in range(4)]  # and self-alarms-logs may hold one
    project.setup(
        stack="prod", yes=True, flags={"homeRegion": "eu-west-1", "emails": ["a@b.example"], "sourceIps": five}
    )
    before = project.files()
    sixth: list[Step] = [
        ("go on with these", DOWN + ENTER),
        ("Which addresses?", "10.0.9.0/25" + ENTER),
        ("A name for them?", "sixth" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", ENTER),
        ("Within how many seconds?", ENTER),
    ]
    again: list[Step] = [
        ("Say it again?", "y"),
        ("Which addresses? 10.0.9.0/25", CLEAR + "10.0.9.0/24" + ENTER),
        ("A name for them? sixth", ENTER),
        *sixth[3:],
        ("go on with these", ENTER),
        RESTORE,
        WRITE,
    ]
    up: list[Step] = [("Say it again?", "n"), ("go on with these", ENTER), RESTORE]
    outcome = project.dialogue(
        [*SHORTEST[:3], ("Who gets", ENTER), SETS_AS_TICKED, *sixth, *(up if gives_up else again)]
    )
    assert outcome.code is Exit.OK
    assert any("6 patterns hold a regular expression" in line for line in outcome.at_the_end)
    names = [each.name for each in Settings.from_stack_file(project.stack_file()).source_ips]
    assert ("sixth" in names) is not gives_up
    assert (project.files() == before) is gives_up


def test_answers_that_contradict_each_other_are_explained_and_given_again(project: Bench) -> None:
    nothing: list[Step] = [
        ("Which stack?", ENTER),
        HOME_DUBLIN,
        REGIONS_AS_TICKED,
        TWO_MAILS,
        ("What should raise an alert?", "aa" + ENTER),  # all, then none
        NO_RANGE,
        ("When somebody stops the trail?", 2 * DOWN + ENTER),
    ]
    again: list[Step] = [
        ("Answer again", "y"),
        ("Home region?", ENTER),
        ("Which regions do you work in?", ENTER),
        ("Who gets the alerts?", ENTER),
        ("What should raise an alert?", SPACE + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", ENTER),
        WRITE,
    ]
    outcome = project.dialogue([*nothing, *again])
    assert outcome.code is Exit.OK
    assert "nothing would be guarded" in outcome.err
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.home_region == "eu-west-1", "what was said before is the default"
    assert set(settings.event_sets) == {next(iter(EVENT_SETS))}
    assert settings.remediation.mode == "off"


def test_who_does_not_mend_a_contradiction_writes_nothing(project: Bench) -> None:
    before = project.files()
    steps: list[Step] = [
        *SHORTEST[:4],
        ("What should raise an alert?", "aa" + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", 2 * DOWN + ENTER),
        ("Answer again", "n"),
    ]
    outcome = project.dialogue(steps)
    assert outcome.code is Exit.NO_ANSWER
    assert outcome.err.count("nothing would be guarded") == 1
    assert outcome.err.endswith("Nothing was written.\n")
    assert project.files() == before


def test_no_to_the_last_question_writes_nothing(project: Bench) -> None:
    before = project.files()
    outcome = project.dialogue([*SHORTEST, ("Write it?", "n")])
    assert outcome.code is Exit.OK
    assert "Nothing was written." in outcome.out
    assert project.files() == before


ASKED = [STACK, *(question for question in QUESTIONS if question.is_asked)]


LEAVING = [
    *(pytest.param(step, CTRL_C, id=question.key) for question, step in zip(ASKED, SHORTEST, strict=True)),
    pytest.param(WRITE, CTRL_C, id="write"),
    pytest.param(STACK_PROD, CLEAR + CTRL_D, id="stack, by ctrl-d"),
    pytest.param(TWO_MAILS, CTRL_D, id="emails, by ctrl-d"),
]


@pytest.mark.parametrize(("last", "key"), LEAVING)
def test_leaving_at_any_question_writes_nothing(project: Bench, last: Step, key: str) -> None:
    before = project.files()
    steps = [*SHORTEST, WRITE]
    outcome = project.dialogue([*steps[: steps.index(last)], (last[0], key)])
    assert outcome.code is Exit.INTERRUPTED
    assert "Nothing was written." in outcome.err
    assert project.files() == before


def test_ctrl_c_inside_a_range_writes_nothing(project: Bench) -> None:
    before = project.files()
    steps = [*SHORTEST[:5], *TWO_RANGES[:3], ("Count which calls?", CTRL_C)]
    outcome = project.dialogue(steps)
    assert outcome.code is Exit.INTERRUPTED
    assert project.files() == before
