"""Reading events: CloudTrail files, JSON lines, folders of them, standard input; gzipped or not.

What the text of each may be is told by `operate.event_text`. Up to `WHOLE_BYTES` of it are parsed at once; more is read
piece by piece, so that memory stays flat however long it is.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from operate.event_text import EventsError, Message, Readable, long, parse, short, to_text

WHOLE_BYTES = 16 * 1024 * 1024
"""Uncompressed. CloudTrail starts a new file long before that."""
STANDARD_INPUT = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = codecs.BOM_UTF8
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENDINGS = tuple(f"{kind}{packed}" for kind in (".json", ".jsonl", ".ndjson") for packed in ("", ".gz"))


class Event(NamedTuple):  # made once for each of many events: a frozen dataclass takes several times as long
    """One event and where it came from. `record` is None for a line of text that is no JSON."""

    source: str
    number: int
    """Counted from 1 within its source."""
    record: dict[str, Any] | None
    line: str | None = None
    """The text as found, where the event had a line of its own."""

    @property
    def text(self) -> str:
        """The message as CloudWatch Logs would hold it."""
        return self.line if self.line is not None else to_text(self.record)


def read_events(sources: Sequence[str], *, stdin: Readable) -> Iterator[Event]:
    """The events of files and folders, in order; `-` is standard input. Raises EventsError."""
    for source in sources:
        if source == STANDARD_INPUT:
            yield from _numbered("standard input", _messages(stdin, "standard input"))
            continue
        for path in _files(Path(source)):
            try:
                with path.open("rb") as stream:
                    yield from read_stream(stream, str(path))
            except OSError as error:
                raise EventsError(f"{path}: {error.strerror or error}") from error


def read_stream(stream: Readable, source: str) -> Iterator[Event]:
    """The events of one stream, in order. `source` names it in messages. Raises EventsError."""
    yield from _numbered(source, _messages(stream, source))


def whole_document(data: bytes) -> list[dict[str, Any]] | None:
    """The records of a small CloudTrail file, gzipped or not, at once: the fast way for many files of the usual form.

    None for everything else, damaged files included; `read_stream` reads those, or says what is wrong with them.
    """
    try:
        text = _unpacked(data) if data[:2] == _GZIP_MAGIC else data
        document = parse(text) if text else None
    except (ValueError, zlib.error):
        return None
    records = document.get("Records") if type(document) is dict else None
    return records if type(records) is list and set(map(type, records)) <= {dict} else None


def is_event_file(name: str) -> bool:
    """Whether a file or S3 object of this name holds events.

    Digest files lie beside the logs in a trail's bucket; they prove the logs and hold no events.
    """
    return name.endswith(ENDINGS) and "_CloudTrail-Digest_" not in name


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if is_event_file(file.name) and file.is_file())
    if not found:
        raise EventsError(f"{path}: no file in it ends in {', '.join(ENDINGS)}")
    return found


def _numbered(source: str, messages: Iterable[Message]) -> Iterator[Event]:
    for number, (record, line) in enumerate(messages, start=1):
        yield Event(source, number, record, line)


def _messages(stream: Readable, source: str) -> Iterator[Message]:
    """(record, line) of each event of one stream."""
    try:
        head = stream.read(len(_GZIP_MAGIC))
        rest: Readable = _Joined(head, stream)
        start = b""
        if head == _GZIP_MAGIC:
            packed = rest.read(WHOLE_BYTES)
            start = _unpacked(packed)
            rest = _gunzip(_Joined(packed, stream))
        start = (start or rest.read(WHOLE_BYTES)).removeprefix(_BYTE_ORDER_MARK)
        if start.startswith(_WIDE_MARKS):
            raise EventsError(f"{source}: is UTF-16 text, as PowerShell's > writes it; save it as UTF-8")
        if len(start) < WHOLE_BYTES - len(_BYTE_ORDER_MARK):
            yield from short(start.strip(), source)
        else:
            yield from long(start, rest, source)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EventsError(f"{source}: the gzip file is damaged: {error}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise EventsError(f"{source}: not UTF-8 text: it holds a byte 0x{byte:02x} where none may be") from error


def _unpacked(packed: bytes) -> bytes:
    """The text of a whole, small gzip file: in one step, which is faster than a stream. Nothing if it is not that."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16: with gzip's header and checksum
    text = unpacker.decompress(packed, WHOLE_BYTES - len(_BYTE_ORDER_MARK) - 1)
    return text if unpacker.eof and not unpacker.unused_data else b""


def _gunzip(stream: Readable) -> Readable:
    return gzip.GzipFile(fileobj=stream, mode="rb")  # pyright: ignore[reportCallIssue, reportArgumentType] -- it only reads


class _Joined:
    """What was read already, and then the rest of the stream."""

    def __init__(self, start: bytes, stream: Readable) -> None:
        self._start, self._stream = start, stream

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            start, self._start = self._start, b""
            return start + self._stream.read()
        start, self._start = self._start[:size], self._start[size:]
        return start + self._stream.read(size - len(start))
