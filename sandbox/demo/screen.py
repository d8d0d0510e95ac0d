"""How the demo looks: numbered steps that appear when they happened, and mails as a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

WIDTH = 108  # wider lines are harder to read than wrapped ones


def mail_panel(mail: Mapping[str, str], *, lines: int | None = None) -> Panel:
    """A mail with its header lines and its body, or the first `lines` of it.

    Its text is shown as it is: nothing in it is markup.
    """
    body = printable(mail["body"].rstrip()).split("\n")
    shown = body[:lines]
    header = Text()
    header.append("To       ", style="dim")
    header.append(f"{printable(mail['to'])}\n")
    header.append("Subject  ", style="dim")
    header.append(f"{printable(mail['subject'])}\n", style="bold")
    header.append("\n" + "\n".join(shown))
    if len(shown) < len(body):
        header.append(f"\n… and {len(body) - len(shown)} more lines, as AWS writes them", style="dim")
    return Panel(header, title="mail", title_align="left", border_style="cyan")


def printable(text: str) -> str:
    """Text from outside without what would steer a terminal: control characters become a visible sign."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)


class Screen:
    """The demo's story on one console. Everything that comes from outside is shown as plain text."""

    def __init__(self, console: Console) -> None:
        self._console = console
        if console.width > WIDTH:
            console.width = WIDTH
        self._seen_sign, self._missed_sign = _signs(console.encoding)
        self._number = 0

    def opening(self, title: str, subtitle: str) -> None:
        """The first lines."""
        self._console.print(Text(title, style="bold"))
        self._console.print(Text(subtitle, style="dim"))

    def step(self, title: str) -> None:
        """A new numbered step begins."""
        self._number += 1
        self._console.print()
        self._console.print(Text(f"{self._number:>2}  {title}", style="bold"))

    def seen(self, text: str, when: str) -> None:
        """Something was observed; `when` is how long it took, or how long after something else."""
        self._line(self._seen_sign, "green", text, when)

    def missed(self, text: str) -> None:
        """Something was claimed, and not observed."""
        self._line(self._missed_sign, "red", text, "")

    def left_open(self, text: str) -> None:
        """Something that is not answered yet, and is not claimed to be."""
        self._line("-", "yellow", text, "")

    def note(self, text: str) -> None:
        """An explanation."""
        self._console.print(Padding(Text(text, style="dim"), (0, 0, 0, 6), expand=False))

    def mail(self, mail: Mapping[str, str], *, lines: int | None = None) -> None:
        """A mail, whole or its first lines."""
        self._console.print(Padding(mail_panel(mail, lines=lines), (0, 0, 0, 4), expand=False))

    def listing(self, title: str, lines: Sequence[str]) -> None:
        """A heading with lines under it."""
        self._console.print()
        self._console.print(Text(title, style="bold"))
        for line in lines:
            self._console.print(Padding(Text(line), (0, 0, 0, 4), expand=False))

    def verdict(self, *, ok: bool, text: str) -> None:
        """The last line."""
        self._console.print()
        self._console.print(Text(text, style="bold green" if ok else "bold red"))

    @contextmanager
    def waiting(self, text: str) -> Iterator[Waiting]:
        """A moving line on a terminal while something is awaited; nothing elsewhere."""
        with self._console.status(Text(text, style="dim")) as status:
            yield Waiting(lambda now: status.update(Text(now, style="dim")))

    def _line(self, sign: str, style: str, text: str, right: str) -> None:
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(width=2)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_row(Text(sign, style=style), Text(printable(text)), Text(right, style="dim"))
        self._console.print(Padding(grid, (0, 0, 0, 4)))


def _signs(encoding: str) -> tuple[str, str]:
    """Signs for seen and missed that the terminal can show; replaced by `?`, the two would look alike."""
    try:
        "✓✗".encode(encoding)
    except UnicodeEncodeError:
        return "ok", "!!"
    return "✓", "✗"


class Waiting:
    """The moving line."""

    def __init__(self, update: Callable[[str], None]) -> None:
        self._update = update

    def now(self, text: str) -> None:
        """Say what is awaited now."""
        self._update(text)
