"""The role that a deploy into the sandbox takes: what `pulumi up` needs of an account, and no more."""

from __future__ import annotations

import json

from sandbox.aws import Aws

NAME = "deployer"
ACCOUNT = "000000000000"

_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Watch",
            "Effect": "Allow",
            "Action": ["cloudtrail:*", "logs:*", "cloudwatch:*", "events:*", "ssm:*", "dynamodb:*", "scheduler:*"],
            "Resource": "*",
        },
        {
            "Sid": "Tell",
            "Effect": "Allow",
            "Action": ["sns:*", "sqs:*", "lambda:*"],
            "Resource": "*",
        },
        {
            "Sid": "Keep",
            "Effect": "Allow",
            "Action": ["s3:*", "kms:*"],
            "Resource": "*",
        },
        {
            "Sid": "Roles",
            "Effect": "Allow",
            "Action": [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:ListRoleTags",
                "iam:PassRole",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ],
            "Resource": "*",
        },
    ],
}


async def make_deployer(aws: Aws) -> None:
    """Make the role in the sandbox's account; the account's root may assume it."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    where = {"account": ACCOUNT, "region": "us-east-1"}
    await aws.call("iam", "CreateRole", RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust), **where)
    await aws.call(
        "iam", "PutRolePolicy", RoleName=NAME, PolicyName="deploy", PolicyDocument=json.dumps(_POLICY), **where
    )
