"""Prompts: one text, one choice, ticks, yes or no.

questionary asks; here its screens are put in order: what explains a question or an answer stands right under it (it
would be on the terminal's last line), is broken at words, and goes away once the question is answered. Ctrl-C is a
KeyboardInterrupt, Ctrl-D an EOFError; whoever asks handles both in one place.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import questionary
from prompt_toolkit import print_formatted_text
from prompt_toolkit.application import Application, get_app_session
from prompt_toolkit.filters import Always, Condition, IsDone
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.layout import BufferControl, ConditionalContainer, Dimension, FormattedTextControl, HSplit, Window
from prompt_toolkit.styles import Style
from questionary.prompts.common import InquirerControl

# Names of the terminal's own colours, so that they fit its theme.
_STYLE = Style(
    [
        ("qmark", "fg:ansicyan bold"),
        ("question", "bold"),
        ("answer", "fg:ansicyan"),
        ("pointer", "fg:ansicyan bold"),
        ("highlighted", "bold"),
        ("selected", "fg:ansigreen"),
        ("separator", "fg:ansibrightblack"),
        ("instruction", "fg:ansibrightblack"),
        ("hint", "fg:ansibrightblack"),
        ("done", "fg:ansigreen"),
        ("bottom-toolbar", "noreverse"),
        ("validation-toolbar", "noinherit fg:ansired"),
    ]
)
_INDENT = "  "
_SEARCHABLE_ROWS = 12
_NARROW = 20  # what is narrower is not readable in any case


@dataclass(frozen=True, kw_only=True)
class Option:
    """One line of a list. `why` is shown under the list while the pointer is on the line."""

    value: str
    label: str
    why: str = ""
    group: str = ""
    """The heading it stands under; lines of one group follow each other."""
    is_ticked: bool = False


def ask_text(text: str, *, check: Callable[[str], Any], default: str = "", hint: str = "", is_said: bool = True) -> Any:
    """What was typed, after `check` has cleaned it. A ValueError of `check` is shown under the question."""
    # Not while typing: half an address is no mistake yet.
    prompt = questionary.text(
        text, default=default, validate=_verdict(check), validate_while_typing=False, style=_STYLE
    )
    typed: str = _run(prompt, below=lambda: hint, is_typed=True)
    if is_said:
        say(text, typed)
    return check(typed)


def choose(
    text: str,
    options: Sequence[Option],
    *,
    default: str | None = None,
    is_searchable: bool = False,
    is_said: bool = True,
) -> str:
    """The value of the chosen option. The pointer starts on `default`, else on the first.

    With `is_said=False`, here and in `ask_text`, the answer leaves no line on the screen: for parts of an answer.
    """
    keys = "(arrows move, letters search, enter takes)" if is_searchable else "(arrows move, enter takes)"
    prompt = questionary.select(
        text,
        choices=_choices(options),
        instruction=keys,
        show_description=False,
        use_jk_keys=not is_searchable,
        use_search_filter=is_searchable,
        style=_STYLE,
    )
    listed = _list_of(prompt)
    _take_no_lost_search(prompt, listed)
    values = [choice.value for choice in listed.choices]
    if default in values:
        listed.pointed_at = values.index(default)
    chosen: str = _run(prompt, below=lambda: _why(listed, options), rows=_SEARCHABLE_ROWS if is_searchable else None)
    if is_said:
        say(text, " ".join(next(option.label for option in options if option.value == chosen).split()))
    return chosen


def tick(
    text: str,
    options: Sequence[Option],
    *,
    check: Callable[[list[str]], Any],
    is_searchable: bool = False,
    is_counted: bool = False,
) -> list[str]:
    """The values of the ticked options, in the order of `options`. `check` raises ValueError if they will not do.

    With `is_counted`, for long lists, it says how many are ticked instead of which.
    """
    moves = "letters search" if is_searchable else "a all or none"
    prompt = questionary.checkbox(
        text,
        choices=_choices(options),
        validate=_verdict(check),
        instruction=f"(space ticks, {moves}, enter goes on)",
        show_description=False,
        use_jk_keys=not is_searchable,
        use_search_filter=is_searchable,
        style=_STYLE,
    )
    listed = _list_of(prompt)
    _take_no_lost_search(prompt, listed)

    def below() -> str:
        count = f"\n{len(listed.selected_options)} of {len(options)} ticked" if is_counted else ""
        return _why(listed, options) + count

    ticked: list[str] = _run(prompt, below=below, rows=_SEARCHABLE_ROWS if is_searchable else None)
    say(text, f"{len(ticked)} of {len(options)}" if is_counted else ", ".join(ticked) or "none")
    return ticked


def confirm(text: str, *, default: bool = True) -> bool:
    """Yes or no: `y` and `n` answer at once, Enter takes the default."""
    yes: bool = _run(questionary.confirm(text, default=default, style=_STYLE), below=lambda: "")
    say(text, "yes" if yes else "no")
    return yes


def say(text: str, answer: str) -> None:
    """Leave question and answer on the screen, in short."""
    head = f"✓ {text} "
    lines = textwrap.wrap(
        answer, columns(), initial_indent=" " * len(head), subsequent_indent=_INDENT * 2, break_on_hyphens=False
    )
    said = "\n".join(lines)[len(head) :]
    print_formatted_text(FormattedText([("class:done", "✓ "), ("", f"{text} "), ("class:answer", said)]), style=_STYLE)


def say_why_not(reason: str) -> None:
    """Explain, between two questions, why what was said will not do."""
    print_formatted_text(FormattedText([("class:validation-toolbar", _wrapped(reason))]), style=_STYLE)


def _choices(options: Sequence[Option]) -> list[questionary.Choice]:
    choices: list[questionary.Choice] = []
    group = ""
    for option in options:
        if option.group != group:
            group = option.group
            choices.append(questionary.Separator(group))
        choices.append(questionary.Choice(option.label, value=option.value, checked=option.is_ticked))
    return choices


def _verdict(check: Callable[[Any], Any]) -> Callable[[Any], bool | str]:
    """`check` in the form questionary wants: True, or the reason why not."""

    def verdict(given: Any) -> bool | str:
        try:
            check(given)
        except ValueError as error:
            return _wrapped(str(error))
        return True

    return verdict


def _run(
    prompt: questionary.Question, *, below: Callable[[], str], rows: int | None = None, is_typed: bool = False
) -> Any:
    """Ask, with the text `below` under the question, and leave the screen as it was before."""
    app = prompt.application
    app.erase_when_done = True
    if not is_typed:
        _take_no_line(app)
    for window in app.layout.find_all_windows():
        window.dont_extend_height = Always()
        if window.height == 1:  # the line for a wrong answer's reason, which may need more than one
            window.height = None
        if rows is not None and isinstance(window.content, InquirerControl):
            window.height = Dimension(max=rows)
    explanation = Window(FormattedTextControl(lambda: [("class:hint", _wrapped(below()))]), dont_extend_height=Always())
    root = app.layout.container
    assert isinstance(root, HSplit)
    root.children.append(ConditionalContainer(explanation, filter=~IsDone() & Condition(lambda: bool(below()))))
    return prompt.unsafe_ask()


def _take_no_line(app: Application[Any]) -> None:
    """Let only a prompt's own keys answer it.

    Under a list or a yes-or-no lies a line to type in, which nobody sees and whose keys (Alt-Enter, Ctrl-O) would end
    the question with an empty text.
    """
    for control in app.layout.find_all_controls():
        if isinstance(control, BufferControl):
            control.buffer.accept_handler = None
    nothing = KeyBindings()
    nothing.add("escape", "enter")(_do_nothing)
    _add(app, nothing)


def _finds_nothing(listed: InquirerControl) -> str:
    """What to say of a search that no line has, else nothing."""
    is_lost = listed.search_filter and not any(listed.search_filter.lower() in _title(each) for each in listed.choices)
    return f"no line has {listed.search_filter!r}; Backspace takes a letter back" if is_lost else ""


def _title(choice: questionary.Choice) -> str:
    return str(choice.title).lower()


def _take_no_lost_search(prompt: questionary.Question, listed: InquirerControl) -> None:
    """Let Enter and Space do nothing while a search finds nothing: the list then shows every line, as if it did."""
    lost = KeyBindings()
    for key in ("enter", "space"):
        lost.add(key, filter=Condition(lambda: bool(_finds_nothing(listed))), eager=True)(_do_nothing)
    _add(prompt.application, lost)


def _add(app: Application[Any], keys: KeyBindings) -> None:
    """More keys, which go before those that are there."""
    assert app.key_bindings
    app.key_bindings = merge_key_bindings([app.key_bindings, keys])


def _do_nothing(_event: object) -> None:
    """What a key does that answers nothing."""


def _list_of(prompt: questionary.Question) -> InquirerControl:
    """The list of a prompt that shows one."""
    return next(
        window.content
        for window in prompt.application.layout.find_all_windows()
        if isinstance(window.content, InquirerControl)
    )


def _why(listed: InquirerControl, options: Sequence[Option]) -> str:
    """Why one would take the line that the pointer is on, or why there is none to take."""
    if lost := _finds_nothing(listed):
        return lost
    pointed_at = listed.get_pointed_at().value
    return next((option.why for option in options if option.value == pointed_at), "")


def columns() -> int:
    """How many columns of the terminal can be used without touching its edge."""
    return max(get_app_session().output.get_size().columns - 1, _NARROW)


def _wrapped(text: str) -> str:
    """The text, indented and broken at words to the terminal's width."""
    return "\n".join(
        textwrap.fill(line, columns(), initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
        for line in text.splitlines()
    )
