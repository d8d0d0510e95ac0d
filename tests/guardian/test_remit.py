"""What the guardian is allowed to do: some fields only, or nothing at all but to say what it would do."""

from typing import Any

import boto3
import pytest
from guardian.fields import FIELDS, Call

from tests.support.guardian_world import ALL_MANAGEMENT, SETTINGS, FakeAws, deliver, plan_work, sample, wake

UNSAID = {"RecursiveLogging": True, "S3KeyPrefix": ""}
READ_ONLY = {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}
SWEEP = "scheduled-scheduler"


def changed(fields: str = "all", **settings: Any) -> FakeAws:
    """A logging trail with these settings; `fields` are those that may be put back."""
    aws = FakeAws(is_logging=True, variables={"FIELDS": fields})
    aws.settings.update(settings)
    return aws


def sweep(aws: FakeAws, *, times: int = 1) -> list[str]:
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(300)
        wake(SWEEP, aws)
    return aws.mails[before:]


# -- some fields only

WRONG: dict[str, Any] = {
    "IsMultiRegionTrail": False,
    "IncludeGlobalServiceEvents": False,
    "LogFileValidationEnabled": False,
    "RecursiveLogging": False,
    "S3BucketName": "mallorys",
    "S3KeyPrefix": "hidden",
    "KmsKeyId": "",
    "CloudWatchLogsLogGroupArn": "",
    "CloudWatchLogsRoleArn": "",
}


@pytest.mark.parametrize("field", WRONG)
def test_a_field_that_is_not_named_is_told_and_left_while_others_are_put_back(field: str):
    """Two mails, each with its own end."""
    aws = changed("EventSelectors", **{field: WRONG[field]})
    aws.selectors = READ_ONLY
    assert wake("update-trail", aws).raised is None
    assert aws.requests == [("PutEventSelectors", {"EventSelectors": list(ALL_MANAGEMENT)})]
    assert aws.settings[field] == WRONG[field]
    assert aws.mails == [
        "[critical] Trail changed by mallory, put back after 33 s",
        "[critical] Trail changed by mallory and NOT PUT BACK (see why)",
    ]
    assert f"nothing: remediation.fields does not name {field}\n" in aws.published[1]["Message"]
    assert sweep(aws, times=3) == []
    aws.settings.update({**SETTINGS, **UNSAID})
    assert [mail.split(" after")[0] for mail in sweep(aws)] == ["[medium] Cleared"]


@pytest.mark.parametrize("field", WRONG)
def test_a_field_that_is_named_is_put_back(field: str):
    together = {
        "CloudWatchLogsLogGroupArn": "CloudWatchLogsRoleArn",
        "CloudWatchLogsRoleArn": "CloudWatchLogsLogGroupArn",
    }
    fields = ",".join([field, *([together[field]] if field in together else [])])
    aws = changed(**{field: WRONG[field]})
    wake("update-trail", aws, FIELDS=fields)
    assert {
        "RecursiveLogging": True,
        "S3KeyPrefix": "",
        **aws.settings,
    } == {"RecursiveLogging": True, "S3KeyPrefix": "", **SETTINGS}


def test_without_any_field_only_a_stop_is_undone():
    aws = changed("none", S3BucketName="mallorys")
    aws.is_logging = False
    wake("stop-by-name-iam-user", aws)
    assert aws.is_logging
    assert aws.requests == []
    assert [mail.split(",")[0] for mail in aws.mails] == [
        "[critical] Trail stopped by mallory",
        "[critical] Trail found changed and NOT PUT BACK (see why)",
    ]


def test_what_is_left_and_what_is_more_than_wanted_are_told_apart():
    aws = changed("EventSelectors", S3BucketName="mallorys", SnsTopicName="files")
    wake("update-trail", aws)
    assert aws.mails == [
        "[medium] Trail changed by mallory: it records more than is wanted",
        "[critical] Trail changed by mallory and NOT PUT BACK (see why)",
    ]


