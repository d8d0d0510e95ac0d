"""The guardian at work on a trail, a topic and a clock: what it calls, in which order, and what it tells."""

import json

import pytest
from common import runtime
from common.errors import NotReported
from common.trail_calls import SEEN
from guardian.decide import Outcome
from guardian.errors import NotRestored

from tests.support.guardian_world import DATA, STOPPED_AT, FakeAws, Hands, refusal, sample, wake

STOPS = sorted(
    path.stem for path in DATA.glob("stop-*.json") if not path.stem.startswith(("stop-refused", "stop-other-trail"))
)
REPAIR = ["GetTrailStatus", "StartLogging", "GetTrailStatus", "Publish"]


@pytest.mark.parametrize("name", STOPS)
def test_whoever_stops_the_trail_it_is_started_and_told(name):
    woken = wake(name)
    assert woken.raised is None
    assert woken.aws.calls == REPAIR
    assert woken.aws.is_logging
    assert woken.subject.startswith("[critical] Trail stopped by ")
    assert woken.subject.endswith(", running again after 3 s - 111122223333 eu-west-1")
    assert woken.body.startswith("CloudTrail trail trailwarden-prod was stopped and is logging again.\n")
    assert woken.answer
    assert woken.answer["outcome"] == "restored"


@pytest.mark.parametrize("name", ["stop-other-trail-by-name", "stop-other-trail-by-arn", "add-tags-event-data-store"])
def test_another_trail_is_left_alone_with_a_line_in_the_log(name):
    woken = wake(name)
    assert woken.aws.calls == []
    assert [line["message"] for line in woken.log] == ["silent: not ours"]


@pytest.mark.parametrize("name", ["start-by-guardian", "start-by-guardian-refused"])
def test_its_own_repair_wakes_nothing(name):
    """Even with the trail stopped: a StartLogging that has no effect must not become a loop."""
    woken = wake(name, FakeAws(is_logging=False))
    assert woken.aws.calls == []
    assert [line["outcome"] for line in woken.log] == ["own repair"]


def noted(aws: FakeAws) -> list[str]:
    return [key.removeprefix(SEEN) for _, key in aws.table.items if key.startswith(SEEN)]


def test_events_that_were_dealt_with_are_noted_for_whoever_reads_the_log_later():
    """The explainer leaves these to the guardian; it must not leave it what concerns another trail."""
    stop = sample("stop-by-name-iam-user")["detail"]["eventID"]
    woken = wake("stop-by-name-iam-user")
    assert noted(woken.aws) == [stop]
    other = wake("stop-by-name-iam-user", FakeAws(trail_arn="arn:aws:cloudtrail:eu-west-1:111122223333:trail/another"))
    assert noted(other.aws) == []
    untold = FakeAws(refuse={"Publish": [refusal("AuthorizationError")]})
    assert isinstance(wake("stop-by-name-iam-user", untold).raised, NotReported)
    assert noted(untold) == []


@pytest.mark.parametrize(
    "name", ["alarm-aws", "alarm-sandbox", "alarm-ok", "scheduled-rule", "scheduled-scheduler", "sns-not-json"]
)
def test_a_hint_is_silent_while_the_trail_logs(name):
    woken = wake(name, FakeAws(is_logging=True))
    assert woken.aws.calls == ["GetTrailStatus"]
    assert woken.aws.published == []
    assert [line["outcome"] for line in woken.log] == ["nothing wrong"]


@pytest.mark.parametrize("name", ["alarm-aws", "alarm-sandbox"])
def test_an_alarm_that_finds_the_trail_stopped_starts_it(name):
    woken = wake(name)
    assert woken.aws.calls == REPAIR
    assert woken.subject == "[critical] Trail found stopped, running again after 3 s - 111122223333 eu-west-1"
    assert woken.row("Who") == "not in the alarm message; look in Event history (below)"
    assert woken.row("When").startswith("stopped 2026-11-21 03:12:09 UTC · noticed after 2 s by alarm watch-trail-")
    assert "#/events?EventName=StopLogging" in woken.body


def test_event_and_alarm_make_one_mail():
    """The event rule comes first and repairs; the alarm, minutes later, finds nothing to do."""
    aws = FakeAws()
    assert wake("stop-by-name-iam-user", aws).raised is None
    aws.hands.move(320)
    assert wake("start-by-guardian", aws).raised is None
    assert wake("alarm-aws", aws).raised is None
    assert len(aws.published) == 1


