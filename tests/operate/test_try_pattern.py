"""`test-pattern`: the count, the lines, the document, the exit codes, and AWS's word."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import catalog
import filterpattern
from account import Access
from catalog import EVENT_SETS
from exits import Exit
from operate import try_pattern
from operate.describe import caller, line_of
from operate.events import Event

ADDRESS = '{ $.sourceIPAddress = "203.0.113.9" }'
BASE = EVENT_SETS["ec2-instance-changes"].samples[0].event


def fifty(folder: Path, *, name: str = "events.json") -> Path:
    """Fifty events, 47 of them from one address."""
    records = [
        {**BASE, "eventID": f"{n:08d}", "sourceIPAddress": "198.51.100.7" if n in (3, 17, 50) else "203.0.113.9"}
        for n in range(1, 51)
    ]
    path = folder / name
    path.write_text(json.dumps({"Records": records}))
    return path


def test_the_lecture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """47 matches out of 50 events, as the lecture that asked for the test box saw them."""
    path = fifty(tmp_path)
    assert try_pattern([ADDRESS, str(path)]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[-1] == "47 of 50 events match"
    assert len(lines) == 48
    assert lines[0] == f"2026-11-21T09:10:05Z  RunInstances  deployer/ci-4711  203.0.113.9  eu-west-1  ({path}:1)"
    assert [line for line in lines if line.endswith(("json:3)", "json:17)", "json:50)"))] == []
    assert captured.err == ""


def test_none_matches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_pattern(['{ $.eventName = "StopLogging" }', str(fifty(tmp_path))]) == 1
    assert capsys.readouterr().out == "0 of 50 events match\n"


def test_that_nothing_matches_because_nothing_is_a_record_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.json").write_text('[{"a": 1}, {"eventName": "StopLogging"}]')
    assert try_pattern(["{ $.eventName = No }", str(tmp_path)]) == Exit.FOUND
    assert "1 of 2 are no CloudTrail records: they have no eventName" in capsys.readouterr().err
    assert try_pattern(["{ $.eventName = StopLogging }", str(tmp_path)]) == Exit.OK
    assert "no CloudTrail records" not in capsys.readouterr().err


def test_the_pattern_of_an_event_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_pattern([str(fifty(tmp_path))], set_name="ec2-instance-changes") == 0
    assert capsys.readouterr().out.endswith("50 of 50 events match\n")


@pytest.mark.parametrize("name", EVENT_SETS)
def test_every_event_set_on_its_own_samples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    samples = EVENT_SETS[name].samples
    lines = "\n".join(json.dumps(sample.event) for sample in samples).encode()
    assert try_pattern([], set_name=name, stdin=io.BytesIO(lines)) == 0
    matching = sum(sample.matches for sample in samples)
    assert f"{matching} of {len(samples)} events match\n" in capsys.readouterr().out


def test_a_template_says_that_it_is_tried_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    try_pattern(["-"], set_name="out-of-region", stdin=io.BytesIO(json.dumps(BASE).encode()))
    assert 'example values: {"regions": ["eu-west-1"]}' in capsys.readouterr().err


def test_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fifty(tmp_path)
    assert try_pattern([ADDRESS, str(path)], as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["events"], document["matched"], document["error"]) == (50, 47, None)
    assert (document["pattern"], document["set"]) == (ADDRESS, None)
    assert [match["number"] for match in document["matches"]] == [n for n in range(1, 51) if n not in (3, 17, 50)]
    assert document["matches"][0]["source"] == str(path)
    assert document["matches"][0]["event"]["eventID"] == "00000001"
    assert "live" not in document


def test_findings_are_said_and_do_not_stand_in_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fifty(tmp_path)
    assert try_pattern(['{ $.errorCode != "x" }', str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("warning ne-missing: ")
    assert captured.out == "0 of 50 events match\n"
    try_pattern(['{ $.errorCode != "x" }', str(path)], as_json=True)
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["code"], f["severity"], f["start"]) for f in findings] == [("ne-missing", "warning", 2)]
    assert findings[0]["why"]


def test_the_texts_that_auditors_compare_are_left_in_peace(capsys: pytest.CaptureFixture[str]) -> None:
    stdin = io.BytesIO(json.dumps(BASE).encode())
    assert try_pattern([EVENT_SETS["config-changes"].pattern, "-"], stdin=stdin) == 1
    assert capsys.readouterr().err == ""


def test_the_document_of_no_match(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_pattern(["{ $.a = 1 }", str(fifty(tmp_path))], as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["matches"] == []


def test_a_document_stays_whole_when_the_input_breaks_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    stdin = io.BytesIO(b'{"a": 1}\n{"a": 1}\n{"a": \n')
    assert try_pattern(["{ $.a = 1 }", "-"], as_json=True, stdin=stdin) == 2
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["events"], document["matched"]) == (2, 2)
    assert "line 3 is not JSON" in document["error"]
    assert "line 3 is not JSON" in captured.err


def test_a_half_of_a_surrogate_pair_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    stdin = io.BytesIO(b'{"a": 1, "eventName": "\\ud800"}')
    assert try_pattern(["{ $.a = 1 }", "-"], as_json=True, stdin=stdin) == 0
    assert json.loads(capsys.readouterr().out)["matches"][0]["event"]["eventName"] == "\ud800"


REFUSED: dict[str, tuple[list[str], dict[str, Any], str]] = {
    "bad pattern": (["{ $.a == 1 }", "-"], {}, "at column 7"),
    "unknown set": (["-"], {"set_name": "trail-change"}, "did you mean 'trail-changes'?"),
    "nothing at all": ([], {}, "give a pattern, or --set NAME"),
    "no such file": (["{ $.a = 1 }", "nowhere.json"], {}, "nowhere.json: No such file or directory"),
    "no event": (["{ $.a = 1 }", "-"], {}, "there is no event in what was read"),
}


@pytest.mark.parametrize(("arguments", "options", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(
    arguments: list[str], options: dict[str, Any], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_pattern(arguments, stdin=io.BytesIO(), **options) == 2
    captured = capsys.readouterr()
    assert expected in captured.err
    assert "Traceback" not in captured.err


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert try_pattern(["{ $.a = 1 }"]) == 2
    assert "pipe events in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("ERROR", 2), ("ERROR -disk", 1), ("[level, what=disk, ...]", 1), ("%^ERR.R %", 2), ("", 3)],
)
def test_other_forms_look_at_the_text(pattern: str, expected: int, capsys: pytest.CaptureFixture[str]) -> None:
    try_pattern([pattern, "-"], stdin=io.BytesIO(b"ERROR disk full\nERROR net down\nall is well\n"))
    assert capsys.readouterr().out.endswith(f"{expected} of 3 events match\n")


def test_terms_find_their_place_in_a_record_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_pattern(['"203.0.113.9"', str(fifty(tmp_path))]) == 0
    assert capsys.readouterr().out.endswith("47 of 50 events match\n")


def test_exact_numbers_reach_the_pattern(capsys: pytest.CaptureFixture[str]) -> None:
    """orjson alone would round both to the same number."""
    stdin = io.BytesIO(b'{"n": 36893488147419103233}\n{"n": 36893488147419103232}\n')
    assert try_pattern(["{ $.n = 36893488147419103233 }", "-"], stdin=stdin) == 0
    assert capsys.readouterr().out.endswith("1 of 2 events match\n")


# --- by AWS's word ---------------------------------------------------------------------------------------------------


class Aws:
    """CloudWatch Logs behind a botocore stub: it knows the calls it was told to expect and no other."""

    def __init__(self) -> None:
        self.client = boto3.client("logs", region_name="eu-west-1")
        self.stub = Stubber(self.client)
        self.stub.activate()

    def expect(self, pattern: str, messages: Sequence[str], matched: Sequence[int]) -> None:
        self.stub.add_response(
            "test_metric_filter",
            {"matches": [{"eventNumber": n, "eventMessage": messages[n - 1]} for n in matched]},
            {"filterPattern": pattern, "logEventMessages": list(messages)},
        )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws()
    monkeypatch.setitem(try_pattern.__globals__, "logs_client", lambda _access: aws.client)
    return aws


def lines(count: int, make: Callable[[int], Mapping[str, Any]]) -> list[str]:
    return [json.dumps(make(n)) for n in range(count)]


def stdin(messages: Sequence[str]) -> io.BytesIO:
    return io.BytesIO("\n".join(messages).encode())


def test_aws_agrees(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    messages = lines(120, lambda n: {"a": n % 2})
    pattern = "{ $.a = 1 }"
    for batch in (messages[:50], messages[50:100], messages[100:]):
        aws.expect(pattern, batch, [n for n, text in enumerate(batch, start=1) if json.loads(text)["a"] == 1])
    assert try_pattern([pattern, "-"], live=Access(), stdin=stdin(messages)) == 0
    assert capsys.readouterr().out.endswith(
        "60 of 120 events match\nAWS was asked about 120 of them and disagrees on 0\n"
    )
    aws.stub.assert_no_pending_responses()


def test_aws_disagrees(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    messages = lines(3, lambda n: {"a": n, "eventName": f"E{n}"})
    aws.expect("{ $.a > 0 }", messages, [1, 2])
    assert try_pattern(["{ $.a > 0 }", "-"], live=Access(), stdin=stdin(messages)) == 1
    out = capsys.readouterr().out
    assert "AWS was asked about 3 of them and disagrees on 2" in out
    assert "AWS says match, trailwarden no match: E0  (standard input:1)" in out
    assert "AWS says no match, trailwarden match: E2  (standard input:3)" in out


def test_aws_disagrees_in_the_document(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    messages = lines(2, lambda n: {"a": n})
    aws.expect("{ $.a > 0 }", messages, [1, 2])
    assert try_pattern(["{ $.a > 0 }", "-"], live=Access(), as_json=True, stdin=stdin(messages)) == 1
    assert json.loads(capsys.readouterr().out)["live"] == {
        "asked": 2,
        "disagreements": [{"source": "standard input", "number": 1, "aws": True, "trailwarden": False}],
    }


def test_events_that_never_reach_cloudwatch_are_not_asked_about(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    messages = [json.dumps({"a": 1}), json.dumps({"a": 1, "pad": "x" * 300_000}), json.dumps({"a": 2})]
    aws.expect("{ $.a = 1 }", [messages[0], messages[2]], [1])
    assert try_pattern(["{ $.a = 1 }", "-"], live=Access(), stdin=stdin(messages)) == 0
    assert "2 of 3 events match\nAWS was asked about 2 of them" in capsys.readouterr().out


def test_a_batch_is_small_enough_for_one_call(aws: Aws) -> None:
    messages = lines(6, lambda n: {"a": 1, "pad": "x" * 200_000, "n": n})
    for batch in (messages[:2], messages[2:4], messages[4:]):
        aws.expect("{ $.a = 1 }", batch, [1, 2])
    assert try_pattern(["{ $.a = 1 }", "-"], live=Access(), stdin=stdin(messages)) == 0
    aws.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidParameterException", "AWS refuses the pattern that trailwarden takes: Invalid metric filter pattern"),
        ("AccessDeniedException", "TestMetricFilter: AccessDeniedException: "),
    ],
)
def test_aws_refuses(aws: Aws, code: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    aws.stub.add_client_error("test_metric_filter", code, "Invalid metric filter pattern")
    assert try_pattern(["{ $.a = 1 }", "-"], live=Access(), stdin=io.BytesIO(b'{"a": 1}')) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("access", "environment", "said"),
    [
        (Access(endpoint_url="http://127.0.0.1:1"), {}, "cannot look: sts:GetCallerIdentity: Could not connect"),
        (Access(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "cannot look: sts:GetCallerIdentity: Could not connect"),
        (Access(endpoint_url="nonsense"), {}, "--endpoint-url 'nonsense': is no endpoint"),
        (Access(profile="nope"), {}, "The config profile (nope) could not be found"),
    ],
    ids=str,
)
def test_where_aws_is_asked_is_said_as_for_every_verb(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    access: Access,
    environment: dict[str, str],
    said: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert try_pattern(["{ $.a = 1 }", "-"], live=access, stdin=io.BytesIO(b'{"a": 1}')) == 2
    assert said in capsys.readouterr().err


# --- one line about an event -----------------------------------------------------------------------------------------

CALLERS = {
    "trail-stop-logging": "mallory",
    "root-create-access-key": "root",
    "iam-put-role-policy": "deployer/ci-4711",
    "trail-describe": "AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6071/bob@example.com",
    "kms-generate-data-key-by-service": "cloudtrail.amazonaws.com",
    "kms-rotate-key-by-aws": "AWS Internal",
    "signin-federated": "arn:aws:sts::111122223333:federated-user/carol",
}


@pytest.mark.parametrize(("record", "expected"), CALLERS.items())
def test_callers(record: str, expected: str) -> None:
    event = json.loads((Path(catalog.__file__).parent / f"records/{record}.json").read_text(encoding="utf-8"))
    assert caller(event) == expected


@pytest.mark.parametrize("identity", [None, 7, "root", [], {}, {"type": 1}, {"type": "AssumedRole", "arn": 5}])
def test_an_odd_caller_is_no_error(identity: Any) -> None:
    assert isinstance(caller({"userIdentity": identity}), str)


def test_text_that_a_caller_chose_cannot_steer_the_terminal() -> None:
    record = {"eventName": "\x1b[2J\nfake line", "userIdentity": {"userName": "\u202emallory"}}
    line = line_of(Event("file\u0007.json", 1, record))
    assert line.isprintable()
    assert "[2J" in line, "what can be shown is shown"


def test_every_pattern_of_the_catalogue_says_the_same_of_text_and_of_record() -> None:
    """The verb hands over what was parsed; CloudWatch sees the text."""
    for event_set in EVENT_SETS.values():
        pattern = filterpattern.compile(event_set.pattern)
        assert [
            s.why for s in event_set.samples if pattern.matches(json.dumps(s.event)) != pattern.matches(s.event)
        ] == []
