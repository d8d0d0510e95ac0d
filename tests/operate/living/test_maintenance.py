"""`maintenance`: planned work begins, is shown and ends, and the guardian obeys what was written."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from guardian import maintenance as guardians

from exits import Exit
from operate.deployed import Target
from operate.maintenance import verb as maintenance
from operate.maintenance.record import lasts
from tests.support.check_world import HOME, STACK, World
from tests.support.living_stack import actions_of, as_user, forget_maintenance, is_logging, item, now, planned


def test_maintenance_from_begin_to_end(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guardian obeys what the verb writes, and after its end everything is put back."""
    forget_maintenance(world)
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert maintenance.start(planned(world), reason="moving the bucket") == Exit.OK
    said = capsys.readouterr()
    assert (said.out, item(world)) == ("", {})
    assert "puts nothing back" in said.err
    assert "Nothing was written." in said.err

    sessions = as_user(world, monkeypatch, "maintenance.json")
    assert maintenance.start(planned(world), reason=" moving\nthe bucket ", lasts="1h30m", yes=True) == Exit.OK
    (told,) = json.loads(capsys.readouterr().out)["trails"]
    record = guardians.read(item(world))
    assert isinstance(record, guardians.Maintenance)
    assert record.is_on(now(world))
    assert record.ends - record.begins == timedelta(minutes=90)
    assert (record.reason, record.author) == ("moving the bucket", "arn:aws:iam::000000000000:user/maintenance")
    assert told == {
        "trail": world.outputs["trailArn"],
        "region": HOME,
        "mode": "restore",
        "state": "on",
        "begins": f"{record.begins:%Y-%m-%dT%H:%M:%SZ}",
        "ends": f"{record.ends:%Y-%m-%dT%H:%M:%SZ}",
        "reason": record.reason,
        "author": record.author,
        "problem": None,
    }

    assert maintenance.start(planned(world), reason="again", yes=True) == Exit.FOUND
    said = capsys.readouterr().err
    assert "maintenance is on already; end it first: .venv/bin/python -m wizard maintenance end --stack prod" in said
    assert guardians.read(item(world)) == record

    world.aws("cloudtrail").stop_logging(Name=world.outputs["trailArn"])
    world.client.settle()
    assert not is_logging(world)

    assert maintenance.end(planned(world, as_json=False)) == Exit.OK
    said = capsys.readouterr()
    assert "is put back from now on" in said.err
    assert f"({HOME}): no maintenance; the last one ended" in said.out
    world.client.advance_clock(300)
    world.client.settle()
    assert is_logging(world)
    subjects = [mail["subject"] for mail in world.client.mail()]
    assert any("Maintenance until" in subject for subject in subjects)
    assert any("Maintenance is over" in subject for subject in subjects)

    assert maintenance.end(planned(world)) == Exit.OK
    assert "No maintenance was on" in capsys.readouterr().err
    asked = frozenset[str]().union(*(session.asked for session in sessions))
    assert asked - {"sts:GetCallerIdentity"} == actions_of("maintenance.json")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lasts": "5h"}, "--for 5h: must be more than 0 and at most 4h, written as 2h, 90m or 1h30m"),
        ({"lasts": "0m"}, "--for 0m: must be more than 0"),
        ({"lasts": ""}, "--for : must be"),
        ({"reason": " \n"}, "--reason: say why"),
    ],
)
def test_maintenance_refuses_what_the_guardian_would_not_obey(
    world: World, capsys: pytest.CaptureFixture[str], given: dict[str, Any], said: str
) -> None:
    before = item(world)
    assert maintenance.start(planned(world), **{"reason": "work", "yes": True, **given}) == Exit.NO_ANSWER
    assert said in capsys.readouterr().err
    assert item(world) == before


def test_two_who_plan_at_once_do_not_overwrite_each_other(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The slower one asks for the time after it has looked; by then the quicker one has written."""
    quick = planned(world)
    looked: list[int] = []

    def late() -> datetime:
        if not looked:
            looked.append(maintenance.start(quick, reason="the quicker", yes=True))
        return now(world)

    slow = replace(quick, now=late)
    try:
        assert (maintenance.start(slow, reason="the slower", yes=True), looked) == (Exit.FOUND, [Exit.OK])
        assert "somebody else has just changed the record" in capsys.readouterr().err
        assert item(world)["reason"] == "the quicker"
    finally:
        assert maintenance.end(quick) == Exit.OK


@pytest.mark.parametrize(("text", "minutes"), [("2h", 120), ("90m", 90), ("1h30m", 90), (" 4h ", 240), ("1m", 1)])
def test_how_long(text: str, minutes: int) -> None:
    assert lasts(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("region", "said"),
    [("eu-central-1", "nothing of stack prod is in eu-central-1 of account 000000000000"), (None, "Pulumi.nope.yaml")],
)
def test_a_stack_that_is_not_there(
    world: World, capsys: pytest.CaptureFixture[str], region: str | None, said: str
) -> None:
    target = Target(STACK if region else "nope", replace(world.access, region=region))
    assert maintenance.show(planned(world, target=target)) == Exit.NO_ANSWER
    assert said in capsys.readouterr().err
