"""S3 buckets, as far as a trail's evidence needs them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from account.answers import Answer, Found, Nothing
from account.session import Session

_NO_BUCKET = "NoSuchBucket"


@dataclass(frozen=True, kw_only=True)
class Ageing:
    """What becomes of objects after so many days: `storage_class` is where they move, empty where they are deleted.

    `of` are the objects that are there, or the versions that somebody deleted or overwrote. `days` is None for a rule
    that names a date. `only` is the rule's filter, empty where it is about every object.
    """

    of: Literal["files", "old versions"]
    days: int | None
    storage_class: str = ""
    only: str = ""

    def __str__(self) -> str:
        """`files deleted after 2557 days`."""
        what = f"moved to {self.storage_class}" if self.storage_class else "deleted"
        when = "on a date" if self.days is None else "after 1 day" if self.days == 1 else f"after {self.days} days"
        return f"{self.of} {what} {when}" + (f" where {self.only}" if self.only else "")


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A time for which nobody can delete or change a new object; `days` also where S3 was told years."""

    mode: str
    days: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bucket. Each part is an answer of its own: their permissions differ.

    `ageing` are the enabled lifecycle rules that move or delete, `lock` is `Nothing` without a default retention.
    """

    name: str
    policy: Answer[str]
    is_versioned: Answer[bool]
    blocks_public: Answer[bool]
    encryption: Answer[str]
    ageing: Answer[frozenset[Ageing]]
    lock: Answer[Lock]


def bucket(session: Session, name: str, region: str) -> Answer[Bucket]:
    """A bucket's policy, versioning, public access block, encryption, lifecycle and Object Lock.

    Needs s3:GetBucketPolicy, GetBucketVersioning, GetBucketPublicAccessBlock, GetEncryptionConfiguration,
    GetLifecycleConfiguration and GetBucketObjectLockConfiguration. `Nothing` if there is no such bucket. `region` is
    where to ask; S3 finds the bucket from anywhere in its partition.
    """

    def ask(operation: str, what: str, *none_if: str) -> Answer[dict[str, Any]]:
        codes = (*none_if, _NO_BUCKET)
        return session.ask("s3", operation, region=region, what=what, none_if=codes, params={"Bucket": name})

    policy, versioned, blocked, encrypted, lifecycle, lock = session.together(
        lambda: ask("GetBucketPolicy", f"policy of bucket {name}", "NoSuchBucketPolicy"),
        lambda: ask("GetBucketVersioning", f"bucket {name}"),
        lambda: ask("GetPublicAccessBlock", f"public access block of {name}", "NoSuchPublicAccessBlockConfiguration"),
        lambda: ask("GetBucketEncryption", f"encryption of {name}", "ServerSideEncryptionConfigurationNotFoundError"),
        lambda: ask("GetBucketLifecycleConfiguration", f"lifecycle of {name}", "NoSuchLifecycleConfiguration"),
        lambda: ask("GetObjectLockConfiguration", f"Object Lock of {name}", "ObjectLockConfigurationNotFoundError"),
    )
    if isinstance(versioned, Nothing):
        return versioned
    return Found(
        Bucket(
            name=name,
            policy=policy.map(lambda answer: str(answer["Policy"])),
            is_versioned=versioned.map(lambda answer: answer.get("Status") == "Enabled"),
            blocks_public=blocked.map(_blocks_all),
            encryption=encrypted.map(_algorithm),
            ageing=lifecycle.map(lambda answer: frozenset(_ageing(answer))),
            lock=lock.then(lambda answer: _lock(answer, name)),
        )
    )


def _blocks_all(raw: dict[str, dict[str, bool]]) -> bool:
    told = raw.get("PublicAccessBlockConfiguration") or {}
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return all(told.get(name) for name in names)


def _algorithm(raw: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> str:
    rules = (raw.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or [{}]
    return str((rules[0].get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm") or "")


def _ageing(raw: Mapping[str, Any]) -> Iterator[Ageing]:
    """What enabled rules do. Unfinished uploads and markers of what is deleted hold no evidence."""
    for rule in raw.get("Rules") or ():
        if rule.get("Status") != "Enabled":
            continue
        only = _filter(rule)
        for each in rule.get("Transitions") or ():
            yield Ageing(of="files", days=each.get("Days"), storage_class=str(each.get("StorageClass")), only=only)
        for each in rule.get("NoncurrentVersionTransitions") or ():
            days = each.get("NoncurrentDays")
            yield Ageing(of="old versions", days=days, storage_class=str(each.get("StorageClass")), only=only)
        expiration = rule.get("Expiration") or {}
        if "Days" in expiration or "Date" in expiration:
            yield Ageing(of="files", days=expiration.get("Days"), only=only)
        if old := rule.get("NoncurrentVersionExpiration"):
            yield Ageing(of="old versions", days=old.get("NoncurrentDays"), only=only)


def _filter(rule: Mapping[str, Any]) -> str:
    told = {"Prefix": rule.get("Prefix"), **(rule.get("Filter") or {})}
    said = {name: value for name, value in told.items() if value not in (None, "")}
    return json.dumps(said, sort_keys=True) if said else ""


def _lock(raw: Mapping[str, Any], name: str) -> Answer[Lock]:
    rule = (raw.get("ObjectLockConfiguration") or {}).get("Rule") or {}
    told = rule.get("DefaultRetention")
    if not told:
        return Nothing(f"default retention of {name}")
    days = told.get("Days") or 365 * int(told.get("Years") or 0)
    return Found(Lock(mode=str(told.get("Mode") or ""), days=int(days)))
