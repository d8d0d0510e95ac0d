"""Retries: which errors, how long, and never past the mark."""

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from common.retry import call, code_of, is_transient

from tests.support.guardian_world import Hands, refusal

URL = "https://cloudtrail.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("error", "code", "transient"),
    [
        (refusal("ThrottlingException"), "ThrottlingException", True),
        (refusal("ConflictException"), "ConflictException", True),
        (refusal("KMSThrottlingException"), "KMSThrottlingException", True),
        (refusal("NeverHeardOf", status=503), "NeverHeardOf", True),
        (refusal("NeverHeardOf", status=429), "NeverHeardOf", True),
        (refusal("", status=500), "ClientError", True),
        (refusal("AccessDeniedException", status=403), "AccessDeniedException", False),
        (refusal("InvalidHomeRegionException"), "InvalidHomeRegionException", False),
        (refusal("TrailNotFoundException", status=404), "TrailNotFoundException", False),
        (EndpointConnectionError(endpoint_url=URL), "EndpointConnectionError", True),
        (ReadTimeoutError(endpoint_url=URL), "ReadTimeoutError", True),
        (ConnectionClosedError(endpoint_url=URL), "ConnectionClosedError", True),
        (ResponseParserError("no JSON"), "ResponseParserError", True),
        (NoCredentialsError(), "NoCredentialsError", False),
        (ParamValidationError(report="x"), "ParamValidationError", False),
    ],
)
def test_which_errors_are_worth_another_try(error, code, transient):
    assert (code_of(error), is_transient(error)) == (code, transient)


def test_waits_double_up_to_eight_seconds_and_end_at_the_mark():
    hands = Hands()

    def request() -> None:
        raise refusal("ThrottlingException")

    answer = call(request, clock=hands.clock(), until=40.0, first_wait_s=1.1)
    assert hands.slept == [1.1, 2.2, 4.4, 8.0, 8.0, 8.0, 8.0]
    assert (answer.tries, answer.error_code, answer.value) == (8, "ThrottlingException", None)
    assert hands.passed_s <= 40.0


def test_the_first_try_is_made_even_when_the_time_is_over():
    answer = call(lambda: "here", clock=Hands(passed_s=99.0).clock(), until=1.0, first_wait_s=1.0)
    assert (answer.value, answer.tries, answer.error_code) == ("here", 1, "")


def test_what_is_not_from_aws_is_not_swallowed():
    def request() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(request, clock=Hands().clock(), until=1.0, first_wait_s=1.0)
