"""Who acts in the demo: mallory, and the auditor through whose eyes everything is seen. Both are IAM users."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.client import SandboxClient

# More than she should have, less than an administrator: what a leaked operator key looks like.
_MALLORY_MAY = ("cloudtrail:*", "iam:*", "s3:List*", "sts:GetCallerIdentity")
_AUDITOR_MAY = ("cloudtrail:Describe*", "cloudtrail:Get*", "cloudwatch:DescribeAlarms")


@dataclass(frozen=True)
class Person:
    """An IAM user with keys of their own, calling from one address (None: from this machine)."""

    name: str
    access_key: str
    secret_key: str
    sandbox: SandboxClient

    def aws(self, service: str, *, region: str, source_ip: str | None = None) -> Any:
        """A boto3 client with this person's keys."""
        return self.sandbox.aws(
            service, region=region, key=self.access_key, secret=self.secret_key, source_ip=source_ip
        )


def hire(sandbox: SandboxClient) -> tuple[Person, Person]:
    """Make both users, as the sandbox's root: (mallory, auditor)."""
    return _make(sandbox, "mallory", _MALLORY_MAY), _make(sandbox, "auditor", _AUDITOR_MAY)


def _make(sandbox: SandboxClient, name: str, actions: tuple[str, ...]) -> Person:
    iam = sandbox.aws("iam", region="us-east-1")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Person(name, key["AccessKeyId"], key["SecretAccessKey"], sandbox)
