"""Who made a call, as a person reads it, and what to do about them."""

from datetime import UTC, datetime

import pytest
from common.actor import Kind, actor_of
from common.steps import Step, contain

from tests.support.guardian_world import environment, sample

ACCOUNT, NOW = "111122223333", datetime(2026, 11, 21, 3, 12, 13, tzinfo=UTC)
TRAIL = environment().trail
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"

# sample event: kind, name in the subject, the line of the mail
TABLE = {
    "stop-by-name-iam-user": (
        Kind.USER,
        "mallory",
        "mallory (IAM user, no MFA) · AIDASAMPLEUSERMALLORY · key AKIA…7Q4",
    ),
    "stop-by-arn-iam-user-mfa": (
        Kind.USER,
        "mallory",
        "mallory (IAM user, MFA) · AIDASAMPLEUSERMALLORY · key ASIA…XY2",
    ),
    "stop-root-console": (Kind.ROOT, "root", "root user (MFA) · key ASIA…Z93"),
    "stop-root-access-key": (Kind.ROOT, "root", "root user (no MFA) · key AKIA…Z94"),
    "stop-assumed-role": (
        Kind.ROLE,
        "role admin",
        (
            "role admin, session mallory-laptop (MFA) · AROASAMPLEROLEID00001 · source identity mallory@example.com"
            " · key ASIA…AB1"
        ),
    ),
    "stop-no-session-context": (
        Kind.ROLE,
        "role admin",
        "role admin, session mallory-laptop (MFA not known) · AROASAMPLEROLEID00001 · key ASIA…AB1",
    ),
    "stop-sso-role": (
        Kind.SSO,
        "mallory@example.com",
        (
            "mallory@example.com (Identity Center, permission set AdministratorAccess) · AROASAMPLEROLEID00001"
            " · key ASIA…AB1"
        ),
    ),
    "stop-identity-center-user": (
        Kind.SSO,
        "user 944814a8-60f1-70c5-3c55-2f9b0f2c9d11",
        "user 944814a8-60f1-70c5-3c55-2f9b0f2c9d11 (Identity Center)",
    ),
    "stop-web-identity-role": (
        Kind.ROLE,
        "role deploy",
        (
            "role deploy, session GitHubActions (no MFA) · AROASAMPLEROLEID00001 · signed in through"
            " arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com · key ASIA…AB1"
        ),
    ),
    "stop-ec2-instance-role": (
        Kind.ROLE,
        "role web-server",
        (
            "role web-server, session i-0abc1234def567890 (no MFA) · AROASAMPLEROLEID00002"
            " · credentials of an EC2 instance · key ASIA…AB1"
        ),
    ),
    "stop-federated-user": (
        Kind.FEDERATED,
        "federated user bob",
        "federated user bob (made by IAM user ops, no MFA) · key ASIA…C34",
    ),
    "stop-aws-service": (Kind.SERVICE, "controltower.amazonaws.com", "AWS service controltower.amazonaws.com"),
    "stop-service-linked-role": (
        Kind.SERVICE_ROLE,
        "role AWSServiceRoleForCloudTrail",
        (
            "role AWSServiceRoleForCloudTrail, session CloudTrail · AROASAMPLEROLEID00001"
            " · through cloudtrail.amazonaws.com · key ASIA…AB1"
        ),
    ),
    "stop-cross-account": (
        Kind.OTHER_ACCOUNT,
        "account 444455556666",
        "somebody of account 444455556666 · AROASAMPLEOTHERACC001",
    ),
    "stop-no-user-identity": (Kind.UNKNOWN, "an unknown caller", "not in the event"),
}


@pytest.mark.parametrize("name", TABLE)
def test_sample_callers(name):
    actor = actor_of(sample(name)["detail"], account=ACCOUNT)
    assert (actor.kind, actor.short, actor.line) == TABLE[name]


