"""What can wait: the daily mail about low severity and the weekly one about what was suppressed add up the ledger."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common.errors import WrongEnvironmentError
from explainer.environment import DigestTimes, Environment
from explainer.memory import OTHERS, _few

from tests.support.explainer_world import BEGAN_AT, OFFICE, VARIABLES, World, many, record, watch
from tests.support.guardian_world import refusal

LOW, POLICY = "iam-changes", "iam-policy-changes"
RANGE = {**OFFICE, "severity": "low"}
TIMES: Any = {"DIGEST_HOUR": "7", "DIGEST_WEEKDAY": "0"}
DAY = BEGAN_AT.date()  # a Saturday
MORNING = datetime(2026, 11, 22, 7, 1, tzinfo=UTC)
DEPLOYER = {
    "name": "deployer",
    "pattern": '{ $.userIdentity.userName = "mallory" }',
    "reason": "the pipeline",
    "until": None,
}


def world(*watches: dict[str, Any], **changes: Any) -> World:
    return World(watches=watches or (watch(LOW, severity="low", byEvent=False), watch(POLICY), RANGE), **changes)


def look(told: World, at: datetime) -> dict[str, Any]:
    """The look around at some moment."""
    told.hands.at = at
    return told.deliver({"source": "aws.scheduler", "detail-type": "Scheduled Event"}, **TIMES)


def kept(told: World, beginning: str) -> list[dict[str, Any]]:
    """The ledger's items whose id begins so, in plain values."""
    items = [item for (_, key), item in sorted(told.table.items.items()) if key.startswith(beginning)]
    return [{name: next(iter(value.values())) for name, value in item.items()} for item in items]


def test_low_severity_waits_and_the_digest_adds_up_what_the_ledger_holds():
    told = world()
    told.happens(*many(40, "DescribeInstances"))
    told.happens(record("CreateUser"))
    told.deliver(told.rings("office", 41), **TIMES)
    told.deliver(told.rings(LOW, 1), **TIMES)
    assert told.subjects == []
    look(told, MORNING)
    assert told.subjects == ["[low] Digest of 2026-11-21: 42 events of 2 sets - 111122223333 eu-west-1"]
    recorded = kept(told, f"low#{DAY}#")
    assert sum(int(item["events"]) for item in recorded) == 42
    assert [int(number) for number in re.findall(r": (\d+) events?\n", told.body)] == [41, 1]
    assert sum(sum(json.loads(item["counts"])["Calls"].values()) for item in recorded) == 42
    assert "Calls    DescribeInstances 40 · CreateUser 1" in told.body
    assert "Who      mallory 41\n" in told.body
    attributes = {name: each["StringValue"] for name, each in told.published[0]["MessageAttributes"].items()}
    assert (attributes["set"], attributes["severity"]) == ("digest", "low")


def test_it_comes_once_and_a_day_that_was_missed_is_made_up_for():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    look(told, MORNING - timedelta(minutes=2))
    assert told.subjects == []  # the hour has not come
    look(told, MORNING + timedelta(days=2))  # nothing looked around for two days
    look(told, MORNING + timedelta(days=2, minutes=5))
    look(told, MORNING + timedelta(days=3))
    assert [subject.partition(":")[0] for subject in told.subjects] == ["[low] Digest of 2026-11-21"]


def test_while_an_alarm_stays_in_alarm_every_event_is_counted():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    for number in range(2, 5):
        told.hands.move(300)
        told.happens(record("CreateUser", event_id=f"{number:08d}-1", at=told.hands.at - timedelta(seconds=9)))
        told.deliver({"source": "aws.scheduler"}, **TIMES)
    told.quiet(LOW)
    told.hands.move(900)
    told.deliver({"source": "aws.scheduler"}, **TIMES)
    assert told.subjects == []  # nor that it is over
    look(told, MORNING)
    assert "4 events of 1 set" in told.subjects[0]
    assert "Rang     1 time\n" in told.body


def test_what_a_louder_set_finds_too_is_mailed_at_once_whichever_alarm_comes_first():
    for first, second in ((LOW, POLICY), (POLICY, LOW)):
        told = world()
        told.happens(record("PutUserPolicy"))
        told.deliver(told.rings(first, 1), **TIMES)
        told.deliver(told.rings(second, 1), **TIMES)
        assert len(told.subjects) == 1
        assert told.subjects[0].startswith("[high] IAM policy changes: PutUserPolicy by mallory")


