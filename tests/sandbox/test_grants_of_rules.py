"""A policy that names an event rule as AWS does."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient

ACCOUNT = "000000000000"
HOME = "eu-west-1"


@pytest.mark.parametrize(("allowed", "answers"), [("rule/stops-*", True), ("rule/default/stops-*", False)])
def test_a_rule_of_the_default_bus_is_named_without_its_bus(
    sandbox: SandboxClient, allowed: str, answers: bool
) -> None:
    """Service Authorization Reference, EventBridge: `rule/[<bus>/]<name>`, the bus only when it is a custom one."""
    sandbox.aws("events", region=HOME).put_rule(Name="stops-1", EventPattern='{"source": ["aws.cloudtrail"]}')
    iam = sandbox.aws("iam", region="us-east-1")
    iam.create_user(UserName="reader")
    statement = {
        "Effect": "Allow",
        "Action": "events:DescribeRule",
        "Resource": f"arn:aws:events:{HOME}:{ACCOUNT}:{allowed}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    events = sandbox.aws("events", region=HOME, key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    if answers:
        assert events.describe_rule(Name="stops-1")["State"] == "ENABLED"
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            events.describe_rule(Name="stops-1")
