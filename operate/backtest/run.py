"""`trailwarden backtest`: what the alarms would have done with the events of the past."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from account import Access
from exits import Exit
from operate.backtest.choice import Choice, ChoiceError, choose
from operate.backtest.clients import AccessError, look_first
from operate.backtest.counts import Counts
from operate.backtest.document import as_document
from operate.backtest.folder import Folder
from operate.backtest.result import Result, work_out
from operate.backtest.screen import show
from operate.backtest.span import Span
from operate.backtest.thresholds import ALARMS_A_WEEK
from operate.backtest.watching import Watching
from operate.backtest.where import Source, find_source
from operate.backtest.work import WorkError, cores, count_all
from operate.console import note, refuse, say_json
from operate.event_text import EventsError
from settings import SettingsError

SMALL_BYTES = 2 * 1024 * 1024
"""Below this a second process costs more time than it saves."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says."""

    source: str
    stack: str | None = None
    sets: Sequence[str] = ()
    first: str | None = None
    last: str | None = None
    a_week: float = ALARMS_A_WEEK
    jobs: int | None = None
    access: Access = field(default_factory=Access)
    workgroup: str | None = None
    as_json: bool = False
    html: Path | None = None
    apply: bool = False
    yes: bool = False


def backtest(options: Options) -> Exit:
    """Run the watches over a source and say what would have happened.

    Returns the exit code: 0 looked, 2 bad input, or something could not be read.
    """
    if options.apply and options.stack is None:
        return refuse("--apply needs --stack NAME: the thresholds are written to its file")
    try:
        choice = choose(stack=options.stack, names=options.sets, folder=Path.cwd())
        span = Span.parse(options.first, options.last)
        counted = _count(options, choice, span)
    except (SettingsError, ChoiceError, EventsError, AccessError, WorkError) as error:
        return refuse(str(error))
    if counted is None:
        note("Nothing was read.")
        return Exit.OK
    counts, choice = counted
    result = work_out(choice, counts, source=options.source, stack=options.stack, a_week=options.a_week)
    code = _tell(result, options)
    if options.apply and code == Exit.OK:
        from operate.backtest.apply import write_thresholds

        return write_thresholds(result, choice, yes=options.yes)
    return code


def _count(options: Options, choice: Choice, span: Span) -> tuple[Counts, Choice] | None:
    """What the source holds, and what could be tried on it; None if the person does not want to pay for it."""
    access = options.access if options.access.region else replace(options.access, region=choice.home_region)
    if options.source.startswith("athena:"):
        from operate.backtest.athena import count_with_athena

        found = count_with_athena(
            options.source,
            choice.patterns,
            span,
            access=access,
            workgroup=options.workgroup,
            yes=options.yes,
        )
        return None if found is None else (found[0], choice.without(found[1]))
    source, span = find_source(options.source, access, span)
    if not isinstance(source, Folder):
        look_first(access)
    watching = Watching(
        choice.patterns,
        suppressions=choice.suppressions,
        loud=choice.loud,
        slot=choice.burst.period // 60,
        first=span.first_text,
        last=span.last_text,
    )
    jobs = options.jobs or cores()
    if options.jobs is None and source.unit == "bytes" and source.size is not None and source.size < SMALL_BYTES:
        jobs = 1
    with progress(source) as seen:
        return count_all(source.pieces(), watching, jobs=jobs, seen=seen), choice


@contextmanager
def progress(source: Source) -> Iterator[Callable[[int, Counts], None]]:
    """A bar on standard error while a terminal is there; it goes away with the work."""
    console = Console(stderr=True)
    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*parts, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=source.size)

        def seen(size: int, counts: Counts) -> None:
            bar.update(task, advance=size, description=f"{counts.events:,} events")

        yield seen


def _tell(result: Result, options: Options) -> Exit:
    """Print, write the page, and say what is missing in the answer."""
    if options.as_json:
        say_json(as_document(result))
    else:
        show(result, Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True))
    if options.html is not None:
        from operate.backtest.page import as_page

        try:
            options.html.write_text(as_page(result), encoding="utf-8")
        except OSError as error:
            return refuse(f"{options.html}: {error.strerror or error}")
        note(f"Written: {options.html}")
    counts = result.counts
    for problem, times in Counter(counts.unread).items():
        note(f"not read{f', {times} times' if times > 1 else ''}: {problem}")
    if counts.unread:
        more = f" and {counts.unread_more} more" if counts.unread_more else ""
        return refuse(f"{len(counts.unread)}{more} could not be read: the figures above are too low")
    if not counts.events:
        return refuse("there is no event in what was read, or none in the range")
    return Exit.OK
