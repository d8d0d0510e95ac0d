"""The fault table: what may fail around the guardian, and what must hold all the same.

Each row is one attack that meets one fault. It is played as AWS would: a call that raises or is ended is made again by
Lambda after one minute and after two, then the sweep comes every five minutes for an hour and a half. In the end the
trail is as it should be, people were told (by name, where an event had one) as often as the row says and no more, and
nothing goes on by itself.
"""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.support.guardian_world import SETTINGS, STOPPED_AT, FakeAws, deliver, refusal, sample

STOP, CHANGE, ALARM, SWEEP = "stop-by-name-iam-user", "update-trail", "alarm-aws", "scheduled-scheduler"
LAMBDA_RETRIES_S = (60, 120)  # Lambda Developer Guide, "How Lambda handles errors with asynchronous invocation"
MINUTES = 90
STOPPED, FOUND = "Trail stopped by mallory, running again", "Trail found stopped, running again"
CHANGED = "Trail changed by mallory, put back"
AGAIN = "Trail changed by mallory, as wanted again"
LATE, CLEARED = "Told late", "Cleared:"
LOST_NO_MORE = "Cleared: Reports could not be published to the alerts topic"


class Ended(BaseException):
    """Lambda ends a run: nothing in it can catch that."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`arrange` makes AWS fail; `messages` arrive in this order; `mails` are what people get in the end, in order."""

    arrange: Callable[[FakeAws], None]
    mails: Sequence[str]
    attack: str = STOP
    messages: Sequence[str] = (STOP,)
    lost: bool = False  # a report that no topic took stands in the log


def refuses(operation: str, code: str, times: int, *, status: int = 400) -> Callable[[FakeAws], None]:
    """AWS refuses the next calls of an operation."""

    def arrange(aws: FakeAws) -> None:
        aws.refuse[operation] = [refusal(code, operation, status=status) for _ in range(times)]

    return arrange


def ends_at(operation: str, nth: int = 1) -> Callable[[FakeAws], None]:
    """Lambda ends the run when it makes its nth call of an operation, once."""

    def arrange(aws: FakeAws) -> None:
        seen: list[str] = []

        def on(called: str) -> None:
            seen.append(called)
            if called == operation and seen.count(operation) == nth:
                raise Ended

        aws.on = on

    return arrange


def ends_waiting(aws: FakeAws) -> None:
    """The time limit is met while the run waits for the grace time, once."""
    sleep = aws.hands.sleep

    def cut_off(seconds: float) -> None:
        if seconds >= 30:
            aws.hands.sleep = sleep
            aws.hands.move(29)
            raise Ended
        sleep(seconds)

    aws.hands.sleep = cut_off


def is_down(service: str, *, until_call: int | None = None) -> Callable[[FakeAws], None]:
    """A service answers nothing: always, or until so many calls were made of it."""

    def arrange(aws: FakeAws) -> None:
        aws.down = {service}
        asked: list[str] = []

        def on(operation: str) -> None:
            asked.append(operation)
            if until_call is not None and len(asked) > until_call:
                aws.down = set()

        aws.on = on

    return arrange


def dies_after(writes: int) -> Callable[[FakeAws], None]:
    """The ledger answers so many writes of the first run, and then none until that run is over."""

    def arrange(aws: FakeAws) -> None:
        seen: list[str] = []

        def on(operation: str) -> None:
            seen.extend([operation] * (operation == "UpdateItem"))
            aws.down = {"dynamodb"} if len(seen) > writes and aws.hands.passed_s < 40 else set()

        aws.on = on

    return arrange


def takes_over(aws: FakeAws) -> None:
    """CloudTrail is busy for longer than a lease, and meanwhile the event comes again, to a run that comes through."""
    aws.refuse["UpdateTrail"] = [refusal("ThrottlingException", "UpdateTrail") for _ in range(40)]

    def on(operation: str) -> None:
        if operation == "UpdateTrail" and aws.hands.passed_s > 90:
            aws.on, aws.refuse["UpdateTrail"] = (lambda _: None), []
            assert deliver(sample(CHANGE), aws).raised is None

    aws.on = on


def nothing(aws: FakeAws) -> None:
    """No fault: what arrives is the fault."""


