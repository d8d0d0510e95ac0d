"""The mail as a person reads it."""

from datetime import timedelta

import pytest
from common.text import duration
from guardian.headline import SUBJECT_LIMIT

from tests.support.guardian_world import STOPPED_AT, FakeAws, Hands, deliver, refusal, sample, wake

CONSOLE = "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events"
STOPPED = f"""\
CloudTrail trail trailwarden-prod was stopped and is logging again.

Who      mallory (IAM user, no MFA) · AIDASAMPLEUSERMALLORY · key AKIA…7Q4
What     StopLogging on trailwarden-prod
Where    203.0.113.77 · aws-cli/2.31.0 · eu-west-1 · account 111122223333
When     2026-11-21 03:12:09 UTC · noticed after 2 s by the event rule
Done     StartLogging at 03:12:11 UTC; read back: logging
Gap      3 s not logged by the trail; Event history has its management events

Next     If this was not planned: switch off key AKIA…7Q4 of mallory:
  aws iam update-access-key --user-name mallory --access-key-id AKIASAMPLEKEYMAL07Q4 --status Inactive
         See what else key AKIA…7Q4 did in this region:
  {CONSOLE}?AccessKeyId=AKIASAMPLEKEYMAL07Q4

Event    0c8f1e9a-5d3b-4c1e-9a77-000000000001
  {CONSOLE}/0c8f1e9a-5d3b-4c1e-9a77-000000000001
Runbook  docs/runbooks/trail-stopped.md

trailwarden 0.1.0 · stack prod
"""
ALARMED = f"""\
CloudTrail trail trailwarden-prod was found stopped and is logging again.

Who      not in the alarm message; look in Event history (below)
What     alarm watch-trail-changes-3fa9c1d
Where    eu-west-1 · account 111122223333
When     stopped 2026-11-21 03:12:09 UTC · noticed after 2 s by alarm watch-trail-changes-3fa9c1d
Done     StartLogging at 03:12:11 UTC; read back: logging
Gap      3 s not logged by the trail; Event history has its management events

Next     See who it was (Event history knows it some minutes after the call):
  {CONSOLE}?EventName=StopLogging

Runbook  docs/runbooks/trail-stopped.md

trailwarden 0.1.0 · stack prod
"""
DELETED = f"""\
CloudTrail trail trailwarden-prod does not exist any more and IS NOT LOGGING. The guardian cannot bring it back.

Who      mallory (IAM user, no MFA) · AIDASAMPLEUSERMALLORY · key AKIA…7Q4
What     DeleteTrail on trailwarden-prod
Where    203.0.113.77 · aws-cli/2.31.0 · eu-west-1 · account 111122223333
When     2026-11-21 03:12:09 UTC · noticed after 2 s by the event rule
Done     nothing: a trail that does not exist cannot be started

Next     Make it again (DeleteTrail leaves the bucket and the log group as they are):
  pulumi refresh --stack prod
  pulumi up --stack prod
         If this was not planned: switch off key AKIA…7Q4 of mallory:
  aws iam update-access-key --user-name mallory --access-key-id AKIASAMPLEKEYMAL07Q4 --status Inactive
         See what else key AKIA…7Q4 did in this region:
  {CONSOLE}?AccessKeyId=AKIASAMPLEKEYMAL07Q4

Event    0c8f1e9a-5d3b-4c1e-9a77-000000000028
  {CONSOLE}/0c8f1e9a-5d3b-4c1e-9a77-000000000028
Runbook  docs/runbooks/trail-deleted.md

trailwarden 0.1.0 · stack prod
"""


