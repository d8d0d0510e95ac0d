"""Only what was seen after an act began counts for it."""

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from sandbox import demo
from sandbox.client import SandboxClient
from sandbox.demo._acts import Act
from sandbox.demo._observer import Expectation, Mark, Observer, Seen, VanishedError, told_twice, wait_for
from sandbox.demo._people import Person
from sandbox.demo._stage import Stage, StageError
from sandbox.demo._story import Story, StoryEndedError
from sandbox.demo.document import Observed, Step
from sandbox.demo.screen import Screen
from sandbox.process import SandboxProcess

NAMES = {"trail-changes": "watch-trail-changes-1a2b3c4", "root-account-use": "watch-root-account-use-5d6e7f8"}


class World:
    """A sandbox, an auditor and their clients in one, with what they would answer set by hand."""

    def __init__(self) -> None:
        self.mails: list[dict[str, str]] = []
        self.states = dict.fromkeys(NAMES, "OK")
        self.status: dict[str, Any] = {"IsLogging": True}
        self.gone = ""

    def mail(self) -> list[dict[str, str]]:
        return self.mails

    def aws(self, service: str, *, region: str) -> Any:
        assert (service in {"cloudtrail", "cloudwatch"}, region) == (True, "eu-west-1")
        return self

    def get_trail_status(self, *, Name: str) -> dict[str, Any]:
        assert Name == "arn:trail"
        return self.status

    def get_trail(self, *, Name: str) -> dict[str, Any]:
        if self.gone:
            raise ClientError({"Error": {"Code": self.gone, "Message": Name}}, "GetTrail")
        return {}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "describe_alarms"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        alarms = [{"AlarmName": NAMES[watch], "StateValue": state} for watch, state in self.states.items()]
        return [{"MetricAlarms": [*alarms, {"AlarmName": "somebody else's", "StateValue": "ALARM"}]}]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def observed() -> Observed:
    return Observed()


@pytest.fixture
def observer(world: World, observed: Observed) -> Observer:
    return Observer(
        auditor=cast("Person", world),
        sandbox=cast("SandboxClient", world),
        region="eu-west-1",
        trail_arn="arn:trail",
        alarm_names=NAMES,
        observed=observed,
    )


def letter(subject: str, body: str = "") -> dict[str, str]:
    return {"at": "2026-11-26T00:00:00Z", "to": "security@example.com", "subject": subject, "body": body}


# -- mails


def test_a_mail_from_before_the_act_does_not_count(world: World, observer: Observer) -> None:
    world.mails.append(letter("stopped by mallory", "StopLogging"))
    mark = observer.mark()
    awaited = observer.mail("mail", "the mail", subject=["mallory"], body=["StopLogging"])
    assert awaited.look(mark) is None
    world.mails.append(letter("stopped by mallory", "StopLogging, again"))
    seen = awaited.look(mark)
    assert seen is not None
    assert seen.mail == world.mails[1]


@pytest.mark.parametrize(
    ("subject", "body"),
    [("stopped by eve", "StopLogging"), ("stopped by mallory", "StartLogging")],
    ids=["somebody else", "something else"],
)
def test_a_mail_must_say_all_of_it(world: World, observer: Observer, subject: str, body: str) -> None:
    mark = observer.mark()
    world.mails.append(letter(subject, body))
    assert observer.mail("mail", "the mail", subject=["mallory"], body=["StopLogging"]).look(mark) is None


def test_an_event_in_two_mails_is_told_twice() -> None:
    first, second = "0c8f1e9a-0000-4000-8000-000000000001", "0c8f1e9a-0000-4000-8000-000000000002"
    one = letter("one", f"Event    {first}\n  https://…/events/{first}\n")
    two = letter("two", f"Events   03:12:09 PutUserPolicy by mallory\n                  event {second}\n")
    assert told_twice([one, two]) == []
    assert told_twice([one, two, letter("three", f"Event    {second}\n")]) == [second]