def test_a_stop_that_is_over_is_told_once_and_not_claimed():
    woken = wake("stop-by-name-iam-user", FakeAws(is_logging=True, started_at=STOPPED_AT.replace(second=11)))
    assert woken.aws.calls == ["GetTrailStatus", "Publish"]
    assert woken.subject == "[critical] Trail stopped by mallory, already running again - 111122223333 eu-west-1"
    assert woken.row("Done") == (
        "nothing in this run: the trail was logging again when it was looked at, since 03:12:11 UTC"
    )
    assert woken.row("Gap").startswith("2 s ")


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("update-trail", "[high] UpdateTrail by mallory, trail is logging"),
        ("put-event-selectors", "[high] PutEventSelectors by mallory, trail is logging"),
        ("put-insight-selectors", "[medium] PutInsightSelectors by mallory, trail is logging"),
        ("add-tags", "[medium] AddTags by mallory, trail is logging"),
        ("remove-tags", "[medium] RemoveTags by mallory, trail is logging"),
        ("create-trail", "[medium] CreateTrail by role deploy, trail is logging"),
        ("start-by-somebody", "[medium] StartLogging by mallory, trail is logging"),
        ("stop-refused-access-denied", "[high] StopLogging by mallory refused: AccessDenied"),
        ("stop-refused-wrong-region", "[high] StopLogging by mallory refused: InvalidHomeRegion"),
        ("delete-refused-unnamed", "[high] DeleteTrail by mallory refused: AccessDenied"),
        ("stop-omitted-parameters", "[high] StopLogging by mallory, trail is logging"),
        ("update-by-guardians-role", "[critical] UpdateTrail by role trailwarden-prod-guard..., trail is logging"),
    ],
)
def test_what_else_is_done_to_the_trail_is_told(name, subject):
    woken = wake(name, FakeAws(is_logging=True))
    assert woken.aws.calls == ["GetTrailStatus", "Publish"]
    assert woken.subject == f"{subject} - 111122223333 eu-west-1"


@pytest.mark.parametrize("name", ["update-trail", "add-tags", "start-by-somebody", "stop-refused-access-denied"])
def test_a_message_about_something_else_still_finds_the_trail_stopped(name):
    woken = wake(name)
    assert woken.aws.calls == REPAIR
    assert woken.subject == "[critical] Trail found stopped, running again after 3 s - 111122223333 eu-west-1"
    assert "who stopped the trail is not in this event" in woken.row("Who")
    assert "#/events?EventName=StopLogging" in woken.body


def test_a_deleted_trail_is_shouted_about_and_no_repair_is_claimed():
    woken = wake("delete-trail", FakeAws(is_gone=True))
    assert woken.raised is None  # no retry could help
    assert woken.aws.calls == ["GetTrailStatus", "Publish"]
    assert woken.subject == "[critical] Trail deleted by mallory, NOT LOGGING - 111122223333 eu-west-1"
    assert "The guardian cannot bring it back" in woken.body
    assert "\n  pulumi refresh --stack prod\n  pulumi up --stack prod\n" in woken.body
    assert "logging again" not in woken.body


def test_an_alarm_that_finds_no_trail_says_so():
    woken = wake("alarm-aws", FakeAws(is_gone=True))
    assert woken.subject == "[critical] Trail is gone, NOT LOGGING - 111122223333 eu-west-1"
    assert "#/events?EventName=DeleteTrail" in woken.body


def test_a_trail_deleted_between_look_and_start():
    aws = FakeAws(refuse={"StartLogging": [refusal("TrailNotFoundException")]})
    real = aws.took

    def took(operation: str) -> None:
        if operation == "StartLogging":
            aws.is_gone = True
        real(operation)

    aws.took = took  # pyright: ignore[reportAttributeAccessIssue]
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.answer
    assert woken.answer["outcome"] == "gone"
    assert woken.row("Done") == "StartLogging refused: TrailNotFound; read back: gone"


@pytest.mark.parametrize("name", ["stop-by-name-iam-user", "alarm-aws", "update-trail"])
def test_told_to_notify_it_never_starts_anything(name):
    woken = wake(name, MODE="notify")
    assert woken.raised is None
    assert woken.aws.calls == ["GetTrailStatus", "Publish"]
    assert not woken.aws.is_logging
    assert "NOT LOGGING (notify only) - 111122223333 eu-west-1" in woken.subject
    assert woken.row("Gap") == "open since 2026-11-21 03:12:09 UTC"
    command = "aws cloudtrail start-logging --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-prod"
    assert f"Next     Start the trail by hand:\n  {command} --region eu-west-1\n" in woken.body


