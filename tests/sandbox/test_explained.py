"""Every event set of the catalogue, explained as it is deployed: one mail for its event, with who, what and where."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from common.actor import actor_of

from catalog import EVENT_SETS
from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.recorded_program import ROOT
from tests.support.sandbox_story import wait_for

HOME, ACCOUNT = "eu-west-1", "000000000000"
BEHIND_S = 1_200
BURST = 500  # more than functions and deployment make in one period
AT_ONCE = 4  # so many processes of the function; each takes a second to start, and then stays
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [{HOME}, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:subscribers:
    - protocol: email-json
      endpoint: pager@example.com
      filter: {{severity: [critical], set: [guardian, root-account-use, iam-policy-changes]}}
  trailwarden:eventSets: {json.dumps({name: {"threshold": 1, "period": 300} for name in EVENT_SETS})}
  trailwarden:sourceIps: []
  trailwarden:burst: {{threshold: {BURST}}}
  trailwarden:remediation: {{mode: restore}}
  trailwarden:alerts:
    explain: true
    suppressions:  # the guardian reads roles at each of its looks
      - name: guardian
        pattern: '{{ $.userIdentity.sessionContext.sessionIssuer.userName = "guardian-*" }}'
        reason: it looks at what is ours
  trailwarden:evidence: disposable
"""


class Stack:
    """A deployed stack, quiet, and its mail confirmed."""

    def __init__(self, client: SandboxClient, outputs: Mapping[str, Any]) -> None:
        self.client, self.outputs = client, outputs

    def later(self, seconds: float) -> None:
        """Time passes, and everything that follows from it happens."""
        self.client.advance_clock(seconds)
        self.client.settle()

    @property
    def mails(self) -> list[dict[str, str]]:
        return [mail for mail in self.client.mail() if mail["to"] == "security@example.com"]

    @property
    def pages(self) -> list[str]:
        """The subjects that the one with a filter got."""
        return [mail["subject"] for mail in self.client.mail() if mail["to"] == "pager@example.com"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("explained")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.explained.yaml").write_text(STACK_FILE, encoding="utf-8")
    with SandboxProcess(clock_behind_s=BEHIND_S, by_hand=True) as process:
        made = deploy(folder / "Pulumi.explained.yaml", endpoint_url=process.client.endpoint_url)
        found = Stack(process.client, made.outputs)
        found.client.settle()
        for _ in range(4):  # the deployment itself rang; that is told to nobody and over
            found.later(BEHIND_S / 4)
        found.client.confirm(None)
        yield found


def names_of(stack: Stack) -> dict[str, str]:
    """The physical names that stand for those of the catalogue's samples."""
    iam, sqs = stack.client.aws("iam"), stack.client.aws("sqs", region=HOME)
    events = stack.client.aws("events", region=HOME)
    roles = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    queues = [url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]]
    return {
        "trailwarden-prod-evidence-1f6c2a9": stack.outputs["bucketName"],
        "guardian-4c8e1f5": stack.outputs["guardianFunctionName"],
        "last-resort-3d8a5f1": next(name for name in queues if name.startswith("last-resort")),
        "guardian-9e0a3b7": next(name for name in queues if name.startswith("guardian-dead-letters")),
        "alerts-6e1f0b3": stack.outputs["alertsTopicArn"].rpartition(":")[2],
        "guardian-2b7c9d0": events.list_rules(NamePrefix="guardian-")["Rules"][0]["Name"],
        "guardian-7d9f2a6": next(name for name in roles if re.match("guardian-[0-9a-f]+$", name)),
    }


def samples(stack: Stack) -> dict[str, dict[str, Any]]:
    """For each set one event that it has to find: of this account, of now, with our names and an id of its own."""
    names = names_of(stack)
    at = datetime.fromtimestamp(stack.client.health()["now"], UTC)
    found: dict[str, dict[str, Any]] = {}
    for number, (name, entry) in enumerate(EVENT_SETS.items()):
        text = json.dumps(next(sample.event for sample in entry.samples if sample.matches))
        for theirs, here in names.items():
            text = text.replace(theirs, here)
        found[name] = {
            **json.loads(text),
            "recipientAccountId": ACCOUNT,
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "eventID": f"{number:08d}-aaaa-4bbb-8ccc-000000000000",
        }
    return found


@pytest.fixture(scope="module")
def told(stack: Stack) -> tuple[dict[str, dict[str, Any]], list[dict[str, str]]]:
    """The events, and the mails that came of them."""
    events = samples(stack)
    waiting = list(events.values())
    for first in range(0, len(waiting), AT_ONCE):
        stack.client.emit(waiting[first : first + AT_ONCE])
        stack.later(1)
    for _ in range(2):  # the guardian's grace time is over, and the schedule looks around
        stack.later(301)
    return events, stack.mails