# -- the trail


def at(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ({"IsLogging": True, "StopLoggingTime": at(1000)}, True),
        ({"IsLogging": False, "StopLoggingTime": at(1000)}, False),
        ({"IsLogging": True, "StopLoggingTime": at(998)}, False),
        ({"IsLogging": True}, False),
    ],
    ids=["stopped and back", "stopped", "an earlier stop", "never stopped"],
)
def test_a_trail_is_back_only_if_it_was_stopped(
    world: World, observer: Observer, status: dict[str, Any], counts: bool
) -> None:
    world.status = status
    assert (observer.trail_is_back("back").look(Mark(began_at=1000.4, mails=0)) is not None) is counts


@pytest.mark.parametrize(
    ("code", "counts"), [("TrailNotFoundException", True), ("AccessDeniedException", False), ("", False)]
)
def test_a_trail_is_gone_only_if_aws_says_so(world: World, observer: Observer, code: str, counts: bool) -> None:
    world.gone = code
    assert (observer.trail_is_gone("gone").look(Mark(0, 0)) is not None) is counts


# -- alarms


def test_the_highest_state_of_each_alarm_is_kept(world: World, observer: Observer, observed: Observed) -> None:
    for states in (["INSUFFICIENT_DATA", "OK"], ["ALARM", "INSUFFICIENT_DATA"], ["OK", "OK"]):
        world.states = dict(zip(NAMES, states, strict=True))
        observer.alarms()
    assert observed.alarms == {"trail-changes": "ALARM", "root-account-use": "OK"}


def test_an_alarm_that_is_gone_is_no_quiet_alarm(world: World, observer: Observer) -> None:
    del world.states["root-account-use"]
    with pytest.raises(VanishedError, match="root-account-use"):
        observer.alarms()


def story(observed: Observed, screen: io.StringIO) -> Story:
    return Story(
        stage=cast("Stage", None),
        screen=Screen(Console(file=screen, width=100)),
        observed=observed,
        patience_s=0.05,
        confirm_mail=True,
        program=None,
    )


def act(do: Callable[[], str], *expect: Expectation) -> Act:
    return Act(name="stop", title="mallory stops it", do=do, quiet=("trail-changes",), expect=expect)


def test_an_alarm_that_rings_already_ends_the_story_before_the_act(
    world: World, observer: Observer, observed: Observed
) -> None:
    world.states["trail-changes"] = "ALARM"
    did: list[str] = []
    screen = io.StringIO()
    with pytest.raises(StoryEndedError):
        story(observed, screen)._play(act(lambda: did.append("it") or "did"), observer)
    assert did == []
    assert [(step.name, step.ok) for step in observed.steps] == [("stop.quiet", False)]
    assert "state ALARM" in screen.getvalue()


def test_a_call_that_aws_refuses_ends_the_story(observer: Observer, observed: Observed) -> None:
    def refused() -> str:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "StopLogging")

    with pytest.raises(StoryEndedError):
        story(observed, io.StringIO())._play(act(refused), observer)
    assert [(step.name, step.ok) for step in observed.steps] == [("stop.quiet", True), ("stop.call", False)]


def test_what_is_seen_and_what_is_not_are_both_noted(world: World, observer: Observer, observed: Observed) -> None:
    def do() -> str:
        world.states["trail-changes"] = "ALARM"
        return "did it"

    never = Expectation("stop.never", "what never comes", lambda _mark: None)
    screen = io.StringIO()
    with pytest.raises(StoryEndedError):
        story(observed, screen)._play(act(do, observer.alarm("stop.alarm", "trail-changes"), never), observer)
    assert [(step.name, step.ok) for step in observed.steps] == [
        ("stop.quiet", True),
        ("stop.call", True),
        ("stop.alarm", True),
        ("stop.never", False),
    ]
    assert all(0 <= step.ms < 1000 for step in observed.steps), "measured from the call's answer on"
    assert "not seen: what never comes" in screen.getvalue()
    assert observed.restored is False


