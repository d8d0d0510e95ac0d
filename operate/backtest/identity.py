"""Who made a call, as the conditions of a filter pattern that nobody else meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Identity(NamedTuple):
    """Conditions on the caller, all of them texts: (selector, value). Without any the caller cannot be bound."""

    name: str
    """For people: `role deployer`, `user alice`."""
    conditions: tuple[tuple[str, str], ...]

    @property
    def is_user(self) -> bool:
        """Whether it is a person's, or a key that lasts: an IAM user, or a role of Identity Center."""
        return any(
            selector == "$.userIdentity.arn" or "/AWSReservedSSO_" in value for selector, value in self.conditions
        )


UNBOUND = Identity("somebody who cannot be bound to a pattern", ())
_SERVICE = ".amazonaws.com"


def identity_of(record: Mapping[str, Any]) -> Identity:
    """The caller of an event. Never fails; `UNBOUND` for root, AWS itself, strangers and for what is not told.

    A role is its own ARN and not that of one session; a call that a service makes with it counts apart, because
    `invokedBy` is written by AWS and cannot be chosen by the caller. Root is never bound: nothing of root is noise.
    """
    caller = record.get("userIdentity")
    if not isinstance(caller, Mapping):
        return UNBOUND
    invoked_by = caller.get("invokedBy")
    service = invoked_by if isinstance(invoked_by, str) and invoked_by.endswith(_SERVICE) else None
    by_service = (("$.userIdentity.invokedBy", service),) if service else ()
    through = f" through {service}" if service else ""
    match caller:
        case {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": str(arn)}}} if ":role/" in arn:
            name = f"role {arn.rpartition('/')[2]}{through}"
            return Identity(name, (("$.userIdentity.sessionContext.sessionIssuer.arn", arn), *by_service))
        case {"type": "IAMUser", "arn": str(arn)} if ":user/" in arn:
            return Identity(f"user {arn.rpartition('/')[2]}{through}", (("$.userIdentity.arn", arn), *by_service))
    return UNBOUND
