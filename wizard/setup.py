"""The verb `setup`: collect answers, validate, show what would be written, write once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from exits import Exit
from settings import (
    Change,
    Document,
    Problem,
    Settings,
    SettingsError,
    StackFile,
    find_project,
    merge_answers,
    read_answers,
    replacements,
    stack_file_path,
    stacks_of,
)
from wizard import show
from wizard.account_part import AccountPart, look_first
from wizard.flags import SOURCE as COMMAND_LINE
from wizard.flags import answers_from_flags
from wizard.next_steps import next_steps
from wizard.present import usable
from wizard.questions import (
    EMAILS,
    EVENT_SETS,
    HOME_REGION,
    QUESTIONS,
    REMEDIATION,
    STACK,
    TRAIL,
    with_mode,
    without_guardian,
)
from wizard.terminal import Terminal

if TYPE_CHECKING:
    from wizard.access import Access

ANSWERED = "your answers"
"""How messages call what was said in the dialogue."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says."""

    stack: str | None = None
    answers: Path | None = None
    yes: bool = False
    flags: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """The texts of the flags that were given, by the key of the question."""
    access: "Access | None" = None
    """With what to look at the account; None looks at nothing."""

    @property
    def trail(self) -> Sequence[str]:
        """What `--trail` says; nothing if it was not given."""
        return self.flags.get(TRAIL.key, ())


@dataclass(frozen=True, kw_only=True)
class _Proposal:
    """Valid settings, and what writing them would change."""

    settings: Settings
    change: Change
    is_new: bool
    new_addresses: tuple[str, ...]
    lacking_secrets: tuple[str, ...]
    replaced: tuple[str, ...]
    seen: AccountPart


def run(options: Options, *, terminal: Terminal) -> Exit:
    """Set up one stack. Nothing is written before the last question, or without `--yes` where nobody can be asked."""
    try:
        proposal = _propose(options, terminal)
        refusal = _refusal(proposal, options, terminal)
    except (KeyboardInterrupt, EOFError):
        terminal.err.print(show.NOTHING_WRITTEN)
        return Exit.INTERRUPTED
    except SettingsError as error:
        show.problems(terminal.err, error)
        terminal.err.print(show.NOTHING_WRITTEN)
        if options.answers is None and any(_is_typed(each) for each in error.problems):
            terminal.err.print("`setup --help` lists the flags that answer.")
        return Exit.NO_ANSWER
    return _write(proposal, terminal) if refusal is None else refusal


def _is_typed(problem: Problem) -> bool:
    """Whether it is about an answer on the command line, and not about a file or the account."""
    return problem.source in {COMMAND_LINE, STACK.flag, *(each.flag for each in QUESTIONS)}


def _propose(options: Options, terminal: Terminal) -> _Proposal:
    """Settings from flags, answers file, dialogue and what the stack says now. Raises SettingsError."""
    project = find_project(terminal.folder)
    given = _given(options, terminal)
    is_asking = _is_asking(options, terminal)
    if is_asking:
        show.header(terminal.err)
    name = _stack_name(options, project, is_asking=is_asking)
    stack_file = StackFile.read(stack_file_path(project, name))
    if is_asking:
        show.stack(terminal.err, name=name, file=stack_file.path.name, is_new=not stack_file.exists)
    _keep_rest(given, stack_file.answers)
    home = given.get(HOME_REGION.key, stack_file.answers.get(HOME_REGION.key))
    home = home if isinstance(home, str) else None
    seen = look_first(options.access, home=home, stack=name, terminal=terminal)
    seen.answer_flag(options.trail, given, stack_file.answers, stack=name)
    if is_asking:
        settings = _ask(name, given, stack_file.answers, terminal, seen)
    else:
        settings = Settings.parse(merge_answers(given, stack_file.answers), stack=name, source=given.source)
    return _Proposal(
        settings=settings,
        change=stack_file.plan_changes(settings),
        is_new=not stack_file.exists,
        new_addresses=_new_addresses(settings, stack_file.answers),
        replaced=_replaced(settings, stack_file.answers),
        seen=seen,
        lacking_secrets=tuple(each for each in settings.secrets if each not in stack_file.answers.secrets),
    )


def _is_asking(options: Options, terminal: Terminal) -> bool:
    """Whether there is a dialogue: somebody is there, and has not said that everything is said."""
    return terminal.is_interactive and options.answers is None and not options.yes


def _given(options: Options, terminal: Terminal) -> Document:
    """What the answers file says, and the flags on top of it. Raises SettingsError."""
    flags = answers_from_flags({key: text for key, text in options.flags.items() if key != TRAIL.key})
    if options.answers is None:
        return flags
    answers = read_answers(terminal.folder / options.answers, shown=str(options.answers))
    _keep_rest(flags, answers)
    given = answers.layered(flags)
    given.source = answers.source  # what is missing is missing there
    return given


