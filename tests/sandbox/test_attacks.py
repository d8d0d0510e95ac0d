"""The attack table: every row is played on one deployed stack, and ends as it says; no row is silent unsaid.

Those on the explainer need another stack, and are played in `test_explainer_attacks`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.demo._stage import Stage
from sandbox.demo.attacks import ROWS, Range, Result, Row, play, run
from sandbox.demo.attacks._run import document
from sandbox.demo.attacks._stacks import make_range

BY_NAME = {row.name: row for row in ROWS}

# The table of the project's issue, in its words: each must have a row.
TABLE = {
    "StopLogging by name": "stop-by-name",
    "StopLogging by ARN": "stop-by-arn",
    "from the wrong region": "stop-elsewhere",
    "in a loop": "stop-in-a-loop",
    "UpdateTrail: single region": "one-region",
    "UpdateTrail: no global events": "no-global-events",
    "UpdateTrail: log group removed": "no-log-group",
    "UpdateTrail: bucket changed": "other-bucket",
    "UpdateTrail: key removed": "no-key",
    "UpdateTrail: organization flag": "organization-flag",
    "UpdateTrail: validation off": "no-validation",
    "PutEventSelectors: management off": "no-management-events",
    "PutEventSelectors: read-only": "read-only",
    "PutEventSelectors: advanced that excludes": "advanced-selectors",
    "DeleteTrail": "delete-trail",
    "rule disabled then StopLogging": "rule-disabled",
    "schedule deleted": "schedule-deleted",
    "guardian concurrency 0": "no-concurrency",
    "its code changed": "code-changed",
    "its environment changed": "environment-changed-and-stop",
    "its desired state weakened": "desired-state-weakened",
    "topic policy broken": "topic-policy-broken",
    "subscription removed": "subscription-removed",
    "log group deleted": "log-group-deleted",
    "filter edited": "filter-edited",
    "alarm muted": "alarm-muted",
    "alarm muted by a rule": "alarm-muted-by-rule",
    "every alarm muted": "all-alarms-muted",
    "delivery role gutted": "delivery-role-gutted",
    "Deny in key policy": "deny-in-key-policy",
    "Deny in bucket policy": "deny-in-bucket-policy",
    "throttling flood": "throttling-flood",
    "the guardian's own role used by somebody else": "guardians-role-taken",
    "insights on data events alone": "insights-on-data",
    "a filter on people's subscription": "people-filtered",
    "a filter on the guardian's subscription": "guardian-filtered",
    "data protection of the alerts": "data-protection",
    "its desired state deleted with others": "desired-state-deleted",
    "its failed calls forgotten": "failures-forgotten",
    "its dead letters thrown away": "dead-letters-thrown-away",
    "versioning suspended, files expired": "files-expire",
    "explainer concurrency 0": "explainer-no-concurrency",
    "explainer's code changed": "explainer-code-changed",
    "explainer's environment changed": "explainer-environment-changed",
    "explainer's role gutted": "explainer-role-gutted",
    "explainer's schedule deleted": "explainer-schedule-deleted",
    "explainer's schedule disabled": "explainer-schedule-disabled",
    "explainer's subscription to signals removed": "explainer-subscription-removed",
    "explainer's rule disabled": "explainer-rule-disabled",
    "explainer's target removed": "explainer-target-removed",
}


UNANSWERED = Row(name="idle", title="nothing at all", attack=lambda at: None, unanswered="nobody knows how")


@pytest.fixture(scope="module")
def at() -> Iterator[Range]:
    """A deployed stack that all rows share: each clears away what it did."""
    with Stage() as stage:
        yield make_range(stage)


def test_the_table_is_whole() -> None:
    assert set(TABLE.values()) <= BY_NAME.keys()
    assert len(BY_NAME) == len(ROWS)
    assert [row.name for row in ROWS if row.unanswered] == []


def test_a_stack_that_nobody_attacked_is_as_deployed(at: Range) -> None:
    """What the inventory says of each thing is what AWS answers, or the first sweep would tell people."""
    assert [mail.subject for mail in at.mails() if mail.subject.startswith("[")] == []


@pytest.mark.parametrize("row", [row for row in ROWS if not row.explained], ids=lambda row: row.name)
def test_an_attack_ends_as_its_row_says(at: Range, row: Row) -> None:
    assert bool(row.told) != bool(row.unanswered)
    result = play(row, at)
    assert result.problem == ""
    if row.told and row.by_sweep:
        assert 300 <= (result.after_s or 0) < 345  # the sweep's five minutes, and the grace time where it waits
    elif row.told and row.is_repaired and "put back" in result.subject:
        assert 30 <= (result.after_s or 0) < 40
    elif row.told and row.name != "stop-in-a-loop":
        assert (result.after_s if result.after_s is not None else 99) < (45 if row.undo else 10)


def test_afterwards_everything_is_as_it_was(at: Range) -> None:
    """What one row leaves behind would be taken for the next one's doing."""
    known = len(at.mails())
    at.pass_time(300)
    at.pass_time(300)
    assert [mail.subject for mail in at.mails()[known:]] == []
    assert at.trail()["IsLogging"] is True
    assert at.outputs["trailArn"] == at.trail()["TrailARN"]


