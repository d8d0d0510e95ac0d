"""The role that a deploy into the sandbox takes: what `pulumi up` needs of an account, and no more."""

from __future__ import annotations

import json
from pathlib import Path

from sandbox.aws import Aws

NAME = "deployer"
ACCOUNT = "000000000000"

POLICIES = Path(__file__).resolve().parents[1] / "docs" / "policies"
HAS = ("read-role", "deploy-role")
"""What docs/pull-requests.md tells people to give the role that deploys, so that every deployment here proves it."""


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
    for policy in HAS:
        document = (POLICIES / f"{policy}.json").read_text(encoding="utf-8")
        await aws.call("iam", "PutRolePolicy", RoleName=NAME, PolicyName=policy, PolicyDocument=document, **where)
