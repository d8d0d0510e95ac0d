"""EventBridge Scheduler: what is due is invoked under the schedule's role, by the sandbox's clock."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from sandbox.schedules import rate_s
from tests.support.sandbox_story import ACCOUNT, Story, archive, policy

CODE = """
import json, os
import boto3

def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""
HOME = "eu-west-1"
FUNCTION = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:swept"
GROUP = f"arn:aws:scheduler:{HOME}:{ACCOUNT}:schedule-group/default"


class Swept:
    """A function that puts its events into a queue, a dead-letter queue, and a schedule to be made."""

    def __init__(self, client: SandboxClient) -> None:
        self.client = client
        self.story = Story(client)
        self.scheduler = self.story.aws("scheduler")
        self.sqs = self.story.aws("sqs")
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("seen", "dead")}
        self.story.make_role(
            "swept", "lambda.amazonaws.com", {"send": {"Action": "sqs:SendMessage", "Resource": self.arn("seen")}}
        )
        self.story.aws("lambda").create_function(
            FunctionName="swept",
            Runtime="python3.13",
            Handler="index.handle",
            Role=f"arn:aws:iam::{ACCOUNT}:role/swept",
            Code={"ZipFile": archive(CODE)},
            Environment={"Variables": {"QUEUE": self.urls["seen"]}},
        )

    def arn(self, queue: str) -> str:
        return self.story.arn("sqs", queue)

    def role(self, name: str = "sweeper", **changes: Any) -> str:
        """A role that Scheduler may take for this account, and that may invoke and leave dead letters."""
        trust = {
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
        granted = {
            "invoke": {"Action": "lambda:InvokeFunction", "Resource": FUNCTION},
            "dead": {"Action": "sqs:SendMessage", "Resource": self.arn("dead")},
        }
        iam = self.story.aws("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust | changes.get("trust", {})))["Role"]
        kept = [one for key, one in granted.items() if key not in changes.get("without", ())]
        if kept:
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(*kept))
        return arn["Arn"]

    def schedule(self, role: str, *, state: str = "ENABLED", every: str = "rate(5 minutes)", **target: Any) -> None:
        self.scheduler.create_schedule(
            Name="sweep",
            ScheduleExpression=every,
            FlexibleTimeWindow={"Mode": "OFF"},
            State=state,
            Target={"Arn": FUNCTION, "RoleArn": role, "DeadLetterConfig": {"Arn": self.arn("dead")}} | target,
        )

    def turn(self, seconds: float) -> None:
        self.client.advance_clock(seconds)
        self.client.settle()

    def messages(self, queue: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while more := self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += more
        return found

    def seen(self) -> list[dict[str, Any]]:
        return [json.loads(one["Body"]) for one in self.messages("seen")]


@pytest.fixture
def swept(sandbox: SandboxClient) -> Swept:
    return Swept(sandbox)


def test_it_is_invoked_each_time_it_is_due_and_not_before(swept: Swept) -> None:
    swept.schedule(swept.role())
    swept.turn(290)
    assert swept.seen() == []
    swept.turn(10)
    (first,) = swept.seen()
    assert (first["source"], first["detail-type"], first["region"]) == ("aws.scheduler", "Scheduled Event", HOME)
    assert first["resources"] == [f"arn:aws:scheduler:{HOME}:{ACCOUNT}:schedule/default/sweep"]
    swept.turn(299)
    assert swept.seen() == []
    swept.turn(2)
    assert len(swept.seen()) == 1


def test_an_alarm_on_silence_sees_who_is_called_now(swept: Swept) -> None:
    """However far the clock is turned: the schedule has called in between as well."""
    swept.schedule(swept.role())
    cloudwatch = swept.story.aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="silence",
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": "FunctionName", "Value": "swept"}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    for seconds in (301, 960, 3000):
        swept.turn(seconds)
        assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "OK"
    swept.scheduler.delete_schedule(Name="sweep")
    swept.turn(3000)
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_a_clock_turned_past_many_moments_invokes_once_and_keeps_the_beat(swept: Swept) -> None:
    swept.schedule(swept.role())
    swept.turn(1000)  # due at 300, 600, 900
    assert len(swept.seen()) == 1
    swept.turn(195)  # 1195
    assert swept.seen() == []
    swept.turn(10)  # 1205: due at 1200
    assert len(swept.seen()) == 1


def test_its_input_is_what_the_function_gets_with_the_attributes_filled_in(swept: Swept) -> None:
    wanted = {"at": "<aws.scheduler.scheduled-time>", "who": "<aws.scheduler.schedule-arn>", "n": 1}
    swept.schedule(swept.role(), Input=json.dumps(wanted))
    swept.turn(300)
    (event,) = swept.seen()
    assert event["who"].endswith(":schedule/default/sweep")
    assert event["at"].endswith("Z")
    assert event["n"] == 1


def test_one_that_is_disabled_or_gone_invokes_nothing(swept: Swept) -> None:
    role = swept.role()
    swept.schedule(role, state="DISABLED")
    swept.turn(900)
    assert swept.seen() == []
    swept.scheduler.delete_schedule(Name="sweep")
    swept.schedule(role)
    swept.scheduler.delete_schedule(Name="sweep")
    swept.turn(900)
    assert swept.seen() == []


@pytest.mark.parametrize(
    ("without", "why"),
    [
        (("invoke",), f"the role arn:aws:iam::{ACCOUNT}:role/sweeper may not lambda:InvokeFunction on {FUNCTION}"),
        (("trust",), f"scheduler.amazonaws.com cannot assume the role arn:aws:iam::{ACCOUNT}:role/sweeper"),
        (("function",), "there is no such function"),
    ],
)
def test_what_it_cannot_deliver_goes_to_its_dead_letter_queue(swept: Swept, without: tuple[str, ...], why: str) -> None:
    swept.schedule(swept.role(without=without))
    if "trust" in without:  # changed afterwards: CreateSchedule looks at it
        nobody = policy({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
        swept.story.aws("iam").update_assume_role_policy(RoleName="sweeper", PolicyDocument=nobody)
    if "function" in without:
        swept.story.aws("lambda").delete_function(FunctionName="swept")
    swept.turn(300)
    assert swept.seen() == []
    (dead,) = swept.messages("dead")
    assert dead["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] == why
    assert dead["MessageAttributes"]["SCHEDULE_ARN"]["StringValue"].endswith("schedule/default/sweep")
    assert json.loads(dead["Body"])["source"] == "aws.scheduler"


def test_a_dead_letter_needs_the_role_too(swept: Swept) -> None:
    swept.schedule(swept.role(without=("invoke", "dead")))
    swept.turn(300)
    assert swept.messages("dead") == []
    (dropped,) = swept.client.dropped()
    assert dropped["why"].endswith(f"the role arn:aws:iam::{ACCOUNT}:role/sweeper may not sqs:SendMessage there")


@pytest.mark.parametrize(
    ("source_arn", "taken"), [(GROUP, True), (GROUP.replace("default", "other"), False)], ids=["its own", "another"]
)
def test_the_trust_may_name_the_schedules_group(swept: Swept, source_arn: str, taken: bool) -> None:
    role = swept.role(trust={"Condition": {"StringEquals": {"aws:SourceArn": source_arn}}})
    if taken:
        swept.schedule(role)
    else:
        with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
            swept.schedule(role)


@pytest.mark.parametrize(
    ("every", "words"),
    [
        ("rate(0 minutes)", "Invalid Schedule Expression"),
        ("rate(5 seconds)", "Invalid Schedule Expression"),
        ("every 5 minutes", "Invalid Schedule Expression"),
        ("cron(0 * * * ? *)", "runs no cron"),
        ("at(2030-01-01T00:00:00)", "runs no cron and no at"),
    ],
)
def test_an_expression_that_would_never_be_due_is_refused(swept: Swept, every: str, words: str) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        swept.schedule(swept.role(), every=every)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert swept.scheduler.list_schedules()["Schedules"] == []


def test_a_change_is_checked_as_well_and_a_new_rate_counts_from_then(swept: Swept) -> None:
    role = swept.role()
    swept.schedule(role)
    change = {"Name": "sweep", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": FUNCTION, "RoleArn": role}}
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        swept.scheduler.update_schedule(ScheduleExpression="rate(-1 minutes)", **change)
    swept.turn(200)
    swept.scheduler.update_schedule(ScheduleExpression="rate(10 minutes)", **change)
    swept.turn(500)
    assert swept.seen() == []
    swept.turn(101)
    assert len(swept.seen()) == 1


def test_only_functions_can_be_targets_here(swept: Swept) -> None:
    with pytest.raises(ClientError, match="invoke functions only"):
        swept.schedule(swept.role(), Arn=swept.arn("seen"))


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", 86_400),
        ("rate(5minutes)", None),
        ("rate(05 minutes)", None),
        ("rate(5 minutes) ", None),
    ],
)
def test_rates(expression: str, seconds: int | None) -> None:
    assert rate_s(expression) == seconds
