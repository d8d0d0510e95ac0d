"""Who made a call, read from CloudTrail's `userIdentity` for a person to read.

Shapes: CloudTrail User Guide, "CloudTrail userIdentity element". Total: every identity, however odd, becomes an Actor.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from common.shapes import as_mapping
from common.text import clean

# The path, not the name, says that Identity Center made the role: anybody may name a role AWSReservedSSO_….
_SSO_ROLE = re.compile(
    r"arn:[^:]+:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?AWSReservedSSO_(.+)_[0-9a-f]{16}",
    re.ASCII,
)
_SERVICE_ROLE = ":role/aws-service-role/"
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)


class Kind(StrEnum):
    """What a report and its advice tell apart."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    SERVICE_ROLE = "service role"
    SSO = "sso"
    FEDERATED = "federated"
    SERVICE = "service"
    OTHER_ACCOUNT = "other account"
    OTHER = "other"
    UNKNOWN = "unknown"


class Actor(NamedTuple):
    """The caller. Every text is clean (printable ASCII, one line).

    `short` names it in a subject, `line` tells all that is known. `name` is the user or role that IAM knows, the
    service or the account ("" when there is none), `key_id` the whole access key id ("" when there is none, or it has
    not a key's shape).
    """

    kind: Kind
    short: str
    line: str
    name: str = ""
    key_id: str = ""

    @property
    def has_temporary_key(self) -> bool:
        """Session credentials: they cannot be switched off one by one."""
        return not self.key_id.startswith("AKIA")


def actor_of(record: Mapping[str, Any], *, account: str) -> Actor:
    """The actor of a CloudTrail record in `account`. Never raises."""
    identity = as_mapping(record.get("userIdentity"))
    who = _who(identity, account)
    notes = [*who.notes, *_mfa(identity, who.kind)]
    key_id = identity.get("accessKeyId")
    key_id = key_id if isinstance(key_id, str) and _KEY_ID.fullmatch(key_id) else ""
    parts = [f"{who.told} ({', '.join(notes)})" if notes else who.told, *_details(identity, who.kind, account)]
    if key_id:
        parts.append(f"key {short_key(key_id)}")
    return Actor(kind=who.kind, short=who.short, line=" · ".join(parts), name=who.name, key_id=key_id)


def short_key(key_id: str) -> str:
    """An access key id as people compare it: `AKIA…7Q4`."""
    return f"{key_id[:4]}…{key_id[-3:]}"


class _Who(NamedTuple):
    kind: Kind
    short: str
    told: str
    notes: tuple[str, ...] = ()
    name: str = ""


def _who(identity: Mapping[str, Any], account: str) -> _Who:
    issuer = as_mapping(as_mapping(identity.get("sessionContext")).get("sessionIssuer"))
    match identity.get("type"):
        case "Root":
            return _Who(kind=Kind.ROOT, short="root", told="root user")
        case "IAMUser":
            user = clean(identity.get("userName")) or _last(identity.get("arn"))
            if user:
                return _Who(kind=Kind.USER, short=user, told=user, notes=("IAM user",), name=user)
        case "AssumedRole" | "Role":
            return _role(identity, issuer)
        case "FederatedUser":
            told = f"federated user {_last(identity.get('arn')) or 'without a name'}"
            maker = clean(issuer.get("userName"))
            notes = (f"made by IAM user {maker}",) if maker else ()
            return _Who(kind=Kind.FEDERATED, short=told, told=told, notes=notes, name=maker)
        case "IdentityCenterUser":
            user_id = clean(as_mapping(identity.get("onBehalfOf")).get("userId"), 64)
            if user_id:
                return _Who(kind=Kind.SSO, short=f"user {user_id}", told=f"user {user_id}", notes=("Identity Center",))
        case "AWSService":
            service = clean(identity.get("invokedBy")) or "without a name"
            return _Who(kind=Kind.SERVICE, short=service, told=f"AWS service {service}", name=service)
        case "AWSAccount":
            other = clean(identity.get("accountId"), 20)
            if other not in ("", account):
                return _Who(
                    kind=Kind.OTHER_ACCOUNT, short=f"account {other}", told=f"somebody of account {other}", name=other
                )
        case _:
            pass
    return _anybody(identity)


def _role(identity: Mapping[str, Any], issuer: Mapping[str, Any]) -> _Who:
    arn, principal = clean(identity.get("arn"), 300), clean(identity.get("principalId"), 128)
    session = _last(arn) or principal.partition(":")[2]
    issuer_arn = clean(issuer.get("arn"), 700)  # an IAM path may have 512 characters
    role = clean(issuer.get("userName")) or _last(issuer_arn) or arn.partition(":assumed-role/")[2].partition("/")[0]
    if found := _SSO_ROLE.fullmatch(issuer_arn):
        person = session or role
        return _Who(
            kind=Kind.SSO, short=person, told=person, notes=("Identity Center", f"permission set {clean(found[1])}")
        )
    if not role:
        return _anybody(identity)
    kind = Kind.SERVICE_ROLE if _SERVICE_ROLE in issuer_arn else Kind.ROLE
    told = f"role {role}" + (f", session {session}" if session else "")
    return _Who(kind=kind, short=f"role {role}", told=told, name=role)


def _anybody(identity: Mapping[str, Any]) -> _Who:
    """An identity of a type that we do not know, or that lacks what its type should have."""
    type_name = clean(identity.get("type"), 40)
    told = clean(identity.get("arn"), 160) or clean(identity.get("userName")) or clean(identity.get("principalId"))
    if not told:
        said = f"the event says only: {type_name}" if type_name else "not in the event"
        return _Who(kind=Kind.UNKNOWN, short="an unknown caller", told=said)
    return _Who(kind=Kind.OTHER, short=_last(told) or told, told=told, notes=(type_name,) if type_name else ())


def _last(arn: object) -> str:
    """The last part of an ARN's path: the name of a user, role or session."""
    return clean(clean(arn, 700).rpartition("/")[2])


def _mfa(identity: Mapping[str, Any], kind: Kind) -> tuple[str, ...]:
    if kind not in (Kind.ROOT, Kind.USER, Kind.ROLE, Kind.FEDERATED):
        return ()  # Identity Center asks for MFA on its own and CloudTrail does not say
    attributes = as_mapping(as_mapping(identity.get("sessionContext")).get("attributes"))
    authenticated, key = attributes.get("mfaAuthenticated"), identity.get("accessKeyId")
    if authenticated in ("true", True):
        return ("MFA",)
    # A long-term key carries no session and so never MFA.
    is_long_term = isinstance(key, str) and key.startswith("AKIA")
    return ("no MFA",) if authenticated in ("false", False) or is_long_term else ("MFA not known",)


def _details(identity: Mapping[str, Any], kind: Kind, account: str) -> list[str]:
    session = as_mapping(identity.get("sessionContext"))
    details = []
    principal = clean(identity.get("principalId"), 128).partition(":")[0]
    if principal not in ("", account):
        details.append(principal)
    own_account = clean(identity.get("accountId"), 20)
    if own_account and own_account != account and kind is not Kind.OTHER_ACCOUNT:
        details.append(f"of another account, {own_account}")
    if source := clean(session.get("sourceIdentity")):
        details.append(f"source identity {source}")
    if provider := clean(as_mapping(session.get("webIdFederationData")).get("federatedProvider"), 120):
        details.append(f"signed in through {provider}")
    if clean(session.get("ec2RoleDelivery")):
        details.append("credentials of an EC2 instance")
    if kind is not Kind.SERVICE and (service := clean(identity.get("invokedBy"))):
        details.append(f"through {service}")
    return details
