"""What the trail's settings call for, message by message: every attack is undone and told."""

import pytest

from tests.support.guardian_world import (
    STOPPED_AT,
    wake,
)
from tests.support.trail_attacks import ATTACKS, EVENT_SELECTORS, attacked, is_as_it_was


@pytest.mark.parametrize("message", ["update-trail", "alarm-aws", "scheduled-scheduler", "stop-refused-access-denied"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_is_undone_whatever_tells_of_it(attack: str, message: str):
    aws = attacked(attack)
    woken = wake(message, aws)
    assert woken.raised is None
    assert woken.answer
    assert woken.answer["settings"] == "put back"
    assert aws.requests == ATTACKS[attack][2]
    assert is_as_it_was(aws)
    # Who knows nobody waits longer, so that the event's own run comes first and tells who it was.
    assert aws.hands.slept == [40 if message in ("alarm-aws", "scheduled-scheduler") else 30]
    who = "changed by mallory" if message == "update-trail" else "found changed"
    assert f"[critical] Trail {who}, put back" in aws.mails[-1]
    assert len(aws.mails) == (2 if message.startswith("stop-refused") else 1)


@pytest.mark.parametrize("attack", ATTACKS)
def test_told_to_notify_it_changes_nothing_and_says_so(attack: str):
    aws = attacked(attack)
    woken = wake("update-trail", aws, MODE="notify")
    assert woken.raised is None
    assert aws.requests == []
    assert aws.mails == ["[critical] Trail changed by mallory and NOT PUT BACK (see why)"]
    assert woken.row("Done") == "nothing: remediation mode is notify"


def test_the_mail_says_what_was_changed_and_what_was_done():
    aws = attacked("everything at once")
    woken = wake("update-trail", aws)
    assert woken.body.startswith("CloudTrail trail trailwarden-prod was changed and is as wanted again.\n")
    lines = woken.body.splitlines()
    at = lines.index("Changed  multi-region: off, wanted on")
    assert lines[at + 1 : at + 3] == [
        "         bucket: mallorys, wanted trail-bucket-1a2b3c4",
        "         event selectors: nothing is recorded, wanted all management events",
    ]
    assert woken.row("Done") == "UpdateTrail (multi-region, bucket) at 03:12:41 UTC"
    assert "         PutEventSelectors (event selectors) at 03:12:41 UTC\n         read back: as wanted\n" in woken.body
    assert woken.row("Who").startswith("mallory (IAM user, no MFA)")


def test_a_stop_is_undone_before_anything_is_waited_for():
    aws = attacked("single region")
    aws.is_logging, aws.stopped_at = False, STOPPED_AT
    wake("stop-by-name-iam-user", aws)
    assert aws.calls.index("StartLogging") < aws.calls.index("Publish") < aws.calls.index("UpdateTrail")
    assert aws.hands.slept == [30]
    assert [mail.split(",")[0] for mail in aws.mails] == [
        "[critical] Trail stopped by mallory",
        "[critical] Trail found changed",
    ]


def test_blinded_for_a_moment_is_told_all_the_same():
    """Put back by the attacker within the grace time; no desired state was written, so it was no deployment."""
    aws = attacked("management events off")
    aws.on = lambda operation: None
    real = aws.hands.sleep

    def sleep(seconds: float) -> None:
        aws.selectors = EVENT_SELECTORS
        real(seconds)

    aws.hands.sleep = sleep
    woken = wake("put-event-selectors", aws)
    assert aws.requests == []
    assert aws.mails == ["[high] PutEventSelectors by mallory, trail is logging"]
    assert "was as wanted again 30 s later" in woken.body
    assert woken.row("Changed").startswith("event selectors: nothing is recorded, wanted")
