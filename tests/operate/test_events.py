"""Every way events may lie in a file, what is refused and how it is said, and that memory stays flat."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import EVENT_SETS
from operate import event_text, events
from operate.event_text import EventsError, parse, to_text
from operate.events import Event, read_events

RECORDS = [sample.event for sample in EVENT_SETS["trail-changes"].samples[:5]]
NOTHING = io.BytesIO()


def read(*sources: str | Path, stdin: bytes = b"") -> list[Event]:
    return list(read_events([str(source) for source in sources], stdin=io.BytesIO(stdin)))


def records(*sources: str | Path, stdin: bytes = b"") -> list[Any]:
    return [event.record for event in read(*sources, stdin=stdin)]


def query_row(item: Any) -> list[dict[str, str]]:
    return [{"field": "@message", "value": json.dumps(dict(item))}, {"field": "@ptr", "value": "Cl"}]


def on_the_bus(item: Any) -> dict[str, Any]:
    return {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudtrail", "detail": item}


def table(head: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue()


SHAPES: dict[str, Callable[[list[Any]], str]] = {
    "a CloudTrail file": lambda found: json.dumps({"Records": found}),
    "a CloudTrail file, printed": lambda found: json.dumps({"Records": found}, indent=2),
    "a list": lambda found: json.dumps(found),
    "a list, printed": lambda found: "\n" + json.dumps(found, indent=1) + "\n",
    "JSON lines": lambda found: "\n".join(map(json.dumps, found)),
    "JSON lines with gaps and a last line break": lambda found: "\n\r\n".join(map(json.dumps, found)) + "\r\n",
    "lines of CloudTrail files": lambda found: "\n".join(json.dumps({"Records": [item]}) for item in found),
    "what lookup-events prints": lambda found: json.dumps(
        {"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(item)} for item in found]}, indent=2
    ),
    "what filter-log-events prints": lambda found: json.dumps(
        {"events": [{"timestamp": 1, "message": json.dumps(item)} for item in found], "searchedLogStreams": []}
    ),
    "what a subscription filter delivers": lambda found: json.dumps(
        {
            "messageType": "DATA_MESSAGE",
            "logEvents": [{"id": "1", "timestamp": 1, "message": json.dumps(item)} for item in found],
        }
    ),
    "what get-query-results prints": lambda found: json.dumps(
        {"results": [query_row(item) for item in found], "status": "Complete"}, indent=2
    ),
    "what the Logs Insights console writes": lambda found: json.dumps(
        [{"@timestamp": "2026-11-21 03:12:09.000", "@message": item} for item in found]
    ),
    "the same with messages as text": lambda found: json.dumps([{"@message": json.dumps(item)} for item in found]),
    "the same as CSV": lambda found: table(["@timestamp", "@message"], [["1", json.dumps(item)] for item in found]),
    "events of EventBridge": lambda found: "\n".join(json.dumps(on_the_bus(item)) for item in found),
    "what logs tail prints": lambda found: "\n".join(
        f"2026-11-21T03:12:09.000000+00:00 111122223333_CloudTrail_eu-west-1 {json.dumps(item)}" for item in found
    ),
    "what logs tail prints, short": lambda found: "\n".join(
        f"2026-11-21T03:12:09 {json.dumps(item)}" for item in found
    ),
}


def in_two_members(data: bytes) -> bytes:
    """Gzip files that were joined are one gzip file (RFC 1952, section 2.2)."""
    return gzip.compress(data[:20]) + gzip.compress(data[20:])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, in_two_members], ids=["plain", "gzip", "joined gzip"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(tmp_path: Path, shape: Callable[[list[Any]], str], pack: Callable[[bytes], bytes]) -> None:
    data = pack(shape(RECORDS).encode())
    (tmp_path / "events").write_bytes(data)
    assert records(tmp_path / "events") == RECORDS
    assert records("-", stdin=data) == RECORDS


@pytest.mark.parametrize("size", [64, 1000, 5000])
@pytest.mark.parametrize("shape", list(SHAPES.values())[:7], ids=list(SHAPES)[:7])
def test_what_is_too_long_to_be_parsed_at_once_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: Callable[[list[Any]], str], size: int
) -> None:
    """Cut anywhere, also within a character of several bytes."""
    accented = [{**record, "userAgent": "naïve 猫 🐈" * 20} for record in RECORDS]
    monkeypatch.setattr(events, "WHOLE_BYTES", size)
    monkeypatch.setattr(event_text, "CHUNK_BYTES", 61)
    (tmp_path / "events").write_text(shape(accented), encoding="utf-8")
    assert records(tmp_path / "events") == accented


def test_one_record_alone(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(RECORDS[0], indent=2))
    assert records(tmp_path / "one.json") == RECORDS[:1]


def test_numbers_and_names_say_where_an_event_was(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(RECORDS[:2]))
    found = read(tmp_path / "a.json", "-", stdin=json.dumps(RECORDS[2]).encode())
    assert [(event.source, event.number) for event in found] == [
        (str(tmp_path / "a.json"), 1),
        (str(tmp_path / "a.json"), 2),
        ("standard input", 1),
    ]


def test_a_line_keeps_its_own_text() -> None:
    line = '{"b":  1, "a": 5.0}'
    assert [event.text for event in read("-", stdin=f"{line}\n{line}".encode())] == [line, line]


def test_a_line_of_another_program_is_a_message_as_it_is() -> None:
    line = '2026-11-21T03:12:09 {"level": "ERROR"}'
    assert [(event.record, event.text) for event in read("-", stdin=line.encode())] == [(None, line)]


def test_text_that_is_no_json_is_one_message_a_line() -> None:
    found = read("-", stdin="ERROR one\n\nERROR zwölf\n".encode())
    assert [(event.record, event.text) for event in found] == [(None, "ERROR one"), (None, "ERROR zwölf")]


def test_a_byte_order_mark_is_no_part_of_the_first_event() -> None:
    assert records("-", stdin=b"\xef\xbb\xbf" + json.dumps(RECORDS).encode()) == RECORDS


def test_a_folder_is_read_in_order_without_digests_and_other_files(tmp_path: Path) -> None:
    deep = tmp_path / "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/21"
    deep.mkdir(parents=True)
    (deep / "b.json.gz").write_bytes(gzip.compress(json.dumps({"Records": RECORDS[1:3]}).encode()))
    (deep / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": RECORDS[:1]}).encode()))
    (deep / "c.jsonl").write_text(json.dumps(RECORDS[3]))
    (deep / "111122223333_CloudTrail-Digest_eu-west-1_x.json.gz").write_bytes(gzip.compress(b'{"digestEndTime": 1}'))
    (deep / "notes.txt").write_text("not events")
    assert records(tmp_path) == RECORDS[:4]


def test_nothing_is_no_event(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "blank.json").write_bytes(b" \n ")
    (tmp_path / "none.json").write_text('{"Records": []}')
    assert read(tmp_path / "empty.json", tmp_path / "blank.json", tmp_path / "none.json") == []


LONG = json.dumps({"Records": RECORDS * 40}).encode()
DAMAGE = {
    "not JSON": (b'{"a": 1', "not JSON: Expecting ',' delimiter: line 1 column 8"),
    "a broken line": (b'{"a": 1}\n{"b": }\n', "line 2 is not JSON: Expecting value"),
    "a line that is no object": (b'{"a": 1}\n17\n', "line 2: neither an event nor a list of events"),
    "a record that is no object": (b'{"Records": [{"a": 1}, 7]}', "record 2 is not a JSON object"),
    "NaN": (b'{"a": NaN}', "NaN is not JSON"),
    "nested too deeply": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "a cut gzip file": (gzip.compress(LONG)[:-20], "the gzip file is damaged"),
    "a damaged gzip file": (gzip.compress(LONG)[:60] + b"\0" * 60 + gzip.compress(LONG)[120:], "gzip file is damaged"),
    "not UTF-8": (b"ERROR \xff\n", "not UTF-8 text: it holds a byte 0xff where none may be"),
    "UTF-16": ('{"Records": []}'.encode("utf-16"), "is UTF-16 text, as PowerShell's > writes it; save it as UTF-8"),
    "UTF-16, the other way": ("\ufeff{}".encode("utf-16-be"), "is UTF-16 text"),
}


@pytest.mark.parametrize(("data", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named_with_its_place(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(data)
    with pytest.raises(EventsError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (LONG[:-1], "does not end as it should after record 200"),
        (LONG[:-2], "does not end as it should after record 200"),
        (LONG[:-500], "not JSON after record 199"),
        (b'{"Records": [7' + LONG, "record 1 is not a JSON object"),
        (LONG[:-2] + b', {"a": 1}}', "not JSON after record 201"),
        (LONG + b"x", "not JSON after record 200"),
    ],
)
def test_damage_in_a_long_file(monkeypatch: pytest.MonkeyPatch, data: bytes, expected: str) -> None:
    monkeypatch.setattr(events, "WHOLE_BYTES", 4096)
    with pytest.raises(EventsError, match=expected):
        read("-", stdin=data)


def test_long_documents_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing after the first may be lost."""
    monkeypatch.setattr(events, "WHOLE_BYTES", 512)
    assert records("-", stdin=LONG + b"\n" + LONG) == RECORDS * 80
    assert records("-", stdin=(json.dumps(RECORDS[0]) + "\n" + json.dumps(RECORDS[1])).encode()) == RECORDS[:2]


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match=r"nowhere\.json: No such file or directory"):
        read(tmp_path / "nowhere.json")
    with pytest.raises(EventsError, match=r"no file in it ends in \.json, \.json\.gz"):
        read(tmp_path)


