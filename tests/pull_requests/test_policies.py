"""The policies that people copy: real actions by name, reading apart from writing, and enough for what we do."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "docs" / "policies"
READS = ("Describe", "Get", "List", "LookupEvents")
# IAM User Guide, "IAM and AWS STS quotas": characters of a managed policy, without blanks.
MOST_CHARACTERS = 6_144

# IAM's name of a service, where botocore has another.
SERVICES = {"tag": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}
# Actions that are called otherwise than the operations they allow (Service Authorization Reference, Amazon S3), or that
# allow operations of another API, as S3 Control.
OF_NO_OPERATION = {
    "iam:PassRole",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketCORS",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
}


def load(name: str) -> list[dict[str, Any]]:
    policy = json.loads((POLICIES / f"{name}.json").read_text(encoding="utf-8"))
    assert policy.keys() == {"Version", "Statement"}
    assert policy["Version"] == "2012-10-17"
    return policy["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else given


def all_actions(name: str) -> set[str]:
    return {action for statement in load(name) for action in actions(statement)}


@pytest.mark.parametrize("name", ["read-role", "check", "deploy-role"])
def test_a_policy_names_real_actions_one_by_one(name: str) -> None:
    session = botocore.session.get_session()
    for statement in load(name):
        assert statement["Effect"] == "Allow"
        assert statement["Sid"].isalnum()
        found = actions(statement)
        assert found == sorted(set(found), key=lambda each: (each.split(":")[0], found.index(each)))
        for action in found:
            prefix, _, operation = action.partition(":")
            assert "*" not in action
            model: Any = session.get_service_model(SERVICES.get(prefix, prefix))
            assert operation in model.operation_names or action in OF_NO_OPERATION, action
    text = "".join((POLICIES / f"{name}.json").read_text(encoding="utf-8").split())
    assert len(text) <= MOST_CHARACTERS


@pytest.mark.parametrize("name", ["read-role", "check"])
def test_who_only_reads_can_change_nothing_and_see_no_secret(name: str) -> None:
    assert [action for action in all_actions(name) if not action.split(":")[1].startswith(READS)] == []
    secrets = {"s3:GetObject", "kms:Decrypt", "secretsmanager:GetSecretValue", "logs:GetLogEvents"}
    assert all_actions(name).isdisjoint(secrets)


def test_who_deploys_can_read_back_what_it_made() -> None:
    """Its role has both policies: together they would be longer than one may be."""
    assert all_actions("check") < all_actions("read-role")
    assert all_actions("deploy-role").isdisjoint(all_actions("read-role"))


def test_who_deploys_makes_no_people() -> None:
    people = {"iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy", "iam:CreatePolicyVersion"}
    assert all_actions("deploy-role").isdisjoint(people)


def test_a_role_is_taken_by_one_environment_of_one_repository() -> None:
    (statement,) = load("trust")
    condition = statement["Condition"]
    assert list(condition) == ["StringEquals"], "a pattern would let other branches and environments in"
    assert condition["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:environment:ENVIRONMENT",
    }
