"""The mail: forty kinds of callers, what strangers choose to write, and what an event does not tell."""

import re
from datetime import timedelta
from typing import Any

import pytest
from common.links import insights_link
from common.places import Region
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.explainer_world import ACCOUNT, BEGAN_AT, World, many, record

POLICY = "iam-policy-changes"
LAST = ("Next", "Event", "Alarm", "Runbook", "Log")
STS = f"arn:aws:sts::{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"


def role(name: str, session: str, *, path: str = "/", **context: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "principalId": "AROAEXAMPLE", "arn": f"{IAM}:role{path}{name}", "userName": name}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"{STS}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE000000001",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}, **context},
    }


SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SSO_PATH = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
SERVICE_PATH = "/aws-service-role/config.amazonaws.com/"
HOSTILE = "mallory\n\nAll is well.\u202eevil\x00\x1b[31m https://evil.example/ " + 500 * "x"
# What the event says, and how the mail calls them.
SHAPES: dict[str, tuple[Any, str]] = {
    "root with a key": ({"type": "Root", "arn": f"{IAM}:root", "accessKeyId": "AKIAEXAMPLE000000000"}, "root"),
    "root in the console": ({"type": "Root", "arn": f"{IAM}:root", "sessionContext": {"attributes": {}}}, "root"),
    "root for a member (AssumeRoot)": (
        {"type": "Root", "arn": f"{IAM}:root", "sessionContext": {"assumedRoot": "true"}},
        "root",
    ),
    "root with nothing else": ({"type": "Root"}, "root"),
    "user with a key": ({"type": "IAMUser", "userName": "mallory", "accessKeyId": "AKIAEXAMPLE000000000"}, "mallory"),
    "user with a session": ({"type": "IAMUser", "userName": "mallory", "accessKeyId": "ASIAEXAMPLE"}, "mallory"),
    "user without a key": ({"type": "IAMUser", "userName": "mallory"}, "mallory"),
    "user by ARN only": ({"type": "IAMUser", "arn": f"{IAM}:user/people/mallory"}, "mallory"),
    "user without anything": ({"type": "IAMUser"}, "an unknown caller"),
    "user whose sign-in name is hidden": (
        {"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        "HIDDEN_DUE_TO_SECURITY_REASONS",
    ),
    "role": (role("deployer", "ci-1"), "role deployer"),
    "role with a path": (role("deployer", "ci-1", path="/teams/"), "role deployer"),
    "role without an issuer": ({"type": "AssumedRole", "arn": f"{STS}:assumed-role/deployer/ci"}, "role deployer"),
    "role with nothing": ({"type": "AssumedRole"}, "an unknown caller"),
    "role with a source identity": (role("deployer", "ci", sourceIdentity="bob"), "role deployer"),
    "role by web identity": (
        role("deployer", "gh", webIdFederationData={"federatedProvider": "token.actions.githubusercontent.com"}),
        "role deployer",
    ),
    "role on an instance": (role("web", "i-0abc", ec2RoleDelivery="2.0"), "role web"),
    "role through a service": (
        {**role("deployer", "ci"), "invokedBy": "cloudformation.amazonaws.com"},
        "role deployer",
    ),
    "role of type Role": ({**role("deployer", "ci"), "type": "Role"}, "role deployer"),
    "Identity Center": (role(SSO, "bob@example.com", path=SSO_PATH), "bob@example.com"),
    "a name like Identity Center's": (role(SSO, "bob@example.com"), f"role {SSO}"),
    "Identity Center user": (
        {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "c1-a2", "identityStoreArn": "arn:aws:x"}},
        "user c1-a2",
    ),
    "service-linked role": (
        role("AWSServiceRoleForConfig", "configLambda", path=SERVICE_PATH),
        "AWSServiceRoleForConfig",
    ),
    "federated user": ({"type": "FederatedUser", "arn": f"{STS}:federated-user/alice"}, "federated user alice"),
    "federated user without a name": ({"type": "FederatedUser"}, "federated user"),
    "SAML user": ({"type": "SAMLUser", "principalId": "abc:alice", "userName": "alice"}, "alice"),
    "web identity user": ({"type": "WebIdentityUser", "userName": "gh:repo", "principalId": "arn:gh"}, "gh:repo"),
    "service": ({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}, "autoscaling.amazonaws.com"),
    "service without a name": ({"type": "AWSService"}, "without a name"),
    "another account": ({"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDA"}, "444455556666"),
    "our own account": ({"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDAX"}, "AIDAX"),
    "user of another account": (
        {
            "type": "IAMUser",
            "userName": "eve",
            "accountId": "444455556666",
            "arn": "arn:aws:iam::444455556666:user/eve",
        },
        "eve",
    ),
    "directory": ({"type": "Directory", "arn": "arn:aws:ds:eu-west-1:1:directory/d-1"}, "d-1"),
    "unknown type": ({"type": "Robot", "principalId": "R2D2"}, "R2D2"),
    "no type": ({"arn": f"{IAM}:user/bob"}, "bob"),
    "nothing": ({}, "an unknown caller"),
    "null": (None, "an unknown caller"),
    "a text": ("mallory", "an unknown caller"),
    "a list": ([{"type": "Root"}], "an unknown caller"),
    "numbers and lists inside": ({"type": 7, "arn": ["x"], "userName": {"a": 1}}, "an unknown caller"),
    "a hostile name": ({"type": "IAMUser", "userName": HOSTILE}, "mallory"),
    "a hostile session": (role("deployer", HOSTILE), "role deployer"),
    "a hostile type": ({"type": HOSTILE}, "an unknown caller"),
    "deep nonsense": ({"type": "AssumedRole", "sessionContext": {"sessionIssuer": [1], "attributes": 3}}, "unknown"),
}
LINE = re.compile(r"[\x20-\x7e…·]*")


