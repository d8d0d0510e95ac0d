"""The exact requests that AWS gets, checked by botocore against the services' own models."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from common.errors import NotReported
from guardian import handler
from guardian.errors import NotRestored
from guardian.handler import guard
from guardian.memory import Memory

from tests.support.guardian_world import (
    ALL_MANAGEMENT,
    LAST_RESORT_ARN,
    PARAMETER,
    SETTINGS,
    STOPPED_AT,
    TABLE,
    TOPIC_ARN,
    TRAIL_ARN,
    VARIABLES,
    Hands,
    document,
    environment,
    sample,
)

NAME = {"Name": TRAIL_ARN}
OFF = {"IsLogging": False, "StopLoggingTime": STOPPED_AT}
ON = {"IsLogging": True, "StartLoggingTime": STOPPED_AT.replace(second=11)}
SUBJECT = "[critical] Trail stopped by mallory, running again after 2 s - 111122223333 eu-west-1"


ANY_UPDATE = {
    "TableName": TABLE,
    "Key": ANY,
    "UpdateExpression": ANY,
    "ExpressionAttributeNames": ANY,
    "ExpressionAttributeValues": ANY,
}
SERVICES = ("cloudtrail", "sns", "ssm", "dynamodb")
SELECTORS = {"EventSelectors": list(ALL_MANAGEMENT)}
READ = ["GetParameter", "GetTrail", "GetEventSelectors", "GetInsightSelectors"]


class Stubs:
    """All clients with what they are to be asked and to answer, in order over all."""

    def __init__(self) -> None:
        self.clients = {name: boto3.client(name, region_name="eu-west-1") for name in SERVICES}
        self.stubbers = {name: Stubber(client) for name, client in self.clients.items()}
        self.hands, self.order = Hands(), []
        for client in self.clients.values():
            client.meta.events.register("before-parameter-build", lambda model, **_: self.order.append(model.name))

    def run(self, event: str = "stop-by-name-iam-user", **changed: str) -> dict[str, Any]:
        for stubber in self.stubbers.values():
            stubber.activate()
        return guard(
            sample(event),
            environment=environment(**changed),
            client_for=lambda service, region: self.clients[service] if region == "eu-west-1" else None,
            clock=self.hands.clock(),
            log=lambda record: None,
            remaining_s=180,
            memory=Memory(),
        )

    def publishes(self, subject: str, severity: str = "critical") -> None:
        where = {"account": "111122223333", "region": "eu-west-1"}
        values = {"severity": severity, "set": "guardian", **where, "stack": "prod"}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
        request = {
            "TopicArn": TOPIC_ARN,
            "Subject": subject,
            "Message": ANY,
            "MessageStructure": "json",
            "MessageAttributes": attributes,
        }
        self.stubbers["sns"].add_response("publish", {"MessageId": "1"}, request)

    def reads(self, settings: dict[str, Any] | None = None, selectors: dict[str, Any] | None = None) -> None:
        """One look at both sides."""
        trail, name = self.stubbers["cloudtrail"], {"TrailName": TRAIL_ARN}
        parameter = {"Value": json.dumps(document()), "LastModifiedDate": STOPPED_AT - timedelta(days=3)}
        self.stubbers["ssm"].add_response("get_parameter", {"Parameter": parameter}, {"Name": PARAMETER})
        trail.add_response("get_trail", {"Trail": {**SETTINGS, **(settings or {})}}, NAME)
        trail.add_response("get_event_selectors", selectors or SELECTORS, name)
        trail.add_client_error("get_insight_selectors", "InsightNotEnabledException", expected_params=name)

    def keeps(self, key: str, *, lasts: bool = False, **claim: Any) -> None:
        """A claim and, once the mail is out, its end."""
        ledger = self.stubbers["dynamodb"]
        where = {"TableName": TABLE, "Key": {"trail": {"S": TRAIL_ARN}, "id": {"S": key}}}
        names = {"UpdateExpression": ANY, "ExpressionAttributeNames": ANY, "ExpressionAttributeValues": ANY}
        ledger.add_response("update_item", {}, {**where, **names, "ConditionExpression": ANY, **claim})
        ledger.add_response("update_item", {}, {**where, **names})

    def counts_repairs(self, *milliseconds: int) -> None:
        times = {"L": [{"N": str(each)} for each in milliseconds]}
        self.stubbers["dynamodb"].add_response("update_item", {"Attributes": {"times": times}})


@pytest.fixture
def stubs() -> Iterator[Stubs]:
    stubs = Stubs()
    yield stubs
    for stubber in stubs.stubbers.values():
        stubber.assert_no_pending_responses()


STOP = "stopped#2026-11-21T03:12:09Z"
REPAIRED_AT = 1795144331000


def expect_restart(stubs: Stubs, subject: str) -> None:
    """Everything around the StartLogging that the test itself expects, up to the second look at the settings."""
    ledger = stubs.stubbers["dynamodb"]
    planned = {"TableName": TABLE, "Key": {"trail": {"S": TRAIL_ARN}, "id": {"S": "maintenance"}}}
    ledger.add_response("get_item", {}, {**planned, "ConsistentRead": True})
    stubs.counts_repairs(REPAIRED_AT)
    stubs.keeps(STOP)
    stubs.publishes(subject)
    stubs.reads()


def test_look_start_look_again_tell(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    trail.add_response("start_logging", {}, NAME)
    trail.add_response("get_trail_status", ON, NAME)
    expect_restart(stubs, SUBJECT)
    assert stubs.run()["outcome"] == "restored"
    ledger = ["UpdateItem", "UpdateItem"]
    assert stubs.order == [
        *("GetTrailStatus", "GetItem", "StartLogging", "GetTrailStatus"),
        *(*ledger, "Publish", "UpdateItem", *READ),
    ]


def test_a_conflict_is_retried_with_the_same_request(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    trail.add_client_error("start_logging", "ConflictException", http_status_code=400, expected_params=NAME)
    trail.add_client_error("start_logging", "ThrottlingException", http_status_code=400, expected_params=NAME)
    trail.add_response("start_logging", {}, NAME)
    trail.add_response("get_trail_status", ON, NAME)
    expect_restart(stubs, "[critical] Trail stopped by mallory, running again after 6 s - 111122223333 eu-west-1")
    assert stubs.run()["outcome"] == "restored"
    assert stubs.hands.slept == [1.1, 2.2]


def test_told_to_notify_it_only_looks(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", OFF, NAME)
    stubs.keeps(STOP)
    stubs.publishes("[critical] Trail stopped by mallory and NOT LOGGING (notify only) - 111122223333 eu-west-1")
    assert stubs.run(MODE="notify")["outcome"] == "still stopped"


def test_denied_it_reads_back_tells_and_fails(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    stubs.stubbers["dynamodb"].add_response("get_item", {})
    trail.add_client_error("start_logging", "AccessDeniedException", http_status_code=400, expected_params=NAME)
    trail.add_response("get_trail_status", OFF, NAME)
    stubs.keeps(STOP)
    stubs.publishes(
        "[critical] Trail stopped by mallory, could not be restarted: AccessDenied - 111122223333 eu-west-1"
    )
    with pytest.raises(NotRestored, match="trail/trailwarden-prod is not known to be logging: not restored"):
        stubs.run()


def test_no_trail(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_client_error(
        "get_trail_status", "TrailNotFoundException", http_status_code=404, expected_params=NAME
    )
    stubs.keeps("gone")
    stubs.publishes("[critical] Trail deleted by mallory, NOT LOGGING - 111122223333 eu-west-1")
    assert stubs.run("delete-trail")["outcome"] == "gone"


def test_an_alarm_on_a_logging_trail_only_reads(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", ON, NAME)
    stubs.reads()
    assert stubs.run("alarm-aws")["mails"] == 0
    assert stubs.order == ["GetTrailStatus", *READ]


def test_drift_is_put_back_with_only_what_drifted(stubs: Stubs):
    """Two looks with the grace time between, one call for each operation, one look back."""
    trail, ledger = stubs.stubbers["cloudtrail"], stubs.stubbers["dynamodb"]
    narrow = {"IsMultiRegionTrail": False, "IncludeGlobalServiceEvents": False, "KmsKeyId": ""}
    narrow |= {"CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""}
    reads_only = {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}
    trail.add_response("get_trail_status", ON, NAME)
    stubs.reads(narrow, reads_only)
    stubs.reads(narrow, reads_only)
    ledger.add_response("get_item", {})  # no maintenance
    ledger.add_response("get_item", {})  # no repairs yet
    ledger.add_response(
        "update_item", {}, {**ANY_UPDATE, "ConditionExpression": ANY}
    )  # the claim, before anything is changed
    changed = {
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "KmsKeyId": SETTINGS["KmsKeyId"],
        "CloudWatchLogsLogGroupArn": SETTINGS["CloudWatchLogsLogGroupArn"],
        "CloudWatchLogsRoleArn": SETTINGS["CloudWatchLogsRoleArn"],
    }
    trail.add_response("update_trail", {}, {**NAME, **changed})
    trail.add_response("put_event_selectors", {}, {"TrailName": TRAIL_ARN, **SELECTORS})
    stubs.reads()
    stubs.counts_repairs(REPAIRED_AT)
    stubs.publishes("[critical] Trail changed by mallory, put back after 32 s - 111122223333 eu-west-1")
    ledger.add_response("update_item", {}, {**ANY_UPDATE, "ConditionExpression": ANY})  # still this run's to tell
    ledger.add_response("update_item", {}, ANY_UPDATE)  # told, and over
    assert stubs.run("update-trail")["settings"] == "put back"
    assert stubs.hands.slept == [30]
    assert [name for name in stubs.order if name not in READ] == [
        *("GetTrailStatus", "GetItem", "GetItem", "UpdateItem", "UpdateTrail", "PutEventSelectors"),
        *("UpdateItem", "UpdateItem", "Publish", "UpdateItem"),
    ]


def test_a_refused_publish_fails(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", ON, NAME)
    stubs.reads()
    stubs.stubbers["dynamodb"].add_response("query", {"Items": []})  # no drift explains the event
    stubs.stubbers["dynamodb"].add_response("update_item", {})  # the claim stays: its lease ends by itself
    stubs.stubbers["sns"].add_client_error("publish", "InvalidParameter", http_status_code=400)
    stubs.stubbers["dynamodb"].add_response("update_item", {})  # the claim of the line that says so
    line = {"TopicArn": LAST_RESORT_ARN, "Subject": ANY, "Message": ANY, "MessageStructure": "json"}
    stubs.stubbers["sns"].add_response("publish", {"MessageId": "last"}, line)
    stubs.stubbers["dynamodb"].add_response("update_item", {})  # told, and it lasts
    with pytest.raises(NotReported, match=f"to {TOPIC_ARN}: InvalidParameter"):
        stubs.run("update-trail")


def test_the_entry_point_composes_environment_clients_and_time(monkeypatch: pytest.MonkeyPatch, stubs: Stubs):
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(handler, "_client", lambda service, region: stubs.clients[service])
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", ON, NAME)
    stubs.reads()
    for stubber in stubs.stubbers.values():
        stubber.activate()
    assert handler.handle(sample("alarm-aws"), Context())["outcome"] == "nothing wrong"


def test_clients_are_made_once_and_give_up_within_seconds():
    client = handler._client("cloudtrail", "eu-west-1")
    assert handler._client("cloudtrail", "eu-west-1") is client
    config = client.meta.config
    # One try and at most 6 s: the guardian's own retries know how much time Lambda leaves.
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 6
    assert config.user_agent_extra == "trailwarden-guardian"
    ledger = handler._client("dynamodb", "eu-west-1").meta.config
    assert ledger.connect_timeout + ledger.read_timeout <= 2.5  # asked before StartLogging, for planned work
