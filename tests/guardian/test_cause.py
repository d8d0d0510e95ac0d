"""Every trigger's sample event, and what the guardian reads from it."""

import json
from datetime import UTC, datetime

import pytest
from common.shapes import parse_time
from common.trail_calls import Whose, named_trail
from guardian.cause import Cause, Trigger, parse

from tests.support.guardian_world import DATA, STOPPED_AT, TRAIL_ARN, environment, sample

RULE, ALARM, SCHEDULE, UNKNOWN = Trigger.EVENT_RULE, Trigger.ALARM, Trigger.SCHEDULE, Trigger.UNKNOWN
OURS, OTHER, UNNAMED = Whose.OURS, Whose.OTHER, Whose.UNNAMED

# sample event: trigger, operation, whose trail, error code, by the guardian
TABLE = {
    "stop-by-name-iam-user": (RULE, "StopLogging", OURS, "", False),
    "stop-by-arn-iam-user-mfa": (RULE, "StopLogging", OURS, "", False),
    "stop-root-console": (RULE, "StopLogging", OURS, "", False),
    "stop-root-access-key": (RULE, "StopLogging", OURS, "", False),
    "stop-assumed-role": (RULE, "StopLogging", OURS, "", False),
    "stop-sso-role": (RULE, "StopLogging", OURS, "", False),
    "stop-web-identity-role": (RULE, "StopLogging", OURS, "", False),
    "stop-ec2-instance-role": (RULE, "StopLogging", OURS, "", False),
    "stop-federated-user": (RULE, "StopLogging", OURS, "", False),
    "stop-aws-service": (RULE, "StopLogging", OURS, "", False),
    "stop-service-linked-role": (RULE, "StopLogging", OURS, "", False),
    "stop-cross-account": (RULE, "StopLogging", OURS, "", False),
    "stop-identity-center-user": (RULE, "StopLogging", OURS, "", False),
    "stop-no-session-context": (RULE, "StopLogging", OURS, "", False),
    "stop-no-user-identity": (RULE, "StopLogging", OURS, "", False),
    "stop-omitted-parameters": (RULE, "StopLogging", UNNAMED, "", False),
    "stop-other-trail-by-name": (RULE, "StopLogging", OTHER, "", False),
    "stop-other-trail-by-arn": (RULE, "StopLogging", OTHER, "", False),
    "stop-refused-access-denied": (RULE, "StopLogging", OURS, "AccessDeniedException", False),
    "stop-refused-wrong-region": (RULE, "StopLogging", OURS, "InvalidHomeRegionException", False),
    "delete-refused-unnamed": (RULE, "DeleteTrail", UNNAMED, "AccessDenied", False),
    "start-by-guardian": (RULE, "StartLogging", OURS, "", True),
    "start-by-guardian-refused": (RULE, "StartLogging", OURS, "AccessDeniedException", True),
    "update-by-guardians-role": (RULE, "UpdateTrail", OURS, "", True),
    "start-by-somebody": (RULE, "StartLogging", OURS, "", False),
    "update-trail": (RULE, "UpdateTrail", OURS, "", False),
    "update-trail-omitted-parameters": (RULE, "UpdateTrail", OURS, "", False),  # named by the answer
    "delete-trail": (RULE, "DeleteTrail", OURS, "", False),
    "create-trail": (RULE, "CreateTrail", OURS, "", False),
    "put-event-selectors": (RULE, "PutEventSelectors", OURS, "", False),
    "put-insight-selectors": (RULE, "PutInsightSelectors", OURS, "", False),
    "add-tags": (RULE, "AddTags", OURS, "", False),
    "remove-tags": (RULE, "RemoveTags", OURS, "", False),
    "add-tags-event-data-store": (RULE, "AddTags", OTHER, "", False),
    "sns-wrapped-eventbridge": (RULE, "StopLogging", OURS, "", False),
    "alarm-aws": (ALARM, "", UNNAMED, "", False),
    "alarm-sandbox": (ALARM, "", UNNAMED, "", False),
    "alarm-ok": (ALARM, "", UNNAMED, "", False),
    "scheduled-rule": (SCHEDULE, "", UNNAMED, "", False),
    "scheduled-scheduler": (SCHEDULE, "", UNNAMED, "", False),
    "sns-not-json": (UNKNOWN, "", UNNAMED, "", False),
    "sns-json-of-something-else": (UNKNOWN, "", UNNAMED, "", False),
    "unknown-service-event": (UNKNOWN, "", UNNAMED, "", False),
    "unknown-empty": (UNKNOWN, "", UNNAMED, "", False),
}


