"""Clients of AWS for the parts of `backtest` that read from an account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any


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
        return make_client(self, service, region or self.region)


@cache
def make_client(access: Access, service: str, region: str | None) -> Any:
    """Make a client, once in each process: it takes a tenth of a second, and a piece of work not much more."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    patience = Config(retries={"mode": "adaptive", "max_attempts": 10}, max_pool_connections=16)
    try:
        session = boto3.Session(profile_name=access.profile, region_name=region)
        return session.client(service, endpoint_url=access.endpoint_url, config=patience)
    except (BotoCoreError, ValueError) as error:
        raise AccessError(f"no client for {service}: {error}") from error


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
