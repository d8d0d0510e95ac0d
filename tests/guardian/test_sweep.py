"""What the sweep sees that no event tells, what it reminds of, and when it says that something is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common.incident import next_reminder
from guardian.budget import spent
from guardian.cause import Cause, Trigger
from guardian.decide import Finding, Outcome, Severity
from guardian.errors import NotRestored
from guardian.incident import incident_of
from guardian.ledger import stop_key
from guardian.memory import Memory
from guardian.remit import Budget

from tests.support.fake_things import RULE, FakeThings
from tests.support.guardian_world import (
    STOPPED_AT,
    FakeAws,
    Hands,
    budget,
    deliver,
    refusal,
    sample,
    wake,
)

SWEEP = "scheduled-scheduler"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRESH = {"LatestDeliveryTime": NOON + 9 * DAY, "LatestCloudWatchLogsDeliveryTime": NOON + 9 * DAY}


def sweep(aws: FakeAws, *, times: int = 1, every_s: float = 300) -> list[str]:
    """The mails of so many sweeps."""
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(every_s)
        wake(SWEEP, aws)
    return aws.mails[before:]


def logging_trail(**more: Any) -> FakeAws:
    return FakeAws(**{"is_logging": True, "started_at": STOPPED_AT - 30 * DAY, "status": dict(FRESH), **more})


@pytest.mark.parametrize(
    ("after", "at"),
    [
        (timedelta(0), HOUR),
        (HOUR - timedelta(seconds=1), HOUR),
        (HOUR, 6 * HOUR),
        (5 * HOUR, 6 * HOUR),
        (6 * HOUR, DAY),
        (23 * HOUR, DAY),
        (DAY, 2 * DAY),
        (9 * DAY + HOUR, 10 * DAY),
    ],
)
def test_reminders_come_after_an_hour_six_hours_and_daily(after: timedelta, at: timedelta):
    assert next_reminder(NOON, NOON + after) == NOON + at


def test_the_key_of_a_stop_sorts_by_time():
    assert stop_key(STOPPED_AT) == "stopped#2026-11-21T03:12:09Z"
    assert stop_key(STOPPED_AT) < stop_key(STOPPED_AT + timedelta(seconds=1)) < stop_key(NOON)


def test_a_healthy_trail_is_silent_for_days():
    assert sweep(logging_trail(), times=200) == []


def test_a_stop_that_no_event_told_is_undone_and_told_by_the_sweep():
    aws = FakeAws()
    assert sweep(aws) == ["[critical] Trail found stopped, running again after 5 min 3 s"]
    assert sweep(aws, times=5) == []


def test_a_stop_that_was_over_before_anybody_looked_is_told():
    """Stopped and started again within five minutes, and neither event nor alarm came."""
    aws = logging_trail(stopped_at=STOPPED_AT)
    aws.started_at = STOPPED_AT + timedelta(seconds=90)
    assert sweep(aws) == ["[critical] Trail found stopped, already running again"]
    assert sweep(aws, times=20) == []


@pytest.mark.parametrize(("age", "mails"), [(timedelta(minutes=2), 0), (timedelta(minutes=4), 1), (25 * HOUR, 0)])
def test_only_a_stop_that_is_news_is_told_late(age: timedelta, mails: int):
    """A younger one is left to its event, which says who it was."""
    hands = Hands()
    aws = logging_trail(hands=hands, stopped_at=hands.at + timedelta(seconds=300) - age)
    assert len(sweep(aws)) == mails


def test_without_a_ledger_a_warm_function_tells_hourly_what_lasts_and_a_cold_one_at_once():
    aws = logging_trail(things=FakeThings(rules={RULE: "DISABLED"}), down={"dynamodb"})

    mail = "[critical] The guardian's event rule is disabled"
    assert sweep(aws, times=12) == [mail]
    assert sweep(aws, times=12) == [mail]
    aws.memory = Memory()  # another process
    assert sweep(aws, times=3) == [mail]
    aws.things.rules[RULE] = "ENABLED"
    assert sweep(aws, times=3) == []


def test_without_a_ledger_an_event_tells_the_name_of_what_lasts():
    aws = FakeAws(down={"dynamodb"}, variables={"MODE": "notify"})
    for message in ("alarm-aws", SWEEP, "stop-by-name-iam-user", SWEEP):
        wake(message, aws)
    assert [mail.split(" and")[0] for mail in aws.mails] == [
        "[critical] Trail found stopped",
        "[critical] Trail stopped by mallory",
    ]


def test_without_a_ledger_each_stop_that_is_undone_is_told():
    """What does not last is never kept back: only the ledger could tell a copy from a second stop."""
    aws = FakeAws(is_logging=True, down={"dynamodb"})
    for number in range(3):
        stop_again(aws, number)
    assert len(aws.mails) == 3


def test_without_a_ledger_an_old_stop_is_not_told_at_every_sweep():
    aws = logging_trail(stopped_at=STOPPED_AT, down={"dynamodb"})
    assert len(sweep(aws, times=20)) == 1
    aws.down = set()  # and what a warm function told is not told again when the ledger is back
    assert sweep(aws) == []
    cold = logging_trail(stopped_at=STOPPED_AT, down={"dynamodb"})
    mails = 0
    for _ in range(20):
        cold.memory = Memory()
        mails += len(sweep(cold))
    assert mails == 2


def test_what_lasts_is_reminded_of_and_its_end_is_told():
    denied = [refusal("AccessDeniedException") for _ in range(1000)]
    aws = FakeAws(refuse={"StartLogging": denied}, status=dict(FRESH))
    assert isinstance(wake("stop-by-name-iam-user", aws).raised, NotRestored)
    mails = sweep(aws, times=12 * 50)
    assert [mail.split(":")[0] for mail in mails] == [
        "[critical] Still so after 1 h",
        "[critical] Still so after 6 h",
        "[critical] Still so after 1 d",
        "[critical] Still so after 2 d",
    ]
    denied.clear()
    assert [mail.split(":")[0] for mail in sweep(aws, times=3)] == ["[medium] Cleared after 2 d 2 h"]
    assert aws.is_logging


def test_a_second_stop_seconds_after_the_first_is_not_silent_when_it_cannot_be_undone():
    aws = FakeAws()
    wake("stop-by-name-iam-user", aws)
    aws.hands.move(1)
    aws.is_logging, aws.stopped_at = False, STOPPED_AT + timedelta(seconds=4)
    aws.refuse = {"StartLogging": [refusal("AccessDeniedException")]}
    assert isinstance(wake("alarm-aws", aws).raised, NotRestored)
    assert aws.mails[1:] == ["[critical] Trail found stopped, could not be restarted: AccessDenied"]


@pytest.mark.parametrize("gap_s", [1, 2, 4])
@pytest.mark.parametrize("second", ["alarm-aws", "scheduled-scheduler", "stop-by-name-iam-user"])
def test_a_second_stop_seconds_after_the_first_is_told_as_well(second: str, gap_s: int):
    """Each that was undone is an incident, and a mail; late messages about either are members of theirs."""
    aws = FakeAws()
    wake("stop-by-name-iam-user", aws)
    aws.is_logging, aws.stopped_at = False, STOPPED_AT + timedelta(seconds=gap_s)
    event = sample(second)
    if second.startswith("stop"):
        event["detail"] |= {"eventTime": aws.stopped_at.isoformat(), "eventID": "0c8f1e9a-0000-0000-0000-000000000002"}
    deliver(event, aws)
    assert aws.is_logging
    assert len(aws.mails) == 2
    aws.hands.move(30)
    for late in (sample("stop-by-name-iam-user"), event, sample("alarm-aws")):
        deliver(late, aws)
    named = [mail for mail in aws.mails if "by mallory" in mail]
    # A stop that no event told by name is told without one, and within the second it was hard to tell apart.
    assert len(named) in (1, 2)
    assert len(aws.mails) == 2 + (len(named) == 2 and not second.startswith("stop"))


def test_a_copy_of_the_first_event_that_finds_a_second_stop_tells_that():
    aws = FakeAws()
    wake("stop-by-name-iam-user", aws)
    aws.is_logging, aws.stopped_at = False, STOPPED_AT + timedelta(seconds=4)
    wake("stop-by-name-iam-user", aws)
    assert aws.is_logging
    assert len(aws.mails) == 2


def test_an_event_about_an_older_stop_tells_of_that_one():
    """Two stops a minute apart, and the event of the first comes last: it is not taken for the second."""
    aws = FakeAws(stopped_at=STOPPED_AT + timedelta(seconds=60), hands=Hands(at=STOPPED_AT + timedelta(seconds=62)))
    wake("alarm-aws", aws)
    aws.hands.move(30)
    wake("stop-by-name-iam-user", aws)
    assert aws.mails == [
        "[critical] Trail found stopped, running again after 3 s",
        "[critical] Trail stopped by mallory, already running again",
    ]


def test_a_sweep_does_not_judge_what_was_opened_while_it_looked():
    aws = logging_trail()

    def on(operation: str) -> None:
        if operation == "DescribeRule":  # the sweep has seen a trail that logs; now somebody stops it for good
            aws.on = lambda operation: None
            aws.is_logging, aws.stopped_at = False, aws.hands.at
            aws.refuse = {"StartLogging": [refusal("AccessDeniedException")]}
            wake("alarm-aws", aws)

    aws.on = on
    assert sweep(aws) == ["[critical] Trail found stopped, could not be restarted: AccessDenied"]
    assert aws.table.ids("open") == [stop_key(aws.stopped_at)]


def test_a_drift_is_as_new_as_the_look_that_saw_it():
    """A run may begin before an incident is over and see the same drift again after it."""
    finding = Finding(
        cause=Cause(trigger=Trigger.SCHEDULE),
        outcome=Outcome.DRIFTED,
        severity=Severity.CRITICAL,
        seen_at=NOON + timedelta(seconds=40),
    )
    assert incident_of(finding, what="x", seen_at=NOON).seen_at == NOON + timedelta(seconds=40)


def test_a_deleted_trail_is_told_once_reminded_of_and_cleared():
    aws = logging_trail(is_gone=True)
    wake("delete-trail", aws)
    assert [mail.split(":")[0] for mail in sweep(aws, times=14)] == ["[critical] Still so after 1 h"]
    aws.is_gone = False
    assert [mail.split(":")[0] for mail in sweep(aws)] == ["[medium] Cleared after 1 h 15 min"]


@pytest.mark.parametrize(
    ("status", "mail"),
    [
        ({"LatestDeliveryError": "AccessDenied"}, "Delivery to the bucket fails: AccessDenied"),
        ({"LatestCloudWatchLogsDeliveryError": "AccessDenied"}, "Delivery to the log group fails: AccessDenied"),
        ({"LatestDeliveryTime": STOPPED_AT - timedelta(minutes=70)}, "Delivery to the bucket has ceased: nothing for "),
        (
            {"LatestCloudWatchLogsDeliveryTime": STOPPED_AT - timedelta(minutes=70)},
            "Delivery to the log group has ceased: nothing for ",
        ),
    ],
)
def test_delivery_that_fails_or_ceases_is_told_once_and_its_end_too(status: dict[str, Any], mail: str):
    aws = logging_trail(status={**FRESH, **status})
    (told,) = sweep(aws, times=5)
    assert told.startswith(f"[critical] {mail}")
    aws.status = dict(FRESH)
    (over,) = sweep(aws, times=5)
    assert over.startswith("[medium] Cleared after ")


@pytest.mark.parametrize("waived", ["management-reads", "management-reads,management-writes"])
def test_silence_is_no_fault_where_our_own_reads_are_not_recorded(waived: str):
    """A quiet account then has nothing to deliver for a day. A failed delivery is told all the same."""
    long_ago = STOPPED_AT - timedelta(hours=30)
    quiet = {"LatestDeliveryTime": long_ago, "LatestCloudWatchLogsDeliveryTime": long_ago}
    assert sweep(logging_trail(status=quiet, variables={"WAIVED": waived}), times=5) == []
    failing = logging_trail(status={**quiet, "LatestDeliveryError": "AccessDenied"}, variables={"WAIVED": waived})
    assert [mail.partition(" for")[0] for mail in sweep(failing, times=5)] == [
        "[critical] Delivery to the bucket fails: AccessDenied"
    ]


def test_a_trail_that_has_just_begun_has_delivered_nothing_yet():
    aws = FakeAws(is_logging=True, started_at=STOPPED_AT)
    assert sweep(aws, times=11) == []
    assert [mail[:40] for mail in sweep(aws, times=2)] == [
        "[critical] Delivery to the bucket has ce",
        "[critical] Delivery to the log group has",
    ]


@pytest.mark.parametrize(
    ("state", "mail"),
    [("DISABLED", "The guardian's event rule is disabled"), ("", "The guardian's event rule does not exist any more")],
)
def test_without_an_inventory_the_rule_that_wakes_it_is_watched_all_the_same(state: str, mail: str):
    things = FakeThings(rules={RULE: state}, inventory="")
    aws = logging_trail(things=things)
    assert sweep(aws, times=3) == ["[critical] What was deployed is not known: there is none", f"[critical] {mail}"]
    assert "aws events enable-rule --name guardian-7a8b9c0 --region eu-west-1" in aws.published[1]["Message"]
    things.rules[RULE] = "ENABLED"
    assert len(sweep(aws, times=3)) == 1


def test_a_rule_that_it_may_not_see_is_not_taken_for_good():
    aws = logging_trail(things=FakeThings(inventory=""), refuse={"DescribeRule": [refusal("AccessDeniedException")]})
    assert sweep(aws)[1:] == ["[critical] The guardian's event rule cannot be looked at: AccessDenied"]


def test_not_being_able_to_look_clears_nothing():
    aws = FakeAws(is_gone=True)
    wake("delete-trail", aws)
    aws.is_gone = False
    denied = [refusal("AccessDeniedException") for _ in range(9)]
    aws.refuse = {"GetTrailStatus": denied, "StartLogging": [refusal("AccessDeniedException")]}
    mails = sweep(aws)
    assert not [mail for mail in mails if "Cleared" in mail]


# Too many repairs.


def test_a_budget_counts_what_is_within_its_window():
    two = Budget(repairs=2, minutes=10)
    times = [NOON - timedelta(minutes=age) for age in (11, 10, 9, 1, 0)]
    assert spent(times, budget=two, now=NOON).repairs == 3
    assert spent(times, budget=two, now=NOON).is_exhausted
    assert not spent(times[:4], budget=two, now=NOON).is_exhausted


def stop_again(aws: FakeAws, number: int) -> None:
    aws.hands.move(20)
    aws.is_logging, aws.stopped_at = False, aws.hands.at
    event = sample("stop-by-name-iam-user")
    event["detail"] |= {"eventTime": aws.hands.at.isoformat(), "eventID": f"0c8f1e9a-0000-0000-0000-{number:012d}"}
    assert deliver(event, aws).raised is None


def test_a_loop_of_stops_is_undone_each_time_and_told_with_a_counter():
    aws = FakeAws(is_logging=True, variables=budget(3, minutes=10))
    for number in range(60):
        stop_again(aws, number)
        assert aws.is_logging
    singles = [mail for mail in aws.mails if "Trail stopped by mallory" in mail]
    loud = [mail for mail in aws.mails if "somebody keeps at it" in mail]
    assert len(singles) == 3
    assert [mail.split(":")[0] for mail in loud] == [
        "[critical] 4 repairs within 10 min",
        "[critical] 29 repairs within 10 min and going on",
    ]
    assert aws.mails == singles + loud
    assert "Latest   CloudTrail trail trailwarden-prod was stopped and is logging again." in aws.published[3]["Message"]
    assert "Who      mallory" in aws.published[3]["Message"]
    aws.status = dict(FRESH)
    assert [mail.split(" after")[0] for mail in sweep(aws, times=6)] == ["[medium] Cleared"]


def test_beyond_the_budget_only_stops_are_undone():
    aws = FakeAws(is_logging=True, variables=budget(2, minutes=10))
    for number in range(3):
        stop_again(aws, number)
    aws.settings["S3BucketName"] = "mallorys"
    aws.hands.move(20)
    woken = wake("update-trail", aws)
    assert aws.requests == []
    assert "there were 2 repairs within 10 min already" in aws.published[-1]["Message"]
    assert woken.raised is None


def test_without_a_ledger_every_repair_is_told():
    aws = FakeAws(is_logging=True, variables=budget(1, minutes=10), down={"dynamodb"})
    for number in range(4):
        stop_again(aws, number)
    assert len(aws.mails) == 4


def test_a_throttled_restart_is_told_before_it_succeeds_and_again_when_it_does():
    throttled = [refusal("ThrottlingException") for _ in range(12)]
    aws = FakeAws(refuse={"StartLogging": throttled})
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert aws.is_logging
    first, second = aws.mails
    assert first == "[critical] Trail stopped by mallory, could not be restarted: Throttling"
    assert second.startswith("[critical] Trail stopped by mallory, running again after ")
    assert aws.calls.index("Publish") < len(aws.calls) - 1 - aws.calls[::-1].index("StartLogging")
    assert sweep(aws, times=3) == []
