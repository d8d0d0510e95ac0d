"""One place makes clients; what an error means is said once, with the action and what to do."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, UnauthorizedSSOTokenError

import account
from account import Across, CouldNotLook, Found, Nothing
from account._errors import explain
from account.actions import action_of

ROOT = Path(__file__).resolve().parents[2]


class FakeClient:
    """A client with one operation, which answers or raises."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def can_paginate(self, name: str) -> bool:
        return False

    def get_key_policy(self, **_params: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def asked(answer: Any, *, none_if: tuple[str, ...] = ()) -> Any:
    session = account.session(region="eu-west-1", endpoint_url="http://127.0.0.1:1")
    session.client = lambda service, region=None: FakeClient(answer)  # pyright: ignore[reportAttributeAccessIssue]
    return session.ask("kms", "GetKeyPolicy", region="eu-west-1", what="key policy", none_if=none_if)


def error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetKeyPolicy")


DENIAL = (
    "User: arn:aws:sts::111122223333:assumed-role/auditor/ann is not authorized to perform: kms:GetKeyPolicy on "
    "resource: arn:aws:kms:eu-west-1:111122223333:key/1 because no identity-based policy allows it"
)


def test_the_three_answers() -> None:
    assert asked({"Policy": "{}"}) == Found({"Policy": "{}"})
    assert asked(error("NotFoundException"), none_if=("NotFoundException",)) == Nothing("key policy")
    blind = asked(error("AccessDeniedException", DENIAL))
    assert isinstance(blind, CouldNotLook)
    assert (blind.why, blind.action, blind.where) == ("denied", "kms:GetKeyPolicy", "eu-west-1")
    assert str(blind) == "kms:GetKeyPolicy denied for role auditor"
    assert "docs/policies/check.json" in blind.fix


def test_a_denial_is_never_taken_for_none() -> None:
    assert isinstance(asked(error("AccessDeniedException", DENIAL), none_if=("NotFoundException",)), CouldNotLook)


@pytest.mark.parametrize(
    ("cause", "why", "fix"),
    [
        (error("AccessDenied", "Access Denied"), "denied", "check.json"),
        (error("UnauthorizedOperation"), "denied", "check.json"),
        (error("AuthorizationError", "User is not authorized"), "denied", "check.json"),
        (error("SomeNewCode", DENIAL), "denied", "check.json"),
        (error("ExpiredToken"), "expired", "aws sso login --profile prod"),
        (error("ExpiredTokenException"), "expired", "aws sso login --profile prod"),
        (UnauthorizedSSOTokenError(), "expired", "aws sso login --profile prod"),
        (NoCredentialsError(), "no credentials", "--profile"),
        (error("InvalidClientTokenId"), "no credentials", "--profile"),
        (error("Throttling"), "throttled", "wait"),
        (error("OptInRequired"), "region off", "not enabled"),
        (EndpointConnectionError(endpoint_url="https://kms"), "unreachable", "network"),
        (error("InternalFailure", "oops"), "failed", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "response", {}).get("Error", {}).get("Code"),
)
def test_what_an_error_means(cause: Exception, why: str, fix: str) -> None:
    blind = explain(cause, what="key", action="kms:GetKeyPolicy", where="eu-west-1", profile="prod")
    assert blind.why == why
    assert fix in blind.fix


def test_a_denial_names_the_action_that_aws_names() -> None:
    text = DENIAL.replace("kms:GetKeyPolicy", "kms:Decrypt")
    blind = explain(error("AccessDenied", text), what="parameter", action="ssm:GetParameter", where="x", profile=None)
    assert blind.action == "kms:Decrypt"


def test_what_aws_says_is_one_printable_line() -> None:
    blind = explain(error("X", "a\nb\x1b[31m" + "c" * 500), what="k", action="a:B", where="x", profile=None)
    assert blind.reason.startswith("X: a b\N{REPLACEMENT CHARACTER}[31mccc")
    assert len(blind.reason) == 300


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("cloudtrail", "GetTrailStatus", "cloudtrail:GetTrailStatus"),
        ("resourcegroupstaggingapi", "GetResources", "tag:GetResources"),
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ],
)
def test_the_action_of_an_operation(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action


def test_an_unknown_profile_is_refused_with_the_way_to_the_known_ones() -> None:
    with pytest.raises(account.SessionError, match=r"nobody.*aws configure list-profiles"):
        account.session(profile="nobody")


@pytest.mark.parametrize(
    ("given", "environment", "region"),
    [
        ("eu-west-1", {"AWS_REGION": "us-east-2"}, "eu-west-1"),
        (None, {"AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-west-1"}, "us-east-2"),
        (None, {"AWS_DEFAULT_REGION": "us-west-1"}, "us-west-1"),
        (None, {}, None),
    ],
)
def test_the_region(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: dict[str, str], region: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert account.session(region=given).region == region


def test_clients_retry_adaptively_but_not_against_a_sandbox() -> None:
    real = account.session(region="eu-west-1").client("kms").meta.config.retries
    here = account.session(region="eu-west-1", endpoint_url="http://127.0.0.1:1").client("kms").meta.config.retries
    assert (real["mode"], real["total_max_attempts"]) == ("adaptive", 6)
    assert here["total_max_attempts"] == 1


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://x", "http://", "http://[::1", "http://127.0.0.1:port", "127.0.0.1:1"]
)
def test_what_is_no_endpoint_is_said_at_once(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(account.SessionError, match=r"--endpoint-url .*: is no endpoint; write it like"):
        account.session(region="eu-west-1", endpoint_url=url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert account.session(region="eu-west-1", endpoint_url="http://127.0.0.1:1").endpoint_url == "http://127.0.0.1:1"
    if url:
        with pytest.raises(account.SessionError, match=r"AWS_ENDPOINT_URL .*: is no endpoint"):
            account.session(region="eu-west-1")
    else:
        assert account.session(region="eu-west-1").endpoint_url is None, "an empty variable is none"


def test_a_dead_endpoint_is_an_answer(unreachable: str) -> None:
    told = account.identity(account.session(region="eu-west-1", endpoint_url=unreachable))
    assert isinstance(told, CouldNotLook)
    assert (told.why, told.action) == ("unreachable", "sts:GetCallerIdentity")


@pytest.fixture
def unreachable() -> str:
    """An address where nobody listens: port 1 needs root."""
    return "http://127.0.0.1:1"


def test_regions_together_keep_what_was_seen_and_where_we_were_blind() -> None:
    blind = explain(error("AccessDenied"), what="trails", action="cloudtrail:DescribeTrails", where="x", profile=None)
    assert Across.of([Found((1,)), blind, Nothing("more"), Found((2, 3))]) == Across((1, 2, 3), (blind,))


def test_questions_spread_over_threads_keep_their_order() -> None:
    session = account.session(region="eu-west-1")
    assert session.spread(lambda n: n * n, range(40)) == [n * n for n in range(40)]
    assert session.together(lambda: "a", lambda: 2) == ["a", 2]


def test_the_room_is_read_without_boto3() -> None:
    code = "import account, sys; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_times_are_utc() -> None:
    from account.trails import _time

    assert _time(datetime(2026, 11, 26, tzinfo=UTC)) == datetime(2026, 11, 26, tzinfo=UTC)
    assert _time("") is None
