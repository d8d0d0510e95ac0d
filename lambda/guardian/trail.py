"""Whether the trail logs: reading it, starting it, and reading again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from common.retry import Clock, call

NOT_FOUND = "TrailNotFoundException"
"""The code with which every call of CloudTrail says that there is no such trail."""
_READ_WAIT_S = 0.3  # GetTrailStatus: 10 a second
_START_WAIT_S = 1.1  # StartLogging: 1 a second (CloudTrail quotas)
_SETTLE_S = (0.5, 1.1, 2.0)  # between reads back, before we believe that the trail is still stopped
_ROUNDS = 3  # StartLogging again when the trail reads stopped although it was accepted: somebody stops it in a loop


class CloudTrail(Protocol):
    """What is needed of a boto3 CloudTrail client."""

    def get_trail_status(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own spelling
        """cloudtrail:GetTrailStatus."""
        ...

    def start_logging(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803
        """cloudtrail:StartLogging."""
        ...


class Logging(StrEnum):
    """Whether the trail logs, as AWS says."""

    ON = "logging"
    OFF = "not logging"
    GONE = "gone"
    UNREADABLE = "unreadable"


class State(NamedTuple):
    """The trail's state as read at one moment. `error_code` says why it is UNREADABLE.

    `started_at` and `stopped_at` are the last such times that CloudTrail knows. `delivered_at` and `logs_delivered_at`
    are its last deliveries to the bucket and to the log group, `bucket_error` and `logs_error` what went wrong with the
    last one. All only if there are any.
    """

    logging: Logging
    error_code: str = ""
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    delivered_at: datetime | None = None
    logs_delivered_at: datetime | None = None
    bucket_error: str = ""
    logs_error: str = ""

    @property
    def delivery_error(self) -> str:
        """The error of the last delivery, to the bucket or else to the log group."""
        return self.bucket_error or self.logs_error


class Attempt(NamedTuple):
    """What became of StartLogging: answered with success at `at` (our clock), or refused with `error_code`."""

    tries: int
    at: datetime | None = None
    error_code: str = ""


def read(cloudtrail: CloudTrail, trail_arn: str, *, clock: Clock, until: float) -> State:
    """The state of the trail; what AWS refuses is part of the answer (GONE, UNREADABLE), not an error.

    `until` is a reading of `clock.monotonic`, after which nothing is tried again.
    """
    answer = call(
        lambda: cloudtrail.get_trail_status(Name=trail_arn), clock=clock, until=until, first_wait_s=_READ_WAIT_S
    )
    if answer.value is None:
        gone = answer.error_code == NOT_FOUND
        return State(logging=Logging.GONE if gone else Logging.UNREADABLE, error_code=answer.error_code)
    status = answer.value
    return State(
        logging=Logging.ON if status.get("IsLogging") is True else Logging.OFF,
        started_at=_moment(status.get("StartLoggingTime")),
        stopped_at=_moment(status.get("StopLoggingTime")),
        delivered_at=_moment(status.get("LatestDeliveryTime")),
        logs_delivered_at=_moment(status.get("LatestCloudWatchLogsDeliveryTime")),
        bucket_error=_text(status.get("LatestDeliveryError")),
        logs_error=_text(status.get("LatestCloudWatchLogsDeliveryError")),
    )


def restart(
    cloudtrail: CloudTrail, trail_arn: str, *, clock: Clock, until: float, read_until: float
) -> tuple[Attempt, State]:
    """StartLogging, then the state as read back: believe the read, not the write.

    Up to three rounds while the trail reads stopped. No StartLogging begins after `until`, no read after `read_until`.
    """
    tries, round_number = 0, 1
    while True:
        answer = call(
            lambda: cloudtrail.start_logging(Name=trail_arn), clock=clock, until=until, first_wait_s=_START_WAIT_S
        )
        tries += answer.tries
        attempt = Attempt(tries=tries, error_code=answer.error_code, at=None if answer.error else clock.now())
        if answer.error:  # read all the same: another run may have started the trail meanwhile
            state = read(cloudtrail, trail_arn, clock=clock, until=read_until)
            is_gone = answer.error_code == NOT_FOUND and state.logging is not Logging.ON
            return attempt, State(logging=Logging.GONE, error_code=NOT_FOUND) if is_gone else state
        state = _read_until_it_logs(cloudtrail, trail_arn, clock=clock, until=read_until)
        if state.logging is not Logging.OFF or round_number == _ROUNDS or clock.monotonic() > until:
            return attempt, state
        round_number += 1


def _read_until_it_logs(cloudtrail: CloudTrail, trail_arn: str, *, clock: Clock, until: float) -> State:
    state = read(cloudtrail, trail_arn, clock=clock, until=until)
    for pause_s in _SETTLE_S:
        if state.logging is not Logging.OFF or clock.monotonic() + pause_s > until:
            break
        clock.sleep(pause_s)
        state = read(cloudtrail, trail_arn, clock=clock, until=until)
    return state


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
