"""What is not put back, or not at once: a bad desired state, refusals of AWS, writes without effect, no time."""

from typing import Any

import pytest
from common.errors import NotReported
from guardian.errors import NotPutBack

from tests.support.guardian_world import (
    FakeAws,
    document,
    refusal,
    wake,
)
from tests.support.trail_attacks import EVENT_SELECTORS, NOTHING, READ_ONLY, WITHOUT_KMS, attacked, is_as_it_was


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (document(IsLogging=False), "logging is off"),
        (document(IsMultiRegionTrail=False), "it is not multi-region"),
        (document(IncludeGlobalServiceEvents=False), "global service events are off"),
        (document(LogFileValidationEnabled=False), "log file validation is off"),
        (document(CloudWatchLogsLogGroupArn=""), "it names no log group"),
        (document(CloudWatchLogsRoleArn=""), "it names no delivery role"),
        (document(S3BucketName=""), "it names no bucket"),
        (document(**NOTHING), "no management events are recorded"),
        (document(**READ_ONLY), "management events that write are not recorded"),
        (document(**WITHOUT_KMS), "some management events are left out"),
        # How the guardian acts is the deployment's to say, not the document's.
        (document() | {"mode": "notify"}, "mode: unknown"),
        (document() | {"dryRun": True}, "dryRun: unknown"),
        (document() | {"fields": []}, "fields: unknown"),
        (document() | {"graceSeconds": 86_400}, "graceSeconds: unknown"),
        (document() | {"budget": {"repairs": 1, "minutes": 1440}}, "budget: unknown"),
        (document() | {"version": 2}, "version: must be 1"),
        ("nonsense", "it is not JSON"),
        ("[]", "it is not a JSON object"),
    ],
)
def test_a_desired_state_below_the_floor_is_refused_and_shouted_about(wanted: Any, problem: str):
    aws = FakeAws(wanted=wanted)
    aws.settings["IsMultiRegionTrail"] = False
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert aws.is_logging  # StartLogging at least
    assert aws.requests == []  # nothing else is restored from such a document
    assert aws.mails == [
        "[critical] Trail stopped by mallory, running again after 3 s",
        "[critical] Desired state refused: weaker than the floor, or none at all",
    ]
    assert problem in aws.published[-1]["Message"]
    assert "aws ssm get-parameter-history --name trail-desired-state-9c8d7e6" in aws.published[-1]["Message"]
    aws.hands.move(300)
    wake("scheduled-scheduler", aws)
    assert len(aws.mails) == 2  # once for each incident


def test_a_desired_state_that_cannot_be_read_is_told_by_its_code():
    denied = [refusal("AccessDeniedException") for _ in range(2)]
    aws = FakeAws(is_logging=True, refuse={"GetParameter": denied})
    wake("update-trail", aws)
    assert aws.mails == [
        "[high] UpdateTrail by mallory, trail is logging",
        "[critical] Desired state cannot be read: AccessDenied",
    ]


def test_settings_that_cannot_be_read_are_not_taken_for_good():
    denied = [refusal("AccessDeniedException") for _ in range(2)]
    aws = FakeAws(is_logging=True, refuse={"GetEventSelectors": denied})
    wake("alarm-aws", aws)
    assert aws.mails == ["[critical] Trail settings cannot be read: AccessDenied"]


def test_what_is_refused_whole_is_put_back_in_parts():
    """A bucket that is gone must not keep the trail single-region."""
    aws = attacked("everything at once")
    gone = refusal("S3BucketDoesNotExistException")
    aws.refuse["UpdateTrail"] = [gone]
    real = aws.took

    def took(operation: str) -> None:
        real(operation)
        if operation == "UpdateTrail" and aws.calls.count("UpdateTrail") == 3:
            raise gone

    aws.took = took  # pyright: ignore[reportAttributeAccessIssue]
    woken = wake("update-trail", aws)
    assert isinstance(woken.raised, NotPutBack)
    assert aws.settings["IsMultiRegionTrail"] is True
    assert aws.settings["S3BucketName"] == "mallorys"
    assert aws.selectors == EVENT_SELECTORS
    assert aws.mails == ["[critical] Trail changed by mallory, NOT PUT BACK: S3BucketDoesNotExist"]
    assert "UpdateTrail (bucket) refused: S3BucketDoesNotExist" in woken.body
    assert "UpdateTrail (multi-region) at " in woken.body
    assert "read back: not as wanted" in woken.body


@pytest.mark.parametrize("code", ["ThrottlingException", "ConflictException"])
def test_throttling_and_conflict_are_waited_out(code: str):
    aws = attacked("single region", refuse={"UpdateTrail": [refusal(code), refusal(code)]})
    assert wake("update-trail", aws).raised is None
    assert aws.hands.slept == [30, 1.1, 2.2]
    assert is_as_it_was(aws)


def test_a_write_that_has_no_effect_is_not_believed():
    aws = attacked("read only")
    aws.on = lambda operation: aws.refuse.clear()
    real = aws.client_for

    def client_for(service: str, region: str) -> Any:
        client = real(service, region)
        if service == "cloudtrail":
            client.put_event_selectors = lambda **_: {}
        return client

    aws.client_for = client_for  # pyright: ignore[reportAttributeAccessIssue]
    woken = wake("put-event-selectors", aws)
    assert isinstance(woken.raised, NotPutBack)
    assert aws.mails == ["[critical] Trail changed by mallory, NOT PUT BACK"]


def test_no_room_for_the_grace_time_is_told_and_nothing_is_changed_blindly():
    aws = attacked("single region")
    woken = wake("update-trail", aws, remaining_s=20.0)
    assert aws.requests == []
    assert woken.row("Done") == "nothing: too little time was left in this run; the next one tries"


def test_a_lost_mail_about_settings_fails_the_run():
    aws = attacked("single region", refuse={"Publish": [refusal("NotFoundException", status=404)]})
    woken = wake("update-trail", aws)
    assert is_as_it_was(aws)
    assert isinstance(woken.raised, NotReported)