def test_denied_is_told_first_and_fails_second():
    aws = FakeAws(refuse={"StartLogging": [refusal("AccessDeniedException")]})
    woken = wake("stop-by-name-iam-user", aws)
    assert aws.calls == REPAIR  # no second try: nothing changes in a second
    assert woken.subject == (
        "[critical] Trail stopped by mallory, could not be restarted: AccessDenied - 111122223333 eu-west-1"
    )
    assert woken.row("Done") == "StartLogging refused: AccessDenied; read back: not logging"
    assert "Next     Start the trail by hand:\n  aws cloudtrail start-logging" in woken.body
    assert "role trailwarden-prod-guardian-1a2b3c4" in woken.body
    assert isinstance(woken.raised, NotRestored)
    assert woken.log[-1]["level"] == "ERROR"
    assert woken.log[-1]["outcome"] == "not restored"


@pytest.mark.parametrize(
    "code", ["InvalidHomeRegionException", "InsufficientDependencyServiceAccessPermissionException"]
)
def test_what_no_retry_mends_is_told_by_its_code(code):
    woken = wake("stop-by-name-iam-user", FakeAws(refuse={"StartLogging": [refusal(code)]}))
    assert woken.aws.calls == REPAIR
    assert f"could not be restarted: {code}"[:32] in woken.subject
    assert woken.subject.endswith(" - eu-west-1")  # the account gives way before the code does
    assert code.removesuffix("Exception") in woken.row("Done")
    assert isinstance(woken.raised, NotRestored)


@pytest.mark.parametrize("code", ["ConflictException", "ThrottlingException", "InternalFailure"])
def test_conflict_and_throttling_are_waited_out(code):
    aws = FakeAws(refuse={"StartLogging": [refusal(code), refusal(code)]})
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert aws.calls == ["GetTrailStatus", "StartLogging", "StartLogging", *REPAIR[1:]]
    assert aws.hands.slept == [1.1, 2.2]  # CloudTrail takes one StartLogging a second
    assert woken.row("Done") == "StartLogging at 03:12:15 UTC (3 tries); read back: logging"


@pytest.mark.parametrize("timeout_s", [60.0, 30.0, 10.0, 3.0])
def test_endless_throttling_ends_with_a_mail_before_the_timeout(timeout_s):
    throttled = [refusal("ThrottlingException") for _ in range(1000)]
    aws = FakeAws(refuse={"StartLogging": throttled, "GetTrailStatus": throttled[:500]}, call_s=0.05)
    woken = wake("stop-by-name-iam-user", aws, remaining_s=timeout_s)
    assert isinstance(woken.raised, NotRestored)
    assert woken.subject == "[critical] Trail stopped by mallory, status unknown: Throttling - 111122223333 eu-west-1"
    assert aws.calls.count("StartLogging") >= 1
    assert aws.hands.passed_s < timeout_s


def test_a_start_that_does_not_hold_is_tried_again_and_then_told():
    woken = wake("stop-by-name-iam-user", FakeAws(obeys=False))
    assert isinstance(woken.raised, NotRestored)
    assert woken.aws.calls.count("StartLogging") == 3
    assert woken.aws.calls[-1] == "Publish"
    assert "restarted, but stopped again" in woken.subject
    assert woken.row("Done").endswith("(3 tries); read back: not logging")


def test_a_start_that_does_not_hold_ends_with_the_time():
    woken = wake("stop-by-name-iam-user", FakeAws(obeys=False), remaining_s=6.0)
    assert woken.aws.calls.count("StartLogging") == 2  # a third would leave no time for the mail
    assert "restarted, but stopped again" in woken.subject
    assert woken.aws.hands.passed_s < 6.0


def test_a_status_that_does_not_say_counts_as_stopped():
    aws = FakeAws(is_logging=True, status={"IsLogging": None})
    assert "StartLogging" in wake("alarm-aws", aws).aws.calls


def test_a_status_that_lags_is_read_again():
    aws = FakeAws(obeys=False)
    sleep = aws.hands.sleep

    def settle(seconds: float) -> None:
        aws.is_logging = True
        sleep(seconds)

    aws.hands.sleep = settle
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.answer
    assert woken.answer["outcome"] == "restored"
    assert aws.calls == ["GetTrailStatus", "StartLogging", "GetTrailStatus", "GetTrailStatus", "Publish"]


