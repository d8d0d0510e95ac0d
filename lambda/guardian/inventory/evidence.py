"""What there is of what the trail depends on: keys, bucket, roles."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

_SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def keys(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Keys: `policy` (JSON text) and `state`, such as `Enabled` or `PendingDeletion`."""
    kms = eyes.client_for("kms", things[0].region)
    for thing in things:
        answer = eyes.ask("kms:DescribeKey", partial(kms.describe_key, KeyId=thing.name), gone=("NotFoundException",))
        if answer is None:
            yield Seen(thing=thing)
            continue
        policy = eyes.ask("kms:GetKeyPolicy", partial(kms.get_key_policy, KeyId=thing.name, PolicyName="default"))
        assert policy is not None
        yield Seen(thing=thing, facts={"policy": policy["Policy"], "state": answer["KeyMetadata"]["KeyState"]})


def buckets(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Buckets: `policy` (JSON text, "" when there is none), `versioning` (such as `Enabled`), `closed` (to the public),
    `encryption` (the algorithm) with its `key`, `ageing` (what becomes of old files, in words) and `lock` (for how long
    nobody can delete a new one, in words, or "").
    """
    s3 = eyes.client_for("s3", things[0].region)
    for thing in things:
        versioning = eyes.ask(
            "s3:GetBucketVersioning", partial(s3.get_bucket_versioning, Bucket=thing.name), gone=("NoSuchBucket",)
        )
        yield Seen(thing=thing, facts=None if versioning is None else _bucket(thing.name, versioning, s3, eyes))


def _bucket(name: str, versioning: Mapping[str, Any], s3: Any, eyes: Eyes) -> dict[str, Any]:
    def ask(action: str, call: Callable[..., Any], *none: str) -> Mapping[str, Any]:
        return eyes.ask(f"s3:{action}", partial(call, Bucket=name), gone=none) or {}

    policy = ask("GetBucketPolicy", s3.get_bucket_policy, "NoSuchBucketPolicy")
    block = ask("GetBucketPublicAccessBlock", s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration")
    encryption = ask(
        "GetEncryptionConfiguration", s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError"
    )
    lifecycle = ask("GetLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration")
    lock = ask(
        "GetBucketObjectLockConfiguration", s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"
    )
    rules = (encryption.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {}
    switches = block.get("PublicAccessBlockConfiguration") or {}
    return {
        "policy": policy.get("Policy", ""),
        "versioning": versioning.get("Status", ""),
        "closed": all(switches.get(each) is True for each in _SWITCHES),
        "encryption": default.get("SSEAlgorithm", ""),
        "key": default.get("KMSMasterKeyID", ""),
        "ageing": sorted(text for rule in lifecycle.get("Rules") or [] for text in _ageing(rule)),
        "lock": _lock(lock.get("ObjectLockConfiguration") or {}),
    }


def _ageing(rule: Mapping[str, Any]) -> Iterator[str]:
    """`files deleted after 2557 days` for each thing that a rule does, with its filter if it has one.

    What only tidies is left out: uploads that were never finished, markers of what was deleted.
    """
    if rule.get("Status") != "Enabled":
        return
    filter_ = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}
    only = "" if filter_ == {"Prefix": ""} else f" where {json.dumps(filter_, sort_keys=True)}"
    expires, old = rule.get("Expiration") or {}, rule.get("NoncurrentVersionExpiration") or {}
    if "Days" in expires or "Date" in expires:
        yield f"files deleted {_when(expires)}{only}"
    if old:
        yield f"old versions deleted {_when(old)}{only}"
    for each in rule.get("Transitions") or []:
        yield f"files moved to {each.get('StorageClass')} {_when(each)}{only}"
    for each in rule.get("NoncurrentVersionTransitions") or []:
        yield f"old versions moved to {each.get('StorageClass')} {_when(each)}{only}"


def _when(what: Mapping[str, Any]) -> str:
    days = what.get("Days", what.get("NoncurrentDays"))
    kept = f" but {what['NewerNoncurrentVersions']}" if what.get("NewerNoncurrentVersions") else ""
    return f"after {days} days{kept}" if days is not None else f"on {what.get('Date', 'a date')}{kept}"


def _lock(configuration: Mapping[str, Any]) -> str:
    """`GOVERNANCE for 365 days`; S3 may tell years."""
    retention = (configuration.get("Rule") or {}).get("DefaultRetention") or {}
    days = retention.get("Days") or 365 * (retention.get("Years") or 0)
    return f"{retention.get('Mode')} for {days} days" if days else ""


def roles(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """Roles: `trust` (a policy), `policies` by name, `attached` (sorted ARNs), `boundary` (an ARN, or "")."""
    iam = eyes.client_for("iam", things[0].region)
    for thing in things:
        answer = eyes.ask("iam:GetRole", partial(iam.get_role, RoleName=thing.name), gone=("NoSuchEntity",))
        yield Seen(thing=thing, facts=None if answer is None else _role(thing.name, answer["Role"], iam, eyes))


def _role(name: str, role: dict[str, Any], iam: Any, eyes: Eyes) -> dict[str, Any]:
    policies: dict[str, Any] = {}
    for policy in eyes.all(
        "iam:ListRolePolicies",
        partial(iam.list_role_policies, RoleName=name),
        items="PolicyNames",
        token=("Marker", "Marker"),
    ):
        answer = eyes.ask("iam:GetRolePolicy", partial(iam.get_role_policy, RoleName=name, PolicyName=policy))
        assert answer is not None
        policies[policy] = answer["PolicyDocument"]
    attached = eyes.all(
        "iam:ListAttachedRolePolicies",
        partial(iam.list_attached_role_policies, RoleName=name),
        items="AttachedPolicies",
        token=("Marker", "Marker"),
    )
    return {
        "trust": role["AssumeRolePolicyDocument"],
        "policies": policies,
        "attached": sorted(each["PolicyArn"] for each in attached),
        "boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
    }