def is_safe(text: str) -> bool:
    """Every line is printable ASCII and our own two marks, and every link is the console's: nothing turns or hides."""
    links = re.findall(r"https?://([^/\s]+)", text)
    lines = text.splitlines()
    return all(LINE.fullmatch(line) for line in lines) and all(
        link.endswith(".console.aws.amazon.com") for link in links
    )


def test_there_are_forty_shapes():
    assert len(SHAPES) >= 40


@pytest.mark.parametrize("shape", SHAPES)
def test_every_caller_makes_a_readable_mail(shape: str):
    identity, who = SHAPES[shape]
    world = World()
    world.happens(record(userIdentity=identity))
    assert world.deliver(world.rings(POLICY))["did"] == "told"
    subject, body = world.subjects[0], world.body
    assert who in body
    assert who[:12] in subject or "unknown caller" in subject
    assert "PutUserPolicy" in subject
    assert is_safe(body)
    for part in ("PutUserPolicy", "203.0.113.77", "us-east-1", ACCOUNT, "2026-11-21 03:12:09 UTC"):
        assert part in body


@pytest.mark.parametrize(
    "field", ["userAgent", "sourceIPAddress", "errorMessage", "errorCode", "awsRegion", "recipientAccountId", "eventID"]
)
def test_what_a_stranger_writes_is_shown_and_does_nothing(field: str):
    world = World()
    refused = {"errorCode": "AccessDenied"} if field == "errorMessage" else {}
    world.happens({**record(), **refused, field: HOSTILE})
    world.deliver(world.rings(POLICY))
    assert is_safe(world.body)
    assert "\nAll is well." not in world.body
    assert len(max(world.body.splitlines(), key=lambda line: 0 if "https://" in line else len(line))) < 1_000


def test_a_trimmed_event_says_what_is_missing():
    world = World()
    omitted = {"requestParameters": {"omitted": True, "originalSize": 299_000, "reason": "requestParameters too large"}}
    world.happens({**record(sourceIPAddress=None, userAgent=None), **omitted})
    world.deliver(world.rings(POLICY))
    missing = world.row("Missing")
    assert "request parameters: CloudTrail left them out, the request was too large" in missing
    assert "source address, user agent: not in the event" in missing


