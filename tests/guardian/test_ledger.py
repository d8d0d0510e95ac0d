"""The ledger: the fake table against an independent DynamoDB, and one mail per incident whatever happens between."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from common.incident import Incident
from common.ledger import MEMBERS, Claim, Phase
from guardian.ledger import Ledger
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.support.effort import examples
from tests.support.fake_table import FakeTable
from tests.support.guardian_world import STOPPED_AT, TABLE, TRAIL_ARN, FakeAws, Hands, deliver, refusal, sample, wake

ATTRIBUTES = ("trail", "id", "unsettled")
TABLE_SHAPE: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ATTRIBUTES],
    "KeySchema": [{"AttributeName": "trail", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "unsettled",
            "KeySchema": [
                {"AttributeName": "trail", "KeyType": "HASH"},
                {"AttributeName": "unsettled", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[Any]:
    dynamodb.create_table(**TABLE_SHAPE)
    yield dynamodb
    dynamodb.delete_table(TableName=TABLE)


def incident(key: str, at: datetime, *, returns: bool = True, names: bool | None = None) -> Incident:
    what = f"{key} is wrong"
    return Incident(key=key, what=what, severity="critical", seen_at=at, returns=returns, names_culprit=names)


KEYS = st.sampled_from(["drift#1", "drift#2", "stopped#2026-11-21T03:12:09Z", "gone"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), KEYS, st.booleans()),
        st.tuples(st.just("told"), KEYS, st.booleans()),
        st.tuples(st.just("take"), KEYS, st.booleans()),
        st.tuples(st.just("name"), KEYS, st.booleans()),
        st.tuples(st.just("move"), st.sampled_from([1, 30, 60, 4000])),
        st.tuples(st.just("repair")),
        st.tuples(st.just("call"), st.sampled_from(["a", "b"])),
        st.tuples(st.just("look")),
    ),
    max_size=25,
)


def play(steps: list[tuple[Any, ...]], client: Any) -> list[Any]:
    """What a ledger answers to a series of questions."""
    hands = Hands()
    ledger = Ledger(lambda: client, table=TABLE, trail_arn=TRAIL_ARN, clock=hands.clock())
    answers: list[Any] = []
    for verb, *rest in steps:
        match verb:
            case "claim":
                key, with_event = rest
                returns, names = not key.startswith("stopped#"), None if key.startswith("drift#") else with_event
                claimed = incident(key, hands.at, returns=returns, names=names)
                answers.append(ledger.claim(claimed, event_id="event-1" if with_event else ""))
            case "told":
                remind_at = hands.at + timedelta(hours=1)
                answers.append(ledger.told(rest[0], lasts=rest[1], remind_at=remind_at, with_name=rest[1]))
            case "name":
                answers.append(ledger.take_name(rest[0]))
                if rest[1] and answers[-1] is Claim.MINE:
                    ledger.told_name(rest[0])
            case "take":
                answers.append(ledger.take(rest[0], due=rest[1]))
            case "move":
                hands.move(rest[0])
            case "repair":
                answers.append(ledger.count_repair())
            case "call":
                answers.append(ledger.knows_call(rest[0]))
                ledger.note_call(rest[0])
            case _:
                answers += [
                    ledger.unsettled(),
                    ledger.repairs(),
                    ledger.same_stop(STOPPED_AT + timedelta(seconds=3), within=timedelta(seconds=5)),
                    ledger.same_stop(STOPPED_AT + timedelta(seconds=3), within=timedelta(seconds=2)),
                    ledger.explains(hands.at - timedelta(seconds=10), within=timedelta(minutes=20)),
                ]
    assert not ledger.is_down, ledger.error_code
    return answers


@seed(7)
@settings(max_examples=examples(12))
@given(steps=STEPS)
def test_the_fake_table_answers_as_dynamodb_does(steps):
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_table(**TABLE_SHAPE)
        theirs = play([*steps, ("look",)], client)
    assert play([*steps, ("look",)], FakeTable()) == theirs


def ledger_on(client: Any, hands: Hands) -> Ledger:
    return Ledger(lambda: client, table=TABLE, trail_arn=TRAIL_ARN, clock=hands.clock())


@pytest.fixture(params=["fake", "moto"])
def world(request: pytest.FixtureRequest) -> tuple[Ledger, Hands]:
    hands = Hands()
    client = FakeTable() if request.param == "fake" else request.getfixturevalue("table")
    return ledger_on(client, hands), hands


def test_the_first_to_claim_tells(world: tuple[Ledger, Hands]):
    ledger, hands = world
    assert ledger.claim(incident("gone", hands.at)) is Claim.MINE
    assert ledger.claim(incident("gone", hands.at)) is Claim.TOLD
    (entry,) = ledger.unsettled() or []
    assert (entry.key, entry.phase, entry.what) == ("gone", Phase.CLAIMED, "gone is wrong")


def test_a_claim_that_nobody_kept_is_free_when_its_lease_ends(world: tuple[Ledger, Hands]):
    ledger, hands = world
    ledger.claim(incident("gone", hands.at))
    hands.move(49)
    assert ledger.claim(incident("gone", hands.at)) is Claim.TOLD
    hands.move(2)
    assert ledger.claim(incident("gone", hands.at)) is Claim.MINE


def test_what_lasts_is_not_claimed_again_and_what_is_over_only_by_what_was_seen_later(world: tuple[Ledger, Hands]):
    ledger, hands = world
    before = hands.at
    ledger.claim(incident("drift#1", hands.at))
    ledger.told("drift#1", lasts=True, remind_at=hands.at + timedelta(hours=1))
    hands.move(4000)
    assert ledger.claim(incident("drift#1", hands.at)) is Claim.TOLD
    ledger.told("drift#1", lasts=False)
    hands.move(1)
    assert ledger.claim(incident("drift#1", before)) is Claim.TOLD
    assert ledger.claim(incident("drift#1", hands.at)) is Claim.MINE


def test_a_stop_is_told_once_for_good(world: tuple[Ledger, Hands]):
    ledger, hands = world
    stop = "stopped#2026-11-21T03:12:09Z"
    ledger.claim(incident(stop, hands.at, returns=False))
    ledger.told(stop, lasts=False)
    hands.move(9_000)
    assert ledger.claim(incident(stop, hands.at, returns=False)) is Claim.TOLD
    assert ledger.unsettled() == []


def test_events_are_members_of_their_incident(world: tuple[Ledger, Hands]):
    ledger, hands = world
    ledger.claim(incident("gone", hands.at), event_id="first")
    ledger.claim(incident("gone", hands.at), event_id="second")
    found = ledger._table.get("gone")
    assert found
    assert sorted(found["members"]) == ["first", "second"]
    assert found["expiresAt"] == round((hands.at + timedelta(days=90)).timestamp())  # seconds: what TTL reads


def test_a_flood_of_events_does_not_outgrow_the_item(world: tuple[Ledger, Hands]):
    ledger, hands = world
    for number in range(2 * MEMBERS):
        ledger.claim(incident("drift#1", hands.at), event_id=f"event-{number}")
    found = ledger._table.get("drift#1")
    assert found
    assert len(found["members"]) == MEMBERS
    assert not ledger.is_down
    ledger.told("drift#1", lasts=False)
    hands.move(60)
    assert ledger.claim(incident("drift#1", hands.at), event_id="again") is Claim.MINE
    found = ledger._table.get("drift#1")
    assert found
    assert sorted(found["members"]) == ["again"]


def test_what_was_claimed_is_held_until_another_run_takes_it(world: tuple[Ledger, Hands]):
    ledger, hands = world
    ledger.claim(incident("drift#1", hands.at))
    hands.move(40)
    assert ledger.hold("drift#1") is Claim.MINE
    hands.move(40)
    other = ledger_on(ledger._table._dynamodb(), hands)
    assert other.claim(incident("drift#1", hands.at)) is Claim.TOLD  # its lease is new since 40 seconds
    hands.move(20)
    assert other.claim(incident("drift#1", hands.at)) is Claim.MINE
    assert ledger.hold("drift#1") is Claim.TOLD
    other.told("drift#1", lasts=False)
    assert other.hold("drift#1") is Claim.TOLD


def test_a_ledger_that_refuses_is_asked_once():
    asked = []

    class Down:
        def update_item(self, **_: Any) -> None:
            asked.append("update")
            raise refusal("ResourceNotFoundException")

    ledger = ledger_on(Down(), Hands())
    assert ledger.claim(incident("gone", STOPPED_AT)) is Claim.UNKNOWN
    assert ledger.take("gone") is Claim.UNKNOWN
    assert ledger.unsettled() is None
    assert ledger.count_repair() is None
    assert ledger.knows_call("x") is None
    assert (asked, ledger.error_code) == (["update"], "ResourceNotFoundException")


def test_repairs_are_kept_in_bounds():
    table, hands = FakeTable(), Hands()
    ledger = ledger_on(table, hands)
    for _ in range(500):
        hands.move(1)
        times = ledger.count_repair()
        assert times
        assert times[-1] == hands.at.astimezone(UTC)
    assert len(table.items[(TRAIL_ARN, "repairs")]["times"]["L"]) <= 401


# From here on: the whole guardian.


@pytest.mark.parametrize(
    "name", ["stop-by-name-iam-user", "delete-trail", "update-trail", "stop-refused-access-denied"]
)
def test_without_a_ledger_people_are_told_anyway(name: str):
    aws = FakeAws(is_gone=name == "delete-trail", down={"dynamodb"})
    for _ in range(2):
        woken = wake(name, aws)
        assert woken.raised is None
        assert any("the ledger does not answer" in line["message"] for line in woken.log)
    assert len(aws.mails) >= 2  # at least once: a second mail only while the ledger is down


CRASHES = st.sampled_from(["GetTrailStatus", "StartLogging", "UpdateTrail", "Publish", "UpdateItem", "GetParameter"])


class Crash(BaseException):
    """Lambda ends the run: nothing of it goes on, not even what catches errors."""


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, str | None, int]]:
    """Messages about one attack, in any order, again and again, each perhaps cut off at a call."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["event", "event", "alarm", "sweep"]),
                st.none() | CRASHES,
                st.integers(1, 3),
            ),
            min_size=1,
            max_size=8,
        )
    )


