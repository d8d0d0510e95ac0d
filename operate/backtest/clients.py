"""Clients of AWS for the parts of `backtest` that read from an account."""

from __future__ import annotations

from functools import cache
from typing import Any

from account import Access, Session, SessionError
from operate.reach import NotReachedError, reach


class AccessError(Exception):
    """AWS did not let us look; the message says what is missing."""


def client_of(access: Access, service: str) -> Any:
    """A boto3 client that retries patiently, the same for the same question. Raises AccessError."""
    try:
        return open_session(access).client(service)
    except SessionError as error:
        raise AccessError(str(error)) from error


@cache
def open_session(access: Access) -> Session:
    """The session of an access, one in each process: making a client takes longer than many a piece of work."""
    return access.session()


def look_first(access: Access) -> None:
    """Ask AWS who asks, before many questions fail in the same way. Raises AccessError."""
    try:
        reach(access)
    except NotReachedError as error:
        raise AccessError(str(error)) from error


def denied(call: str, action: str, error: Exception) -> AccessError:
    """What to say of a call that failed: `call` is its name, `action` what its caller needs in IAM."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        said = error.response["Error"]
        code, text = said.get("Code", ""), said.get("Message", "")
        is_about_rights = "AccessDenied" in code or "Unauthorized" in code or code in ("403", "Forbidden")
        need = f" It needs the action {action}." if is_about_rights else ""
        return AccessError(f"{call}: {code}: {text}{need}")
    return AccessError(f"{call}: {error}")
