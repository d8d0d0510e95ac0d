"""What there is of what the trail depends on: keys, bucket, roles."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, NotSeenError, Seen


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
    """Buckets: `policy` (JSON text, "" when there is none)."""
    s3 = eyes.client_for("s3", things[0].region)
    for thing in things:
        try:
            answer = eyes.ask(
                "s3:GetBucketPolicy", partial(s3.get_bucket_policy, Bucket=thing.name), gone=("NoSuchBucket",)
            )
        except NotSeenError as error:
            if error.code != "NoSuchBucketPolicy":
                raise
            answer = {"Policy": ""}
        yield Seen(thing=thing, facts=None if answer is None else {"policy": answer["Policy"]})


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