def test_not_allowed_to_look_it_starts_the_trail_to_be_safe():
    denied = [refusal("AccessDeniedException"), refusal("AccessDeniedException")]
    woken = wake("stop-by-name-iam-user", FakeAws(refuse={"GetTrailStatus": denied}))
    assert woken.aws.is_logging
    assert isinstance(woken.raised, NotRestored)  # not known: the read counts, not the write
    assert woken.subject == "[critical] Trail stopped by mallory, status unknown: AccessDenied - 111122223333 eu-west-1"
    assert woken.row("Done").startswith("StartLogging at 03:12:11 UTC; could not be read back: AccessDenied")
    assert "aws cloudtrail get-trail-status --name arn:aws:cloudtrail:" in woken.body


def test_a_mail_that_cannot_be_sent_stands_whole_in_the_log():
    aws = FakeAws(refuse={"Publish": [refusal("AuthorizationErrorException", status=403)]})
    woken = wake("stop-by-name-iam-user", aws)
    assert aws.is_logging  # the repair came first
    assert isinstance(woken.raised, NotReported)
    assert woken.raised.__cause__ is not None
    (line,) = woken.log
    assert line["level"] == "ERROR"
    assert line["error"] == "AuthorizationErrorException"
    assert line["outcome"] == "restored"
    report = line["report"]
    assert report["subject"].startswith("[critical] Trail stopped by mallory, running again")
    assert "Who      mallory" in report["body"]
    assert report["body"].endswith("trailwarden 0.1.0 · stack prod\n")
    assert "\n" not in json.dumps(line)


def test_a_busy_topic_is_tried_again():
    aws = FakeAws(
        refuse={"Publish": [refusal("KMSThrottlingException"), refusal("InternalErrorException", status=500)]}
    )
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert aws.calls == [*REPAIR, "Publish", "Publish"]
    assert len(aws.published) == 1


def test_neither_restored_nor_told_says_both():
    denied = refusal("AccessDeniedException")
    woken = wake("stop-by-name-iam-user", FakeAws(refuse={"StartLogging": [denied], "Publish": [denied]}))
    assert isinstance(woken.raised, NotReported)
    assert "could not be restarted: AccessDenied" in woken.log[-1]["report"]["subject"]


def test_lambdas_retry_after_a_lost_mail_tells_the_stop_without_claiming_it():
    aws = FakeAws(refuse={"Publish": [refusal("NotFoundException", status=404)]})
    assert isinstance(wake("stop-by-name-iam-user", aws).raised, NotReported)
    aws.hands.move(60)
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert "already running again" in woken.subject


def test_a_delivery_that_fails_is_told():
    woken = wake("stop-by-name-iam-user", FakeAws(status={"LatestDeliveryError": "AccessDenied"}))
    assert woken.row("Delivery") == "the trail logs, but its last delivery failed: AccessDenied"


def test_a_telephone_shows_the_subject_and_a_mail_the_whole():
    woken = wake("stop-by-name-iam-user")
    (request,) = woken.aws.published
    assert request["sms"] == request["Subject"] == woken.subject
    assert len(request["sms"]) <= 140  # one short message (SNS Developer Guide, "Publishing to a mobile phone")
    assert request["Message"] == woken.body
    assert "\nWho      mallory (IAM user, no MFA) · " in woken.body


def test_the_mail_carries_attributes_to_filter_by():
    (request,) = wake("stop-by-name-iam-user").aws.published
    values = {name: attribute["StringValue"] for name, attribute in request["MessageAttributes"].items()}
    assert values == {
        "severity": "critical",
        "set": "guardian",
        "account": "111122223333",
        "region": "eu-west-1",
        "stack": "prod",
    }


def test_the_answer_and_the_log_tell_what_happened_in_numbers():
    woken = wake("stop-by-name-iam-user", FakeAws(hands=Hands(at=STOPPED_AT.replace(microsecond=250_000, second=11))))
    facts = {
        "outcome": "restored",
        "operation": "StopLogging",
        "trigger": "event_rule",
        "eventId": sample("stop-by-name-iam-user")["detail"]["eventID"],
        "trail": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-prod",
        "mode": "restore",
        "stack": "prod",
        "version": "0.1.0",
        "gapMs": 2750,
        "restartMs": 500,
        "settings": "nothing wrong",
        "mails": 1,
    }
    assert woken.answer == facts
    del facts["settings"], facts["mails"]
    assert woken.log == [
        {
            "timestamp": "2026-11-21T03:12:12.250000+00:00",
            "level": "INFO",
            "message": woken.subject,
            **facts,
            "reported": True,
            "incident": "stopped#2026-11-21T03:12:09Z",
            "snsMessageId": "message-1",
        }
    ]


def test_the_log_is_one_json_document_a_line(capsys):
    runtime.log({"message": "two\nlines", "outcome": Outcome.RESTORED})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"message": "two\nlines", "outcome": "restored"}
