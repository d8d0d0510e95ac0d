"""What an error of boto3 means for a person: which action, for whom, and what to do about it."""

from __future__ import annotations

import re
from typing import Any, Final

from account.answers import CouldNotLook, Why


class SessionError(Exception):
    """There can be no session; the message says why and what to do."""


DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedOperation",
        "UnauthorizedAccess",
        "AllAccessDisabled",
        "KMSAccessDeniedException",
        "AWS.SimpleQueueService.AccessDenied",
    }
)
EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
UNKNOWN_KEY: Final = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded"}
)
REGION_OFF: Final = frozenset({"OptInRequired", "RegionDisabledException"})
_SSO_ERRORS: Final = frozenset(
    {"SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError", "SSOError", "LoginRefreshRequired"}
)
_WHO: Final = re.compile(r"\b(arn:[a-z-]+:(?:sts|iam)::[0-9]*:[^\s'\"]+) is not authorized")
_ACTION: Final = re.compile(r"not authorized to perform:? ([A-Za-z0-9-]+:[A-Za-z0-9]+)")
_LONGEST: Final = 300

ASK_FOR: Final = "allow it in the caller's policy; docs/policies/check.json holds all that is read"


def explain(error: Exception, *, what: str, action: str, where: str, profile: str | None) -> CouldNotLook:
    """Why a question had no answer. `error` is a ClientError or a BotoCoreError."""
    code, message = _told(error)
    why, fix = _reason(error, code, message, profile=profile)
    who, named = _WHO.search(message), _ACTION.search(message)
    if why == "denied":
        # The message knows better: some operations need a second action, such as kms:Decrypt.
        action = named[1] if named else action
        fix = fix or ASK_FOR
    return CouldNotLook(
        what=what, action=action, where=where, why=why, reason=_line(code, message), who=who[1] if who else "", fix=fix
    )


def open_failed(error: Exception) -> str:
    """Why there is no session."""
    text = _line("", str(error))
    if type(error).__name__ == "ProfileNotFound":
        return f"{text}; `aws configure list-profiles` lists those there are"
    return text


def renewal(profile: str | None) -> str:
    """The command that renews an expired login."""
    return f"aws sso login --profile {profile}" if profile else "aws sso login"


def _reason(error: Exception, code: str, message: str, *, profile: str | None) -> tuple[Why, str]:
    kind = type(error).__name__
    if kind in _SSO_ERRORS:
        return "expired", f"log in again: {renewal(profile)}"
    if code in EXPIRED:
        return "expired", f"renew the credentials; with IAM Identity Center: {renewal(profile)}"
    if kind in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ConfigNotFound"):
        return "no credentials", (
            "name a profile with --profile, or set AWS_PROFILE; the sandbox takes AWS_ACCESS_KEY_ID=test "
            "AWS_SECRET_ACCESS_KEY=test"
        )
    if code in UNKNOWN_KEY:
        return "no credentials", "AWS does not know these credentials, or not in this region: look at --profile"
    if code in DENIED or " is not authorized to perform" in message:
        return "denied", ""
    if code in REGION_OFF:
        return "region off", "the region is not enabled in this account"
    if code in THROTTLED:
        return "throttled", "AWS asks for fewer calls; wait a minute and look again"
    if kind in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"):
        return "unreachable", "look at the network, at proxies, and at --endpoint-url"
    if kind in ("NoRegionError", "InvalidRegionError"):
        return "failed", "name a region with --region, or set AWS_REGION"
    return "failed", ""


def _told(error: Any) -> tuple[str, str]:
    """The error's code and message."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        told = response.get("Error", {})
        return str(told.get("Code", "")), str(told.get("Message", "") or "")
    return "", str(error)


def _line(code: str, message: str) -> str:
    text = " ".join(f"{code}: {message}".split()).strip(": ")
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