def test_a_second_attack_is_told_while_the_first_is_left():
    """The allow-list opens no silent way: what may be put back has a mail each time."""
    aws = changed("EventSelectors", S3BucketName="mallorys")
    wake("update-trail", aws)
    for number in range(2):
        aws.hands.move(120)
        aws.selectors = READ_ONLY
        event = sample("put-event-selectors")
        event["detail"] |= {"eventID": f"0c8f1e9a-0000-0000-0000-{number:012d}", "eventTime": aws.hands.at.isoformat()}
        deliver(event, aws)
    assert [mail.split(" after")[0] for mail in aws.mails] == [
        "[critical] Trail changed by mallory and NOT PUT BACK (see why)",
        *["[critical] Trail changed by mallory, put back"] * 2,
    ]


def test_told_to_notify_all_drift_is_one_mail():
    aws = changed("S3BucketName", S3BucketName="mallorys", LogFileValidationEnabled=False)
    wake("update-trail", aws, MODE="notify")
    assert aws.mails == ["[critical] Trail changed by mallory and NOT PUT BACK (see why)"]


# -- a dry run


@pytest.mark.parametrize("message", ["stop-by-name-iam-user", "alarm-aws", SWEEP])
def test_a_dry_run_leaves_a_stopped_trail_and_says_what_it_would_do(message: str):
    aws = FakeAws()
    woken = wake(message, aws, MODE="dry-run")
    assert woken.raised is None
    assert not aws.is_logging
    assert "StartLogging" not in aws.calls
    (mail,) = aws.mails
    assert mail.endswith(" and NOT LOGGING (dry run)")
    assert woken.row("Done") == "nothing: a dry run; it would call StartLogging"
    assert "Nothing is restarted now: a dry run; it would call StartLogging." in woken.body


def test_a_dry_run_leaves_drift_and_says_what_it_would_do():
    aws = changed(
        "S3BucketName,KmsKeyId,EventSelectors", S3BucketName="mallorys", KmsKeyId="", IsMultiRegionTrail=False
    )
    aws.selectors = READ_ONLY
    woken = wake("update-trail", aws, MODE="dry-run")
    assert aws.requests == []
    assert aws.mails == [
        "[critical] Trail changed by mallory and NOT PUT BACK (dry run)",
        "[critical] Trail changed by mallory and NOT PUT BACK (see why)",
    ]
    would = "a dry run; it would call UpdateTrail (bucket, KMS key), PutEventSelectors (event selectors)"
    assert f"\nDone     nothing: {would}\n" in aws.published[0]["Message"]
    assert woken.answer
    assert woken.answer["mode"] == "dry-run"


def test_a_dry_run_counts_no_repairs_and_makes_no_storm():
    aws = FakeAws(variables={"MODE": "dry-run", "BUDGET_REPAIRS": "1"}, is_logging=True)
    for number in range(5):
        aws.hands.move(60)
        aws.settings["S3BucketName"] = f"mallorys-{number}"
        wake("alarm-aws", aws)
    assert len(aws.mails) == 5
    assert not [mail for mail in aws.mails if "repairs" in mail]


def test_a_dry_run_during_planned_work_says_that_it_is_planned():
    aws = FakeAws()
    plan_work(aws)
    wake("stop-by-name-iam-user", aws, MODE="dry-run")
    assert aws.mails[0] == "[critical] Trail stopped by mallory and NOT LOGGING (maintenance)"


def test_the_grace_time_is_the_deployments():
    aws = changed(S3BucketName="mallorys")
    wake("update-trail", aws, GRACE_SECONDS="45")
    assert aws.hands.slept == [45]


def test_every_field_has_the_name_that_gettrail_and_the_desired_state_use():
    """Beside those of the selectors, which are GetEventSelectors' and GetInsightSelectors' own."""
    service = boto3.client("cloudtrail", region_name="eu-west-1").meta.service_model
    answers = {
        Call.UPDATE: service.operation_model("GetTrail").output_shape.members["Trail"],
        Call.EVENTS: service.operation_model("GetEventSelectors").output_shape,
        Call.INSIGHTS: service.operation_model("GetInsightSelectors").output_shape,
    }
    strange = [field.key for field in FIELDS if field.key not in answers[field.call].members]
    assert strange in ([], ["RecursiveLogging"])  # younger than some versions of the SDK
