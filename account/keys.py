"""KMS keys: their state, policy and rotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from account.answers import Answer
from account.session import Session

MANAGED_BY_AWS = "AWS"
_GONE = ("NotFoundException",)


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key. `state` is `Enabled`, `Disabled`, `PendingDeletion` …; `manager` is `CUSTOMER` or `AWS`.

    `is_rotated` is `Nothing` for a key that AWS cannot rotate by itself.
    """

    arn: str
    region: str
    state: str
    manager: str
    deleted_at: datetime | None
    policy: Answer[str]
    is_rotated: Answer[bool]

    @property
    def is_enabled(self) -> bool:
        """Whether anything can be encrypted or read with it."""
        return self.state == "Enabled"


def key(session: Session, reference: str, region: str) -> Answer[Key]:
    """A key by ARN, id, or alias, as seen from a region.

    Needs kms:DescribeKey, kms:GetKeyPolicy and kms:GetKeyRotationStatus.
    """
    what = f"key {reference}"
    told = session.ask("kms", "DescribeKey", region=region, what=what, none_if=_GONE, params={"KeyId": reference})
    return told.map(lambda answer: _key(session, answer["KeyMetadata"], region, what=what))


def _key(session: Session, raw: Mapping[str, Any], region: str, *, what: str) -> Key:
    policy = session.ask(
        "kms",
        "GetKeyPolicy",
        region=region,
        what=f"policy of {what}",
        none_if=_GONE,
        params={"KeyId": raw["Arn"], "PolicyName": "default"},
    )
    rotation = session.ask(
        "kms",
        "GetKeyRotationStatus",
        region=region,
        what=f"rotation of {what}",
        # The latter: an asymmetric key, or one whose material was imported or lies elsewhere.
        none_if=(*_GONE, "UnsupportedOperationException"),
        params={"KeyId": raw["Arn"]},
    )
    return Key(
        arn=str(raw["Arn"]),
        region=region,
        state=str(raw.get("KeyState") or ""),
        manager=str(raw.get("KeyManager") or ""),
        deleted_at=raw.get("DeletionDate"),
        policy=policy.map(lambda answer: str(answer["Policy"])),
        is_rotated=rotation.map(lambda answer: bool(answer.get("KeyRotationEnabled"))),
    )
