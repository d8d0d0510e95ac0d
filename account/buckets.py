"""S3 buckets, as far as a trail's evidence needs them."""

from __future__ import annotations

from dataclasses import dataclass

from account.answers import Answer, Found, Nothing
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bucket. Each part is an answer of its own: their permissions differ."""

    name: str
    policy: Answer[str]
    is_versioned: Answer[bool]
    blocks_public: Answer[bool]
    encryption: Answer[str]


def bucket(session: Session, name: str, region: str) -> Answer[Bucket]:
    """A bucket's policy, versioning, public access block and encryption.

    Needs s3:GetBucketPolicy, GetBucketVersioning, GetBucketPublicAccessBlock and GetEncryptionConfiguration. `Nothing`
    if there is no such bucket. `region` is where to ask; S3 finds the bucket from anywhere in its partition.
    """
    policy, versioned, blocked, encrypted = session.together(
        lambda: session.ask(
            "s3",
            "GetBucketPolicy",
            region=region,
            what=f"policy of bucket {name}",
            none_if=("NoSuchBucketPolicy", "NoSuchBucket"),
            params={"Bucket": name},
        ),
        lambda: session.ask(
            "s3",
            "GetBucketVersioning",
            region=region,
            what=f"bucket {name}",
            none_if=("NoSuchBucket",),
            params={"Bucket": name},
        ),
        lambda: session.ask(
            "s3",
            "GetPublicAccessBlock",
            region=region,
            what=f"public access block of {name}",
            none_if=("NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"),
            params={"Bucket": name},
        ),
        lambda: session.ask(
            "s3",
            "GetBucketEncryption",
            region=region,
            what=f"encryption of {name}",
            none_if=("ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"),
            params={"Bucket": name},
        ),
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
        )
    )


def _blocks_all(raw: dict[str, dict[str, bool]]) -> bool:
    told = raw.get("PublicAccessBlockConfiguration") or {}
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return all(told.get(name) for name in names)


def _algorithm(raw: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> str:
    rules = (raw.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or [{}]
    return str((rules[0].get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm") or "")
