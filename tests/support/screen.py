"""A terminal's screen, as far as prompts and coloured lines use one: feed it what was written, read what one sees."""

import re

_PART = re.compile(
    r"\x1b\[(?P<private>\??)(?P<numbers>[0-9;]*)(?P<command>[A-Za-z@])"  # a control sequence
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # a title
    r"|\x1b[=>78]"  # a keypad mode
    r"|(?P<control>[\r\n\b\x07])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)


class Screen:
    """Rows and columns of characters, a cursor, and the lines that have scrolled away."""

    def __init__(self, *, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.scrolled: list[str] = []
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0
        self._wraps = True

    @property
    def lines(self) -> list[str]:
        """Everything there is to see when one scrolls up, without blanks at the ends."""
        return [*self.scrolled, *("".join(line).rstrip() for line in self._lines)]

    @property
    def live(self) -> str:
        """The open question and all that stands under it, each run of blanks as one."""
        lines = self.lines
        start = max((i for i, line in enumerate(lines) if line.startswith("? ")), default=0)
        return " ".join(" ".join(lines[start:]).split())

    def feed(self, written: str) -> None:
        """Draw what was written. Sequences that draw nothing are passed over."""
        for part in _PART.finditer(written):
            if part["text"]:
                for character in part["text"]:
                    self._put(character)
            elif part["control"]:
                self._control(part["control"])
            elif part["command"]:
                self._command(part["command"], part["private"], part["numbers"])

    def _put(self, character: str) -> None:
        if self._column >= self.columns:
            if not self._wraps:
                self._column = self.columns - 1
            else:
                self._column = 0
                self._down()
        line = self._line()
        line.extend(" " * (self._column + 1 - len(line)))
        line[self._column] = character
        self._column += 1

    def _line(self) -> list[str]:
        while len(self._lines) <= self._row:
            self._lines.append([])
        return self._lines[self._row]

    def _down(self) -> None:
        if self._row + 1 < self.rows:
            self._row += 1
            return
        self._line()
        self.scrolled.append("".join(self._lines.pop(0)).rstrip())

    def _control(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\n":
            self._down()
        elif control == "\b":
            self._column = max(0, self._column - 1)

    def _command(self, command: str, private: str, numbers: str) -> None:
        if private:
            if numbers == "7":
                self._wraps = command == "h"
            return
        count = int(numbers.partition(";")[0] or 1) if command != "J" and command != "K" else int(numbers or 0)
        match command:
            case "A":
                self._row = max(0, self._row - count)
            case "B":
                self._row = min(self.rows - 1, self._row + count)
            case "C":
                self._column = min(self.columns - 1, self._column + count)
            case "D":
                self._column = max(0, self._column - count)
            case "G":
                self._column = count - 1
            case "K" if count == 0:
                del self._line()[self._column :]
            case "J" if count == 0:
                del self._line()[self._column :]
                del self._lines[self._row + 1 :]
            case "J" | "K" | "H":
                raise AssertionError(f"this screen does not know {numbers}{command}; teach it")
            case _:
                pass  # colours
