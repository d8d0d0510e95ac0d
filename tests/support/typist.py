"""Somebody at the keyboard: waits until the screen asks, then types, through a pipe or a real pseudo-terminal."""

import codecs
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from tests.support.screen import Screen

ENTER, UP, DOWN, SPACE, CTRL_C, CTRL_D = "\r", "\x1b[A", "\x1b[B", " ", "\x03", "\x04"
CLEAR = "\x01\x0b"  # to the start of the line, and away with what follows
PATIENCE_S = 20.0

Step = tuple[str, str]
"""A text to wait for in the open question or under it, and the keys to press then."""


@dataclass
class _Typist:
    """Follows the steps, and ends the dialogue if it takes another turn."""

    steps: Sequence[Step]
    written: StringIO
    screen: Screen
    press: Callable[[str], object]
    seen: str = ""
    """Everything that ever stood on the screen, state after state."""
    at_each_step: list[tuple[str, ...]] = field(default_factory=list)
    """The lines of the screen before the keys of each step."""
    missed: str = ""
    has_ended: Event = field(default_factory=Event)
    """Set when the dialogue is over."""
    _drawn: int = 0

    def type_all(self) -> None:
        """Every step in turn; then wait for the end, and force it if another question waits."""
        self._type_steps()
        while not self.has_ended.wait(PATIENCE_S / 4):
            self._miss("the end")

    def draw(self) -> bool:
        """Bring the screen up to date; whether anything is new on it."""
        new = self.written.getvalue()[self._drawn :]
        if not new:
            return False
        self._drawn += len(new)
        self.screen.feed(new)
        self.seen += self.screen.live + "\n"
        return True

    def _type_steps(self) -> None:
        for text, keys in self.steps:
            deadline = time.monotonic() + PATIENCE_S
            self.draw()
            while text not in self.screen.live:
                if self.has_ended.is_set() or time.monotonic() > deadline:
                    return self._miss(repr(text))
                if not self.draw():
                    time.sleep(0.005)
            self.at_each_step.append(tuple(self.screen.lines))
            self.press(keys)
        return None

    def seen_by_now(self) -> "Seen":
        """What the person saw. Raises AssertionError if a step never came."""
        self.draw()
        assert not self.missed, self.missed
        return Seen(
            everything=self.seen,
            at_each_step=tuple(self.at_each_step),
            at_the_end=tuple(self.screen.lines),
            raw=self.written.getvalue(),
        )

    def _miss(self, what: str) -> None:
        self.missed = self.missed or "\n".join([f"{what} never came; the screen:", *self.screen.lines])
        if not self.has_ended.is_set():
            self.press(CTRL_C)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a person saw, and the bytes that drew it."""

    everything: str
    """All that ever stood in the open question and under it."""
    at_each_step: tuple[tuple[str, ...], ...]
    """The lines of the screen before the keys of each step."""
    at_the_end: tuple[str, ...]
    raw: str


def at_the_keyboard(run: Callable[[], Any], steps: Sequence[Step], *, columns: int, rows: int = 99) -> tuple[Any, Seen]:
    """What `run` returned while somebody typed the steps, and what was to be seen."""
    written, screen = StringIO(), Screen(columns=columns, rows=rows)
    with create_pipe_input() as keyboard:
        output = Vt100_Output(written, lambda: Size(rows=rows, columns=columns), enable_cpr=False)
        typist = _Typist(steps, written, screen, press=keyboard.send_text)
        thread = Thread(target=typist.type_all, daemon=True)
        with create_app_session(input=keyboard, output=output):
            thread.start()
            try:
                result = run()
            finally:
                typist.has_ended.set()
                thread.join(PATIENCE_S)
    return result, typist.seen_by_now()


def in_a_terminal(
    command: Sequence[str],
    steps: Sequence[Step],
    *,
    folder: Path,
    environ: Mapping[str, str],
    columns: int = 80,
    rows: int = 24,
) -> tuple[int, Seen]:
    """Run a command in a pseudo-terminal of its own: its exit code, and what was to be seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environ, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=take_the_terminal,
    )
    os.close(theirs)
    written, screen = StringIO(), Screen(columns=columns, rows=rows)
    typist = _Typist(steps, written, screen, press=lambda keys: os.write(ours, keys.encode()))
    threads = [Thread(target=_copy, args=(ours, written), daemon=True), Thread(target=typist.type_all, daemon=True)]
    for thread in threads:
        thread.start()
    try:
        code = process.wait((len(steps) + 2) * PATIENCE_S)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        typist.has_ended.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        os.close(ours)
    return code, typist.seen_by_now()


def _copy(terminal: int, written: StringIO) -> None:
    """Read what is written to a terminal until nobody has it open any more."""
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO, macOS reads nothing
            return
        if not data:
            return
        written.write(decode(data))
        if b"\x1b[6n" in data:  # "where is the cursor?"; a terminal has to answer
            os.write(terminal, b"\x1b[1;1R")
