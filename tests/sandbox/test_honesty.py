"""Leave out one grant, and what AWS would drop is dropped here too, and named."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox import SandboxClient
from tests.support.sandbox_story import ACCOUNT, Story, policy, wait_for

DELIVERED = "delivered"


def whole_story(sandbox: SandboxClient, *without: str) -> Story:
    story = Story(sandbox, without=frozenset(without)).make()
    sandbox.confirm()
    return story


def mails_after(story: Story, wanted: str) -> list[str]:
    """Subjects of the mails once the alarm has gone off and the dropped list says (or has) what is expected."""
    wait_for("the alarm has gone off", lambda: story.alarm()["StateValue"] == "ALARM")
    if wanted != DELIVERED:
        wait_for(f"{wanted} is named", lambda: any(re.search(wanted, one["why"]) for one in story.client.dropped()))
    else:
        wait_for(
            "a mail of the alarm", lambda: any(mail["subject"].startswith("ALARM") for mail in story.client.mail())
        )
    return [mail["subject"] for mail in story.client.mail() if mail["subject"].startswith("ALARM")]


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        pytest.param((), DELIVERED, id="nothing is missing"),
        pytest.param(
            ("topic cloudwatch",), r"topic's policy does not let cloudwatch\.amazonaws\.com publish", id="topic policy"
        ),
        pytest.param(
            ("key cloudwatch",),
            r"policy of the topic's key .* does not let cloudwatch\.amazonaws\.com use it \(kms:GenerateDataKey\)",
            id="key policy",
        ),
        pytest.param(("topic events", "key events"), DELIVERED, id="a grant for others is not needed"),
    ],
)
def test_alarm_to_topic(sandbox: SandboxClient, missing: tuple[str, ...], why: str) -> None:
    story = whole_story(sandbox, *missing)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    assert bool(mails_after(story, why)) is (why == DELIVERED)
    history = story.aws("cloudwatch").describe_alarm_history(AlarmName=story.name, HistoryItemType="Action")
    summary = history["AlarmHistoryItems"][0]["HistorySummary"]
    if why == DELIVERED:
        assert summary == f"Successfully executed action {story.alerts_arn}"
    else:
        assert summary.startswith(f"Failed to execute action {story.alerts_arn}. Received error:")


@pytest.mark.parametrize(
    ("condition", "delivered"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:guarded"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:other*"}}, False),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False),
    ],
)
def test_conditions_of_a_topic_policy_count(sandbox: SandboxClient, condition: dict[str, Any], delivered: bool) -> None:
    story = whole_story(sandbox)
    statement = {
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": story.alerts_arn,
        "Condition": condition,
    }
    story.aws("sns").set_topic_attributes(
        TopicArn=story.alerts_arn, AttributeName="Policy", AttributeValue=policy(statement)
    )
    story.aws("cloudwatch").set_alarm_state(AlarmName=story.name, StateValue="ALARM", StateReason="test")
    assert bool(mails_after(story, DELIVERED if delivered else "topic's policy")) is delivered


def test_an_explicit_deny_wins(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox)
    both = json.loads(story.topic_policy())
    both["Statement"].append(
        {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": story.alerts_arn}
    )
    story.aws("sns").set_topic_attributes(
        TopicArn=story.alerts_arn, AttributeName="Policy", AttributeValue=json.dumps(both)
    )
    story.aws("cloudwatch").set_alarm_state(AlarmName=story.name, StateValue="ALARM", StateReason="test")
    assert mails_after(story, "topic's policy") == []


def test_the_policy_that_a_new_topic_has_lets_alarms_in_and_rules_not(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox)
    topics = story.aws("sns")
    plain = topics.create_topic(Name="plain")["TopicArn"]
    topics.subscribe(TopicArn=plain, Protocol="email", Endpoint="plain@example.com")
    sandbox.confirm()
    story.make_watch(AlarmActions=[plain])
    story.make_rule(target_arn=plain)
    story.aws("cloudwatch").set_alarm_state(AlarmName=story.name, StateValue="ALARM", StateReason="test")
    assert len(mails_after(story, DELIVERED)) == 1
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    assert any("does not let events.amazonaws.com publish" in one["why"] for one in sandbox.dropped())


@pytest.mark.parametrize(
    ("key", "why"),
    [("alias/aws/sns", "alias/aws/sns, and the policy of that key cannot let"), ("disabled", "is Disabled")],
)
def test_keys_that_no_service_can_use(sandbox: SandboxClient, key: str, why: str) -> None:
    story = whole_story(sandbox)
    if key == "disabled":
        arn = story.aws("sns").get_topic_attributes(TopicArn=story.alerts_arn)["Attributes"]["KmsMasterKeyId"]
        story.aws("kms").disable_key(KeyId=arn)
    else:
        story.aws("sns").set_topic_attributes(
            TopicArn=story.alerts_arn, AttributeName="KmsMasterKeyId", AttributeValue=key
        )
    story.aws("cloudwatch").set_alarm_state(AlarmName=story.name, StateValue="ALARM", StateReason="test")
    assert mails_after(story, why) == []


# -- rules


def test_rule_to_function_needs_a_permission(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox, "permission events")
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    (dropped,) = sandbox.dropped()
    assert dropped["where"] == story.function_arn
    assert dropped["why"] == (
        f"the function's policy does not let events.amazonaws.com invoke it for {story.rule_arn} (lambda AddPermission)"
    )
    assert not story.is_logging()


def test_a_permission_for_another_rule_is_none(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox, "permission events")
    story.aws("lambda").add_permission(
        FunctionName="guarded-guardian",
        StatementId="other",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=story.arn("events", "rule/other"),
    )
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    assert len(sandbox.dropped()) == 1


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ((), DELIVERED),
        (("topic events",), "topic's policy does not let events.amazonaws.com publish"),
        (("key events",), "does not let events.amazonaws.com use it"),
    ],
)
def test_rule_to_topic(sandbox: SandboxClient, missing: tuple[str, ...], why: str) -> None:
    story = whole_story(sandbox, *missing)
    story.make_rule(target_arn=story.alerts_arn)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    mails = [mail for mail in sandbox.mail() if mail["subject"] == "AWS Notification Message"]
    if why == DELIVERED:
        assert json.loads(mails[0]["body"])["detail"]["eventName"] == "StopLogging"
    else:
        assert mails == []
        assert any(why in one["why"] for one in sandbox.dropped())


def test_a_condition_on_the_source_keeps_rules_out_of_a_topic(sandbox: SandboxClient) -> None:
    """EventBridge sends none with a topic, so the statement must be bare."""
    story = whole_story(sandbox)
    statement = {
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": story.alerts_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": story.rule_arn}},
    }
    story.aws("sns").set_topic_attributes(
        TopicArn=story.alerts_arn, AttributeName="Policy", AttributeValue=policy(statement)
    )
    story.make_rule(target_arn=story.alerts_arn)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    assert any("does not let events.amazonaws.com publish" in one["why"] for one in sandbox.dropped())


def make_queue(story: Story, name: str, *, service: str | None, source_arn: str) -> str:
    """A queue that lets one service send for one source, or nobody."""
    sqs = story.aws("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    if service is not None:
        statement = {
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": story.arn("sqs", name),
            "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(statement)})
    return url


def messages(story: Story, url: str) -> list[dict[str, Any]]:
    sqs = story.aws("sqs")
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


@pytest.mark.parametrize("service", ["events.amazonaws.com", "sns.amazonaws.com", None])
def test_rule_to_queue(sandbox: SandboxClient, service: str | None) -> None:
    story = whole_story(sandbox)
    url = make_queue(story, "q", service=service, source_arn=story.rule_arn)
    story.make_rule(target_arn=story.arn("sqs", "q"))
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    assert bool(messages(story, url)) is (service == "events.amazonaws.com")
    refused = [one for one in sandbox.dropped() if "queue's policy does not let events.amazonaws.com" in one["why"]]
    assert bool(refused) is (service != "events.amazonaws.com")


@pytest.mark.parametrize("grant", [True, False])
def test_what_a_rule_cannot_deliver_goes_to_its_dead_letter_queue(sandbox: SandboxClient, grant: bool) -> None:
    story = whole_story(sandbox, "permission events")
    url = make_queue(story, "dead", service="events.amazonaws.com" if grant else None, source_arn=story.rule_arn)
    story.make_rule(DeadLetterConfig={"Arn": story.arn("sqs", "dead")})
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    if not grant:
        assert any("nor did the dead-letter queue take it" in one["why"] for one in sandbox.dropped())
        assert messages(story, url) == []
        return
    (dead,) = wait_for("the dead letter", lambda: messages(story, url))
    assert json.loads(dead["Body"])["detail"]["eventName"] == "StopLogging"
    assert dead["MessageAttributes"]["RULE_ARN"]["StringValue"] == story.rule_arn
    assert dead["MessageAttributes"]["TARGET_ARN"]["StringValue"] == story.function_arn
    assert "does not let events.amazonaws.com invoke" in dead["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_a_target_in_another_region_is_not_reached(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox)
    story.make_rule(target_arn=f"arn:aws:sns:us-east-1:{ACCOUNT}:far")
    story.aws("cloudtrail").stop_logging(Name=story.name)
    sandbox.settle()
    assert any(one["why"] == "the target is in another region or account" for one in sandbox.dropped())


# -- topics


def test_topic_to_function_needs_a_permission(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox, "permission sns")
    story.aws("sns").subscribe(TopicArn=story.alerts_arn, Protocol="lambda", Endpoint=story.function_arn)
    story.aws("sns").publish(TopicArn=story.alerts_arn, Subject="s", Message="m")
    (dropped,) = wait_for("it is named", sandbox.dropped)
    assert "does not let sns.amazonaws.com invoke it" in dropped["why"]
    assert dropped["where"] == story.function_arn


def test_topic_to_queue_needs_the_queues_policy(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox)
    open_url = make_queue(story, "open", service="sns.amazonaws.com", source_arn=story.alerts_arn)
    shut_url = make_queue(story, "shut", service=None, source_arn="")
    for name in ("open", "shut"):
        story.aws("sns").subscribe(TopicArn=story.alerts_arn, Protocol="sqs", Endpoint=story.arn("sqs", name))
    story.aws("sns").publish(TopicArn=story.alerts_arn, Subject="s", Message="m")
    assert len(messages(story, open_url)) == 1
    assert messages(story, shut_url) == []
    (dropped,) = sandbox.dropped()
    assert dropped["where"] == story.arn("sqs", "shut")


def test_what_a_topic_cannot_deliver_goes_to_the_subscriptions_dead_letter_queue(sandbox: SandboxClient) -> None:
    story = whole_story(sandbox, "permission sns")
    url = make_queue(story, "dead", service="sns.amazonaws.com", source_arn=story.alerts_arn)
    story.aws("sns").subscribe(
        TopicArn=story.alerts_arn,
        Protocol="lambda",
        Endpoint=story.function_arn,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": story.arn("sqs", "dead")})},
    )
    story.aws("sns").publish(TopicArn=story.alerts_arn, Subject="s", Message="lost?")
    (dead,) = wait_for("the dead letter", lambda: messages(story, url))
    assert json.loads(dead["Body"])["Message"] == "lost?"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ((), None),
        (("report key",), "KMSAccessDenied"),
        (("key owner",), "KMSAccessDenied"),
    ],
)
def test_a_publisher_needs_the_topics_key(sandbox: SandboxClient, missing: tuple[str, ...], code: str | None) -> None:
    story = whole_story(sandbox, *missing)
    story.aws("cloudtrail").stop_logging(Name=story.name)
    wait_for("the trail is logging again", story.is_logging)
    if code is None:
        wait_for("the report", lambda: any(mail["subject"] == "restarted" for mail in sandbox.mail()))
        return
    logs, group = story.aws("logs"), "/aws/lambda/guarded-guardian"

    def refused() -> bool:
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return False
        return any(code in line["message"] for line in logs.filter_log_events(logGroupName=group)["events"])

    wait_for("the function was refused", refused)
    assert not any(mail["subject"] == "restarted" for mail in sandbox.mail())


# -- failures of functions


@pytest.mark.parametrize("grant", [True, False])
def test_a_functions_failures_go_where_its_role_may_send(sandbox: SandboxClient, grant: bool) -> None:
    story = Story(sandbox)
    functions = story.aws("lambda")
    url = story.aws("sqs").create_queue(QueueName="failures")["QueueUrl"]
    arn = story.arn("sqs", "failures")
    role = story.make_role("failing", "lambda.amazonaws.com", {"send": {"Action": "sqs:SendMessage", "Resource": arn}})
    from tests.support.sandbox_story import archive

    functions.create_function(
        FunctionName="failing",
        Runtime="python3.13",
        Role=role,
        Handler="index.handle",
        Code={"ZipFile": archive("def handle(event, context):\n    raise ValueError('no')\n")},
    )
    functions.put_function_event_invoke_config(
        FunctionName="failing", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    if not grant:  # Lambda tries the role when the destination is set; what is taken away later shows at the failure
        story.aws("iam").delete_role_policy(RoleName="failing", PolicyName="all")
    functions.invoke(FunctionName="failing", InvocationType="Event", Payload=b'{"n": 1}')
    if grant:
        (failure,) = wait_for("the failure", lambda: messages(story, url))
        assert json.loads(failure["Body"])["requestPayload"] == {"n": 1}
    else:
        (dropped,) = wait_for("it is named", sandbox.dropped)
        assert dropped["why"] == f"the function's role {role} may not sqs:SendMessage there"
        assert messages(story, url) == []


def test_what_lambda_cannot_hand_on_is_counted_by_the_way_it_was_lost(sandbox: SandboxClient) -> None:
    """A destination and a dead-letter queue have a metric each, and so each wants an alarm of its own."""
    story = Story(sandbox)
    from tests.support.sandbox_story import archive

    for queue in ("failures", "letters"):
        story.aws("sqs").create_queue(QueueName=queue)
    failures, letters = story.arn("sqs", "failures"), story.arn("sqs", "letters")
    send = {"Action": "sqs:SendMessage", "Resource": [failures, letters]}
    functions = story.aws("lambda")
    functions.create_function(
        FunctionName="failing",
        Runtime="python3.13",
        Role=story.make_role("failing", "lambda.amazonaws.com", {"send": send}),
        Handler="index.handle",
        Code={"ZipFile": archive("def handle(event, context):\n    raise ValueError('no')\n")},
        DeadLetterConfig={"TargetArn": letters},
    )
    functions.put_function_event_invoke_config(
        FunctionName="failing", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": failures}}
    )
    story.aws("iam").delete_role_policy(RoleName="failing", PolicyName="all")
    functions.invoke(FunctionName="failing", InvocationType="Event", Payload=b"{}")
    wait_for("both are named", lambda: len(sandbox.dropped()) == 2)
    today = datetime.now(UTC)
    for metric in ("DestinationDeliveryFailures", "DeadLetterErrors"):
        found = story.aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": "failing"}],
            StartTime=today - timedelta(days=1),
            EndTime=today + timedelta(days=1),
            Period=86_400,
            Statistics=["Sum"],
        )["Datapoints"]
        assert sum(each["Sum"] for each in found) == 1, metric