@pytest.mark.parametrize(
    ("identity", "short", "line"),
    [
        (None, "an unknown caller", "not in the event"),
        ([], "an unknown caller", "not in the event"),
        ({"type": "IAMUser"}, "an unknown caller", "the event says only: IAMUser"),
        ({"type": ["Root"]}, "an unknown caller", "not in the event"),
        ({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ops/mallory"}, "mallory", None),
        ({"type": "AssumedRole", "principalId": "AROA:s"}, "AROA:s", "AROA:s (AssumedRole) · AROA"),
        ({"type": "SAMLUser", "userName": "mallory"}, "mallory", "mallory (SAMLUser)"),
        ({"type": "Directory", "arn": "arn:aws:ds::1:user/x"}, "x", "arn:aws:ds::1:user/x (Directory)"),
        ({"type": "FederatedUser"}, "federated user without a name", None),
        ({"type": "AWSService"}, "without a name", "AWS service without a name"),
        ({"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDA"}, "AIDA", "AIDA (AWSAccount) · AIDA"),
        ({"type": "IAMUser", "userName": "eve", "accountId": "444455556666"}, "eve", None),
        ({"type": "IAMUser", "userName": {"a": 1}, "accessKeyId": 7, "sessionContext": []}, "an unknown caller", None),
        ({"type": "Unknown\nWho mallory"}, "an unknown caller", "the event says only: Unknown\\x0aWho mallory"),
    ],
)
def test_callers_of_odd_shape(identity, short, line):
    actor = actor_of({"userIdentity": identity}, account=ACCOUNT)
    assert actor.short == short
    assert line is None or actor.line == line


def test_a_caller_of_another_account_is_marked():
    identity = {"type": "IAMUser", "userName": "eve", "accountId": "444455556666"}
    assert "of another account, 444455556666" in actor_of({"userIdentity": identity}, account=ACCOUNT).line


def test_the_name_alone_makes_no_identity_center_role():
    record = sample("stop-sso-role")["detail"]
    name = record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"]
    record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    actor = actor_of(record, account=ACCOUNT)
    assert (actor.kind, actor.short) == (Kind.ROLE, f"role {name}")


@pytest.mark.parametrize(
    ("name", "what", "how"),
    [
        (
            "stop-by-name-iam-user",
            "switch off key AKIA…7Q4 of mallory:",
            "aws iam update-access-key --user-name mallory --access-key-id AKIASAMPLEKEYMAL07Q4 --status Inactive",
        ),
        (
            "stop-by-arn-iam-user-mfa",
            "deny mallory everything (a session cannot be switched off alone):",
            f"aws iam attach-user-policy --user-name mallory --policy-arn {DENY_ALL}",
        ),
        (
            "stop-assumed-role",
            "end every session that role admin has now:",
            (
                "aws iam put-role-policy --role-name admin --policy-name AWSRevokeOlderSessions --policy-document "
                '\'{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":'
                '{"DateLessThan":{"aws:TokenIssueTime":"2026-11-21T03:12:13Z"}}}]}\''
            ),
        ),
        (
            "stop-federated-user",
            "deny IAM user ops everything: it made this federated user:",
            f"aws iam attach-user-policy --user-name ops --policy-arn {DENY_ALL}",
        ),
        ("stop-sso-role", "in IAM Identity Center, disable mallory@example.com and end their sessions.", ""),
        ("stop-root-console", "sign in as root with MFA, change its password and delete its access keys.", ""),
        ("stop-aws-service", "look at who had this service do it.", ""),
        ("stop-service-linked-role", "look at who had this service do it.", ""),
        ("stop-cross-account", "find out what lets account 444455556666 in, and close it.", ""),
        ("stop-no-user-identity", "look at the event, and at who it was.", ""),
    ],
)
def test_what_stops_them(name, what, how):
    actor = actor_of(sample(name)["detail"], account=ACCOUNT)
    step = contain(actor, place=TRAIL, now=NOW)
    assert step == Step(f"If this was not planned: {what}", (how,) if how else ())


def test_a_user_whose_key_is_not_told():
    actor = actor_of({"userIdentity": {"type": "IAMUser", "userName": "mallory", "accessKeyId": ""}}, account=ACCOUNT)
    step = contain(actor, place=TRAIL, now=NOW)
    assert "(the event does not say which key)" in step.what
    assert step.how == (f"aws iam attach-user-policy --user-name mallory --policy-arn {DENY_ALL}",)
