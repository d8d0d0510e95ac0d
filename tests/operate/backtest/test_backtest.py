"""The verb on a folder: counts that the evaluator and DuckDB agree with, what it prints, what it refuses."""

import gzip
import json
import multiprocessing
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

import filterpattern
from account import Access
from catalog import EVENT_SETS
from exits import Exit
from operate.backtest import Options, backtest
from operate.backtest.folder import Folder
from operate.backtest.watching import Watching
from operate.backtest.work import count_all
from settings import Settings
from tests.operate.backtest.conftest import DAYS, EVENTS, FILES
from tests.support.past import record, write_file

CONFIG = '{ $.userIdentity.sessionContext.sessionIssuer.userName = "AWSServiceRoleForConfig" }'
STACK = """\
# the team's stack
config:
  aws:region: eu-west-1
  trailwarden:emails: [security@example.com, oncall@example.com]
  trailwarden:regions: [eu-west-1, us-east-1]
  trailwarden:eventSets:
    trail-changes: {}
    unauthorized-api-calls: {threshold: 1} # too loud?
    iam-policy-changes: {}
    out-of-region: {}
  trailwarden:customSets:
    reads: {pattern: '{ $.eventName = "ListRoles" }', severity: low}
    words: {pattern: '"GetCallerIdentity"'}
  trailwarden:sourceIps:
    - {name: inside, cidr: 10.0.0.0/8, threshold: 5}
  trailwarden:burst: {}
  trailwarden:alerts:
    explain: true
    suppressions:
      - name: config
        pattern: 'CONFIG'
        reason: it asks for every bucket
      - {name: over, until: "2026-01-01", reason: was, pattern: '{ $.userIdentity.userName = "mallory" }'}
""".replace("CONFIG", CONFIG)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stack, in which the verb runs."""
    (tmp_path / "Pulumi.yaml").write_text("name: somebody-elses\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def records_in(folder: Path) -> list[dict[str, Any]]:
    return [
        each for file in folder.rglob("*.gz") for each in orjson.loads(gzip.decompress(file.read_bytes()))["Records"]
    ]


def answer(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    """The document of a run that ends well."""
    assert backtest(Options(as_json=True, **options)) == Exit.OK
    return json.loads(capsys.readouterr().out)


def matched(document: dict[str, Any]) -> dict[str, int]:
    return {each["name"]: each["matched"] for each in document["watches"]}


def test_counts_are_those_of_the_evaluator_and_of_duckdb(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [name for name, entry in EVENT_SETS.items() if not entry.parameters]
    found = answer(capsys, source=str(past), sets=names, jobs=1)
    assert (found["events"], found["days"], found["read"]) == (EVENTS, DAYS, FILES)
    records = records_in(past)
    patterns = {name: filterpattern.compile(EVENT_SETS[name].pattern) for name in names}
    plain = {name: sum(map(pattern.matches, records)) for name, pattern in patterns.items()}
    assert matched(found) == plain
    assert sum(plain.values()) > 300
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE events AS SELECT unnest(?) AS j", [[orjson.dumps(each).decode() for each in records]]
        )
        conditions = {name: filterpattern.to_duckdb(pattern, column="j").text for name, pattern in patterns.items()}
        sums = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions.values())
        row = database.execute(f"SELECT {sums} FROM events").fetchone()
    assert dict(zip(conditions, row or (), strict=True)) == plain


def test_processes_count_as_one_does(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = answer(capsys, source=str(past), jobs=1)
    together = answer(capsys, source=str(past), jobs=2)
    assert together == alone


def test_what_the_document_says_of_one_watch(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, source=str(past), sets=["unauthorized-api-calls"])
    (watch,) = found["watches"]
    pattern = filterpattern.compile(EVENT_SETS["unauthorized-api-calls"].pattern)
    matches = [each for each in records_in(past) if pattern.matches(each)]
    assert watch["matched"] == len(matches)
    assert watch["matched_by_day"] == Counter(each["eventTime"][:10] for each in matches)
    by_address = Counter(each["sourceIPAddress"] for each in matches)
    assert {each["name"]: each["events"] for each in watch["addresses"][:2]} == dict(by_address.most_common(2))
    assert sum(each["share"] for each in watch["callers"]) == pytest.approx(1, abs=0.001)
    assert watch["alarms"] == len(watch["alarm_times"]) == watch["mails"] == 0
    assert watch["suggested_threshold"] < watch["threshold"] == 10
    (suppression,) = watch["suppressions"]
    noise = filterpattern.compile(suppression["pattern"])
    assert suppression["events"] == sum(map(noise.matches, matches))
    assert suppression["share"] == pytest.approx(suppression["events"] / len(matches), abs=0.0001)


def keys_of(value: Any, path: str = "") -> set[str]:
    """`watches[].sums.p50` and so on; keys that are data (days, names) are left out."""
    if isinstance(value, list):
        return {path, *(key for each in value for key in keys_of(each, f"{path}[]"))}
    if not isinstance(value, dict) or path.endswith(("by_day", "left_out")):
        return {path}
    return {path, *(key for name, each in value.items() for key in keys_of(each, f"{path}.{name}".lstrip(".")))} - {""}


def test_the_page_describes_every_key_of_the_document(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "backtest.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([\w.\[\]]+)` \|", page, flags=re.MULTILINE))
    used = {key for key in keys_of(answer(capsys, source=str(past))) if not key.endswith("[]")}
    assert used == described


def test_a_stack_brings_its_own_thresholds_addresses_and_patterns(
    project: Path, past: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, source=str(past), stack="prod")
    watches = {each["name"]: each for each in found["watches"]}
    assert watches.keys() == {watch.name for watch in Settings.from_stack_file(project / "Pulumi.prod.yaml").watches}
    denials = watches["unauthorized-api-calls"]
    assert denials["threshold"] == 1
    assert denials["alarms"] > 50
    records = records_in(past)
    denied = filterpattern.compile(EVENT_SETS["unauthorized-api-calls"].pattern)
    known = filterpattern.compile(
        '{ $.userIdentity.sessionContext.sessionIssuer.userName = "AWSServiceRoleForConfig" }'
    )
    assert denials["suppressed"] == sum(denied.matches(each) and known.matches(each) for each in records)
    assert 0 < denials["mails"] < 2 * denials["alarms"]
    assert denials["mails"] % 2 == 0, "two addresses"
    assert watches["trail-changes"]["suppressed"] == 0
    assert watches["words"]["matched"] == sum("GetCallerIdentity" in orjson.dumps(each).decode() for each in records)
    assert watches["inside"]["matched"] == sum(each["sourceIPAddress"].startswith("10.") for each in records)
    assert found["addresses"]["different"] == len({each["sourceIPAddress"] for each in records})


def test_the_range_is_held(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, source=str(past), first="2026-03-05", last="2026-03-07")
    assert (found["first_day"], found["last_day"], found["days"]) == ("2026-03-05", "2026-03-07", 3)
    assert found["events"] == sum("2026-03-05" <= each["eventTime"][:10] <= "2026-03-07" for each in records_in(past))
    assert found["events"] + found["outside_range"] == EVENTS
    exact = answer(capsys, source=str(past), first="2026-03-05T12:00+02:00", last="2026-03-05T11:00Z")
    hour = [each for each in records_in(past) if each["eventTime"][:13] == "2026-03-05T10"]
    assert exact["events"] == len(hour)


def test_people_read_a_table_and_what_could_be_better(
    project: Path, past: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backtest(Options(source=str(past), stack="prod")) == Exit.OK
    out = capsys.readouterr().out
    assert f"{EVENTS:,} events in {FILES} files" in out
    assert re.search(r"^! unauthorized-api-calls +medium +1 in 5 min", out, flags=re.MULTILINE)
    assert "suppress role AWSServiceRoleForConfig through config.amazonaws.com: -" in out
    assert re.search(r"sums over 5 min, of busy minutes: 50% at most \d", out)


def test_apply_writes_the_thresholds_and_nothing_else(
    project: Path, past: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "Pulumi.prod.yaml"
    found = answer(capsys, source=str(past), stack="prod")
    suggested = {
        each["name"]: each["suggested_threshold"]
        for each in found["watches"]
        if each["suggested_threshold"] is not None
    }
    assert {"inside"} <= suggested.keys()
    assert backtest(Options(source=str(past), stack="prod", apply=True)) == Exit.NO_ANSWER  # nobody is there to ask
    assert file.read_text() == STACK
    captured = capsys.readouterr()
    assert "--yes" in captured.err
    assert backtest(Options(source=str(past), stack="prod", apply=True, yes=True)) == Exit.OK
    after = Settings.from_stack_file(file)
    assert {watch.name: watch.threshold for watch in after.watches if watch.name in suggested} == suggested
    assert after.burst is not None
    assert after.burst.threshold == found["bursts"]["suggested_threshold"] < 500
    text = file.read_text()
    assert text.startswith("# the team's stack\n")
    assert "emails: [security@example.com, oncall@example.com]" in text
    capsys.readouterr()
    assert backtest(Options(source=str(past), stack="prod", apply=True, yes=True)) == Exit.OK
    assert "no threshold to change" in capsys.readouterr().err


class Reader(HTMLParser):
    """What a browser would make of a page: its tags, its texts, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.loads: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [(name, value) for name, value in attrs if name in ("src", "href") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_shows_what_attackers_chose_as_text_only(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "<script>alert(1)</script>"
    stops = [
        record(
            "trail-stop-logging",
            eventTime=f"2026-03-{day:02}T09:00:00Z",
            sourceIPAddress=evil,
            userIdentity={"type": "IAMUser", "userName": f"\x1b[2J{evil}"},
        )
        for day in range(2, 12)
    ]
    write_file(tmp_path / "logs", stops, number=1)
    page = tmp_path / "report.html"
    assert backtest(Options(source=str(tmp_path / "logs"), stack="prod", html=page)) == Exit.OK
    read = Reader(page.read_text(encoding="utf-8"))
    assert "script" not in read.tags
    assert read.loads == []
    assert evil in read.texts
    assert any("trail-changes" in text for text in read.texts)
    assert page.read_text(encoding="utf-8").count('class="alarm"') == 10
    assert "\x1b" not in capsys.readouterr().out


NOT_REACHED = "cannot look: sts:GetCallerIdentity: Could not connect to the endpoint URL"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"source": "./nowhere"}, "no such file or folder"),
        ({"source": "x.json.gz"}, "no such file or folder"),
        ({"source": "s3://"}, "write s3://bucket"),
        ({"source": ".", "sets": ["trail-chnages"]}, "did you mean 'trail-changes'?"),
        ({"source": ".", "stack": "test"}, "Pulumi.test.yaml"),
        ({"source": ".", "apply": True}, "--apply needs --stack"),
        ({"source": ".", "first": "March"}, "--from March"),
        ({"source": ".", "first": "2026-03-02", "last": "2026-03-01"}, "not before"),
        ({"source": "."}, "no file in it ends in"),
        ({"source": "athena:events"}, "athena:database.table"),
        *(
            ({"source": source, "access": Access(endpoint_url="http://127.0.0.1:1")}, NOT_REACHED)
            for source in ("lookup:", "s3://a-bucket/AWSLogs", "logs:a-group", "athena:audit.logs")
        ),
    ],
    ids=str,
)
def test_a_mistake_is_explained(
    project: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], said: str
) -> None:
    assert backtest(Options(**options)) == Exit.NO_ANSWER
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_damaged_file_is_named_and_never_a_clean_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    write_file(tmp_path, [record("trail-stop-logging", eventTime="2026-03-02T09:00:00Z")], number=1)
    (tmp_path / "damaged.json.gz").write_bytes(gzip.compress(b'{"Records": [')[:-4])
    (tmp_path / "page.json").write_text("<html>")
    assert backtest(Options(source=str(tmp_path), jobs=jobs, as_json=True)) == Exit.NO_ANSWER
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert matched(document)["trail-changes"] == 1
    assert len(document["unread"]) == 1
    assert "damaged.json.gz" in document["unread"][0]
    assert "could not be read" in captured.err
    assert document["not_events"] == 1


def test_what_holds_no_record_is_said_on_the_screen_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_file(tmp_path, [record("trail-stop-logging", eventTime="2026-03-02T09:00:00Z")], number=1)
    (tmp_path / "page.json").write_text("<html>")
    assert backtest(Options(source=str(tmp_path), jobs=1)) == Exit.OK
    assert "! 1 of what was read is no CloudTrail record with a time: left out" in capsys.readouterr().out


def test_a_range_without_events_is_no_answer(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backtest(Options(source=str(past), first="2027-01-01")) == Exit.NO_ANSWER
    assert "none in the range" in capsys.readouterr().err


def test_ctrl_c_leaves_no_process_behind(past: Path) -> None:
    def interrupted(size: int, counts: object) -> None:
        raise KeyboardInterrupt

    pieces = list(Folder(past).pieces()) * 20
    with pytest.raises(KeyboardInterrupt):
        count_all(pieces, Watching({}), jobs=2, seen=interrupted)
    assert multiprocessing.active_children() == []