def test_the_table_has_every_sample():
    assert set(TABLE) == {path.stem for path in DATA.glob("*.json")}


@pytest.mark.parametrize("name", TABLE)
def test_sample_events(name):
    cause = parse(sample(name), environment=environment())
    assert (cause.trigger, cause.operation, cause.whose, cause.error_code, cause.by_guardian) == TABLE[name]
    if cause.operation:
        assert cause.at == STOPPED_AT
        assert cause.record["eventName"] == cause.operation


def test_each_of_the_nine_operations_is_there():
    heard = {operation for _, operation, *_ in TABLE.values()} - {""}
    assert heard == {
        "StopLogging",
        "StartLogging",
        "UpdateTrail",
        "DeleteTrail",
        "CreateTrail",
        "RemoveTags",
        "AddTags",
        "PutEventSelectors",
        "PutInsightSelectors",
    }


@pytest.mark.parametrize("name", ["alarm-aws", "alarm-sandbox"])
def test_an_alarm_message_names_its_alarm_and_moment(name):
    cause = parse(sample(name), environment=environment())
    assert cause.alarm == "watch-trail-changes-3fa9c1d"
    assert cause.at is not None
    assert cause.at.replace(microsecond=0) == datetime(2026, 11, 21, 3, 17, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "StopLogging",
        7,
        {"Records": []},
        {"Records": "x"},
        {"Records": [None]},
        {"Records": [{"Sns": None}]},
        {"Records": [{"Sns": {"Message": None}}]},
        {"Records": [{"Sns": {"Message": {"AlarmName": "x"}}}]},
        {"Records": [{"Sns": {"Message": "[" * 100_000}}]},
        {"Records": [{"Sns": {"Message": "9" * 10_000}}]},
        {"Records": [{"Sns": {"Message": '{"AlarmName": 7}'}}]},
        {"Records": [{"s3": {"object": {"key": "x"}}}]},
        {"detail": {"eventName": None}},
        {"detail": {"eventName": ["StopLogging"]}},
        {"detail": {"eventName": "Stop\nLogging"}},
        {"detail": {"eventName": "StopLogging", "eventSource": "kms.amazonaws.com"}},
        {"detail": "StopLogging"},
    ],
)
def test_what_is_not_understood_is_a_hint_of_unknown_shape(message):
    assert parse(message, environment=environment()) == Cause(trigger=UNKNOWN)


def test_a_bare_record_is_read_as_one():
    record = sample("stop-by-name-iam-user")["detail"]
    assert parse(record, environment=environment()).is_stop