def test_events_before_the_damage_are_given_first() -> None:
    found = read_events(["-"], stdin=io.BytesIO(b'{"a": 1}\n{"b": 2}\n{"c": \n'))
    assert [next(found).record, next(found).record] == [{"a": 1}, {"b": 2}]
    with pytest.raises(EventsError, match="line 3"):
        next(found)


NUMBERS = st.integers() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_parse_is_exact(document: Any, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert parse(text) == document
    assert type(parse(text)) is type(document)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551616", 18446744073709551616),
        ("-9223372036854775809", -9223372036854775809),
        ("1e400", float("inf")),
        ('"\\ud800"', "\ud800"),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("0.1234567890123456789012", 0.1234567890123456789012),
    ],
)
def test_what_orjson_rounds_or_refuses(text: str, value: Any) -> None:
    assert parse(text) == value


@given(JSON)
def test_a_record_written_out_again_means_the_same(document: Any) -> None:
    assert parse(to_text(document)) == document


def test_memory_stays_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long file costs no more memory than a short one."""
    monkeypatch.setattr(events, "WHOLE_BYTES", 256 * 1024)
    monkeypatch.setattr(event_text, "CHUNK_BYTES", 64 * 1024)

    class Endless:
        """`{"Records": [` and then the same records again and again, made as they are read."""

        def __init__(self, count: int) -> None:
            self.pieces = self.make(count)
            self.left = b""

        @staticmethod
        def make(count: int) -> Iterator[bytes]:
            yield b'{"Records": ['
            for n in range(count):
                yield (b", " if n else b"") + ONE
            yield b"]}"

        def read(self, size: int = -1, /) -> bytes:
            assert size >= 0, "nobody may read it whole"
            while len(self.left) < size and (piece := next(self.pieces, b"")):
                self.left += piece
            found, self.left = self.left[:size], self.left[size:]
            return found

    ONE = json.dumps(RECORDS[0]).encode()
    peaks = []
    for count in (1_000, 8_000):
        tracemalloc.start()
        assert sum(1 for _ in read_events(["-"], stdin=Endless(count))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
    assert peaks[1] < 4_000_000