def test_text_from_outside_is_neither_markup_nor_steers_the_terminal(
    world: World, observer: Observer, observed: Observed
) -> None:
    def do() -> str:
        world.mails.append(letter("[bold]ALARM[/bold] [critical]", "[link=http://evil.example]click[/link]\x1b[2J\r"))
        return "did [red]it[/red]\x1b]0;title\x07"

    screen = io.StringIO()
    awaited = observer.mail("stop.mail", "the mail", subject=["ALARM"], body=[])
    story(observed, screen)._play(act(do, awaited), observer)
    for text in ("[bold]ALARM[/bold] [critical]", "[link=http://evil.example]click[/link]", "did [red]it[/red]"):
        assert text in screen.getvalue()
    assert not {"\x1b", "\x07", "\r"} & set(screen.getvalue())


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", "✓✗"), ("ascii", ("ok", "!!")), ("latin-1", ("ok", "!!"))])
def test_seen_and_missed_can_be_told_apart_on_any_terminal(encoding: str, signs: str) -> None:
    raw = io.BytesIO()
    screen = Screen(Console(file=io.TextIOWrapper(raw, encoding=encoding, write_through=True), width=60))
    screen.seen("it came", "1 ms")
    screen.missed("it did not")
    told = raw.getvalue().decode(encoding).splitlines()
    assert [line.split()[0] for line in told] == list(signs)


# -- waiting


def test_waiting_tells_each_as_it_comes_and_stops_at_the_deadline() -> None:
    looks: list[str] = []

    def at_look(number: int) -> Callable[[Mark], Seen | None]:
        def look(_mark: Mark) -> Seen | None:
            looks.append("look")
            return Seen("there") if len(looks) >= number else None

        return look

    expected = [Expectation("late", "l", at_look(5)), Expectation("never", "n", lambda _mark: None)]
    began = time.perf_counter()
    seen = list(wait_for(expected, mark=Mark(0, 0), answered=began, patience_s=0.3))
    assert [(expectation.name, text.text) for expectation, text, _ms in seen] == [("late", "there")]
    assert 0.3 <= time.perf_counter() - began < 5
    assert 60 <= seen[0][2] < 300 + 5000


# -- clean-up


class Server:
    """A sandbox's process that has ended with a status of its own."""

    def __init__(self, status: int) -> None:
        self._status = status

    def stop(self) -> int:
        return self._status


def test_clean_up_looks_whether_anything_is_left(tmp_path: Path) -> None:
    with Stage() as stage:
        folder = stage.project
        assert (folder / "Pulumi.yaml").is_file()
        stage.clear()
        assert not folder.exists()
        stage.project = tmp_path
        with pytest.raises(StageError, match="is still there"):
            stage.clear()
        stage.project, stage.server = folder, cast("SandboxProcess", Server(9))
        with pytest.raises(StageError, match="exit status 9"):
            stage.clear()


def test_a_clean_up_that_failed_is_not_claimed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def left(_stage: Stage) -> None:
        raise StageError("the sandbox ended with exit status 9")

    monkeypatch.setattr(Story, "play", lambda _story: None)
    monkeypatch.setattr(Stage, "clear", left)
    assert demo.run(True) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert [(step["name"], step["ok"]) for step in document["steps"]] == [("clean-up", False)]


# -- the document


@pytest.mark.parametrize(
    ("complete", "steps", "ok"),
    [(True, [True, True], True), (True, [True, False], False), (False, [True, True], False)],
    ids=["all seen", "one not seen", "not to the end"],
)
def test_ok_means_that_the_whole_story_was_seen(complete: bool, steps: list[bool], ok: bool) -> None:
    observed = Observed(complete=complete, steps=[Step("s", each, 1.0) for each in steps])
    assert observed.document()["ok"] is ok
