"""Who changed the trail, told once: events that come late, runs that meet, a trail that goes meanwhile."""

from typing import Any

import pytest

from tests.support.guardian_world import (
    FakeAws,
    refusal,
    sample,
    wake,
)
from tests.support.trail_attacks import attacked


def own_event(aws: FakeAws, request_id: str) -> dict[str, Any]:
    event = sample("update-by-guardians-role")
    event["detail"]["requestID"] = request_id
    return event


def test_the_guardian_knows_its_own_calls_from_those_of_somebody_with_its_role():
    from tests.support.guardian_world import deliver

    aws = attacked("single region")
    wake("update-trail", aws)
    assert len(aws.mails) == 1
    assert deliver(own_event(aws, "request-1"), aws).raised is None
    assert len(aws.mails) == 1
    aws.hands.move(60)
    woken = deliver(own_event(aws, "request-of-somebody"), aws)
    assert woken.raised is None
    assert aws.mails[1].startswith("[critical] UpdateTrail by role trailwarden-prod-guard")
    assert "this is the guardian's own role" in aws.published[1]["Message"]


NAMED = "[critical] Trail changed by mallory, as wanted again"


@pytest.mark.parametrize("finder", ["scheduled-scheduler", "alarm-aws", "stop-refused-access-denied"])
def test_an_event_that_comes_after_its_repair_still_tells_who_it_was_once(finder: str):
    """Whoever found the drift knew nobody; the event's run finds everything as wanted."""
    aws = attacked("single region")
    wake(finder, aws)
    aws.hands.move(90)
    for _ in range(2):
        wake("update-trail", aws)
    told = [mail for mail in aws.mails if "Trail" in mail]
    assert told == ["[critical] Trail found changed, put back", NAMED]
    body = aws.published[-1]["Message"]
    assert body.startswith("CloudTrail trail trailwarden-prod was changed (UpdateTrail), and is as wanted again.")
    assert "\nWho      mallory (IAM user, no MFA)" in body
    assert "\nDone     nothing in this run: the trail was as wanted again when it was looked at\n" in body
    assert "\nTold     by another mail without a name; this one adds who it was\n" in body
    wake("put-event-selectors", aws)
    assert aws.mails[-1] == NAMED  # whatever else belongs to that drift is a member of it


def test_an_event_that_comes_after_its_own_repair_is_a_member_of_it():
    aws = attacked("single region")
    wake("update-trail", aws)
    aws.hands.move(90)
    woken = wake("update-trail", aws)
    assert len(aws.mails) == 1
    assert woken.log[-1]["message"] == "told already: changed"


@pytest.mark.parametrize("mode", ["notify", "dry-run"])
def test_drift_that_lasts_is_told_with_a_name_once_an_event_has_one(mode: str):
    aws = attacked("single region", variables={"MODE": mode})
    for message in ("scheduled-scheduler", "update-trail", "update-trail", "scheduled-scheduler"):
        wake(message, aws)
    why = "dry run" if mode == "dry-run" else "see why"
    assert aws.mails == [
        f"[critical] Trail {who} and NOT PUT BACK ({why})" for who in ("found changed", "changed by mallory")
    ]


def test_the_same_drift_again_is_another_incident():
    aws = attacked("single region")
    wake("update-trail", aws)
    aws.hands.move(120)
    aws.settings["IsMultiRegionTrail"] = aws.settings["IncludeGlobalServiceEvents"] = False
    event = sample("update-trail")
    event["detail"] |= {"eventTime": aws.hands.at.isoformat(), "eventID": "0c8f1e9a-0000-0000-0000-000000000001"}
    from tests.support.guardian_world import deliver

    assert deliver(event, aws).raised is None
    assert len(aws.mails) == 2


def test_two_runs_that_see_one_drift_tell_it_once():
    """The second run reads the drift before the first puts it back, and ends after it."""
    aws = attacked("single region")
    real, nested = aws.hands.sleep, []

    def sleep(seconds: float) -> None:
        real(seconds)
        if not nested:
            nested.append(True)
            wake("alarm-aws", aws)

    aws.hands.sleep = sleep
    wake("update-trail", aws)
    assert aws.mails == ["[critical] Trail found changed, put back", NAMED]


