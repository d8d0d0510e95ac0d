"""Clients of AWS for the parts of `backtest` that read from an account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import account
from account import Session, SessionError


class AccessError(Exception):
    """AWS did not let us look; the message says what is missing."""


@dataclass(frozen=True)
class Access:
    """How to reach an account. It is sent to other processes, so it holds no connection."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client that retries patiently, the same for the same question. Raises AccessError."""
        try:
            return open_session(self).client(service, region)
        except (SessionError, ValueError) as error:  # botocore has a ValueError for an endpoint that is no URL
            raise AccessError(str(error)) from error


@cache
def open_session(access: Access) -> Session:
    """The session of an access, one in each process: making a client takes longer than many a piece of work."""
    return account.session(profile=access.profile, region=access.region, endpoint_url=access.endpoint_url)


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
