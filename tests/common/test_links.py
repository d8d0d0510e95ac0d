"""Links and commands: right for each partition, and nothing in them that a stranger could have slipped in."""

import shlex

import pytest
from common import links
from common.places import Trail
from hypothesis import given
from hypothesis import strategies as st

from tests.support.guardian_world import STOPPED_AT, environment

EVENT = "0c8f1e9a-5d3b-4c1e-9a77-000000000001"


def trail(partition: str, region: str) -> Trail:
    arn = f"arn:{partition}:cloudtrail:{region}:111122223333:trail/audit"
    return environment(TRAIL_ARN=arn).trail


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("aws-eusc", "eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_each_partition_has_its_console(partition, region, host):
    address = f"https://{host}/cloudtrailv2/home?region={region}#/events"
    assert links.event_link(trail(partition, region), EVENT) == f"{address}/{EVENT}"
    assert links.history_link(trail(partition, region), key="EventName", value="StopLogging") == (
        f"{address}?EventName=StopLogging"
    )


def test_no_link_rather_than_a_wrong_one():
    assert links.event_link(trail("aws-iso", "us-iso-east-1"), EVENT) == ""
    for odd in ("", "../../evil", "x" * 65, "0c8f1e9a?x=1", "0c8f1e9a\n", "0c8f1e9a ", "\uff41" * 8):
        assert links.event_link(trail("aws", "eu-west-1"), odd) == ""


def test_policies_are_of_the_trails_partition():
    command = links.deny_user(trail("aws-cn", "cn-north-1"), user="mallory")
    assert command.endswith("--policy-arn arn:aws-cn:iam::aws:policy/AWSDenyAll")


ODD_NAMES = [
    "",
    "a b",
    "x;reboot",
    "$(reboot)",
    "`reboot`",
    "a'b",
    'a"b',
    "a\nb",
    "--profile=x",
    "-x",
    "ü",
    "a/b",
    "x" * 129,
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_no_command_for_a_name_that_iam_does_not_allow(name):
    assert links.switch_off_key(user=name, key_id="AKIASAMPLEKEYMAL07Q4") == ""
    assert links.deny_user(trail("aws", "eu-west-1"), user=name) == ""
    assert links.end_role_sessions(role=name, before=STOPPED_AT) == ""


@given(st.text(max_size=140))
def test_a_name_is_one_word_of_the_command_or_there_is_no_command(name):
    command = links.switch_off_key(user=name, key_id="AKIASAMPLEKEYMAL07Q4")
    if command:
        assert shlex.split(command)[3:5] == ["--user-name", name]
        assert len(shlex.split(command)) == 9


def test_commands_by_hand():
    audit = trail("aws", "eu-west-1")
    assert links.start_logging(audit) == f"aws cloudtrail start-logging --name {audit.arn} --region eu-west-1"
    assert links.trail_status(audit) == f"aws cloudtrail get-trail-status --name {audit.arn} --region eu-west-1"
    assert links.look_up(audit, key="EventName", value="StopLogging") == (
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StopLogging"
        " --region eu-west-1"
    )
    assert links.pulumi("up", stack="org/prod env") == "pulumi up --stack 'org/prod env'"
