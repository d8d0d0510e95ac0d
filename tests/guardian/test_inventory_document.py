"""The inventory itself: believed only if it is the deployed one, and told where it cannot be used."""

import base64
import json
import zlib
from typing import Any

import pytest
from guardian.inventory.document import MOST_BYTES, NoInventory, digest_of, parse, parse_packed
from guardian.inventory.policies import canonical, differing
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_things import (
    ALARM,
    KEY,
    FakeThings,
    document,
    policy,
    thing,
    things,
)
from tests.support.guardian_world import Hands, wake
from tests.support.inventory_sweeps import aws_of, first_line, sweep, told_by


def test_an_inventory_that_is_not_the_deployed_one_is_not_believed_and_told():
    """Somebody took the alarm out of it, and then deleted the alarm."""
    aws = aws_of()
    aws.things.inventory = document([thing("alarm", "other", {}), *things()[1:]])
    aws.things.alarms.clear()
    mails = sweep(aws, times=4)
    assert mails == ["[critical] The inventory is not the one that was deployed"]
    aws.things.inventory = document()
    (gone, over) = sweep(aws)
    assert gone == f"[critical] Alarm {ALARM} gone"
    assert over.startswith("[medium] Cleared after ")


def test_a_deployment_between_inventory_and_schedule_is_no_news():
    aws = aws_of()
    aws.things.inventory = document([*things(), things()[0]])
    assert sweep(aws) == []
    aws.things.inventory = document()
    assert sweep(aws, times=3) == []


@pytest.mark.parametrize("message", [{"inventory": "0" * 64}, {"inventory": None}])
def test_a_schedule_that_tells_another_digest_or_none_is_as_odd(message: dict[str, Any]):
    aws = aws_of()
    assert told_by(aws, message) == []
    assert told_by(aws, message) == ["[critical] The inventory is not the one that was deployed"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is none"),
        ("{", "it is not JSON"),
        ("[]", "it is not an object with a list of things"),
        (
            json.dumps({"version": 1, "things": []}),
            "things: there is no alarm, no filter, no function, no rule, no topic",
        ),
        (json.dumps({"version": 2, "things": things()}), "version: must be 1"),
    ],
)
def test_an_inventory_that_cannot_be_used_is_told(text: str, said: str):
    aws = aws_of(things=FakeThings(inventory=text))
    message = {"inventory": digest_of(text)}
    (mail,) = told_by(aws, message)
    assert mail.startswith("[critical] What was deployed is not known: ")
    assert said in aws.published[0]["Message"]
    assert told_by(aws, message) == []


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        ).map(json.dumps),
    )
)
def test_no_text_breaks_the_reading(text: str):
    assert isinstance(parse(text), NoInventory)


PACKED = base64.b64encode(zlib.compress(document().encode())).decode()


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        ("not base64", "it cannot be unpacked"),
        (base64.b64encode(b"no zlib").decode(), "it cannot be unpacked"),
        (base64.b64encode(base64.b64decode(PACKED)[:-9]).decode(), "it is cut off, or larger than any"),
        (base64.b64encode(zlib.compress(b" " * (MOST_BYTES + 1))).decode(), "it is cut off, or larger than any"),
        (base64.b64encode(zlib.compress(b"[]")).decode(), "it is not an object with a list of things"),
    ],
)
def test_what_cannot_be_unpacked_is_told_and_not_unpacked_further(packed: str, said: str):
    found = parse_packed(packed)
    assert isinstance(found, NoInventory)
    assert found.problems == (said,)


def test_a_packed_inventory_is_the_same_with_the_same_digest():
    assert parse_packed(PACKED) == parse(document())


def test_a_key_that_waits_for_its_deletion_is_kept_before_anything_is_deployed():
    """Pulumi takes such a key for one that is gone, and would make another."""
    aws = aws_of()
    aws.things.key_state = "PendingDeletion"
    (mail,) = sweep(aws)
    assert mail == "[critical] Key 1111 changed: scheduled for deletion"
    commands = [line.strip() for line in aws.published[0]["Message"].splitlines() if line.startswith("  ")]
    verbs = [command.split(" --")[0] for command in commands if not command.startswith("https")]
    assert verbs[:2] == ["aws kms cancel-key-deletion", "aws kms enable-key"]
    assert verbs[-1] == "pulumi up"
    assert f"--key-id {KEY} --region eu-west-1" in commands[0]


def test_a_key_that_was_switched_off_is_switched_on():
    aws = aws_of()
    aws.things.key_state = "Disabled"
    assert sweep(aws) == ["[critical] Key 1111 changed: disabled"]
    assert f"aws kms enable-key --key-id {KEY} --region eu-west-1" in aws.published[0]["Message"]
    assert "cancel-key-deletion" not in aws.published[0]["Message"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("", "its schedule does not exist any more"),
        ("DISABLED", "its schedule is disabled"),
        ("ENABLED", "its schedule is enabled and does not wake the guardian"),
    ],
)
def test_whoever_else_is_woken_tells_that_the_sweep_has_ceased(state: str, said: str):
    aws = aws_of(hands=Hands())
    sweep(aws)
    aws.things.schedule = state
    aws.hands.move(660)
    wake("alarm-aws", aws)
    assert aws.mails == []
    aws.hands.move(100)
    wake("alarm-aws", aws)
    assert aws.mails == [f"[critical] No sweep for 12 min 41 s: {said}"] or aws.mails[0].endswith("...")
    assert said in first_line(aws) or said.removeprefix("its schedule ") in first_line(aws)
    aws.hands.move(300)
    wake("alarm-aws", aws)
    assert len(aws.mails) == 1
    assert [mail.split(" after ")[0] for mail in sweep(aws)] == ["[medium] Cleared"]


SAME = [
    (policy("A", "x"), policy("A", ["x"])),
    (policy("A", ["x", "y"]), policy("A", ["y", "x"])),
    ({"Statement": policy("A", "x")["Statement"][0]}, policy("A", "x")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_policy_written_otherwise_is_the_same(one: dict[str, Any], other: dict[str, Any]):
    assert canonical(one) == canonical(json.dumps(other))
    assert differing(one, json.dumps(other)) == ""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (policy("A", "y"), "changed A"),
        (policy("B", "x"), "removed A; added B"),
        ({"Statement": []}, "gone"),
        ("", "gone"),
        ("nonsense", "is none any more"),
        (
            {"Statement": [*policy("A", "x")["Statement"], {"Effect": "Deny", "Action": ["p", "q"]}]},
            "added Deny of p and 1 more",
        ),
    ],
)
def test_a_policy_differs_by_its_statements(now: object, said: str):
    assert differing(policy("A", "x"), now) == said