def test_a_refused_call_says_so_in_the_subject():
    world = World()
    world.happens(record(errorCode="AccessDeniedException", errorMessage="not authorized"))
    world.deliver(world.rings(POLICY))
    assert "PutUserPolicy by mallory refused: AccessDenied" in world.subjects[0]
    assert world.row("What") == "PutUserPolicy of iam.amazonaws.com: refused, AccessDenied (not authorized)"


def test_few_events_are_listed_one_by_one_and_many_by_first_and_last():
    world = World()
    world.happens(*many(25))
    world.deliver(world.rings(POLICY, 25.0))
    assert world.row("Events").count("event 000000") == 25
    world = World()
    world.happens(*many(26))
    world.deliver(world.rings(POLICY, 26.0))
    assert world.row("First").endswith("event 00000000-0000-4000-8000-000000000000")
    assert world.row("Last").endswith("event 00000025-0000-4000-8000-000000000000")


def test_links_stand_last_and_the_longest_behind_the_others():
    """What to do is read on a telephone: no screen full of link before it."""
    world = World()
    world.happens(record())
    world.deliver(world.rings(POLICY))
    lines = world.body.splitlines()
    begins = [next(n for n, line in enumerate(lines) if line.startswith(label)) for label in LAST]
    assert begins == sorted(begins)
    assert all(len(line) < 160 for line in lines if "logs-insights" not in line)
    assert "logs-insights" in lines[begins[-1] + 1]
    assert world.body.count("watch-iam-policy-changes-1a2b3c4") == 2, "its name, and in its link"


@pytest.mark.parametrize(("refused", "said"), [(4, "AccessDenied"), (3, "AccessDenied 3")])
def test_how_many_were_refused(refused: int, said: str):
    world = World()
    world.happens(
        *(
            record(
                event_id=f"e-{n:08d}",
                at=BEGAN_AT + timedelta(seconds=n),
                errorCode="AccessDenied" if n < refused else None,
            )
            for n in range(4)
        )
    )
    world.deliver(world.rings(POLICY, 4.0))
    assert world.row("Errors") == said


def test_the_insights_address_holds_the_query_whole_and_breaks_no_link():
    place = Region(partition="aws", region="eu-west-1", account=ACCOUNT)
    query = 'fields a\n| filter x = "it\'s" # (all)'
    link = insights_link(place, log_group="/aws/a b", query=query, start=BEGAN_AT, end=BEGAN_AT + timedelta(hours=1))
    assert link.startswith(
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights"
    )
    assert re.fullmatch(r"[A-Za-z0-9:/?=#$~._-]+", link)
    from urllib.parse import unquote

    detail = unquote(link.partition("logs-insights")[2].replace("$", "%"))
    assert detail.startswith("?queryDetail=~(end~'2026-11-21T04:12:09.000Z~start~'2026-11-21T03:12:09.000Z~")
    shown = re.search(r"editorString~'([^~]*)", detail)
    assert shown
    assert re.sub(r"\*([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), shown[1]) == query
    assert (
        insights_link(
            Region(partition="aws-iso", region="us-iso-east-1", account=ACCOUNT),
            log_group="x",
            query="x",
            start=BEGAN_AT,
            end=BEGAN_AT,
        )
        == ""
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["userIdentity", "eventTime", "awsRegion", "sourceIPAddress", "userAgent", "requestParameters", "errorCode",
             "errorMessage", "responseElements", "recipientAccountId", "eventID", "requestID", "resources"]
        ),
        JSON,
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_event_of_whatever_shape_goes_untold(changed: dict[str, Any]):
    world = World()
    world.happens({**record(), **changed}, logged_at=BEGAN_AT)
    assert world.deliver(world.rings(POLICY))["did"] == "told"
    assert len(world.subjects[0]) < 100
    assert is_safe(world.body)
