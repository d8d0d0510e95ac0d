"""Reading events: CloudTrail files, JSON lines, folders of them, standard input; gzipped or not.

A file of up to `WHOLE_BYTES` is parsed at once, with orjson; a longer one is read piece by piece, so that memory stays
flat however long it is.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol

import orjson

WHOLE_BYTES = 16 * 1024 * 1024
"""Uncompressed. CloudTrail starts a new file long before that."""
CHUNK_BYTES = 1024 * 1024
STANDARD_INPUT = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = codecs.BOM_UTF8
ENDINGS = tuple(f"{kind}{packed}" for kind in (".json", ".jsonl", ".ndjson") for packed in ("", ".gz"))
_ALL_DIGITS_NOUGHT = bytes.maketrans(b"123456789", b"000000000")
_LIST_OF_RECORDS = re.compile(r'\s*(?:\{\s*"Records"\s*:\s*)?\[')
_LONGEST_OPENING = 256
"""Characters in which `{"Records": [` stands, however it is printed."""
_BETWEEN = re.compile(r"[\s,]*")


class Readable(Protocol):
    """A binary stream, of which only `read` is used."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        ...


class EventsError(ValueError):
    """Events could not be read; the message says from where, and why."""


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


def parse(data: bytes | str) -> Any:
    """One JSON document, exactly. Raises ValueError.

    orjson is several times faster, but it rounds integers beyond 64 bits and refuses 1e400 and lone surrogates, which
    CloudTrail may write; then `json` reads it.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if b"0" * 19 not in raw.translate(_ALL_DIGITS_NOUGHT):
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            pass  # json has the last word, and the better message
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def to_text(record: Any) -> str:
    """A record as compact JSON."""
    try:
        return orjson.dumps(record).decode()
    except (TypeError, ValueError):  # what orjson refused to read it refuses to write
        return json.dumps(record, separators=(",", ":"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if is_event_file(file.name) and file.is_file())
    if not found:
        raise EventsError(f"{path}: no file in it ends in {', '.join(ENDINGS)}")
    return found


def _numbered(source: str, messages: Iterable[tuple[dict[str, Any] | None, str | None]]) -> Iterator[Event]:
    for number, (record, line) in enumerate(messages, start=1):
        yield Event(source, number, record, line)


def _messages(stream: Readable, source: str) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
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
        if len(start) < WHOLE_BYTES - len(_BYTE_ORDER_MARK):
            yield from _short(start.strip(), source)
        else:
            yield from _long(start, rest, source)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EventsError(f"{source}: the gzip file is damaged: {error}") from error
    except UnicodeDecodeError as error:
        raise EventsError(f"{source}: not UTF-8 at byte {error.start} of a piece of it") from error


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


def _short(data: bytes, source: str) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    if not data:
        return
    if data[:1] not in b"{[":
        yield from ((None, line.decode()) for line in data.splitlines() if line.strip())
        return
    try:
        document = parse(data)
    except ValueError as error:
        if not _is_one_record(data.partition(b"\n")[0]):
            raise EventsError(f"{source}: not JSON: {error}") from error
        yield from _lines(data.splitlines(), source)
    else:
        yield from _unpack(document, source)


def _long(start: bytes, stream: Readable, source: str) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    first = start.lstrip()[:1]
    if first and first not in b"{[":
        yield from ((None, line.decode()) for line in _split(start, stream) if line.strip())
    elif b"\n" in start.lstrip() and _is_one_record(start.lstrip().partition(b"\n")[0]):
        yield from _lines(_split(start, stream), source)
    else:
        yield from ((record, None) for record in _decode(start, stream, source))


def _is_one_record(line: bytes) -> bool:
    try:
        return isinstance(parse(line), dict)
    except ValueError:
        return False


def _lines(lines: Iterable[bytes], source: str) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    """JSON lines. A line is the message, so its own text is kept."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document = parse(line)
        except ValueError as error:
            raise EventsError(f"{source}: line {number} is not JSON: {error}") from error
        for record, text in _unpack(document, f"{source}: line {number}"):
            yield record, line.decode() if record is document else text


def _split(start: bytes, stream: Readable) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        *whole, start = (start + chunk).split(b"\n")
        yield from whole
    yield from start.split(b"\n")


def _unpack(document: Any, source: str) -> Iterator[tuple[dict[str, Any] | None, str | None]]:
    """The events in one JSON document: a CloudTrail file, a list, one record, or what the AWS CLI prints."""
    match document:
        case {"Records": list(items)} | list(items):
            for position, item in enumerate(items, start=1):
                if not isinstance(item, dict):
                    raise EventsError(f"{source}: record {position} is not a JSON object")
                yield item, None
        case {"Events": [{"CloudTrailEvent": str()}, *_] as items}:  # aws cloudtrail lookup-events
            yield from (_message(item.get("CloudTrailEvent", "")) for item in items)
        case {"events": [{"message": str()}, *_] as items}:  # aws logs filter-log-events
            yield from (_message(item.get("message", "")) for item in items)
        case dict():
            yield document, None
        case _:
            raise EventsError(f"{source}: neither an event nor a list of events")


def as_record(message: str) -> dict[str, Any] | None:
    """The event that a message of a log group holds, None if it holds none."""
    try:
        record = parse(message)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _message(text: str) -> tuple[dict[str, Any] | None, str]:
    return as_record(text), text


def _decode(start: bytes, stream: Readable, source: str) -> Iterator[dict[str, Any]]:
    """The records of long documents, one by one; memory holds a piece or two of the text."""
    pieces = _Pieces(start, stream)
    count = 0
    while pieces.next_character():
        is_list = pieces.enter_list()
        while (character := pieces.next_character()) and not (is_list and character == "]"):
            try:
                record = pieces.value()
            except ValueError as error:
                raise EventsError(f"{source}: not JSON after record {count}: {error}") from error
            count += 1
            if not isinstance(record, dict):
                raise EventsError(f"{source}: record {count} is not a JSON object")
            yield record
            if not is_list:
                break
        if is_list and not pieces.leave_list():
            raise EventsError(f"{source}: the list of records does not end as it should after record {count}")


class _Pieces:
    """The text of a long stream, of which only what is not read yet is kept."""

    def __init__(self, start: bytes, stream: Readable) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._text, self._at = self._utf8.decode(start), 0
        self._stream, self._is_at_end, self._is_braced = stream, False, False
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)

    def _more(self) -> bool:
        if not self._is_at_end:
            chunk = self._stream.read(CHUNK_BYTES)
            self._is_at_end = not chunk
            self._text = self._text[self._at :] + self._utf8.decode(chunk, final=self._is_at_end)
            self._at = 0
        return not self._is_at_end

    def next_character(self) -> str:
        """The next character that is neither blank nor a comma; nothing at the end."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            self._at = between.end() if between else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def enter_list(self) -> bool:
        """Step over `[` or `{"Records": [`, if that is what comes."""
        while len(self._text) - self._at < _LONGEST_OPENING and self._more():
            pass
        opening = _LIST_OF_RECORDS.match(self._text, self._at)
        if opening:
            self._at = opening.end()
            self._is_braced = "{" in opening[0]
        return bool(opening)

    def leave_list(self) -> bool:
        """Step over `]` and, where there was one, the brace around the list."""
        for expected in "]}" if self._is_braced else "]":
            if self.next_character() != expected:
                return False
            self._at += 1
        return True

    def value(self) -> Any:
        """The JSON value that starts here. Raises ValueError."""
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise
            else:
                return value