# when the trail goes: what is asked for the first, second … time, with what is wrong with it before that
DELETED_DURING = {
    "first look, GetTrail": ("", "GetTrail", 1),
    "first look, GetEventSelectors": ("", "GetEventSelectors", 1),
    "first look, GetInsightSelectors": ("", "GetInsightSelectors", 1),
    "second look": ("everything at once", "GetTrail", 2),
    "first repair": ("everything at once", "UpdateTrail", 1),
    "second repair": ("everything at once", "PutEventSelectors", 1),
    "reading back": ("everything at once", "GetTrail", 3),
}


@pytest.mark.parametrize("comes_late", [False, True])
@pytest.mark.parametrize("message", ["alarm-aws", "update-trail", "delete-trail", "scheduled-scheduler"])
@pytest.mark.parametrize("moment", DELETED_DURING)
def test_a_trail_that_goes_meanwhile_is_gone_and_not_unreadable(moment: str, message: str, comes_late: bool):
    """One mail, and one with the name if the first had none; nothing is raised, because no retry could help."""
    attack, operation, nth = DELETED_DURING[moment]
    aws = attacked(attack) if attack else FakeAws(is_logging=True)
    seen: list[str] = []

    def on(asked: str) -> None:
        seen.append(asked)
        if seen.count(operation) == nth and not aws.is_gone:
            aws.is_gone = True
            if comes_late:  # the run of the deletion's own event overtakes this one
                assert wake("delete-trail", aws).raised is None

    aws.on = on
    woken = wake(message, aws)
    assert woken.raised is None
    assert woken.answer
    assert woken.answer["settings"] == "gone"
    is_known = comes_late or message == "delete-trail"
    assert aws.mails == [f"[critical] Trail {'deleted by mallory' if is_known else 'is gone'}, NOT LOGGING"]
    wake("delete-trail", aws)
    aws.hands.move(300)
    wake("scheduled-scheduler", aws)
    assert aws.mails[1:] == ([] if is_known else ["[critical] Trail deleted by mallory, NOT LOGGING"])


def test_a_repair_that_finds_no_trail_is_not_tried_in_parts():
    aws = attacked("everything at once")
    aws.refuse["UpdateTrail"] = [refusal("TrailNotFoundException")]
    woken = wake("update-trail", aws)
    assert woken.raised is None
    assert aws.calls.count("UpdateTrail") == 1
    assert "PutEventSelectors" not in aws.calls
    assert aws.mails == ["[critical] Trail is gone, NOT LOGGING"]
    assert woken.row("Changed") == "multi-region: off, wanted on"
    assert woken.row("Done") == "UpdateTrail (multi-region, bucket) refused: TrailNotFound"
    assert "read back: the trail does not exist any more" in woken.body


class _Dies(BaseException):
    """Lambda ends a run."""


@pytest.mark.parametrize("dies_at", ["GetTrail", "UpdateTrail", "Publish", "told"])
def test_a_run_that_dies_around_a_deletion_is_made_up_for(dies_at: str):
    """Exactly one mail of the deletion; two when the run died between its mail and its mark."""
    aws = attacked("single region")
    last: list[str] = []

    def on(operation: str) -> None:
        aws.is_gone = aws.is_gone or operation == "UpdateTrail"
        is_told = bool(last) and last[-1] == "Publish"
        last.append(operation)
        if operation == dies_at or (dies_at == "told" and is_told):
            raise _Dies

    aws.on = on
    with pytest.raises(_Dies):
        wake("update-trail", aws)
    aws.on, aws.is_gone = (lambda operation: None), True
    aws.hands.move(60)
    assert wake("update-trail", aws).raised is None
    for _ in range(3):
        aws.hands.move(300)
        assert wake("scheduled-scheduler", aws).raised is None
    gone = [mail for mail in aws.mails if mail == "[critical] Trail is gone, NOT LOGGING"]
    assert len(gone) == (2 if dies_at == "told" else 1)
    late = [mail for mail in aws.mails if mail not in gone]
    assert all(mail.startswith("[critical] Told late: The trail was changed") for mail in late)
    assert len(late) <= (dies_at != "GetTrail")
