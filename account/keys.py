"""KMS keys: their state and policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from account.answers import Answer, Found
from account.session import Session

MANAGED_BY_AWS = "AWS"
_GONE = ("NotFoundException",)


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key. `state` is `Enabled`, `Disabled`, `PendingDeletion` …; `manager` is `CUSTOMER` or `AWS`."""

    arn: str
    region: str
    state: str
    manager: str
    deleted_at: datetime | None
    policy: Answer[str]

    @property
    def is_enabled(self) -> bool:
        """Whether anything can be encrypted or read with it."""
        return self.state == "Enabled"


def key(session: Session, reference: str, region: str) -> Answer[Key]:
    """A key by ARN, id, or alias, as seen from a region. Needs kms:DescribeKey and kms:GetKeyPolicy."""
    what = f"key {reference}"
    told = session.ask("kms", "DescribeKey", region=region, what=what, none_if=_GONE, params={"KeyId": reference})
    if not isinstance(told, Found):
        return told
    raw = told.value["KeyMetadata"]
    policy = session.ask(
        "kms",
        "GetKeyPolicy",
        region=region,
        what=f"policy of {what}",
        none_if=_GONE,
        params={"KeyId": raw["Arn"], "PolicyName": "default"},
    )
    return Found(
        Key(
            arn=str(raw["Arn"]),
            region=region,
            state=str(raw.get("KeyState") or ""),
            manager=str(raw.get("KeyManager") or ""),
            deleted_at=raw.get("DeletionDate"),
            policy=Found(str(policy.value["Policy"])) if isinstance(policy, Found) else policy,
        )
    )