def _keep_rest(flags: Document, below: Document) -> None:
    """`--remediation` says the mode; what else the section decides stays as it is below."""
    section = below.get(REMEDIATION.key)
    if flags.mark((REMEDIATION.key,)).source != REMEDIATION.flag:
        return
    if isinstance(section, dict):
        flags[REMEDIATION.key] = with_mode(flags[REMEDIATION.key]["mode"], section)
    sets = below.get(EVENT_SETS.key)
    if flags[REMEDIATION.key]["mode"] == "off" and EVENT_SETS.key not in flags and isinstance(sets, dict):
        # The stack file has them because they are on by default, and without a guardian they would watch nothing.
        flags[EVENT_SETS.key] = without_guardian(sets)


def _replaced(settings: Settings, present: Document) -> tuple[str, ...]:
    """What the change deletes or makes anew on a stack that is deployed as its file says. Nothing for a new one."""
    try:
        return replacements(Settings.parse(present, stack=settings.stack, source=""), settings)
    except SettingsError:
        return ()  # a file that cannot be used was never deployed as it is


def _new_addresses(settings: Settings, present: Document) -> tuple[str, ...]:
    """Whom AWS will ask to confirm: every address that is not in the stack file yet."""
    try:
        written = Settings.parse(present, stack=settings.stack, source="")
        known = {address.casefold() for address in written.mail_addresses}
    except SettingsError:
        known = {str(address).casefold() for address in present.get(EMAILS.key) or ()}
    return tuple(address for address in settings.mail_addresses if address.casefold() not in known)


def _stack_name(options: Options, project: Path, *, is_asking: bool) -> str:
    """The stack to set up. Raises SettingsError."""
    if options.stack is not None:
        try:
            return STACK.check(options.stack)
        except ValueError as error:
            raise SettingsError([Problem(STACK.flag, "", None, str(error))]) from error
    existing = stacks_of(project)
    if not is_asking:
        allowed = f"a new name, or one of {', '.join(existing)}" if existing else "a name such as prod"
        raise SettingsError([Problem(STACK.flag, "", None, "is needed, because nothing is asked", allowed=allowed)])
    from wizard.dialogue import ask_stack

    return ask_stack(existing)


def _ask(stack: str, given: Document, present: Document, terminal: Terminal, seen: AccountPart) -> Settings:
    """The dialogue, again if its answers contradict each other and the person wants to mend that."""
    from wizard import prompts
    from wizard.dialogue import Dialogue

    present, broken = usable(present, given=given, stack=stack)
    for label in broken:
        show.asked_anew(terminal.err, source=present.source, key=label)
    while True:
        dialogue = Dialogue(
            stack=stack,
            present=present,
            environ=terminal.environ,
            sight=seen.sight,
            verdicts=seen.verdicts(stack),
        )
        answers = Document(dialogue.ask(given), source=ANSWERED)
        try:
            return Settings.parse(present.layered(answers), stack=stack, source=ANSWERED)
        except SettingsError as error:
            show.problems(terminal.err, error)
            if not prompts.confirm("Answer again, starting from what you said?"):
                raise SettingsError([]) from error  # the problems have been told
            present = present.layered(answers)


def _refusal(proposal: _Proposal, options: Options, terminal: Terminal) -> Exit | None:
    """Show what would be written. None if it shall be written, else how to end."""
    if proposal.change.is_empty:
        terminal.out.print(f"{proposal.change.path.name}: no changes")
        return Exit.OK
    show.summary(terminal.out, proposal.settings, sight=proposal.seen.sight)
    show.replaced(terminal.out, proposal.replaced)
    proposal.seen.show_obstacles(proposal.settings, terminal)
    show.diff(terminal.out, proposal.change.diff)
    if options.yes:
        return None
    if not terminal.is_interactive:
        terminal.err.print(f"{show.NOTHING_WRITTEN} Add --yes to write it.")
        return Exit.NO_ANSWER
    from wizard import prompts

    if prompts.confirm("Write it?"):
        return None
    terminal.out.print(show.NOTHING_WRITTEN)
    return Exit.OK


def _write(proposal: _Proposal, terminal: Terminal) -> Exit:
    """Write the file and say what comes next."""
    try:
        proposal.change.write()
    except SettingsError as error:
        show.problems(terminal.err, error)
        terminal.err.print(show.NOTHING_WRITTEN)
        return Exit.NO_ANSWER
    show.lines(terminal.out, [f"Written: {proposal.change.path.name}"])
    steps = next_steps(
        proposal.settings,
        is_new=proposal.is_new,
        new_addresses=proposal.new_addresses,
        lacking_secrets=proposal.lacking_secrets,
        first=proposal.seen.to_type_first(proposal.settings),
    )
    show.lines(terminal.out, steps)
    return Exit.OK
