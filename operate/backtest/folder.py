"""A folder of CloudTrail files, or one file, as pieces of work."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from operate.backtest.counts import Counts
from operate.backtest.reading import Message, messages
from operate.event_text import EventsError
from operate.events import ENDINGS, is_event_file

PIECE_BYTES = 4 * 1024 * 1024
PIECE_FILES = 100


@dataclass(frozen=True)
class Files:
    """Some files. `size` is what they take on the disk, in bytes."""

    paths: tuple[str, ...]
    size: int

    def read(self, counts: Counts) -> Iterator[tuple[str, Iterable[Message]]]:
        """(path, events) of each file."""
        counts.size += self.size
        for path in self.paths:
            try:
                with Path(path).open("rb") as stream:
                    yield path, messages(stream, path)
            except OSError as error:
                counts.fail(f"{path}: {error.strerror or error}")


class Folder:
    """The files below a folder, or one file. Nothing is kept but what is being read, however many there are."""

    unit = "bytes"

    def __init__(self, path: Path) -> None:
        """Raises EventsError if there is nothing to read."""
        self._path = path
        self.size = 0
        """All bytes on the disk."""
        files = 0
        for _, size in self._files():
            files, self.size = files + 1, self.size + size
        if not files:
            raise EventsError(f"{path}: no file in it ends in {', '.join(ENDINGS)}")

    def pieces(self) -> Iterator[Files]:
        """Some files at a time."""
        paths: list[str] = []
        total = 0
        for path, size in self._files():
            paths.append(path)
            total += size
            if total >= PIECE_BYTES or len(paths) >= PIECE_FILES:
                yield Files(tuple(paths), total)
                paths, total = [], 0
        if paths:
            yield Files(tuple(paths), total)

    def _files(self) -> Iterator[tuple[str, int]]:
        """(path, bytes) of each file."""
        try:
            if self._path.is_dir():
                yield from _walk(str(self._path))
            else:
                yield str(self._path), self._path.stat().st_size
        except OSError as error:
            raise EventsError(f"{error.filename or self._path}: {error.strerror or error}") from error


def _walk(folder: str) -> Iterator[tuple[str, int]]:
    """The files below a folder, in the order of their names. Links to folders are not followed: they may go round."""
    with os.scandir(folder) as entries:
        here = sorted(entries, key=lambda entry: entry.name)
    for entry in here:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif is_event_file(entry.name) and entry.is_file():
            yield entry.path, entry.stat().st_size
