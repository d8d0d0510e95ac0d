"""What is too long for AWS is too long here: policies of a role, and a parameter."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import Story

MOST_INLINE, MOST_TRUST = 10_240, 2_048


def document(length: int, **more: object) -> str:
    """A policy of so many characters, blanks not counted; and there are blanks."""
    statement = {"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **more}
    bare = len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))
    whole = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "x" * (length - bare)}]}
    return json.dumps(whole, indent=4)


def test_all_inline_policies_of_a_role_count_together(sandbox: SandboxClient) -> None:
    story = Story(sandbox)
    role = story.make_role("guardian", "lambda.amazonaws.com", {}).rpartition("/")[2]
    iam = story.aws("iam")
    iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=document(6_000))
    iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=document(MOST_INLINE - 6_000))
    with pytest.raises(ClientError, match="Maximum policy size of 10240 bytes exceeded for role guardian") as refused:
        iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=document(MOST_INLINE - 5_999))
    assert refused.value.response["Error"]["Code"] == "LimitExceeded"
    iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=document(5_999))
    iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=document(MOST_INLINE - 5_999))


def test_a_trust_policy_is_short(sandbox: SandboxClient) -> None:
    iam = Story(sandbox).aws("iam")

    def trust(length: int) -> str:
        text = json.loads(document(length + 15, Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole"))
        del text["Statement"][0]["Resource"]  # `"Resource":"*",` has 15 characters
        return json.dumps(text, indent=1)

    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=trust(MOST_TRUST))
    with pytest.raises(ClientError, match="ACLSizePerRole"):
        iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=trust(MOST_TRUST + 1))
    with pytest.raises(ClientError, match="ACLSizePerRole"):
        iam.create_role(RoleName="too-trusting", AssumeRolePolicyDocument=trust(MOST_TRUST + 1))


@pytest.mark.parametrize(
    ("length", "tier", "taken"), [(4096, {}, True), (4097, {}, False), (4097, {"Tier": "Advanced"}, True)]
)
def test_a_standard_parameter_is_small(sandbox: SandboxClient, length: int, tier: dict[str, str], taken: bool) -> None:
    ssm = Story(sandbox).aws("ssm")
    if taken:
        ssm.put_parameter(Name="wanted", Type="String", Value="x" * length, **tier)
        return
    with pytest.raises(ClientError, match="maximum parameter value of 4096 characters"):
        ssm.put_parameter(Name="wanted", Type="String", Value="x" * length, **tier)
