"""May this principal do this? The evaluator says yes only when AWS would, and "cannot tell" when it does not know."""

import fnmatch
import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from account import Principal, may, role_may, service_context
from account._matching import arn_like, glob

ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
ALARM = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:trail-changes"
CLOUDWATCH = Principal("cloudwatch.amazonaws.com")
ROLE = Principal(f"arn:aws:iam::{ACCOUNT}:role/guardian", ACCOUNT)
CONTEXT = service_context(source_arn=ALARM, account=ACCOUNT)
ALLOW = {
    "Sid": "Alarms",
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": TOPIC,
}
DENY = {**ALLOW, "Sid": "No", "Effect": "Deny"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def judged(*statements: dict[str, Any], principal: Principal = CLOUDWATCH) -> str:
    return may(policy(*statements), principal=principal, action="sns:Publish", resource=TOPIC, context=CONTEXT).outcome


def allow_if(**condition: Any) -> dict[str, Any]:
    return {**ALLOW, "Condition": condition}


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        pytest.param([], "not allowed", id="nothing"),
        pytest.param([ALLOW], "allowed", id="plain"),
        pytest.param([{**ALLOW, "Action": ["sns:Subscribe", "SNS:Pub*"]}], "allowed", id="action in any case, a star"),
        pytest.param([{**ALLOW, "Action": "sns:Subscribe"}], "not allowed", id="other action"),
        pytest.param([{**ALLOW, "NotAction": "sns:Subscribe", "Action": []}], "not allowed", id="Action comes first"),
        pytest.param([{k: v for k, v in ALLOW.items() if k != "Action"} | {"NotAction": "sns:Subscribe"}], "allowed"),
        pytest.param([{k: v for k, v in ALLOW.items() if k != "Action"} | {"NotAction": "sns:*"}], "not allowed"),
        pytest.param([{**ALLOW, "Resource": f"{TOPIC}-other"}], "not allowed", id="other topic"),
        pytest.param([{**ALLOW, "Resource": TOPIC.upper()}], "not allowed", id="resources know their case"),
        pytest.param([{**ALLOW, "Resource": "arn:aws:sns:*:*:alert?"}], "allowed", id="wildcards in the resource"),
        pytest.param([{**ALLOW, "Principal": {"Service": "events.amazonaws.com"}}], "not allowed", id="other service"),
        pytest.param(
            [{**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}], "not allowed", id="account only"
        ),
        pytest.param([{**ALLOW, "Principal": "*"}], "allowed", id="everybody"),
        pytest.param([{**ALLOW, "Principal": {"AWS": "*"}}], "allowed", id="everybody, as SNS writes it"),
        pytest.param([ALLOW, DENY], "denied", id="an explicit Deny wins"),
        pytest.param([DENY, ALLOW], "denied", id="in any order"),
        pytest.param([ALLOW, {**DENY, "Action": "sns:Subscribe"}], "allowed", id="a Deny of something else"),
        pytest.param(
            [ALLOW, {**DENY, "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}], "allowed"
        ),
        pytest.param([ALLOW, {**DENY, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030"}}}], "cannot tell"),
        pytest.param([{**DENY, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030"}}}], "not allowed"),
        pytest.param([{**ALLOW, "Effect": "allow"}], "cannot tell", id="no such effect"),
    ],
)
def test_statements(statements: list[dict[str, Any]], outcome: str) -> None:
    assert judged(*statements) == outcome


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, "allowed"),
        ({"StringEquals": {"AWS:sourceaccount": ACCOUNT}}, "allowed"),  # keys know no case
        ({"StringEquals": {"aws:SourceAccount": ["999999999999", ACCOUNT]}}, "allowed"),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, "not allowed"),
        ({"StringEquals": {"aws:SourceArn": f"{ALARM[:-1]}*"}}, "not allowed"),  # no wildcards here
        ({"StringLike": {"aws:SourceArn": f"{ALARM[:-1]}*"}}, "allowed"),
        ({"StringEqualsIgnoreCase": {"aws:SourceArn": ALARM.upper()}}, "allowed"),
        ({"StringNotEquals": {"aws:SourceAccount": "999999999999"}}, "allowed"),
        ({"StringNotEquals": {"aws:SourceAccount": ["999999999999", ACCOUNT]}}, "not allowed"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"}}, "allowed"),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:*"}}, "allowed"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"}}, "not allowed"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*"}}, "not allowed"),  # six parts, each on its own
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:*:alarm:*"}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": True}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": "false"}}, "not allowed"),
        ({"Null": {"aws:SourceArn": "false"}}, "allowed"),
        ({"Null": {"aws:PrincipalArn": "true"}}, "allowed"),
        ({"Null": {"aws:PrincipalArn": "false"}}, "not allowed"),
        ({"Null": {"kms:ViaService": "false"}}, "cannot tell"),
        ({"StringEquals": {"aws:PrincipalArn": "x"}}, "not allowed"),  # known to be absent
        ({"StringNotEquals": {"aws:PrincipalArn": "x"}}, "allowed"),
        ({"StringEqualsIfExists": {"aws:PrincipalArn": "x"}}, "allowed"),
        ({"ForAllValues:StringEquals": {"aws:PrincipalArn": "x"}}, "allowed"),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalArn": "x"}}, "not allowed"),
        ({"ForAnyValue:StringEquals": {"aws:SourceAccount": ACCOUNT}}, "allowed"),
        ({"StringEquals": {"kms:CallerAccount": ACCOUNT}}, "cannot tell"),  # an unknown key
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "cannot tell"),  # an unknown operator
        ({"StringLikely": {"aws:SourceArn": "*"}}, "cannot tell"),
        (
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "NumericLessThan": {"aws:MultiFactorAuthAge": "1"}},
            "cannot tell",
        ),
        (
            {"StringEquals": {"aws:SourceAccount": "1"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "1"}},
            "not allowed",
        ),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:${aws:SourceAccount}:alarm:*"}}, "allowed"),
        ({"StringLike": {"aws:SourceArn": "${kms:ViaService}"}}, "cannot tell"),
        ({"StringLike": {"aws:SourceArn": "${*}"}}, "not allowed"),  # a plain star, and no wildcard
    ],
)
def test_conditions(condition: dict[str, Any], outcome: str) -> None:
    assert judged(allow_if(**condition)) == outcome


