"""A deployment that somebody changed, and sweeps that look at it."""

from datetime import timedelta
from typing import Any

from tests.support.fake_things import FakeThings
from tests.support.guardian_world import STOPPED_AT, FakeAws, deliver, sample, wake

SWEEP = "scheduled-scheduler"
FRESH = {
    "LatestDeliveryTime": STOPPED_AT + timedelta(days=9),
    "LatestCloudWatchLogsDeliveryTime": STOPPED_AT + timedelta(days=9),
}


def aws_of(**more: Any) -> FakeAws:
    """An account whose trail has logged and delivered for days."""
    return FakeAws(
        **{"is_logging": True, "started_at": STOPPED_AT - timedelta(days=9), "status": dict(FRESH), **more},
    )


def sweep(aws: FakeAws, *, times: int = 1, mode: str = "restore") -> list[str]:
    """The mails of so many sweeps, five minutes apart."""
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(300)
        wake(SWEEP, aws, MODE=mode)
    return aws.mails[before:]


def first_line(aws: FakeAws) -> str:
    """What the first mail says."""
    return aws.published[0]["Message"].partition("\n")[0]


def deny(found: FakeThings, name: str) -> None:
    """A Deny for everybody, added to a policy."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    getattr(found, name)["Statement"].append(statement)


def told_by(aws: FakeAws, message: dict[str, str]) -> list[str]:
    """The mails of one sweep whose schedule says something else."""
    before = len(aws.mails)
    aws.hands.move(300)
    deliver({**sample(SWEEP), **message}, aws)
    return aws.mails[before:]