@pytest.mark.parametrize(
    ("name", "is_gone", "body"),
    [("stop-by-name-iam-user", False, STOPPED), ("alarm-aws", False, ALARMED), ("delete-trail", True, DELETED)],
)
def test_whole_mails(name, is_gone, body):
    assert wake(name, FakeAws(is_gone=is_gone)).body == body


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "update-trail",
            (
                "UpdateTrail on trailwarden-prod: includeGlobalServiceEvents false, isMultiRegionTrail false,"
                " enableLogFileValidation false"
            ),
        ),
        (
            "put-event-selectors",
            (
                'PutEventSelectors on trailwarden-prod: eventSelectors [{"readWriteType":"ReadOnly",'
                '"includeManagementEvents":false,"dataResources":[],"excludeManagementEventSources":[]}]'
            ),
        ),
        ("put-insight-selectors", "PutInsightSelectors on trailwarden-prod: insightSelectors []"),
        ("remove-tags", 'RemoveTags on trailwarden-prod: tagsList [{"key":"trailwarden:stack"}]'),
        ("stop-by-arn-iam-user-mfa", "StopLogging on trailwarden-prod"),
    ],
)
def test_what_was_asked_for_is_told(name, what):
    assert wake(name, FakeAws(is_logging=True)).row("What") == what


def test_a_refused_call_tells_awss_own_words():
    what = wake("stop-refused-access-denied", FakeAws(is_logging=True)).row("What")
    assert what.startswith(
        "StopLogging on trailwarden-prod: refused, AccessDenied (User: arn:aws:iam::111122223333:user"
    )


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("update-trail", "CloudTrail trail trailwarden-prod was changed (UpdateTrail). It is logging."),
        (
            "delete-trail",
            "CloudTrail trail trailwarden-prod was deleted, but a trail of that name exists again and is logging.",
        ),
        (
            "stop-omitted-parameters",
            (
                "StopLogging was called on a trail that the event does not name."
                " CloudTrail trail trailwarden-prod is logging."
            ),
        ),
        (
            "stop-refused-access-denied",
            (
                "mallory tried StopLogging on CloudTrail trail trailwarden-prod and was refused."
                " Nothing was changed; it is logging."
            ),
        ),
        (
            "delete-refused-unnamed",
            (
                "mallory tried DeleteTrail on a trail that the event does not name and was refused."
                " Nothing was changed; CloudTrail trail trailwarden-prod is logging."
            ),
        ),
    ],
)
def test_first_lines_while_the_trail_logs(name, headline):
    assert wake(name, FakeAws(is_logging=True)).body.splitlines()[0] == headline


def test_a_change_is_not_said_to_be_undone():
    woken = wake("update-trail", FakeAws(is_logging=True))
    assert woken.row("Done") == "nothing had to be: the trail is logging, and as it should be"
    assert "\n  pulumi up --refresh --stack prod\n" in woken.body
    woken = wake("start-by-somebody", FakeAws(is_logging=True))
    assert woken.row("Done") == "nothing had to be: the trail is logging"
    assert "pulumi up" not in woken.body


def test_what_a_trimmed_event_does_not_tell_is_named():
    woken = wake("stop-omitted-parameters")
    assert woken.row("Missing") == ("trail: not in the event (request too large: CloudTrail left its parameters out)")
    assert woken.subject.startswith("[critical] Trail stopped by mallory, running again")


def test_an_empty_event_lists_all_that_is_missing():
    woken = deliver({"detail": {"eventName": "StopLogging"}})
    assert woken.row("Missing") == "caller, trail, source address, user agent, time, event id: not in the event"
    assert woken.row("Who") == "not in the event"
    assert woken.row("When") == "not known · noticed 2026-11-21 03:12:11 UTC by the event rule"
    assert woken.row("Gap").startswith("3 s ")  # CloudTrail remembers when the trail was stopped
    assert "Event  " not in woken.body


def test_an_event_from_a_clock_ahead_measures_nothing():
    event = sample("stop-by-name-iam-user")
    event["detail"]["eventTime"] = "2026-11-21T03:20:00Z"
    woken = deliver(event)
    assert woken.subject == "[critical] Trail stopped by mallory, running again - 111122223333 eu-west-1"
    assert woken.row("When") == "2026-11-21 03:20:00 UTC · noticed 2026-11-21 03:12:11 UTC by the event rule"
    assert woken.row("Gap") == "length not known; Event history has its management events"


def test_less_than_a_second():
    event = sample("stop-by-name-iam-user")
    event["detail"]["eventTime"] = "2026-11-21T03:12:11Z"
    woken = deliver(event)
    assert woken.subject == ("[critical] Trail stopped by mallory, running again after < 1 s - 111122223333 eu-west-1")


