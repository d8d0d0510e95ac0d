"""The text of events: CloudTrail's files, JSON lines, one record, what AWS's tools print, plain lines.

A whole text is parsed with orjson, a long one with a decoder that keeps only the piece that it is at.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NoReturn, Protocol, TypeAlias

import orjson

CHUNK_BYTES = 1024 * 1024
_ALL_DIGITS_NOUGHT = bytes.maketrans(b"123456789", b"000000000")
_LIST_OF_RECORDS = re.compile(r'\s*(?:\{\s*"Records"\s*:\s*)?\[')
_LONGEST_OPENING = 256
"""Characters in which `{"Records": [` stands, however it is printed."""
_TAILED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+ (?:\S+ )?(?P<message>\{.*\})\s*")
"""A line of `aws logs tail`: time, log stream (not with `--format short`), message."""
_BETWEEN = re.compile(r"[\s,]*")

Message: TypeAlias = tuple[dict[str, Any] | None, str | None]
"""The record of an event, None for a line that is no JSON; and its text as found, where it had a line of its own."""


class Readable(Protocol):
    """A binary stream, of which only `read` is used."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        ...


class EventsError(ValueError):
    """Events could not be read; the message says from where, and why."""


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


def as_record(message: str) -> dict[str, Any] | None:
    """The event that a message of a log group holds, None if it holds none."""
    try:
        record = parse(message)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def short(data: bytes, source: str) -> Iterator[Message]:
    """The messages in a text that is here as a whole. Raises EventsError and UnicodeDecodeError."""
    if not data:
        return
    if data[:1] not in b"{[":
        is_table = b"@message" in data.partition(b"\n")[0].strip().replace(b'"', b"").split(b",")
        yield from _rows(data.decode(), source) if is_table else _plain_lines(data.splitlines())
        return
    try:
        document = parse(data)
    except ValueError as error:
        if not _is_one_record(data.partition(b"\n")[0]):
            raise EventsError(f"{source}: not JSON: {error}") from error
        yield from _lines(data.splitlines(), source)
    else:
        yield from _unpack(document, source)


def long(start: bytes, stream: Readable, source: str) -> Iterator[Message]:
    """The messages in a text of which only the `start` is here, piece by piece. Raises as `short` does."""
    first = start.lstrip()[:1]
    if first and first not in b"{[":
        yield from _plain_lines(_split(start, stream))
    elif b"\n" in start.lstrip() and _is_one_record(start.lstrip().partition(b"\n")[0]):
        yield from _lines(_split(start, stream), source)
    else:
        yield from chain.from_iterable(_unpack(record, source) for record in _decode(start, stream, source))


def _is_one_record(line: bytes) -> bool:
    try:
        return isinstance(parse(line), dict)
    except ValueError:
        return False


def _lines(lines: Iterable[bytes], source: str) -> Iterator[Message]:
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


def _unpack(document: Any, source: str) -> Iterator[Message]:
    """The events in one JSON document: a CloudTrail file, a list, one event, or what AWS's tools print."""
    match document:
        case {"Records": list(items)} | list(items):
            for position, item in enumerate(items, start=1):
                if not isinstance(item, dict):
                    raise EventsError(f"{source}: record {position} is not a JSON object")
                yield (item, None) if isinstance(document, dict) else _event(item)
        case {"Events": [{"CloudTrailEvent": str()}, *_] as items}:  # aws cloudtrail lookup-events
            yield from (_message(item.get("CloudTrailEvent", "")) for item in items)
        # aws logs filter-log-events and get-log-events; what a subscription filter delivers
        case {"events": [{"message": str()}, *_] as items} | {"logEvents": [{"message": str()}, *_] as items}:
            yield from (_message(item.get("message", "")) for item in items)
        case {"results": [[{"field": str()}, *_], *_] as rows}:  # aws logs get-query-results
            fields = ({field.get("field"): field.get("value") for field in row} for row in rows)
            yield from (_event(row) for row in fields)
        case dict():
            yield _event(document)
        case _:
            raise EventsError(f"{source}: neither an event nor a list of events")


def _event(item: dict[str, Any]) -> Message:
    """One event out of what may be around it: a row of Logs Insights, or an event of EventBridge."""
    match item:
        case {"@message": str(text)}:
            return _message(text)
        case {"@message": dict(record)} | {"detail-type": str(), "detail": {"eventName": _} as record}:
            return record, None
    return item, None


def _message(text: str) -> Message:
    return as_record(text), text


def _plain_lines(lines: Iterable[bytes]) -> Iterator[Message]:
    """Lines of text, each of which is a message; those of `aws logs tail` have the message behind a time."""
    for line in lines:
        if not line.strip():
            continue
        text = line.decode()
        tailed = _TAILED.fullmatch(text)
        record = as_record(tailed["message"]) if tailed else None
        yield (record, tailed["message"]) if tailed and record and "eventName" in record else (None, text)


def _rows(text: str, source: str) -> Iterator[Message]:
    """A table that the console of Logs Insights wrote as CSV."""
    csv.field_size_limit(CHUNK_BYTES)  # an event of CloudTrail may have 256 KB, twice what csv expects
    try:
        yield from (_message(row.get("@message") or "") for row in csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise EventsError(f"{source}: not CSV: {error}") from error


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