FAULTS: dict[str, Fault] = {
    # CloudTrail is busy
    "CloudTrail throttles StartLogging": Fault(
        arrange=refuses("StartLogging", "ThrottlingException", 3), mails=(STOPPED,)
    ),
    "CloudTrail is in conflict at StartLogging": Fault(
        arrange=refuses("StartLogging", "ConflictException", 3), mails=(STOPPED,)
    ),
    "CloudTrail throttles longer than half a minute: told before it succeeds": Fault(
        arrange=refuses("StartLogging", "ThrottlingException", 12),
        mails=("Trail stopped by mallory, could not be restarted: Throttling", STOPPED),
    ),
    "CloudTrail throttles UpdateTrail": Fault(
        arrange=refuses("UpdateTrail", "ThrottlingException", 3), attack=CHANGE, messages=(CHANGE,), mails=(CHANGED,)
    ),
    "CloudTrail is in conflict at UpdateTrail": Fault(
        arrange=refuses("UpdateTrail", "ConflictException", 3), attack=CHANGE, messages=(CHANGE,), mails=(CHANGED,)
    ),
    "CloudTrail throttles UpdateTrail for longer than a lease, and another run tells": Fault(
        arrange=takes_over,
        attack=CHANGE,
        messages=(CHANGE,),
        mails=(CHANGED,),
    ),
    "CloudTrail throttles the look at the status": Fault(
        arrange=refuses("GetTrailStatus", "ThrottlingException", 2), mails=(STOPPED,)
    ),
    "CloudTrail throttles the look at the settings": Fault(
        arrange=refuses("GetTrail", "ThrottlingException", 4), attack=CHANGE, messages=(CHANGE,), mails=(CHANGED,)
    ),
    "CloudTrail fails within": Fault(
        arrange=refuses("StartLogging", "InternalFailure", 2, status=500), mails=(STOPPED,)
    ),
    # SNS
    "SNS throttles": Fault(arrange=refuses("Publish", "Throttled", 2, status=429), mails=(STOPPED,)),
    "SNS refuses the first run: Lambda's retry tells": Fault(
        arrange=refuses("Publish", "AuthorizationError", 1, status=403),
        mails=("Trail stopped by mallory, already running again", LOST_NO_MORE),
        lost=True,
    ),
    "SNS refuses every try of the event: the sweep tells late": Fault(
        arrange=refuses("Publish", "AuthorizationError", 3, status=403),
        mails=(LATE, LOST_NO_MORE),
        lost=True,
    ),
    "SNS refuses the mail of a repair": Fault(
        arrange=refuses("Publish", "AuthorizationError", 1, status=403),
        attack=CHANGE,
        messages=(CHANGE,),
        mails=(AGAIN, LOST_NO_MORE),
        lost=True,
    ),
    # The ledger
    "the ledger is down": Fault(arrange=is_down("dynamodb"), mails=(STOPPED,)),
    "the ledger is down, and two messages come": Fault(
        arrange=is_down("dynamodb"),
        messages=(STOP, STOP),
        mails=(STOPPED, "Trail stopped by mallory, already running again"),
    ),
    "the ledger is down, and the trail was changed": Fault(
        arrange=is_down("dynamodb"), attack=CHANGE, messages=(CHANGE,), mails=(CHANGED,)
    ),
    "the ledger fails after the claim": Fault(arrange=dies_after(2), mails=(STOPPED, LATE)),
    # Lambda ends a run
    "a run ends between its claim and its mail": Fault(
        arrange=ends_at("Publish"), mails=("Trail stopped by mallory, already running again",)
    ),
    "a run ends between its mail and its mark": Fault(
        arrange=ends_at("UpdateItem", nth=3), mails=(STOPPED, "Trail stopped by mallory, already running again")
    ),
    "a run ends before it can start the trail": Fault(arrange=ends_at("StartLogging"), mails=(STOPPED,)),
    "a run ends when it has started the trail": Fault(
        arrange=ends_at("GetTrailStatus", nth=2), mails=("Trail stopped by mallory, already running again",)
    ),
    "a run meets its time limit in the grace time": Fault(
        arrange=ends_waiting, attack=CHANGE, messages=(CHANGE,), mails=(CHANGED,)
    ),
    "a run ends when it has put the trail back": Fault(
        arrange=ends_at("GetTrail", nth=3),
        attack=CHANGE,
        messages=(CHANGE,),
        mails=(AGAIN,),
    ),
    # What arrives
    "the event comes three times": Fault(arrange=nothing, messages=(STOP, STOP, STOP), mails=(STOPPED,)),
    "the change's event comes three times": Fault(
        arrange=nothing, attack=CHANGE, messages=(CHANGE, CHANGE, CHANGE), mails=(CHANGED,)
    ),
    "the event comes after the alarm": Fault(arrange=nothing, messages=(ALARM, STOP), mails=(FOUND, STOPPED)),
    "the event comes after the sweep, and the alarm last": Fault(
        arrange=nothing, messages=(SWEEP, STOP, ALARM), mails=(FOUND, STOPPED)
    ),
    "the repair's own event comes first": Fault(
        arrange=nothing, messages=("start-by-guardian", STOP), mails=(STOPPED,)
    ),
    "messages that nobody can read come before it": Fault(
        arrange=nothing,
        messages=("sns-not-json", "unknown-empty", "stop-no-user-identity", STOP),
        mails=(FOUND, "Trail stopped by an unknown caller"),
    ),
    # The rest
    "the desired state cannot be read for a while": Fault(
        arrange=refuses("GetParameter", "AccessDeniedException", 3),
        attack=CHANGE,
        messages=(CHANGE,),
        mails=("UpdateTrail by mallory", "Desired state cannot be read", "Trail found changed, put back", CLEARED),
    ),
}