def tell_story(aws: FakeAws, story: list[tuple[str, str | None, int]], event: str) -> None:
    """Play the messages; Lambda hands a crashed event over again, and the schedule goes on ticking to the end."""
    names = {"event": event, "alarm": "alarm-aws", "sweep": "scheduled-scheduler"}
    for kind, crash, at_call in [*story, ("event", None, 1)]:
        countdown = [at_call]

        def on(operation: str, crash: str | None = crash, countdown: list[int] = countdown) -> None:
            if operation == crash:
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise Crash

        aws.on = on
        with contextlib.suppress(Crash):
            deliver(sample(names[kind]), aws)
        aws.hands.move(61)
    aws.on = lambda operation: None
    for _ in range(3):
        aws.hands.move(300)
        deliver(sample("scheduled-scheduler"), aws)


@seed(8)
@settings(max_examples=examples(60))
@given(story=stories())
def test_a_stop_is_told_exactly_once_or_twice_when_a_run_dies_between_mail_and_mark(story):
    """Never zero, and never without who it was; that may take a mail of its own. More only if a run was ended after
    Publish and before it could write that down.
    """
    aws = FakeAws(call_s=0.01)
    published_then_died = [crash for _, crash, _ in story if crash == "UpdateItem"]
    tell_story(aws, story, "stop-by-name-iam-user")
    stops = [
        mail for mail in aws.mails if "Trail stopped" in mail or "Trail found stopped" in mail or "Told late" in mail
    ]
    assert aws.is_logging
    named = [mail for mail in stops if "by mallory" in mail]
    assert named
    has_follow_up = len(stops) > len(named)
    assert len(stops) <= 1 + has_follow_up + len(published_then_died), aws.mails