@pytest.mark.parametrize(
    ("agent", "console", "shown"),
    [
        ("aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1", None, "aws-cli/2.31.0"),
        ("Boto3/1.43.106 md/Botocore#1.43.106", None, "Boto3/1.43.106"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "true", "AWS console"),
        ("Mozilla/5.0 (X11; Linux x86_64)", None, "Mozilla/5.0 (X11; Linux x86_64)"),
        ("curl\nDone     nothing to do", None, "curl\\x0aDone nothing to do"),
    ],
)
def test_what_the_call_was_made_with(agent, console, shown):
    event = sample("stop-by-name-iam-user")
    event["detail"] |= {"userAgent": agent, "sessionCredentialFromConsole": console}
    assert deliver(event).row("Where") == f"203.0.113.77 · {shown} · eu-west-1 · account 111122223333"


def test_a_private_endpoint_and_a_service_as_source():
    assert "10.0.3.17 · aws-cli/2.31.0 · through vpce-0a1b2c3d4e5f60718" in wake("stop-ec2-instance-role").row("Where")
    assert wake("stop-aws-service").row("Where") == "controltower.amazonaws.com · eu-west-1 · account 111122223333"


def test_the_guardians_role_in_other_hands_is_pointed_out():
    woken = wake("update-by-guardians-role", FakeAws(is_logging=True))
    assert "this is the guardian's own role, and not a call of its own" in woken.row("Who")


LONG_CODE = "InsufficientDependencyServiceAccessPermissionException"


@pytest.mark.parametrize("user", ["m", "m" * 64, "ops+tag=1,2.3@mallory-" * 4])
@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-7", "us-gov-west-1"])
@pytest.mark.parametrize("refused", ["", "AccessDeniedException", LONG_CODE])
@pytest.mark.parametrize(
    "name", ["stop-by-name-iam-user", "stop-sso-role", "delete-trail", "update-trail", "alarm-aws"]
)
def test_subjects_fit_and_always_say_what_and_where(name, region, refused, user):
    event = sample(name)
    if "detail" in event:
        event["detail"]["userIdentity"] |= {"userName": user}
        event["detail"] |= {"requestParameters": None, "responseElements": None}
    partition = "aws-us-gov" if "gov" in region else "aws"
    aws = FakeAws(
        trail_arn=f"arn:{partition}:cloudtrail:{region}:111122223333:trail/trailwarden-prod",
        stopped_at=STOPPED_AT.replace(month=1),
        refuse={"StartLogging": [refusal(refused)]} if refused else {},
    )
    subject = deliver(event, aws).subject
    assert len(subject) <= SUBJECT_LIMIT
    assert subject.startswith("[critical] Trail ")
    assert subject.endswith(f" {region}")


GAPS_S = (0.2, 1, 59, 119, 3_599, 86_399, 200_000)


@pytest.mark.parametrize("user", ["mallory", "m" * 64, "weird+name=1,2.3@x"])
@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-7", "us-gov-west-1"])
@pytest.mark.parametrize("gap_s", GAPS_S)
def test_what_happened_is_never_cut(user, region, gap_s):
    """The name gives way first, then the account."""
    partition = "aws-us-gov" if "gov" in region else "aws"
    trail_arn = f"arn:{partition}:cloudtrail:{region}:111122223333:trail/trailwarden-prod"
    aws = FakeAws(trail_arn=trail_arn, call_s=0.0, hands=Hands(at=STOPPED_AT + timedelta(seconds=gap_s)))
    event = sample("stop-by-name-iam-user")
    event["detail"]["userIdentity"] |= {"userName": user}
    event["detail"] |= {"requestParameters": None, "responseElements": None}
    subject = deliver(event, aws).subject
    after = "< 1 s" if gap_s < 1 else duration(gap_s)
    happened, _, where = subject.partition(" - ")
    assert happened.endswith(f", running again after {after}")
    assert where in (f"111122223333 {region}", region)
    assert happened.startswith(f"[critical] Trail stopped by {user[:6]}")
