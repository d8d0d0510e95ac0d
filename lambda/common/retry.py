"""Asking AWS again within the time that is left: CloudTrail takes one StartLogging a second and refuses conflicts."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

T = TypeVar("T")

AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""Everything an AWS call of ours may raise."""

_LONGEST_WAIT_S = 8.0
_TRANSIENT = frozenset(
    {
        "ConflictException",  # another change of the trail is in progress (API StartLogging)
        "InternalErrorException",
        "InternalFailure",
        "InternalServerError",  # DynamoDB's word
        "KMSThrottlingException",  # API Publish
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class Clock(NamedTuple):
    """Time as handed in: `now` in UTC for people, `monotonic` (s) for deadlines, `jitter` from 0 to 1."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]


def code_of(error: Exception) -> str:
    """The AWS error code of what a call raised, or the name of the error when AWS never answered."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or type(error).__name__
    return type(error).__name__


def is_transient(error: Exception) -> bool:
    """Whether the same call may well succeed in a moment."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in _TRANSIENT or status == 429 or status >= 500
    return isinstance(error, ConnectionError | HTTPClientError | ResponseParserError)


def is_transient_code(code: str) -> bool:
    """Whether AWS refused only because it was busy, by the code alone."""
    return code in _TRANSIENT


class Answer(NamedTuple, Generic[T]):
    """What became of a call after `tries`: `value`, or the `error` (one of AWS_ERRORS) of the last try."""

    tries: int
    value: T | None = None
    error: Exception | None = None

    @property
    def error_code(self) -> str:
        """The AWS error code, or "" when the call was answered."""
        return code_of(self.error) if self.error else ""


def call(request: Callable[[], T], *, clock: Clock, until: float, first_wait_s: float) -> Answer[T]:
    """Make a call, again and again while AWS is only busy; waits double from `first_wait_s` to 8 s.

    `until` is a reading of `clock.monotonic`: no try begins after it, but the first is always made.
    """
    tries, wait_s = 1, first_wait_s
    while True:
        try:
            return Answer(tries=tries, value=request())
        except AWS_ERRORS as error:
            pause_s = wait_s * (1 + clock.jitter() / 4)
            if not is_transient(error) or clock.monotonic() + pause_s > until:
                return Answer(tries=tries, error=error)
        clock.sleep(pause_s)
        tries, wait_s = tries + 1, min(2 * wait_s, _LONGEST_WAIT_S)