def test_an_event_that_waits_is_still_told_by_a_set_whose_pattern_only_the_deployment_has():
    hidden = watch(POLICY, pattern="")
    told = world(watch(LOW, severity="low", byEvent=False), hidden)
    told.filters[hidden["metric"]] = watch(POLICY)["pattern"]
    told.happens(record("PutUserPolicy"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    assert told.subjects == []
    told.deliver(told.rings(POLICY, 1), **TIMES)
    assert len(told.subjects) == 1


def test_without_a_digest_low_is_mailed_as_the_rest_is():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1))
    assert told.subjects[0].startswith("[low] ")


def test_what_the_log_never_showed_is_in_the_digest():
    told = world(late_s=99_999)
    told.deliver(told.rings(LOW, 2), **TIMES)
    for _ in range(8):
        told.hands.move(300)
        told.deliver({"source": "aws.scheduler"}, **TIMES)
    look(told, MORNING)
    assert "2 events that the alarm counted and the log never showed" in told.body


def test_the_week_adds_up_what_was_suppressed():
    told = world(suppressions=[DEPLOYER])
    for day in range(3):
        told.hands.at = BEGAN_AT + timedelta(days=day, seconds=120)
        made = [
            {**each, "eventTime": f"{told.hands.at:%Y-%m-%dT%H:%M:%SZ}", "eventID": f"{day}{each['eventID'][1:]}"}
            for each in many(day + 1)
        ]
        told.happens(*made)
        told.deliver(told.rings(POLICY, day + 1), **TIMES)
        told.quiet(POLICY)
    monday = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    look(told, monday - timedelta(minutes=1))
    assert [subject for subject in told.subjects if "Week" in subject] == [
        "[low] Week to 2026-11-22: 3 events held back by 1 suppression - 111122223333 eu-west-1"
    ]  # that of the Monday before, made up for
    told.published.clear()
    look(told, monday)
    look(told, monday + timedelta(minutes=5))
    assert [subject.partition(" - ")[0] for subject in told.subjects] == [
        "[low] Week to 2026-11-29: 3 events held back by 1 suppression"
    ]
    totals = {item["id"].split("#")[1]: int(item["total"]) for item in kept(told, "suppressed#")}
    assert totals == {"2026-11-21": 1, "2026-11-22": 2, "2026-11-23": 3}
    assert "deployer: 3 events\nReason   the pipeline\nSets     iam-policy-changes\nDays     1\n" in told.body


def test_with_the_ledger_down_it_waits_until_there_is_something_to_add_up():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    told.down = {"dynamodb"}
    look(told, MORNING)
    told.down = set()
    assert told.subjects == []
    look(told, MORNING + timedelta(minutes=5))
    assert len(told.subjects) == 1


def test_a_ledger_that_fails_between_claim_and_look_loses_nothing():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    real = told.table.query

    def failing(**request: Any) -> dict[str, Any]:
        if request["ExpressionAttributeValues"].get(":day", {}).get("S", "").startswith("low#"):
            raise refusal("AccessDeniedException", "Query")
        return real(**request)

    told.table.query = failing
    assert look(told, MORNING)["did"][f"digest#{DAY}"] == "the ledger does not answer"
    told.table.query = real
    look(told, MORNING + timedelta(minutes=10))
    assert [subject.partition(":")[0] for subject in told.subjects] == ["[low] Digest of 2026-11-21"]


def test_a_digest_that_could_not_be_published_is_told_by_a_later_look():
    told = world()
    told.happens(record("CreateUser"))
    told.deliver(told.rings(LOW, 1), **TIMES)
    told.down = {"sns"}
    with pytest.raises(Exception, match="could not be published"):
        look(told, MORNING)
    told.down = set()
    look(told, MORNING + timedelta(minutes=10))
    assert len(told.subjects) == 1


def test_few_names_are_kept_and_the_sum_stays_right():
    counted = Counter({f"user-{number:03d}": number + 1 for number in range(200)})
    few = _few(counted)
    assert len(few) == 51
    assert sum(few.values()) == counted.total()
    assert few[OTHERS] == sum(range(1, 151))


@pytest.mark.parametrize("wrong", [{"DIGEST_HOUR": "24"}, {"DIGEST_HOUR": "7", "DIGEST_WEEKDAY": "7"}])
def test_times_that_are_none_are_refused(wrong: dict[str, str]):
    with pytest.raises(WrongEnvironmentError):
        Environment.read({**VARIABLES, **wrong})
    assert Environment.read({**VARIABLES, **TIMES}).digest == DigestTimes(hour=7, weekday=0)