def test_identities_are_let_in_by_name_and_by_account() -> None:
    by_account = {**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    assert judged(by_account, principal=ROLE) == "allowed"
    assert judged({**ALLOW, "Principal": {"AWS": ACCOUNT}}, principal=ROLE) == "allowed"
    assert judged({**ALLOW, "Principal": {"AWS": [ROLE.name]}}, principal=ROLE) == "allowed"
    assert judged({**ALLOW, "Principal": {"AWS": f"{ROLE.name}-2"}}, principal=ROLE) == "not allowed"
    assert judged(by_account, principal=Principal("arn:aws:iam::999999999999:role/x", "999999999999")) == "not allowed"


def test_a_roles_own_policies_name_nobody_and_add_up() -> None:
    own = [
        policy({"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}),
        policy({"Effect": "Deny", "Action": "sns:*", "Resource": f"{TOPIC}-2"}),
    ]
    assert role_may(own, action="sns:Publish", resource=TOPIC).is_allowed
    assert role_may(own, action="sns:Publish", resource=f"{TOPIC}-2").outcome == "denied"
    assert role_may([], action="sns:Publish", resource=TOPIC).outcome == "not allowed"


def test_the_default_policy_of_a_topic_lets_alarms_of_its_owner_in() -> None:
    default = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe"],
        "Resource": TOPIC,
        "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
    }
    assert judged(default) == "allowed"


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"Statement": 7}', '{"Statement": ["x"]}'])
def test_what_is_no_policy_cannot_be_told(text: str) -> None:
    assert may(text, principal=CLOUDWATCH, action="sns:Publish", resource=TOPIC).outcome == "cannot tell"


def test_a_verdict_names_the_statement_that_decided() -> None:
    said = may(policy(ALLOW, DENY), principal=CLOUDWATCH, action="sns:Publish", resource=TOPIC, context=CONTEXT)
    assert said.why == "statement No denies it"


# -- properties

CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        {"StringEquals": {"aws:SourceAccount": "0"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:*"}},
        {"NumericEquals": {"aws:MultiFactorAuthAge": "1"}},
        {"StringEquals": {"aws:Unknown": "1"}},
        {"Bool": {"aws:SecureTransport": "false"}},
    ]
)
STATEMENTS = st.builds(
    lambda effect, principal, action, resource, condition: {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["*", {"Service": "cloudwatch.amazonaws.com"}, {"Service": "events.amazonaws.com"}, {"AWS": "1"}]),
    st.sampled_from(["sns:Publish", "sns:*", "sns:Subscribe"]),
    st.sampled_from([TOPIC, "*", f"{TOPIC}2"]),
    CONDITIONS,
)


@given(st.lists(STATEMENTS, max_size=5), st.randoms())
def test_the_order_of_statements_means_nothing(statements: list[dict[str, Any]], shuffle: Any) -> None:
    mixed = list(statements)
    shuffle.shuffle(mixed)
    assert judged(*statements) == judged(*mixed)


@given(st.lists(STATEMENTS, max_size=5))
def test_a_deny_never_allows_and_an_allow_never_forbids(statements: list[dict[str, Any]]) -> None:
    before = judged(*statements)
    assert judged(*statements, {**DENY, "Principal": "*"}) == "denied"
    rank = {"denied": 0, "not allowed": 1, "cannot tell": 2, "allowed": 3}
    assert rank[judged(*statements, ALLOW)] >= rank[before] or before == "denied"


@given(st.lists(STATEMENTS, max_size=5))
def test_what_cannot_be_told_is_between_the_two_certainties(statements: list[dict[str, Any]]) -> None:
    """Read every unsure condition both ways: if all readings agree that is the answer, and else there is none."""

    def read(how: dict[bool, bool]) -> str:
        sure = []
        for each in statements:
            condition = each.get("Condition", {})
            is_unsure = "NumericEquals" in condition or "aws:Unknown" in condition.get("StringEquals", {})
            if is_unsure and not how[each["Effect"] == "Allow"]:
                continue
            sure.append({**each, "Condition": {}} if is_unsure else each)
        return judged(*sure)

    outcomes = {read({True: allow, False: deny}) for allow in (True, False) for deny in (True, False)}
    allows = {outcome == "allowed" for outcome in outcomes}
    assert (judged(*statements) == "cannot tell") is (len(allows) == 2)
    assert (judged(*statements) == "allowed") is (allows == {True})


@given(st.text(alphabet="ab*?:", max_size=8), st.text(alphabet="ab:", max_size=8))
def test_globs_agree_with_the_shells(pattern: str, text: str) -> None:
    assert glob(pattern, text) is (re.fullmatch(fnmatch.translate(pattern), text) is not None)


def test_a_star_in_an_arn_does_not_reach_into_the_next_part() -> None:
    assert glob("arn:aws:*:x:*:*", "arn:aws:cloudwatch:eu:x:1:alarm")
    assert not arn_like("arn:aws:*:x:*:*", "arn:aws:cloudwatch:eu:x:1:alarm")


@given(st.lists(st.text(alphabet="ab*", min_size=1, max_size=3), min_size=6, max_size=6), st.data())
def test_an_arn_is_matched_part_by_part(parts: list[str], data: st.DataObject) -> None:
    given_parts = [data.draw(st.text(alphabet="ab", max_size=3)) for _ in parts]
    assume(":".join(parts) != "*")
    expected = all(glob(want, have) for want, have in zip(parts, given_parts, strict=True))
    assert arn_like(":".join(parts), ":".join(given_parts)) is expected
