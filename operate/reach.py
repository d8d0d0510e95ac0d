"""The first question to AWS: who asks? It needs no right, so its answer says what is wrong with the way there."""

from __future__ import annotations

import account
from account import Access, CouldNotLook, Found, Identity, Session, SessionError


class NotReachedError(Exception):
    """AWS does not answer, or not to these credentials; the message says why and what to do."""


def reach(access: Access, *, region: str | None = None) -> tuple[Session, Identity]:
    """A session that works, and whose it is. `region` is where if the access says nothing. Raises NotReachedError."""
    try:
        session = access.session(region=region)
    except SessionError as error:
        raise NotReachedError(str(error)) from error
    who = account.identity(session)
    if isinstance(who, Found):
        return session, who.value
    if isinstance(who, CouldNotLook):
        raise NotReachedError(f"cannot look: {who}" + (f"; {who.fix}" if who.fix else ""))
    raise NotReachedError("AWS does not say who asks")
