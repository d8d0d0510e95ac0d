"""How to reach an account, before anything is asked. It holds no connection, so it can be sent to other processes."""

from __future__ import annotations

from dataclasses import dataclass

import account
from account.session import RETRIES, Session


@dataclass(frozen=True, kw_only=True)
class Access:
    """With whose credentials, where, and which AWS. What is None is as for any AWS tool (see `account.session`)."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    def session(self, *, region: str | None = None, attempts: int = RETRIES) -> Session:
        """A new session. `region` is where if the access says nothing of it. Raises SessionError."""
        where = self.region or region
        return account.session(profile=self.profile, region=where, endpoint_url=self.endpoint_url, attempts=attempts)
