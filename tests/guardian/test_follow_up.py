"""Who it was, told although a mail without a name came first: one mail more, once."""

import contextlib
from datetime import timedelta

import pytest
from common.errors import NotReported

from tests.support.guardian_world import STOPPED_AT, FakeAws, budget, deliver, refusal, sample, wake

STOP, DELETE, ALARM, SWEEP, OTHER = (
    "stop-by-name-iam-user",
    "delete-trail",
    "alarm-aws",
    "scheduled-scheduler",
    "add-tags",
)
FOUND, STOPPED = "Trail found stopped, running again after 3 s", "Trail stopped by mallory, running again after 3 s"
GONE, DELETED = "Trail is gone, NOT LOGGING", "Trail deleted by mallory, NOT LOGGING"
ADDED = "\nTold     by another mail without a name; this one adds who it was\n"


class Crash(BaseException):
    """Lambda ends the run at once."""


@pytest.mark.parametrize(
    ("order", "mails"),
    [
        ((ALARM, STOP), [FOUND, STOPPED]),
        ((SWEEP, STOP), [FOUND, STOPPED]),
        ((OTHER, STOP), [FOUND, STOPPED]),
        ((ALARM, SWEEP, STOP, STOP, ALARM, "stop-assumed-role"), [FOUND, STOPPED]),
        ((STOP, ALARM), [STOPPED]),
        ((STOP, SWEEP, STOP), [STOPPED]),
        ((STOP, "stop-assumed-role"), [STOPPED]),
        ((ALARM, SWEEP, ALARM), [FOUND]),
    ],
)
def test_a_stop_that_was_told_without_a_name_is_told_with_it_once(order: tuple[str, ...], mails: list[str]):
    aws = FakeAws()
    for name in order:
        assert wake(name, aws).raised is None
        aws.hands.move(4)
    assert aws.mails == [f"[critical] {mail}" for mail in mails]
    has_line = [ADDED in request["Message"] for request in aws.published]
    assert has_line == [False, True][: len(mails)]


@pytest.mark.parametrize(
    ("order", "mails"),
    [
        ((ALARM, DELETE), [GONE, DELETED]),
        ((SWEEP, DELETE, DELETE, ALARM), [GONE, DELETED]),
        ((STOP, DELETE), [GONE, DELETED]),
        ((DELETE, ALARM, SWEEP, DELETE), [DELETED]),
        ((ALARM, STOP, SWEEP), [GONE]),
    ],
)
def test_a_deletion_that_was_told_without_a_name_is_told_with_it_once(order: tuple[str, ...], mails: list[str]):
    aws = FakeAws(is_gone=True)
    for name in order:
        assert wake(name, aws).raised is None
        aws.hands.move(4)
    assert aws.mails == [f"[critical] {mail}" for mail in mails]
    has_line = [ADDED in request["Message"] for request in aws.published]
    assert has_line == [False, True][: len(mails)]
    assert aws.table.ids("open") == ["gone"]  # it still lasts, and is reminded of


def test_the_follow_up_claims_no_repair_of_its_own():
    aws = FakeAws()
    wake(ALARM, aws)
    aws.hands.move(60)
    wake(STOP, aws)
    body = aws.published[1]["Message"]
    assert "\nWho      mallory (IAM user, no MFA) · " in body
    assert (
        "\nDone     nothing in this run: the trail was logging again when it was looked at, since 03:12:11 UTC\n"
        in body
    )
    assert "\nGap      3 s not logged by the trail" in body


def test_the_follow_up_of_an_older_stop_measures_no_gap():
    """CloudTrail remembers only the last start, which ended another stop."""
    aws = FakeAws()
    wake(ALARM, aws)
    aws.hands.move(60)
    aws.is_logging, aws.stopped_at = False, aws.hands.at
    wake(ALARM, aws)
    wake(STOP, aws)
    assert aws.mails[2] == "[critical] Trail stopped by mallory, already running again"
    assert "\nGap      length not known" in aws.published[2]["Message"]


