"""Planned work: what a record must be, what it lowers, and that people hear once of its begin and once of its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common.errors import NotReported
from guardian.maintenance import LONGEST, Maintenance, Unusable, plan, read
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.support.guardian_world import STOPPED_AT, TRAIL_ARN, FakeAws, plan_work, refusal, wake

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
BEGUN = "[high] Maintenance until 04:12 UTC by ana: nothing is put back"
OVER = "[medium] Maintenance is over: the trail is guarded again"
UNUSABLE = "[high] A maintenance record cannot be used: nothing is lowered"
STOP, CHANGE, SWEEP = "stop-by-name-iam-user", "update-trail", "scheduled-scheduler"
SUSPENDED = "[critical] Trail stopped by mallory and NOT LOGGING (maintenance)"


def guarded() -> FakeAws:
    """A trail that logs and delivers."""
    fresh = {"LatestDeliveryTime": NOON + 9 * DAY, "LatestCloudWatchLogsDeliveryTime": NOON + 9 * DAY}
    return FakeAws(is_logging=True, started_at=STOPPED_AT - 30 * DAY, status=fresh)


def write(aws: FakeAws, **attributes: str) -> None:
    """Put a record as anybody may, right or wrong."""
    item = {"trail": TRAIL_ARN, "id": "maintenance", **attributes}
    aws.table.items[(TRAIL_ARN, "maintenance")] = {key: {"S": value} for key, value in item.items()}


def sweep(aws: FakeAws, *, times: int = 1, every_s: float = 300) -> list[str]:
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(every_s)
        wake(SWEEP, aws)
    return aws.mails[before:]


def stop(aws: FakeAws) -> None:
    aws.is_logging, aws.stopped_at = False, STOPPED_AT


# -- the record


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"lasts": 4 * HOUR + timedelta(seconds=1)}, "at most 4 hours"),
        ({"lasts": timedelta(0)}, "longer than 0"),
        ({"reason": " "}, "needs a reason"),
        ({"author": ""}, "needs an author"),
        ({"lasts": 5 * HOUR, "author": "", "reason": ""}, "4 hours; it needs a reason; it needs an author"),
    ],
)
def test_it_is_short_and_has_a_reason_and_an_author(changed: dict[str, Any], problem: str):
    with pytest.raises(ValueError, match=problem):
        plan_work(FakeAws(), **changed)


def test_it_survives_being_written():
    record = plan(begins=NOON, lasts=HOUR, reason="moving", author="ana")
    assert read({"trail": TRAIL_ARN, "id": "maintenance", "expiresAt": 1, **record.document()}) == record
    assert record.is_on(NOON)
    assert not record.is_on(NOON + HOUR)
    assert not record.is_on(NOON - timedelta(seconds=1))


GOOD = {"begins": "2026-11-21T03:00:00Z", "ends": "2026-11-21T04:00:00Z", "reason": "x", "author": "y"}
# what somebody wrote, and what is said of it
BAD: dict[str, tuple[dict[str, str], str]] = {
    "a year": ({**GOOD, "ends": "2027-11-21T03:00:00Z"}, "it must last longer than 0 and at most 4 hours"),
    "backwards": ({**GOOD, "ends": "2026-11-21T02:00:00Z"}, "it must last longer than 0 and at most 4 hours"),
    "no reason": ({**GOOD, "reason": ""}, "it needs a reason"),
    "a blank author": ({**GOOD, "author": "\u2028 \t"}, "it needs an author"),
    "no time": ({**GOOD, "begins": "soon"}, "its begins is no time"),
    "a number": ({**GOOD, "ends": "1795230000"}, "its ends is no time"),
    "half of it": ({"begins": GOOD["begins"]}, "its ends is no time"),
    "nothing in it": ({}, "its begins is no time"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_record_that_breaks_a_rule_has_no_effect_and_is_told_until_it_is_gone(case: str):
    attributes, problem = BAD[case]
    aws = guarded()
    write(aws, **attributes)
    assert sweep(aws, times=3) == [UNUSABLE]
    assert f"\nProblem  {problem}" in aws.published[0]["Message"]
    assert "aws dynamodb delete-item --table-name guardian-ledger-3f2e1d0" in aws.published[0]["Message"]
    stop(aws)
    wake(STOP, aws)
    assert aws.is_logging
    assert aws.mails[1].startswith("[critical] Trail stopped by mallory, running again")
    del aws.table.items[(TRAIL_ARN, "maintenance")]
    assert [mail.split(" after")[0] for mail in sweep(aws, times=2)] == ["[medium] Cleared"]


@seed(11)
@settings(max_examples=examples(50))
@given(
    document=st.dictionaries(
        st.sampled_from(["begins", "ends", "reason", "author", "trail"]),
        st.none() | st.integers() | st.text(max_size=30) | st.datetimes().map(lambda at: at.isoformat()),
    )
)
def test_whatever_is_written_is_read(document: dict[str, Any]):
    found = read(document)
    if isinstance(found, Maintenance):
        assert timedelta(0) < found.ends - found.begins <= LONGEST
        assert found.reason
        assert found.author
    else:
        assert (found is None) is (document == {})
        assert found is None or (isinstance(found, Unusable) and found.problems)


# -- what it lowers


def test_it_lowers_restore_to_notify_and_is_told_at_both_ends():
    aws = guarded()
    plan_work(aws)
    assert sweep(aws, times=2) == [BEGUN]
    aws.settings["S3BucketName"] = "new-bucket"
    wake(CHANGE, aws)
    assert aws.mails[-1] == "[critical] Trail changed by mallory and NOT PUT BACK (see why)"
    assert "maintenance by ana until 2026-11-21 04:12:11 UTC (moving the bucket)" in aws.published[-1]["Message"]
    stop(aws)
    wake(STOP, aws)
    assert not aws.is_logging
    assert aws.mails[-1] == SUSPENDED
    mails = sweep(aws, times=13)
    assert aws.is_logging
    assert aws.settings["S3BucketName"] == "trail-bucket-1a2b3c4"
    assert [mail for mail in mails if "aintenance" in mail] == [OVER]
    assert "Maintenance by ana: moving the bucket. It is over" in next(
        each["Message"] for each in aws.published if each["Subject"].startswith(OVER)
    )
    assert [mail.split(" after")[0] for mail in mails if "Cleared" in mail] == ["[medium] Cleared"] * 2
    assert sweep(aws, times=30) == []


def test_it_does_not_keep_the_guardian_from_starting_what_it_cannot_see():
    aws = FakeAws(refuse={"GetTrailStatus": [refusal("AccessDeniedException")]})
    plan_work(aws)
    wake("alarm-aws", aws)
    assert "StartLogging" in aws.calls


def test_a_record_that_is_over_or_not_begun_lowers_nothing():
    for begins in (-2 * HOUR, HOUR):
        aws = FakeAws()
        plan_work(aws, begins=aws.hands.at + begins)
        wake(STOP, aws)
        assert aws.is_logging


def test_without_a_ledger_there_is_no_planned_work():
    aws = FakeAws(down={"dynamodb"})
    plan_work(aws)
    wake(STOP, aws)
    assert aws.is_logging


# -- who hears of it, and how often


@pytest.mark.parametrize(
    ("author", "told"),
    [
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:iam::111122223333:user/people/ana", "user/people/ana"),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ana@example.com",
            "ana@example.com",
        ),
        ("arn:aws:sts::111122223333:assumed-role/deployer/" + "x" * 64, "x" * 9 + "..."),
    ],
)
def test_who_lowered_the_guard_stands_in_the_subject(author: str, told: str):
    aws = guarded()
    plan_work(aws, author=author)
    (mail,) = sweep(aws)
    assert mail == f"[high] Maintenance until 04:12 UTC by {told}: nothing is put back"


def test_whoever_obeys_it_tells_of_it_before_the_next_sweep():
    """Else a record of a few minutes between two sweeps would lower the guardian and never be told."""
    aws = guarded()
    plan_work(aws, lasts=3 * MINUTE)
    stop(aws)
    wake(STOP, aws)
    assert aws.mails == [SUSPENDED, "[high] Maintenance until 03:15 UTC by ana: nothing is put back"]
    for _ in range(3):
        wake(STOP, aws)
        wake("alarm-aws", aws)
    assert len(aws.mails) == 2
    mails = sweep(aws, times=3)
    assert sorted(mail.split(":")[0].split(" after")[0] for mail in mails) == [
        "[medium] Cleared",
        "[medium] Maintenance is over",
    ]


def test_drift_that_is_left_because_of_it_tells_of_it_too():
    aws = guarded()
    plan_work(aws, lasts=3 * MINUTE)
    aws.settings["S3BucketName"] = "new-bucket"
    wake(CHANGE, aws)
    assert aws.mails[1:] == ["[high] Maintenance until 03:15 UTC by ana: nothing is put back"]


def test_what_was_over_before_anybody_looked_is_told_once():
    aws = guarded()
    plan_work(aws, begins=aws.hands.at + MINUTE, lasts=2 * MINUTE)
    assert sweep(aws, times=3) == ["[high] Maintenance by ana until 03:15 UTC: told when it was over"]
    assert "\nWhy      moving the bucket\n" in aws.published[0]["Message"]


def test_what_was_over_long_ago_is_no_news():
    aws = guarded()
    plan_work(aws, begins=aws.hands.at - 2 * DAY)
    assert sweep(aws, times=3) == []


def test_an_end_that_is_moved_is_told_and_its_old_end_is_not():
    """Who believes the first mail would think the trail guarded again."""
    aws = guarded()
    begins = aws.hands.at
    plan_work(aws, begins=begins, lasts=10 * MINUTE)
    assert sweep(aws) == ["[high] Maintenance until 03:22 UTC by ana: nothing is put back"]
    plan_work(aws, begins=begins, lasts=4 * HOUR)
    assert sweep(aws) == ["[high] Maintenance until 07:12 UTC by ana: nothing is put back"]
    assert sweep(aws, times=45) == []
    assert sweep(aws, times=3) == [OVER]


@pytest.mark.parametrize("how", ["end moved to now", "item deleted"])
def test_an_early_end_is_told_once(how: str):
    aws = guarded()
    begins = aws.hands.at
    plan_work(aws, begins=begins)
    assert sweep(aws, times=2) == [BEGUN]
    if how == "item deleted":
        del aws.table.items[(TRAIL_ARN, "maintenance")]
    else:
        plan_work(aws, begins=begins, lasts=aws.hands.at - begins)
    assert sweep(aws, times=4) == [OVER]
    stop(aws)
    aws.stopped_at = aws.hands.at
    wake("alarm-aws", aws)
    assert aws.is_logging


def test_work_that_follows_is_told_and_the_first_is_not_said_to_be_over():
    aws = guarded()
    plan_work(aws)
    assert sweep(aws) == [BEGUN]
    plan_work(aws, author="bob")
    assert sweep(aws, times=2) == ["[high] Maintenance until 04:17 UTC by bob: nothing is put back"]
    assert sweep(aws, times=13) == [OVER]


def test_a_mail_of_it_that_is_lost_fails_the_run_and_is_tried_again():
    aws = guarded()
    plan_work(aws)
    aws.refuse = {"Publish": [refusal("AuthorizationErrorException", status=403)]}
    aws.hands.move(300)
    assert isinstance(wake(SWEEP, aws).raised, NotReported)
    mails = sweep(aws, times=2)
    assert [mail for mail in mails if "Maintenance" in mail]
    aws.hands.move(HOUR.total_seconds())
    assert OVER in sweep(aws, times=2)


def test_both_ends_reach_a_guardian_that_only_notifies():
    aws = guarded()
    aws.variables = {"MODE": "notify"}
    plan_work(aws)
    assert sweep(aws, times=14) == [BEGUN, OVER]
