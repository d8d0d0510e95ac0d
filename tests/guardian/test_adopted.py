"""A trail that is not the stack's: what the guardian may do with it, and that no mail sends its reader to Pulumi."""

from typing import Any

import pytest

from tests.support.guardian_world import FakeAws, Woken, document, sample
from tests.support.guardian_world import deliver as deliver_to

MAY_RESTART = {"ADOPTED": "true", "MODE": "restore", "FIELDS": "none"}
MAY_TELL = {"ADOPTED": "true", "MODE": "notify"}
MAY_RESTORE = {"ADOPTED": "true", "MODE": "restore"}
PARAMETER = "aws ssm get-parameter --name trail-desired-state-9c8d7e6 --region eu-west-1"
SETTINGS = "aws cloudtrail get-trail --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-prod"


def wake(name: str, aws: FakeAws | None = None, /, **variables: str) -> Woken:
    """Let the guardian of such a trail handle a sample event."""
    return deliver_to(sample(name), aws, remaining_s=180.0, **variables)


def weakened(**changes: Any) -> FakeAws:
    aws = FakeAws(is_logging=True)
    aws.settings |= {"LogFileValidationEnabled": False, **changes}
    return aws


@pytest.mark.parametrize(("may", "logs"), [(MAY_RESTART, True), (MAY_RESTORE, True), (MAY_TELL, False)])
def test_a_stop_is_undone_where_somebody_said_so(may: dict[str, str], logs: bool) -> None:
    woken = wake("stop-by-name-iam-user", **may)
    assert woken.aws.is_logging is logs
    assert ("StartLogging" in woken.aws.calls) is logs
    assert "mallory" in woken.subject


@pytest.mark.parametrize(("may", "requests"), [(MAY_RESTART, []), (MAY_TELL, []), (MAY_RESTORE, ["UpdateTrail"])])
def test_other_changes_are_told_and_undone_only_in_mode_restore(may: dict[str, str], requests: list[str]) -> None:
    woken = wake("update-trail", weakened(), **may)
    assert [name for name, _ in woken.aws.requests] == requests
    assert "log file validation: off, wanted on" in woken.body


def test_what_is_restored_is_the_baseline_also_where_it_is_weak() -> None:
    """Nobody wanted validated files here; somebody took the log group away all the same."""
    aws = FakeAws(is_logging=True, wanted=document(LogFileValidationEnabled=False))
    aws.settings |= {"LogFileValidationEnabled": False, "CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""}
    woken = wake("update-trail", aws, WAIVED="validation", **MAY_RESTORE)
    ((_, request),) = woken.aws.requests
    assert request.keys() == {"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"}


def test_log_delivery_is_switched_on_for_a_trail_that_never_had_it() -> None:
    aws = FakeAws(is_logging=True)
    del aws.settings["CloudWatchLogsLogGroupArn"], aws.settings["CloudWatchLogsRoleArn"]
    woken = wake("scheduled-scheduler", aws, **MAY_RESTORE)
    ((operation, request),) = woken.aws.requests
    assert operation == "UpdateTrail"
    assert request["CloudWatchLogsLogGroupArn"].endswith(":log-group:trail-log-group-1a2b3c4:*")


@pytest.mark.parametrize(
    ("message", "aws", "said"),
    [
        ("delete-trail", lambda: FakeAws(is_gone=True), PARAMETER),
        ("update-trail", weakened, SETTINGS),
        ("add-tags", lambda: FakeAws(is_logging=True), SETTINGS),
    ],
)
def test_no_mail_sends_its_reader_to_pulumi(message: str, aws: Any, said: str) -> None:
    woken = wake(message, aws(), **MAY_TELL)
    assert said in woken.body
    assert "pulumi" not in woken.body
    ours = wake(message, aws(), MODE="notify")
    assert "pulumi" in ours.body
