"""What the sweep puts back of the watching, what it leaves with the reason, and who is told."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from guardian.inventory.policies import canonical

from tests.support.fake_things import (
    ALARM,
    FUNCTION_ARN,
    INSIGHT_RULE,
    MAIL,
    RULE,
    FakeThings,
    policy,
)
from tests.support.guardian_world import refusal
from tests.support.inventory_sweeps import aws_of, deny, first_line, sweep

MENDED: dict[str, tuple[Callable[[FakeThings], Any], str]] = {
    "alarm's actions": (
        lambda found: found.alarms[ALARM].update(ActionsEnabled=False),
        f"Alarm {ALARM} was changed (actions switched off) and is put back.",
    ),
    "insight rule": (
        lambda found: found.insight_rules[INSIGHT_RULE].update(State="DISABLED"),
        f"Insights rule {INSIGHT_RULE} was changed (switched off) and is put back.",
    ),
    "topic's policy": (
        lambda found: deny(found, "topic_policy"),
        "Topic alerts-5e6f708 was changed (policy added Deny of sns:Publish) and is put back.",
    ),
    "topic's data protection": (
        lambda found: setattr(found, "protection", '{"Name": "hush"}'),
        "Topic alerts-5e6f708 was changed (data protection added) and is put back.",
    ),
    "rule": (
        lambda found: found.rules.update({RULE: "DISABLED"}),
        f"Event rule {RULE} was changed (switched off) and is put back.",
    ),
    "rule's target": (
        lambda found: found.targets.clear(),
        f"Event rule {RULE} was changed (target {FUNCTION_ARN.rpartition(':')[2]} gone) and is put back.",
    ),
    "subscription": (
        lambda found: found.subscribers.clear(),
        f"Subscription {MAIL} of alerts-5e6f708 was missing and is subscribed again. Nothing",
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_the_role_may_put_back_is_put_back_and_told(name: str):
    change, said = MENDED[name]
    aws = aws_of()
    change(aws.things)
    before = aws.hands.passed_s
    (mail,) = sweep(aws)
    assert re.search("put back: |subscribed again", mail), mail
    assert first_line(aws).startswith(said)
    assert aws.hands.passed_s - before >= 330, "what `pulumi up` may be doing is waited for"
    assert sweep(aws, times=3) == []
    assert aws.things.alarms[ALARM]["ActionsEnabled"]
    assert canonical(aws.things.topic_policy) == canonical(policy("Alarms", "sns:Publish"))
    assert aws.things.protection == ""
    assert aws.things.rules[RULE] == "ENABLED"
    assert aws.things.insight_rules[INSIGHT_RULE]["State"] == "ENABLED"
    assert [target["Arn"] for target in aws.things.targets] == [FUNCTION_ARN]
    assert [endpoint.lower() for _, endpoint in aws.things.subscribers] == [MAIL]


def test_a_way_to_people_that_is_broken_is_said_to_the_last_resort_without_names():
    aws = aws_of()
    aws.things.subscribers.clear()
    sweep(aws)
    (line,) = aws.last_resort
    assert line["Subject"].startswith("[critical] A subscription of the alerts topic was missing")
    assert MAIL not in json.dumps(line)
    assert aws.calls.index("PublishLastResort") < aws.calls.index("Publish")


def test_data_protection_that_is_not_put_back_comes_with_the_command():
    aws = aws_of()
    aws.things.protection = '{"Name": "hush"}'
    assert sweep(aws, mode="notify") == ["[critical] Topic alerts-5e6f708 changed: data protection added"]
    assert (
        "aws sns put-data-protection-policy --resource-arn arn:aws:sns:eu-west-1:111122223333:alerts-5e6f708 "
        '--region eu-west-1 --data-protection-policy ""'
    ) in " ".join(aws.published[0]["Message"].split())


def test_a_filter_that_keeps_alerts_from_people_is_said_to_the_last_resort():
    aws = aws_of()
    aws.things.subscription["FilterPolicy"] = '{"never": ["true"]}'
    assert len(sweep(aws)) == 1
    (line,) = aws.last_resort
    assert line["Subject"].startswith("[critical] A subscription of the alerts topic was changed")
    assert MAIL not in json.dumps(line)
    assert "Not put back" not in aws.published[0]["Message"], "its role has no right to, and nobody tried"


def test_what_the_settings_say_of_a_subscription_is_no_change():
    """SNS answers with an empty policy for none, and in its own spelling."""
    aws = aws_of()
    aws.things.subscription |= {"FilterPolicy": "{}", "RedrivePolicy": '{ "deadLetterTargetArn": "arn:lost" }'}
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize("how", [{"pending": {"Security@example.com"}}, {"owner": "444455556666"}])
def test_a_subscription_that_aws_does_not_show_is_there(how: dict[str, Any]):
    """One that is pending has no ARN, and one of another account is that account's business."""
    aws = aws_of()
    aws.things.subscription["FilterPolicy"] = '{"never": ["true"]}'
    for name, value in how.items():
        setattr(aws.things, name, value)
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize("filtered", ["Security@example.com", "SECURITY@example.com"])
def test_a_second_spelling_of_an_address_hides_no_filter(filtered: str):
    """SNS takes mail addresses in any case, each for a subscription of its own."""
    aws = aws_of()
    aws.things.subscribers.append(("email", "SECURITY@example.com"))
    aws.things.filtered[filtered] = '{"never": ["true"]}'
    assert len(sweep(aws)) == 1
    assert first_line(aws).endswith("was changed: filter policy added.")


@pytest.mark.parametrize("code", ["InvalidAction", "InvalidParameter"])
def test_an_account_without_data_protection_has_none(code: str):
    aws = aws_of(refuse={"GetDataProtectionPolicy": [refusal(code)] * 9})
    assert sweep(aws, times=2) == []


@pytest.mark.parametrize(
    ("how", "mode", "said"),
    [
        ({"refuse": {"EnableAlarmActions": [refusal("AccessDeniedException")] * 9}}, "restore", "AWS refused it"),
        ({}, "notify", "remediation mode is notify"),
        ({}, "dry-run", "a dry run"),
    ],
)
def test_what_is_not_put_back_is_told_with_the_reason(how: dict[str, Any], mode: str, said: str):
    aws = aws_of(**how)
    aws.things.alarms[ALARM]["ActionsEnabled"] = False
    assert sweep(aws, times=3, mode=mode) == [f"[critical] Alarm {ALARM} changed: actions switched off"]
    assert f"Not put back: {said}." in aws.published[0]["Message"]
    assert not aws.things.alarms[ALARM]["ActionsEnabled"]


@pytest.mark.parametrize("at", ["DescribeAlarms", "Publish"])
def test_a_run_that_dies_between_the_repair_and_its_mail_is_made_up_for(at: str):
    """Reading back what it has just put back, or telling it."""
    aws = aws_of()
    aws.things.alarms[ALARM]["ActionsEnabled"] = False

    class DiedError(BaseException):
        pass

    def die(operation: str) -> None:
        if operation == at and aws.things.alarms[ALARM]["ActionsEnabled"]:
            aws.on = lambda operation: None
            raise DiedError

    aws.on = die
    with pytest.raises(DiedError):
        sweep(aws)
    assert aws.things.alarms[ALARM]["ActionsEnabled"]
    (mail,) = sweep(aws)
    assert mail.startswith(f"[critical] Told late: Alarm {ALARM}")
