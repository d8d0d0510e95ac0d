"""Policy documents: plain functions of plain text, turned into resource inputs in one place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

Statement = dict[str, Any]
Document = dict[str, Any]


def document(*statements: Statement) -> Document:
    """A policy document of the current language version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def rendered(
    make: Callable[..., Document], **facts: pulumi.Input[str] | Sequence[pulumi.Input[str]]
) -> pulumi.Output[str]:
    """The JSON text of `make(**facts)`, once every fact is known.

    The functions behind `make` see plain text, so a test reads a whole policy without Pulumi; the dependencies on the
    resources that the facts come from travel with the output.
    """
    known: pulumi.Output[Mapping[str, Any]] = pulumi.Output.all(**facts)
    return pulumi.Output.json_dumps(known.apply(lambda values: make(**values)))


def root_of(*, partition: str, account_id: str) -> str:
    """The principal that stands for an account: its own IAM policies then decide who."""
    return f"arn:{partition}:iam::{account_id}:root"


def key_administration(*, partition: str, account_id: str) -> Statement:
    """The statement without which nobody could ever change a key again.

    Wildcards: `Resource: *` in a key policy means this key. `kms:*` for the account hands the decision to the account's
    IAM policies, as AWS's own default key policy does; it reaches no service principal (KMS Developer Guide, "Default
    key policy").
    """
    return {
        "Sid": "AccountAdministersKey",
        "Effect": "Allow",
        "Principal": {"AWS": root_of(partition=partition, account_id=account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }


TOPIC_OWNER_ACTIONS = (
    "sns:GetTopicAttributes",
    "sns:SetTopicAttributes",
    "sns:AddPermission",
    "sns:RemovePermission",
    "sns:DeleteTopic",
    "sns:Subscribe",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
)


def topic_ownership(*, topic_arn: str, partition: str, account_id: str) -> Statement:
    """The statement with which the account's IAM policies decide who else may use a topic."""
    return {
        "Sid": "AccountOwnsTopic",
        "Effect": "Allow",
        "Principal": {"AWS": root_of(partition=partition, account_id=account_id)},
        "Action": list(TOPIC_OWNER_ACTIONS),
        "Resource": topic_arn,
    }


def log_group_encryption(*, partition: str, region: str, account_id: str) -> Statement:
    """The statement with which CloudWatch Logs encrypts log groups of this account and region under a key.

    Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS". ArnLike over all groups of
    the account: their names are generated, and the key is older than the groups.
    """
    return {
        "Sid": "CloudWatchLogsUsesKey",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:{region}:{account_id}:log-group:*"}
        },
    }


def trusted_by(service: str) -> Document:
    """The trust policy of a role that one AWS service may assume."""
    return document(
        {
            "Sid": "ServiceAssumesRole",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
    )
