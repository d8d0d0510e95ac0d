"""`userIdentity` of a record: who called, in CloudTrail's shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox._emulator import Credential, Emulator


def user_identity(caller: Credential, emulator: Emulator) -> dict[str, Any]:
    """The identity element for the owner of an access key (CloudTrail User Guide, "userIdentity element")."""
    shared = {"arn": caller.arn, "accountId": caller.account, "accessKeyId": caller.access_key}
    match caller.kind:
        case "Root":
            return {"type": "Root", "principalId": caller.account, **shared}
        case "User" if caller.issued_at is None:
            return {"type": "IAMUser", "principalId": caller.principal_id, **shared, "userName": caller.name}
        case "User":  # with a session token of their own
            return {
                "type": "IAMUser",
                "principalId": caller.principal_id,
                **shared,
                "userName": caller.name,
                "sessionContext": {"attributes": _attributes(caller)},
            }
        case "FederatedUser":
            return {
                "type": "FederatedUser",
                "principalId": caller.principal_id,
                **shared,
                "sessionContext": {"attributes": _attributes(caller)},
            }
    return _assumed_role(caller, emulator, shared)


def _assumed_role(caller: Credential, emulator: Emulator, shared: dict[str, Any]) -> dict[str, Any]:
    _assumed, role_name, session = caller.arn.split(":", 5)[5].split("/", 2)
    role_arn = f"arn:aws:iam::{caller.account}:role/{role_name}"
    role = emulator.role(role_arn) or {}
    role_id = role.get("RoleId", role_name)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        **shared,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": role.get("Arn", role_arn),
                "accountId": caller.account,
                "userName": role_name,
            },
            "attributes": _attributes(caller),
        },
    }


def _attributes(caller: Credential) -> dict[str, str]:
    began = datetime.fromtimestamp(caller.issued_at or 0, UTC)
    return {"creationDate": began.strftime("%Y-%m-%dT%H:%M:%SZ"), "mfaAuthenticated": "false"}
