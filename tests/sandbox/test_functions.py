"""What Lambda, Scheduler and EventBridge refuse: roles, environments, destinations; and failures in AWS's shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import ACCOUNT, Story, archive, wait_for

FAILS = "def handle(event, context):\n    raise ValueError('no')\n"


def make(story: Story, functions: Any, *, role: str, source: str = FAILS, **more: Any) -> None:
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=role,
        Handler="index.handle",
        Code={"ZipFile": archive(source)},
        **more,
    )


# -- iam:PassRole


def pass_to_function(story: Story, client: Callable[[str], Any], role: str) -> None:
    make(story, client("lambda"), role=role)


def pass_by_configuration(story: Story, client: Callable[[str], Any], role: str) -> None:
    make(story, story.aws("lambda"), role=story.make_role("other", "lambda.amazonaws.com", {}))
    client("lambda").update_function_configuration(FunctionName="f", Role=role)


def pass_to_schedule(story: Story, client: Callable[[str], Any], role: str) -> None:
    client("scheduler").create_schedule(
        Name="s",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": story.arn("lambda", "function:f"), "RoleArn": role},
    )


def pass_to_target(story: Story, client: Callable[[str], Any], role: str) -> None:
    story.aws("events").put_rule(Name="r", EventPattern='{"source": ["aws.sns"]}')
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    client("events").put_targets(Rule="r", Targets=[{"Id": "1", "Arn": bus, "RoleArn": role}])


def pass_to_trail(story: Story, client: Callable[[str], Any], role: str) -> None:
    story.make_bucket()
    story.make_log_group()
    client("cloudtrail").create_trail(**story.trail_parameters() | {"CloudWatchLogsRoleArn": role})


def pass_by_update(story: Story, client: Callable[[str], Any], role: str) -> None:
    story.make_bucket()
    story.make_log_group()
    logs = {"CloudWatchLogsLogGroupArn": None, "CloudWatchLogsRoleArn": None}
    plain = {key: value for key, value in story.trail_parameters().items() if key not in logs}
    story.aws("cloudtrail").create_trail(**plain)
    client("cloudtrail").update_trail(
        Name=story.name, CloudWatchLogsLogGroupArn=story.group_arn, CloudWatchLogsRoleArn=role
    )


def pass_to_topic(story: Story, client: Callable[[str], Any], role: str) -> None:
    client("sns").create_topic(Name="told", Attributes={"SQSFailureFeedbackRoleArn": role})


def pass_by_attribute(story: Story, client: Callable[[str], Any], role: str) -> None:
    arn = story.aws("sns").create_topic(Name="told")["TopicArn"]
    client("sns").set_topic_attributes(TopicArn=arn, AttributeName="HTTPSuccessFeedbackRoleArn", AttributeValue=role)


WAYS = {
    "CreateFunction": (pass_to_function, "lambda"),
    "UpdateFunctionConfiguration": (pass_by_configuration, "lambda"),
    "CreateSchedule": (pass_to_schedule, "scheduler"),
    "PutTargets": (pass_to_target, "events"),
    "CreateTrail": (pass_to_trail, "cloudtrail"),
    "UpdateTrail": (pass_by_update, "cloudtrail"),
    "CreateTopic": (pass_to_topic, "sns"),
    "SetTopicAttributes": (pass_by_attribute, "sns"),
}


@pytest.mark.parametrize("granted", ["the role to the service", "the role to another service", "no role"])
@pytest.mark.parametrize("operation", WAYS)
def test_a_role_is_given_only_by_who_may_pass_it(sandbox: SandboxClient, operation: str, granted: str) -> None:
    story = Story(sandbox)
    give, service = WAYS[operation]
    streams = {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    role = story.make_role("given", f"{service}.amazonaws.com", {"write": streams})
    keys = story.user("builder", f"{service}:*")
    if granted != "no role":
        to = service if granted == "the role to the service" else "ec2"
        statement = {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": role,
            "Condition": {"StringEquals": {"iam:PassedToService": f"{to}.amazonaws.com"}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        story.aws("iam").put_user_policy(UserName="builder", PolicyName="pass", PolicyDocument=document)

    def client(name: str) -> Any:
        return story.aws(name, **keys)

    if granted == "the role to the service":
        give(story, client, role)
        return
    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole") as refused:
        give(story, client, role)
    assert refused.value.response["Error"]["Code"] == (
        "AuthorizationError" if service == "sns" else "AccessDeniedException"
    )
    assert refused.value.operation_name == operation
    assert f"arn:aws:iam::{ACCOUNT}:user/builder" in str(refused.value)


def test_lambda_must_be_trusted_by_the_role(sandbox: SandboxClient) -> None:
    story = Story(sandbox)
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        make(story, story.aws("lambda"), role=story.make_role("given", "ec2.amazonaws.com", {}))


# -- environment


@pytest.mark.parametrize(("length", "taken"), [(4096 - 8, True), (4096 - 7, False)])
def test_the_environment_of_a_function_is_small(sandbox: SandboxClient, length: int, taken: bool) -> None:
    """4,096 bytes as JSON: `{"A":"…"}` has eight beside the value."""
    story = Story(sandbox)
    functions, variables = story.aws("lambda"), {"Variables": {"A": "x" * length}}
    make(story, functions, role=story.make_role("given", "lambda.amazonaws.com", {}))
    if taken:
        functions.update_function_configuration(FunctionName="f", Environment=variables)
        return
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        functions.update_function_configuration(FunctionName="f", Environment=variables)
    functions.delete_function(FunctionName="f")
    with pytest.raises(ClientError, match="exceeded the 4KB limit") as refused:
        make(story, functions, role=f"arn:aws:iam::{ACCOUNT}:role/given", Environment=variables)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


# -- failures


def failing(sandbox: SandboxClient, *, retries: int = 0) -> tuple[Story, str]:
    """A function that fails, with a queue for its failures; the queue's URL."""
    story = Story(sandbox)
    url = story.aws("sqs").create_queue(QueueName="failures")["QueueUrl"]
    arn = story.arn("sqs", "failures")
    role = story.make_role("f", "lambda.amazonaws.com", {"send": {"Action": "sqs:SendMessage", "Resource": arn}})
    functions = story.aws("lambda")
    make(story, functions, role=role)
    functions.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=retries, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    return story, url


