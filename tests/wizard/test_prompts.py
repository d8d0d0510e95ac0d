"""One prompt at a time: which keys answer it, and which do not."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.typist import DOWN, ENTER, SPACE, Step, at_the_keyboard
from wizard.prompts import Option, ask_text, choose, confirm, tick

ALT_ENTER, CTRL_O, BACKSPACE = "\x1b\r", "\x0f", "\x7f"
COLOURS = [Option(value=each, label=each, why=f"{each} it is", is_ticked=each == "red") for each in ("red", "blue")]


def any_ticks(_: list[str]) -> None:
    """Nothing is wrong with any choice."""


def typed(*steps: Step, run: Callable[[], Any]) -> tuple[Any, str]:
    """What was answered, and everything that was on the screen."""
    answer, seen = at_the_keyboard(run, steps, columns=80)
    return answer, seen.everything


@pytest.mark.parametrize("key", [ALT_ENTER, CTRL_O], ids=["alt-enter", "ctrl-o"])
@pytest.mark.parametrize(
    ("run", "keys", "answer"),
    [
        pytest.param(lambda: choose("Which?", COLOURS), DOWN + ENTER, "blue", id="choose"),
        pytest.param(lambda: choose("Which?", COLOURS, is_searchable=True), "bl" + ENTER, "blue", id="search"),
        pytest.param(lambda: tick("Which?", COLOURS, check=any_ticks), ENTER, ["red"], id="tick"),
        pytest.param(
            lambda: tick("Which?", COLOURS, check=any_ticks, is_searchable=True),
            DOWN + SPACE + ENTER,
            ["red", "blue"],
            id="tick and search",
        ),
        pytest.param(lambda: confirm("Which?"), "y", True, id="confirm"),
    ],
)
def test_no_key_of_a_line_editor_answers_a_list(run: Callable[[], Any], keys: str, answer: Any, key: str) -> None:
    """They would end it with an empty text: everything unticked, or an answer that is no option."""
    assert typed(("Which?", key + keys), run=run)[0] == answer


def test_alt_enter_takes_what_was_typed_if_it_will_do() -> None:
    def check(text: str) -> int:
        if not text.isdecimal():
            raise ValueError("is not a number")
        return int(text)

    answer, screen = typed(
        ("How many?", "many" + ALT_ENTER),
        ("is not a number", BACKSPACE * 4 + "7" + ALT_ENTER),
        run=lambda: ask_text("How many?", check=check),
    )
    assert answer == 7
    assert "is not a number" in screen


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(lambda: choose("Which?", COLOURS, default="blue", is_searchable=True), "red", id="choose"),
        pytest.param(lambda: tick("Which?", COLOURS, check=any_ticks, is_searchable=True), ["red"], id="tick"),
    ],
)
def test_a_search_that_finds_nothing_takes_nothing(run: Callable[[], Any], answer: Any) -> None:
    steps = (
        ("Which?", "rez" + SPACE * (answer == ["red"]) + ENTER),
        ("no line has 'rez'; Backspace takes a letter back", BACKSPACE),
        ("red it is", ENTER),
    )
    assert typed(*steps, run=run)[0] == answer