def test_a_trail_left_stopped_is_told_with_the_name():
    aws = FakeAws()
    for name in (ALARM, STOP, STOP):
        wake(name, aws, MODE="notify")
    assert aws.mails == [
        "[critical] Trail found stopped and NOT LOGGING (notify only)",
        "[critical] Trail stopped by mallory and NOT LOGGING (notify only)",
    ]


@pytest.mark.parametrize(("first", "event", "is_gone"), [(ALARM, STOP, False), (SWEEP, DELETE, True)])
def test_a_follow_up_whose_run_dies_before_the_mail_is_sent_by_lambdas_retry(first: str, event: str, is_gone: bool):
    aws = FakeAws(is_gone=is_gone)
    wake(first, aws)

    def on(operation: str) -> None:
        if operation == "Publish":
            raise Crash

    aws.on = on
    with contextlib.suppress(Crash):
        wake(event, aws)
    aws.on = lambda operation: None
    wake(event, aws)  # a second copy of the event, while the first may still be at it
    assert len(aws.mails) == 1
    for _ in range(3):
        aws.hands.move(61)
        wake(event, aws)
    assert len(aws.mails) == 2
    assert "by mallory" in aws.mails[1]


def test_a_follow_up_that_cannot_be_sent_is_tried_again():
    aws = FakeAws()
    wake(ALARM, aws)
    aws.refuse = {"Publish": [refusal("AuthorizationErrorException", status=403)]}
    assert isinstance(wake(STOP, aws).raised, NotReported)
    aws.hands.move(61)
    assert wake(STOP, aws).raised is None
    assert aws.mails == ["[critical] " + FOUND, "[critical] " + STOPPED]


def test_a_ledger_that_fails_before_the_name_is_taken_does_not_silence_it():
    aws = FakeAws()
    wake(ALARM, aws)
    updates: list[str] = []

    def on(operation: str) -> None:
        updates.extend([operation] * (operation == "UpdateItem"))
        if len(updates) == 3:  # after the claim that is refused and the member
            aws.down = {"dynamodb"}

    aws.on = on
    assert wake(STOP, aws).raised is None
    assert aws.mails[1:] == ["[critical] " + STOPPED]


def test_the_event_may_come_between_the_claim_and_the_mail_of_the_alarm():
    aws = FakeAws()

    def on(operation: str) -> None:
        if operation == "Publish":
            aws.on = lambda operation: None
            aws.hands.move(-0.2)  # two computers' clocks
            wake(STOP, aws)

    aws.on = on
    wake(ALARM, aws)
    assert sorted("by mallory" in mail for mail in aws.mails) == [False, True]


def test_what_the_sweep_told_for_a_run_that_died_is_told_with_the_name_by_lambdas_retry():
    aws = FakeAws()

    def on(operation: str) -> None:
        if operation == "Publish":
            raise Crash

    aws.on = on
    with contextlib.suppress(Crash):
        wake(STOP, aws)
    aws.on = lambda operation: None
    aws.hands.move(51)
    wake(SWEEP, aws)
    wake(STOP, aws)
    wake(STOP, aws)
    assert len(aws.mails) == 2
    assert "Told late" in aws.mails[0]
    assert "Trail stopped by mallory" in aws.mails[1]


def test_a_loop_of_stops_makes_no_follow_ups_beyond_the_budget():
    aws = FakeAws(is_logging=True, variables=budget(2, minutes=10))
    for number in range(12):
        aws.hands.move(20)
        aws.is_logging, aws.stopped_at = False, aws.hands.at
        event = sample(STOP)
        event["detail"] |= {"eventTime": aws.hands.at.isoformat(), "eventID": f"0c8f1e9a-0000-0000-0000-{number:012d}"}
        wake(ALARM, aws)
        deliver(event, aws)
    assert aws.stopped_at
    assert aws.stopped_at > STOPPED_AT + timedelta(minutes=3)
    assert sum("by mallory" in mail for mail in aws.mails) == 2
    assert sum("found stopped" in mail for mail in aws.mails) == 2