def records(story: Story, url: str) -> list[dict[str, Any]]:
    found = story.aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(one["Body"]) for one in found]


def test_a_failure_is_told_in_awss_shape(sandbox: SandboxClient) -> None:
    story, url = failing(sandbox, retries=1)
    story.aws("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b'{"n": 1}')
    (told,) = wait_for("the failure", lambda: records(story, url))
    context = told["requestContext"]
    assert told["version"] == "1.0"
    assert told["timestamp"].endswith("Z")
    assert context["functionArn"] == story.arn("lambda", "function:f:$LATEST")
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 2)
    assert len(context["requestId"]) == 36
    assert told["requestPayload"] == {"n": 1}
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert told["responsePayload"]["errorMessage"] == "no"


def sums(story: Story) -> dict[str, float]:
    """The sums of what is measured of the function `f`."""
    found: dict[str, float] = {}
    for name in ("Invocations", "Errors"):
        points = story.aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": "f"}],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        found[name] = sum(point["Sum"] for point in points)
    return found


@pytest.mark.parametrize("way", ["topic", "event", "call"])
def test_every_run_is_measured_once_whoever_calls(sandbox: SandboxClient, way: str) -> None:
    """Each try of an event is a run; who waits for the answer tries by themselves."""
    story, url = failing(sandbox, retries=1)
    if way == "topic":
        topic = story.aws("sns").create_topic(Name="t")["TopicArn"]
        story.aws("lambda").add_permission(
            FunctionName="f", StatementId="t", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
            SourceArn=topic,
        )  # fmt: skip
        story.aws("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=story.arn("lambda", "function:f"))
        story.aws("sns").publish(TopicArn=topic, Message="m")
    else:
        kind = {"event": "Event", "call": "RequestResponse"}[way]
        story.aws("lambda").invoke(FunctionName="f", InvocationType=kind, Payload=b"{}")
    if way != "call":
        wait_for("the failure", lambda: records(story, url))
    runs = 1 if way == "call" else 2
    assert sums(story) == {"Invocations": runs, "Errors": runs}


def test_without_concurrency_an_event_goes_to_the_destination_at_once(sandbox: SandboxClient) -> None:
    story, url = failing(sandbox, retries=2)
    functions = story.aws("lambda")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"n": 1}')
    sandbox.settle()
    (told,) = records(story, url)
    assert told["requestPayload"] == {"n": 1}
    assert told["requestContext"]["approximateInvokeCount"] == 0
    assert "responsePayload" not in told
    with pytest.raises(ClientError, match="TooManyRequests"):
        functions.invoke(FunctionName="f", Payload=b"{}")


def test_a_destination_that_the_role_cannot_reach_is_refused(sandbox: SandboxClient) -> None:
    story = Story(sandbox)
    functions = story.aws("lambda")
    story.aws("sqs").create_queue(QueueName="failures")
    make(story, functions, role=story.make_role("f", "lambda.amazonaws.com", {}))
    with pytest.raises(ClientError, match="does not have permissions to call SendMessage on SQS"):
        functions.put_function_event_invoke_config(
            FunctionName="f", DestinationConfig={"OnFailure": {"Destination": story.arn("sqs", "failures")}}
        )
