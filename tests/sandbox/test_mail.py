"""The mailbox: addresses that wait for confirmation, subscriptions as SNS shows them, links that may be locked."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import wait_for


@pytest.fixture
def topic(sandbox: SandboxClient) -> str:
    """A topic with one address that has not confirmed."""
    arn = sandbox.aws("sns").create_topic(Name="alerts")["TopicArn"]
    answer = sandbox.aws("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"
    return arn


def publish(sandbox: SandboxClient, topic: str, **more: str) -> None:
    sandbox.aws("sns").publish(TopicArn=topic, **{"Message": "hello", **more})


def counts(sandbox: SandboxClient, topic: str) -> tuple[str, str]:
    attributes = sandbox.aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]


def test_pending_then_confirmed(sandbox: SandboxClient, topic: str) -> None:
    sns = sandbox.aws("sns")
    assert counts(sandbox, topic) == ("1", "0")
    publish(sandbox, topic, Subject="lost")
    assert sandbox.mail() == []
    for listing in (sns.list_subscriptions(), sns.list_subscriptions_by_topic(TopicArn=topic)):
        assert [one["SubscriptionArn"] for one in listing["Subscriptions"]] == ["PendingConfirmation"]
    assert sandbox.confirm() == {"confirmed": ["ops@example.com"], "left": []}
    publish(sandbox, topic, Subject="s")
    (mail,) = sandbox.mail()
    assert (mail["to"], mail["subject"], mail["body"]) == ("ops@example.com", "s", "hello")
    assert mail["at"].endswith("Z")
    assert counts(sandbox, topic) == ("0", "1")
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(f"{topic}:")
    assert sandbox.confirm() == {"confirmed": [], "left": []}


def test_mail_of_either_kind_holds_the_text_that_is_not_for_telephones(sandbox: SandboxClient, topic: str) -> None:
    sandbox.aws("sns").subscribe(TopicArn=topic, Protocol="email-json", Endpoint="json@example.com")
    sandbox.confirm()
    texts = json.dumps({"default": "the whole · story\n", "sms": "short"}, ensure_ascii=False)
    publish(sandbox, topic, Message=texts, MessageStructure="json", Subject="s")
    bodies = {mail["to"]: mail["body"] for mail in sandbox.mail()}
    assert bodies["ops@example.com"] == "the whole · story\n"
    assert json.loads(bodies["json@example.com"])["Message"] == "the whole · story\n"


def test_one_address_of_several(sandbox: SandboxClient, topic: str) -> None:
    sandbox.aws("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="second@example.com")
    assert sandbox.confirm("OPS@example.com") == {"confirmed": ["ops@example.com"], "left": ["second@example.com"]}
    assert sandbox.confirm("nobody@example.com") == {"confirmed": [], "left": ["second@example.com"]}
    publish(sandbox, topic)
    assert [mail["to"] for mail in sandbox.mail()] == ["ops@example.com"]


def test_the_same_address_twice_stays_one(sandbox: SandboxClient, topic: str) -> None:
    sns = sandbox.aws("sns")
    again = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    assert again["SubscriptionArn"] == "pending confirmation"
    sandbox.confirm()
    known = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    assert known["SubscriptionArn"].startswith(topic)
    assert len(sandbox.subscriptions()) == 1


def test_the_arn_can_be_asked_for_at_once(sandbox: SandboxClient, topic: str) -> None:
    answer = sandbox.aws("sns").subscribe(
        TopicArn=topic, Protocol="email", Endpoint="new@example.com", ReturnSubscriptionArn=True
    )
    assert answer["SubscriptionArn"].startswith(f"{topic}:")
    attributes = sandbox.aws("sns").get_subscription_attributes(SubscriptionArn=answer["SubscriptionArn"])["Attributes"]
    assert attributes["PendingConfirmation"] == "true"


def test_a_person_confirms_with_the_token_of_the_mail(sandbox: SandboxClient, topic: str) -> None:
    (pending,) = sandbox.subscriptions()
    assert (pending["endpoint"], pending["confirmed"], pending["topic"]) == ("ops@example.com", False, topic)
    sns = sandbox.aws("sns")
    with pytest.raises(ClientError, match="Invalid token"):
        sns.confirm_subscription(TopicArn=topic, Token="guessed")
    answer = sns.confirm_subscription(TopicArn=topic, Token=pending["token"])
    assert answer["SubscriptionArn"].startswith(topic)
    assert sandbox.subscriptions()[0]["token"] is None


def link(sandbox: SandboxClient, **query: str) -> int:
    """Follow a link of a mail: unsigned, in a browser."""
    with urllib.request.urlopen(f"{sandbox.endpoint_url}/?{urlencode(query)}", timeout=30) as answer:
        return answer.status


@pytest.mark.parametrize("locked", [False, True])
def test_the_link_that_unsubscribes_can_be_locked(sandbox: SandboxClient, topic: str, locked: bool) -> None:
    sns = sandbox.aws("sns")
    (pending,) = sandbox.subscriptions()
    arn = sns.confirm_subscription(
        TopicArn=topic, Token=pending["token"], AuthenticateOnUnsubscribe="true" if locked else "false"
    )["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["ConfirmationWasAuthenticated"] == str(locked).lower()
    if locked:
        with pytest.raises(urllib.error.HTTPError):
            link(sandbox, Action="Unsubscribe", SubscriptionArn=arn)
        assert len(sandbox.subscriptions()) == 1
        sns.unsubscribe(SubscriptionArn=arn)
    else:
        assert link(sandbox, Action="Unsubscribe", SubscriptionArn=arn) == 200
    assert sandbox.subscriptions() == []


def test_the_links_of_mails_leave_no_record(sandbox: SandboxClient, topic: str) -> None:
    from tests.support.sandbox_story import Story

    story = Story(sandbox, region="us-east-1")
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    (pending,) = sandbox.subscriptions()
    assert link(sandbox, Action="ConfirmSubscription", TopicArn=topic, Token=pending["token"]) == 200
    assert link(sandbox, Action="Unsubscribe", SubscriptionArn=pending["arn"]) == 200
    assert story.records(eventName="ConfirmSubscription") == story.records(eventName="Unsubscribe") == []


def test_a_pending_subscription_cannot_be_ended(sandbox: SandboxClient, topic: str) -> None:
    (pending,) = sandbox.subscriptions()
    for arn in ("PendingConfirmation", "pending confirmation", pending["arn"]):
        with pytest.raises(ClientError, match="InvalidParameter"):
            sandbox.aws("sns").unsubscribe(SubscriptionArn=arn)
    assert len(sandbox.subscriptions()) == 1


def test_mail_for_machines_is_json(sandbox: SandboxClient, topic: str) -> None:
    sandbox.aws("sns").subscribe(TopicArn=topic, Protocol="email-json", Endpoint="machine@example.com")
    sandbox.confirm("machine@example.com")
    publish(sandbox, topic, Subject="s")
    (mail,) = sandbox.mail()
    body = json.loads(mail["body"])
    assert (body["Type"], body["TopicArn"], body["Subject"], body["Message"]) == ("Notification", topic, "s", "hello")


def test_a_mail_without_a_subject_has_awss(sandbox: SandboxClient, topic: str) -> None:
    sandbox.confirm()
    publish(sandbox, topic)
    assert sandbox.mail()[0]["subject"] == "AWS Notification Message"


def test_a_filter_policy_keeps_mail_away(sandbox: SandboxClient, topic: str) -> None:
    sandbox.confirm()
    arn = sandbox.subscriptions()[0]["arn"]
    sandbox.aws("sns").set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps({"severity": ["critical"]})
    )
    for severity in ("low", "critical"):
        sandbox.aws("sns").publish(
            TopicArn=topic,
            Message=severity,
            MessageAttributes={"severity": {"DataType": "String", "StringValue": severity}},
        )
    assert [mail["body"] for mail in sandbox.mail()] == ["critical"]


def test_each_protocol_gets_its_own_text(sandbox: SandboxClient, topic: str) -> None:
    sandbox.confirm()
    publish(sandbox, topic, Message=json.dumps({"default": "d", "email": "for people"}), MessageStructure="json")
    assert sandbox.mail()[0]["body"] == "for people"


def test_a_deleted_topic_takes_its_subscriptions_along(sandbox: SandboxClient, topic: str) -> None:
    sandbox.aws("sns").delete_topic(TopicArn=topic)
    assert wait_for("they are gone", lambda: sandbox.subscriptions() == [])