# -- what is said of a row that did not end so


def result(row: Row, **seen: Any) -> Result:
    plain: dict[str, Any] = {
        "subject": "",
        "after_s": None,
        "trigger": "",
        "is_as_before": True,
        "is_mended": True,
        "others": (),
        "ms": 1,
    }
    return Result(row=row, **plain | seen)


@pytest.mark.parametrize(
    ("name", "seen", "ending", "problem"),
    [
        ("stop-by-name", {}, "silent", "no mail with"),
        ("stop-by-name", {"subject": "s", "trigger": "alarm"}, "repaired and told", "told by the alarm, not by the"),
        (
            "stop-by-name",
            {"subject": "s", "trigger": "event rule", "is_as_before": False},
            "told",
            "the trail is not as before",
        ),
        ("stop-by-name", {"subject": "s", "trigger": "event rule"}, "repaired and told", ""),
        ("key-disabled", {"subject": "s", "trigger": "sweep", "is_as_before": False}, "told", ""),
        (
            "throttling-flood",
            {"subject": "s", "trigger": "event rule", "others": ("ALARM: x",)},
            "repaired and told",
            "not told once more, with [critical] Trail stopped by mallory, running again",
        ),
        (
            "throttling-flood",
            {
                "subject": "s",
                "trigger": "event rule",
                "others": ("[critical] Trail stopped by mallory, running again after 62 s", "ALARM: x"),
            },
            "repaired and told",
            "",
        ),
        ("nothing", {}, "not answered yet", ""),
        ("nothing", {"others": ("ALARM: x",)}, "not answered yet", "it has an answer now"),
        ("nothing", {"others": ("OK: x",)}, "not answered yet", ""),
        ("alarm-muted", {"subject": "s", "trigger": "sweep"}, "repaired and told", ""),
        ("alarm-muted", {"subject": "s", "trigger": "sweep", "is_mended": False}, "told", "it was not put back"),
    ],
)
def test_what_a_result_says(name: str, seen: dict[str, Any], ending: str, problem: str) -> None:
    found = result({**BY_NAME, "nothing": UNANSWERED}[name], **seen)
    assert found.ending == ending
    assert found.problem.startswith(problem)
    assert bool(found.problem) == bool(problem)


def test_the_document_is_ok_only_if_everything_was_played_and_ended_so() -> None:
    good = result(BY_NAME["stop-by-name"], subject="s", trigger="event rule", after_s=0.1)
    bad = result(BY_NAME["stop-by-arn"])
    assert document([good], complete=True)["ok"] is True
    assert document([good], complete=False)["ok"] is False
    assert document([good, bad], complete=True)["ok"] is False
    assert document([], complete=True)["ok"] is False


# -- the command


def test_the_command_tells_each_row_and_fails_if_one_ends_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    silent = Row(name="nothing", title="nothing at all", attack=lambda at: None, told=("a mail",))
    assert run(True, rows=[BY_NAME["stop-by-name"], UNANSWERED, silent]) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert set(told) == {"ok", "rows"}
    stopped, changed, nothing = told["rows"]
    assert (stopped["ending"], stopped["trigger"], stopped["problem"]) == ("repaired and told", "event rule", None)
    assert 0 <= stopped["after_s"] < 30
    assert (changed["ending"], changed["why"]) == ("not answered yet", UNANSWERED.unanswered)
    assert (nothing["ending"], nothing["problem"]) == ("silent", "no mail with a mail; there came []")
    assert "Not as the table says: 1; 1 answered, 1 not answered yet" in " ".join(said.err.split())
    assert "Traceback" not in said.err