def play(fault: Fault, aws: FakeAws) -> list[dict[str, Any]]:
    """All of it; the log of every run."""
    log: list[dict[str, Any]] = []

    def run(name: str) -> bool:
        try:
            woken = deliver(sample(name), aws)
        except Ended:
            return False
        log.extend(map(dict, woken.log))
        return woken.raised is None

    for name in fault.messages:
        for wait_s in (*LAMBDA_RETRIES_S, 0):
            if run(name):
                break
            aws.hands.move(wait_s)
        aws.hands.move(5)
    for _ in range(MINUTES // 5):
        aws.hands.move(300)
        run(SWEEP)
    return log


def world(attack: str) -> FakeAws:
    fresh = {
        "LatestDeliveryTime": STOPPED_AT + timedelta(days=9),
        "LatestCloudWatchLogsDeliveryTime": STOPPED_AT + timedelta(days=9),
    }
    aws = FakeAws(is_logging=attack != STOP, call_s=0.1, status=fresh)
    if attack == CHANGE:
        aws.settings |= {"S3BucketName": "mallorys", "IsMultiRegionTrail": False}
    return aws


def holds_in_the_end(aws: FakeAws) -> None:
    """The trail is as it should be, nothing is left over, and nothing happens any more."""
    assert aws.is_logging
    assert aws.settings == SETTINGS
    aws.down, aws.on = set(), lambda operation: None
    before = copy.copy((len(aws.mails), len(aws.requests), aws.calls.count("StartLogging")))
    for _ in range(3):
        aws.hands.move(300)
        assert deliver(sample(SWEEP), aws).raised is None
    assert (len(aws.mails), len(aws.requests), aws.calls.count("StartLogging")) == before
    assert aws.table.ids("claimed") == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_at_most_a_mail_too_many(name: str):
    fault = FAULTS[name]
    aws = world(fault.attack)
    fault.arrange(aws)
    log = play(fault, aws)
    told = [re.sub(r"Cleared after [^:]*:", "Cleared:", mail.partition("] ")[2]) for mail in aws.mails]
    assert len(told) == len(fault.mails), told
    for mail, expected in zip(told, fault.mails, strict=True):
        assert mail.startswith(expected), told
    lost = [line["report"] for line in log if "report" in line]
    assert bool(lost) is fault.lost
    assert bool(aws.last_resort) is fault.lost
    assert all(report["body"] and report["subject"] for report in lost)
    holds_in_the_end(aws)


PARTS = [
    refuses("StartLogging", "ThrottlingException", 2),
    refuses("UpdateTrail", "ConflictException", 2),
    refuses("Publish", "AuthorizationError", 1, status=403),
    refuses("GetTrailStatus", "ThrottlingException", 1),
    ends_at("Publish"),
    ends_at("UpdateItem", nth=2),
    ends_at("StartLogging"),
    ends_waiting,
    is_down("dynamodb", until_call=30),
]


@seed(12)
@settings(max_examples=examples(40))
@given(
    parts=st.lists(st.sampled_from(PARTS), max_size=3),
    attack=st.sampled_from([STOP, CHANGE]),
    messages=st.lists(st.sampled_from(["event", ALARM, SWEEP, "sns-not-json"]), max_size=4),
)
def test_several_faults_at_once_lose_nothing_and_end(parts: list[Any], attack: str, messages: list[str]):
    """Nobody goes untold, and by name; there is no loop; more mails than faults and triggers are never sent."""
    aws = world(attack)
    for arrange in parts:
        arrange(aws)
    order = [attack if each == "event" else each for each in messages]
    fault = Fault(arrange=nothing, attack=attack, messages=(*order, attack), mails=())
    play(fault, aws)
    holds_in_the_end(aws)
    assert any("by mallory" in mail for mail in aws.mails), aws.mails
    assert len(aws.mails) <= 2 + 2 * len(parts) + len(messages)
    assert len(aws.requests) <= 2
    assert aws.calls.count("StartLogging") <= 6
