"""A report that cannot be published: one line to the topic that shares nothing with the alerts."""

import pytest
from common.errors import NotReported

from tests.support.guardian_world import LAST_RESORT_ARN, FakeAws, refusal, wake

STOP, SWEEP = "stop-by-name-iam-user", "scheduled-scheduler"
LINE = (
    "A report could not be published to the alerts topic (AuthorizationError). "
    "It stands whole in the guardian's log, and the call is tried again. trailwarden 0.1.0, stack prod.\n"
)


def broken(times: int = 1000, **more: object) -> FakeAws:
    refused = [refusal("AuthorizationErrorException", status=403) for _ in range(times)]
    return FakeAws(**{"refuse": {"Publish": refused}, **more})  # pyright: ignore[reportArgumentType]


def test_a_report_that_is_lost_is_said_to_be_with_nothing_of_what_it_holds():
    woken = wake(STOP, broken())
    assert isinstance(woken.raised, NotReported)
    assert woken.aws.is_logging
    assert woken.aws.last_resort == [
        {
            "TopicArn": LAST_RESORT_ARN,
            "Subject": "[critical] The guardian cannot report: AuthorizationError - 111122223333 eu-west-1",
            "Message": LINE,
            "MessageStructure": "json",
            "sms": "[critical] The guardian cannot report: AuthorizationError - 111122223333 eu-west-1",
        }
    ]
    assert [line["level"] for line in woken.log] == ["ERROR"]


def test_a_report_that_gets_through_says_nothing_there():
    aws = FakeAws(refuse={"Publish": [refusal("InternalErrorException", status=500) for _ in range(2)]})
    assert wake(STOP, aws).raised is None
    assert aws.calls.count("Publish") == 3
    assert aws.last_resort == []


def test_one_line_an_outage_and_one_an_hour_while_it_lasts():
    """However many reports are lost, and however often Lambda tries again."""
    aws = broken()
    aws.settings["IsMultiRegionTrail"] = False  # two reports in one run
    for _ in range(3):
        assert isinstance(wake(STOP, aws).raised, NotReported)
        aws.hands.move(60)
    assert len(aws.last_resort) == 1
    for _ in range(24):
        aws.hands.move(300)
        wake(SWEEP, aws)
    assert 2 <= len(aws.last_resort) <= 3


def test_its_end_is_told_where_it_was_missed():
    aws = broken(times=1)
    wake(STOP, aws)
    aws.hands.move(60)
    assert wake(STOP, aws).raised is None
    for _ in range(4):
        aws.hands.move(300)
        assert wake(SWEEP, aws).raised is None
    assert [mail.split(":")[0] for mail in aws.mails] == [
        "[critical] Trail stopped by mallory, already running again",
        "[medium] Cleared after 6 min 1 s",
    ]
    assert len(aws.last_resort) == 1


def test_without_a_ledger_one_line_a_run():
    aws = broken(down={"dynamodb"})
    aws.settings["IsMultiRegionTrail"] = False
    wake(STOP, aws)
    assert len(aws.last_resort) == 1
    wake(STOP, aws)
    assert len(aws.last_resort) == 2


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException"])
def test_a_last_resort_that_fails_too_is_said_in_the_log_and_hides_nothing(code: str):
    aws = broken()
    aws.refuse["PublishLastResort"] = [refusal(code)]
    woken = wake(STOP, aws)
    assert isinstance(woken.raised, NotReported)
    assert woken.raised.why == "AuthorizationErrorException"
    assert woken.log[-2]["report"]["subject"].startswith("[critical] Trail stopped by mallory")
    assert (woken.log[-1]["level"], woken.log[-1]["error"]) == ("ERROR", code)
    assert aws.last_resort == []
    aws.hands.move(60)
    wake(STOP, aws)
    assert len(aws.last_resort) == 1  # the claim was no promise: the next run tries again
