"""The result for people: what is wrong first, with what to do about it; what holds only counted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from operate.checking.audit import Audit
from operate.checking.document import MARKS, control_table, counts
from operate.checking.line import Line
from operate.checking.words import named
from operate.console import columns, printable

COLOURS = {"holds": "green", "fails": "bold red", "unknown": "yellow"}
SHOWN_SETS = 3
"""Event sets that are named where more of them fail their controls for one reason; `--all` names them all."""


def show(done: Audit, *, all_lines: bool = False) -> None:
    """Print the result."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    tally = counts(done.lines)
    head = " · ".join(
        [
            printable(done.survey.identity.account),
            f"{done.survey.at:%Y-%m-%d %H:%M} UTC",
            *(f"stack {printable(stack)}" for stack in done.stacks),
        ]
    )
    total = f"{tally['holds']} hold · {tally['fails']} do not · {tally['unknown']} could not be looked at"
    console.print(Text.assemble((head, "bold"), "   ", total))
    for state in ("fails", "unknown"):
        for line in (each for each in done.lines if each.state == state):
            _line(console, line)
    if all_lines:
        for line in (each for each in done.lines if each.state == "holds"):
            console.print(Text.assemble((f"{MARKS['holds']} ", COLOURS["holds"]), printable(line.what, longest=400)))
    _controls(console, done, all_lines=all_lines)
    _foreign(console, done)


def _line(console: Console, line: Line) -> None:
    where = f"  ({line.where})" if line.where else ""
    console.print(
        Text.assemble((f"{MARKS[line.state]} ", COLOURS[line.state]), printable(line.what, longest=400), (where, "dim"))
    )
    for text in (line.evidence, line.fix):
        if text:
            console.print(Text(f"    {printable(text, longest=600)}", style="dim" if text is line.evidence else ""))


def _controls(console: Console, done: Audit, *, all_lines: bool) -> None:
    console.print(Text("Controls that pass, by whosever filters", style="bold"))
    for cells in columns(control_table(done.controls), gap=3):
        console.print("".join(cells))
    # What nobody chose fails its controls for one and the same reason, which is worth one line.
    reasons: dict[str, dict[str, None]] = {}
    for control in done.controls:
        if control.outcome in ("fails", "unknown"):
            reasons.setdefault(control.why, {})[control.event_set] = None
    for why, event_sets in reasons.items():
        shown = named(event_sets, most=len(event_sets) if all_lines else SHOWN_SETS)
        console.print(Text(f"  {shown}: {printable(why)}", style="dim"))


def _foreign(console: Console, done: Audit) -> None:
    for owner, names in done.foreign.items():
        whose = f"look like those of {owner}" if owner else "are nobody's that we know"
        console.print(f"{len(names)} filters on the log groups {whose}: {printable(', '.join(names))}")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Says on standard error what is being read, while it is; silent where nobody watches."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _text: None
        return
    console = Console(file=sys.stderr, highlight=False)
    with console.status("looking at the account") as status:
        yield lambda text: status.update(f"reading {text}")
