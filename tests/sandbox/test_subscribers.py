"""Machines that are told, as they are deployed: a queue, a URL on this machine, and a URL that nobody may reach."""

from __future__ import annotations

import json
import re
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient, webhooks
from sandbox.deploy import deploy
from tests.support.recorded_program import ROOT
from tests.support.sandbox_story import wait_for

HOME, ABROAD = "eu-west-1", "us-east-1"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [eu-west-1]
  trailwarden:emails: [security@example.com]
  trailwarden:subscribers:
    - {{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:000000000000:siem", gets: alerts, raw: true, deadLetters: true}}
    - {{protocol: http, endpoint: "{url}", gets: alerts, deadLetters: true, clearTextReason: on this machine}}
    - {{protocol: https, endpointSecret: webhookUrl, gets: alerts}}
  trailwarden:alerts:
    explain: false
    allowPublish: ["111122223333"]
    allowSubscribe: ["111122223333"]
    deliveryStatus: 100
  trailwarden:webhookUrl:
    secure: v1:s3cret
  trailwarden:eventSets: {{kms-policy: {{}}}}  # nothing here calls these, so no alarm speaks in between
  trailwarden:sourceIps: []
  trailwarden:burst: {{threshold: 1000000}}
  trailwarden:remediation: {{mode: restore}}
  trailwarden:evidence: disposable
"""


class Receiver:
    """A web server that keeps what is posted to it: (headers in lower case, body)."""

    def __init__(self) -> None:
        posts: list[tuple[dict[str, str], str]] = []
        receiver = self
        self.posts, self.answer = posts, 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answer)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def letters(sandbox: SandboxClient, queue: str, region: str = HOME) -> list[str]:
    """The bodies in a queue, by the beginning of its name."""
    sqs = sandbox.aws("sqs", region=region)
    (url,) = sqs.list_queues(QueueNamePrefix=queue)["QueueUrls"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [each["Body"] for each in found.get("Messages", [])]


def test_machines_are_told_once_they_let_the_topic_in(
    sandbox: SandboxClient, receiver: Receiver, tmp_path: Path
) -> None:
    shutil.copyfile(ROOT / "Pulumi.yaml", tmp_path / "Pulumi.yaml")
    (tmp_path / "Pulumi.machines.yaml").write_text(STACK_FILE.format(url=receiver.url), encoding="utf-8")
    sqs = sandbox.aws("sqs", region=ABROAD)
    queue = sqs.create_queue(QueueName="siem")["QueueUrl"]
    outputs = deploy(tmp_path / "Pulumi.machines.yaml", endpoint_url=sandbox.endpoint_url).outputs
    topic = outputs["alertsTopicArn"]
    (rule,) = sandbox.aws("cloudwatch", region=HOME).describe_insight_rules()["InsightRules"]
    assert (rule["Name"], rule["State"]) == (outputs["insightRuleName"], "ENABLED")
    others = {
        account: sandbox.aws("sns", region=HOME, key=account, secret="test")
        for account in ("111122223333", "444455556666")
    }
    with pytest.raises(ClientError, match="AuthorizationError"):
        others["444455556666"].publish(TopicArn=topic, Message="from an account that nobody let in")
    others["111122223333"].publish(TopicArn=topic, Message="from one that was let in, with its key")
    arns = {
        each["Protocol"]: each["SubscriptionArn"]
        for each in sandbox.aws("sns", region=HOME).list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    }
    assert {arns[each] for each in ("http", "https", "email")} == {"PendingConfirmation"}  # AWS asks them first

    def publish(text: str) -> None:
        sandbox.aws("sns", region=HOME).publish(TopicArn=topic, Subject="s", Message=text)
        sandbox.settle()

    # Nobody has done anything yet: the queue lets nobody in, the URL has not confirmed.
    publish("first")
    assert letters(sandbox, "siem", ABROAD) == []
    assert letters(sandbox, "alerts-sqs-") == ["from one that was let in, with its key", "first"]
    why = {each["where"]: each["why"] for each in sandbox.dropped()}
    assert why["http://127.0.0.1/…"] == "the subscription is pending: nobody has confirmed it"
    assert "https://secret.invalid/…" in why
    assert "s3cret" not in json.dumps(sandbox.dropped())

    # What the next steps say is enough.
    (step,) = (each for each in outputs["nextSteps"] if "arn:aws:sqs:us-east-1:000000000000:siem: {" in each)
    statement = json.loads(re.search(r"\{.*\}", step)[0])  # pyright: ignore[reportOptionalSubscript]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    wait_for("a confirmation", lambda: receiver.posts)
    (headers, body), *_ = receiver.posts
    assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    with urllib.request.urlopen(json.loads(body)["SubscribeURL"]) as answer:
        assert answer.status == 200
    publish("second")
    assert letters(sandbox, "siem", ABROAD) == ["second"]
    headers, body = receiver.posts[-1]
    assert (headers["x-amz-sns-message-type"], headers["x-amz-sns-topic-arn"]) == ("Notification", topic)
    assert (json.loads(body)["Message"], json.loads(body)["Subject"]) == ("second", "s")

    # A URL that fails is tried again, then what it did not take is kept.
    receiver.answer, before = 500, len(receiver.posts)
    publish("third")
    assert len(receiver.posts) - before == 4  # once, and the three retries that SNS makes by default
    (kept,) = letters(sandbox, "alerts-http-")
    assert json.loads(kept)["Message"] == "third"
    assert [each["why"] for each in sandbox.dropped() if "it answered 500" in each["why"]]


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("http://127.0.0.1:8/x", False),
        ("http://localhost:8/x", False),
        ("http://[::1]:8/x", False),
        ("https://hooks.example.com/x", True),
        ("http://127.0.0.1.example.com/x", True),
        ("http://127.0.0.1@example.com/x", True),
        ("http://0x7f.1/x", True),
        ("http://169.254.169.254/latest", True),
    ],
)
def test_nothing_is_posted_beyond_this_machine(url: str, is_refused: bool) -> None:
    assert (webhooks.refusal(url) is not None) is is_refused
    if is_refused:
        assert webhooks.post(url, "secret", {}) == "the sandbox posts to loopback addresses only"
