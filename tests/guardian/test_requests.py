"""The exact requests that AWS gets, checked by botocore against the services' own models."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from guardian import handler
from guardian.errors import NotReported, NotRestored
from guardian.handler import guard

from tests.support.guardian_world import STOPPED_AT, TOPIC_ARN, TRAIL_ARN, VARIABLES, Hands, environment, sample

NAME = {"Name": TRAIL_ARN}
OFF = {"IsLogging": False, "StopLoggingTime": STOPPED_AT}
ON = {"IsLogging": True, "StartLoggingTime": STOPPED_AT.replace(second=11)}
SUBJECT = "[critical] Trail stopped by mallory, running again after 2 s - 111122223333 eu-west-1"


class Stubs:
    """Both clients with what they are to be asked and to answer, in order over both."""

    def __init__(self) -> None:
        self.clients = {name: boto3.client(name, region_name="eu-west-1") for name in ("cloudtrail", "sns")}
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
            remaining_s=60,
        )

    def publishes(self, subject: str, severity: str = "critical") -> None:
        values = {"severity": severity, "account": "111122223333", "region": "eu-west-1", "stack": "prod"}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
        request = {"TopicArn": TOPIC_ARN, "Subject": subject, "Message": ANY, "MessageAttributes": attributes}
        self.stubbers["sns"].add_response("publish", {"MessageId": "1"}, request)


@pytest.fixture
def stubs() -> Iterator[Stubs]:
    stubs = Stubs()
    yield stubs
    for stubber in stubs.stubbers.values():
        stubber.assert_no_pending_responses()


def test_look_start_look_again_tell(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    trail.add_response("start_logging", {}, NAME)
    trail.add_response("get_trail_status", ON, NAME)
    stubs.publishes(SUBJECT)
    assert stubs.run()["outcome"] == "restored"
    assert stubs.order == ["GetTrailStatus", "StartLogging", "GetTrailStatus", "Publish"]


def test_a_conflict_is_retried_with_the_same_request(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    trail.add_client_error("start_logging", "ConflictException", http_status_code=400, expected_params=NAME)
    trail.add_client_error("start_logging", "ThrottlingException", http_status_code=400, expected_params=NAME)
    trail.add_response("start_logging", {}, NAME)
    trail.add_response("get_trail_status", ON, NAME)
    stubs.publishes("[critical] Trail stopped by mallory, running again after 6 s - 111122223333 eu-west-1")
    assert stubs.run()["outcome"] == "restored"
    assert stubs.hands.slept == [1.1, 2.2]


def test_told_to_notify_it_only_looks(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", OFF, NAME)
    stubs.publishes("[critical] Trail stopped by mallory and NOT LOGGING (notify only) - 111122223333 eu-west-1")
    assert stubs.run(MODE="notify")["outcome"] == "still stopped"


def test_denied_it_reads_back_tells_and_fails(stubs: Stubs):
    trail = stubs.stubbers["cloudtrail"]
    trail.add_response("get_trail_status", OFF, NAME)
    trail.add_client_error("start_logging", "AccessDeniedException", http_status_code=400, expected_params=NAME)
    trail.add_response("get_trail_status", OFF, NAME)
    stubs.publishes(
        "[critical] Trail stopped by mallory, could not be restarted: AccessDenied - 111122223333 eu-west-1"
    )
    with pytest.raises(NotRestored, match="trail/trailwarden-prod is not known to be logging: not restored"):
        stubs.run()


def test_no_trail(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_client_error(
        "get_trail_status", "TrailNotFoundException", http_status_code=404, expected_params=NAME
    )
    stubs.publishes("[critical] Trail deleted by mallory, NOT LOGGING - 111122223333 eu-west-1")
    assert stubs.run("delete-trail")["outcome"] == "gone"


def test_an_alarm_on_a_logging_trail_asks_once(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", ON, NAME)
    assert stubs.run("alarm-aws")["reported"] is False
    assert stubs.order == ["GetTrailStatus"]


def test_a_refused_publish_fails(stubs: Stubs):
    stubs.stubbers["cloudtrail"].add_response("get_trail_status", ON, NAME)
    stubs.stubbers["sns"].add_client_error("publish", "InvalidParameter", http_status_code=400)
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
