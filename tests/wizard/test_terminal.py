"""The wizard in a real pseudo-terminal: the keys, the screens and the exit codes that a person gets."""

import re
from pathlib import Path

import pytest

from exits import Exit
from settings import Settings
from tests.support.typist import CTRL_C, DOWN, ENTER, Step, in_a_terminal
from tests.support.wizard_bench import Bench, bench, command, environ
from wizard.terminal import Terminal

DIALOGUE: list[Step] = [
    ("Which stack?", ENTER),
    ("Home region?", "ireland" + ENTER),
    ("Which regions do you work in?", ENTER),
    ("Who gets the alerts?", "security@example.com" + ENTER),
    ("What should raise an alert?", ENTER),
    ("Alert when addresses make many calls?", ENTER),
    ("When somebody stops the trail?", DOWN + ENTER),
    ("Write it?", "y"),
]


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    return bench(tmp_path)


@pytest.mark.parametrize("index", [0, 3, 4, 7], ids=["stack", "emails", "event sets", "write"])
def test_ctrl_c_writes_nothing_and_says_so(project: Bench, index: int) -> None:
    before = project.files()
    steps = [*DIALOGUE[:index], (DIALOGUE[index][0], CTRL_C)]
    code, seen = in_a_terminal(command(), steps, folder=project.folder, environ=environ())
    assert code == Exit.INTERRUPTED
    assert [line for line in seen.at_the_end if line][-1] == "Nothing was written."
    assert project.files() == before


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 50)])
def test_a_whole_dialogue(project: Bench, columns: int, rows: int) -> None:
    code, seen = in_a_terminal(
        command(), DIALOGUE, folder=project.folder, environ=environ(), columns=columns, rows=rows
    )
    assert code == Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert (settings.home_region, settings.remediation.mode) == ("eu-west-1", "notify")
    lines = seen.at_the_end
    assert lines[0].startswith("trailwarden ")
    assert "stack: prod (new)" in lines
    assert "✓ Who gets the alerts? security@example.com" in lines
    assert "Written: Pulumi.prod.yaml" in lines
    assert any(line.startswith("  aws sns confirm-subscription") for line in lines)
    assert not any(line.startswith("? ") for line in lines), "no question stays open on the screen"


def test_the_reason_stands_right_under_the_question(project: Bench) -> None:
    """And not on the last line of the screen, where prompts put it by themselves."""
    steps = [*DIALOGUE[:3], ("Who gets the alerts?", "nobody" + ENTER), ("is not a mail address", CTRL_C)]
    _, seen = in_a_terminal(command(), steps, folder=project.folder, environ=environ(), rows=40)
    lines = seen.at_each_step[-1]
    question = lines.index("? Who gets the alerts? nobody")
    assert lines[question + 1].startswith('  "nobody" is not a mail address')


def test_why_one_would_tick_a_set_stands_right_under_the_list(project: Bench) -> None:
    steps = [*DIALOGUE[:4], (" ticked", CTRL_C)]  # the last that is drawn
    _, seen = in_a_terminal(command(), steps, folder=project.folder, environ=environ(), rows=60)
    lines = seen.at_each_step[-1]
    last_set = max(index for index, line in enumerate(lines) if line.startswith(("   ○", "   ●", " »")))
    assert lines[last_set + 1].startswith("  trail-changes: ")


def test_no_color_means_no_colour(project: Bench) -> None:
    colours = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7]|38;|48;)[0-9;]*m")
    steps = [*DIALOGUE[:4], ("What should raise an alert?", CTRL_C)]
    _, plain = in_a_terminal(command(), steps, folder=project.folder, environ=environ(NO_COLOR="1"))
    _, usual = in_a_terminal(command(), steps, folder=project.folder, environ=environ())
    assert colours.search(usual.raw), "or else this test would prove nothing"
    assert not colours.search(plain.raw)


@pytest.mark.parametrize(
    ("term", "ours", "is_interactive"), [("xterm", True, True), ("dumb", True, False), ("xterm", False, False)]
)
def test_nobody_is_asked_where_no_list_can_be_drawn(
    monkeypatch: pytest.MonkeyPatch, term: str, ours: bool, is_interactive: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdin.isatty", lambda: ours, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert Terminal.real().is_interactive is is_interactive