@pytest.mark.parametrize(
    ("parameters", "whose"),
    [
        ({"name": "trailwarden-prod"}, OURS),
        ({"name": "Trailwarden-PROD"}, OURS),
        ({"name": TRAIL_ARN}, OURS),
        ({"name": TRAIL_ARN.upper().replace("ARN:", "arn:", 1)}, OURS),
        ({"name": "trailwarden-prod2"}, OTHER),
        ({"name": TRAIL_ARN + "2"}, OTHER),
        ({"name": TRAIL_ARN.replace("111122223333", "444455556666")}, OTHER),
        ({"name": TRAIL_ARN.replace("eu-west-1", "us-east-1")}, OTHER),
        ({"name": ""}, UNNAMED),
        ({"name": 7}, UNNAMED),
        ({"name": None, "trailName": "trailwarden-prod"}, OURS),
        ({"eventDataStore": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/x"}, OTHER),
        ({}, UNNAMED),
        (None, UNNAMED),
        ("HIDDEN_DUE_TO_SECURITY_REASONS", UNNAMED),
        ([], UNNAMED),
    ],
)
def test_name_and_arn_are_one_trail(parameters, whose):
    event = sample("stop-by-name-iam-user")
    event["detail"]["requestParameters"] = parameters
    assert parse(event, environment=environment()).whose is whose


ABROAD_ARN = TRAIL_ARN.replace("eu-west-1", "us-west-2")


@pytest.mark.parametrize(
    ("named", "region", "error_code", "answered", "whose"),
    [
        # Names are per region, and AWS refuses a call on our trail that comes from another region.
        ("trailwarden-prod", "us-west-2", "", None, OTHER),
        ("Trailwarden-PROD", "us-west-2", "", None, OTHER),
        ("trailwarden-prod", "us-west-2", "", {"trailARN": ABROAD_ARN}, OTHER),
        ("trailwarden-prod", "us-west-2", "InvalidHomeRegionException", None, OURS),
        ("trailwarden-prod", "us-west-2", "AccessDenied", None, OURS),
        (TRAIL_ARN, "us-west-2", "", None, OURS),
        ("trailwarden-prod", "us-west-2", "", {"trailARN": TRAIL_ARN}, OURS),  # the answer says more than the region
        ("trailwarden-prod", "eu-west-1", "", None, OURS),
        # A region that is not said, or is none, is no reason to look away.
        ("trailwarden-prod", None, "", None, OURS),
        ("trailwarden-prod", "", "", None, OURS),
        ("trailwarden-prod", "somewhere", "", None, OURS),
        ("trailwarden-prod", ["us-west-2"], "", None, OURS),
        (None, "us-west-2", "", None, UNNAMED),
    ],
)
def test_a_name_is_ours_only_at_home(named, region, error_code, answered, whose):
    event = sample("stop-by-name-iam-user")
    changed = {"awsRegion": region, "requestParameters": {"name": named}, "responseElements": answered}
    event["detail"] |= {**changed, **({"errorCode": error_code} if error_code else {})}
    assert parse(event, environment=environment()).whose is whose


def test_an_iam_path_cannot_hide_a_refused_call_behind_another_trail():
    decoy = "on resource: arn:aws:cloudtrail:eu-west-1:111122223333:trail/decoy"
    message = (
        f"User: arn:aws:iam::111122223333:user/{decoy}/mallory is not authorized … on resource: {TRAIL_ARN} because"
    )
    assert named_trail({"errorMessage": message}) == TRAIL_ARN


@pytest.mark.parametrize(
    ("identity", "is_guardian"),
    [
        ({"arn": "arn:aws:sts::111122223333:assumed-role/trailwarden-prod-guardian-1a2b3c4/anything"}, True),
        ({"arn": "arn:aws:sts::444455556666:assumed-role/trailwarden-prod-guardian-1a2b3c4/anything"}, False),
        ({"arn": "arn:aws:sts::111122223333:assumed-role/other/trailwarden-prod-guardian-1a2b3c4"}, False),
        ({"arn": "arn:aws:iam::111122223333:user/trailwarden-prod-guardian-1a2b3c4"}, False),
        ({"arn": "arn:aws:iam::111122223333:role/some/path/trailwarden-prod-guardian-1a2b3c4"}, True),
        ({"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/other"}}}, False),
        ({"sessionContext": {"sessionIssuer": {"arn": ["x"]}}, "arn": 7}, False),
        ({"userName": "trailwarden-prod-guardian-1a2b3c4"}, False),
        ("trailwarden-prod-guardian-1a2b3c4", False),
    ],
)
def test_the_guardian_knows_its_own_role(identity, is_guardian):
    event = sample("start-by-guardian")
    event["detail"]["userIdentity"] = identity
    assert parse(event, environment=environment()).by_guardian is is_guardian


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T03:12:09Z", STOPPED_AT),
        ("2026-11-21T03:12:09.000+0000", STOPPED_AT),
        ("2026-11-21T04:12:09+01:00", STOPPED_AT),
        ("2026-11-21T03:12:09", STOPPED_AT),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("yesterday", None),
        ("", None),
        ("2" * 10_000, None),
        (1763694729, None),
        (None, None),
    ],
)
def test_moments(text, moment):
    assert parse_time(text) == moment


def test_sample_events_are_documents_as_aws_sends_them():
    for path in DATA.glob("*.json"):
        event = json.loads(path.read_text())
        detail = event.get("detail") if event.get("detail-type") == "AWS API Call via CloudTrail" else None
        if detail:
            assert {"version", "id", "source", "account", "time", "region", "resources"} <= set(event)
            assert {"eventVersion", "eventTime", "eventSource", "awsRegion", "eventID", "eventType"} <= set(detail)