@pytest.mark.parametrize("name", EVENT_SETS)
def test_one_mail_tells_who_did_what_from_where(
    name: str, told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]]
) -> None:
    events, mails = told
    event = events[name]
    found = [mail for mail in mails if event["eventID"] in mail["body"]]
    assert len(found) == 1, [mail["subject"] for mail in (found or mails)]
    mail = found[0]
    who = actor_of(event, account=ACCOUNT).short
    for part in (who, event["eventName"], event["sourceIPAddress"], event["awsRegion"], ACCOUNT):
        assert part in mail["body"], (part, mail["body"])
    assert len(mail["subject"]) < 100
    assert mail["subject"].isascii()


def test_a_filter_chooses_by_severity_and_set(
    stack: Stack, told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]]
) -> None:
    """All sets that a mail is about count, and what has no set comes to everybody."""
    _events, mails = told
    assert 1 < len(stack.pages) < len(mails) / 2
    assert {subject for subject in stack.pages if not subject.startswith("[critical]")} == set()
    assert any("root user" in subject for subject in stack.pages), stack.pages
    # A mail about our own roles is about the IAM policy too, which alone is not critical.
    assert any("Our roles changed" in subject for subject in stack.pages), stack.pages
    assert not [subject for subject in stack.pages if "Trail" in subject or "IAM policy" in subject]


def test_root_is_told_at_once_although_it_is_heard_in_another_region(
    told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]],
) -> None:
    events, mails = told
    event = events["root-account-use"]
    assert event["awsRegion"] == "us-east-1" != HOME
    (mail,) = (mail for mail in mails if event["eventID"] in mail["body"])
    assert re.search(r"noticed after (less than 1|[0-9]{1,2}) s by the event rule", mail["body"]), mail["body"]


def test_nothing_else_is_told(told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]]) -> None:
    _events, mails = told
    assert not [mail["subject"] for mail in mails if "details follow" in mail["subject"] or "ALARM" in mail["subject"]]


def test_many_calls_from_one_address_are_one_mail_that_names_it(
    stack: Stack, told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]]
) -> None:
    """The address comes from the rule's report, and what it did from the log."""
    before = len(stack.mails)
    event = {**told[0]["iam-policy-changes"], "sourceIPAddress": "198.51.100.77", "awsRegion": HOME}
    calls = ["DescribeInstances"] * BURST + ["ListBuckets"] * 5
    at = datetime.fromtimestamp(stack.client.health()["now"], UTC)
    stack.client.emit(
        [
            {
                **event,
                "eventName": name,
                "requestParameters": None,
                "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "eventID": f"{number:08d}-bbbb-4bbb-8ccc-000000000000",
            }
            for number, name in enumerate(calls)
        ]
    )
    for _ in range(3):
        stack.later(61)
    found = [mail for mail in stack.mails[before:] if "198.51.100.77" in mail["subject"]]
    assert len(found) == 1, [mail["subject"] for mail in stack.mails[before:]]
    head = f"[medium] {len(calls)} calls from 198.51.100.77 in 5 min (threshold {BURST}) - {ACCOUNT} {HOME}"
    assert found[0]["subject"] == head
    assert f"DescribeInstances {BURST} · ListBuckets 5" in found[0]["body"]


def test_an_explainer_that_breaks_swallows_nothing(
    stack: Stack, told: tuple[dict[str, dict[str, Any]], list[dict[str, str]]]
) -> None:
    """None of its code runs: Lambda hands the alarm on to the alerts, keeps it in the queue, and health rings."""
    before, cloudwatch = len(stack.mails), stack.client.aws("cloudwatch", region=HOME)
    functions, queue = stack.client.aws("lambda", region=HOME), stack.client.aws("sqs", region=HOME)
    functions.update_function_configuration(
        FunctionName=stack.outputs["explainerFunctionName"], Environment={"Variables": {}}
    )
    alarm = stack.outputs["alarmNames"]["s3-bucket-policy-changes"]
    for state in ("OK", "ALARM"):
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="a test")
    (url,) = queue.list_queues(QueueNamePrefix="explainer-dead-letters")["QueueUrls"]

    def kept() -> list[str]:
        found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found if alarm in message["Body"]]

    assert "RetriesExhausted" in wait_for("the failed call in the queue", kept)[0]
    raw = wait_for("the alarm as it came", lambda: [mail for mail in stack.mails[before:] if alarm in mail["body"]])
    assert "RetriesExhausted" in raw[0]["body"]

    def health_rings() -> bool:
        stack.later(1)
        found = cloudwatch.describe_alarms(AlarmNamePrefix="watch-health-explainer-")["MetricAlarms"]
        return "ALARM" in {each["StateValue"] for each in found}

    wait_for("health to ring", health_rings)