@seed(9)
@settings(max_examples=examples(60))
@given(story=stories())
def test_drift_is_told_exactly_once_or_twice_when_a_run_dies_between_mail_and_mark(story):
    aws = FakeAws(call_s=0.01, is_logging=True)
    aws.settings |= {"IsMultiRegionTrail": False, "IncludeGlobalServiceEvents": False}
    died = [crash for _, crash, _ in story if crash]
    tell_story(aws, story, "update-trail")
    assert aws.settings["IsMultiRegionTrail"] is True
    named = [mail for mail in aws.mails if "by mallory" in mail]
    assert named
    has_follow_up = len(aws.mails) > len(named)
    assert len(aws.mails) <= 1 + has_follow_up + len(died), aws.mails


@seed(10)
@settings(max_examples=examples(30))
@given(
    order=st.lists(
        st.sampled_from(["stop-by-name-iam-user", "alarm-aws", "scheduled-scheduler", "start-by-guardian"]),
        min_size=1,
        max_size=9,
    )
)
def test_duplicates_and_reordering_make_one_mail_and_one_with_the_name_if_that_had_none(order):
    aws = FakeAws()
    for name in [*order, "stop-by-name-iam-user"]:
        assert deliver(sample(name), aws).raised is None
        aws.hands.move(20)
    first = next(name for name in [*order, "stop-by-name-iam-user"] if name != "start-by-guardian")
    is_named = ["by mallory" in mail for mail in aws.mails]
    assert is_named == ([True] if first == "stop-by-name-iam-user" else [False, True])
    assert json.dumps(aws.table.ids("over")).count("stopped#") == 1
