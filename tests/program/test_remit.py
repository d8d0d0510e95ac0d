"""What the stack lets the guardian do: in its environment, and in its role, which can never do more."""

import json
from types import SimpleNamespace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from guardian import fields, remit
from guardian.environment import Environment

from components import _guardian_policies as policies
from components import check_concurrency
from settings import Settings, SettingsError, limits
from settings.remediation import Remediation
from settings.repairs import TRAIL_FIELDS
from tests.support import recorded_program
from tests.support.recorded_program import RecordingMonitor, run_program
from tests.support.reference_stacks import recorded, wire_config

RESTART = "cloudtrail:StartLogging"
UPDATE, EVENTS, INSIGHTS = (
    f"cloudtrail:{name}" for name in ("UpdateTrail", "PutEventSelectors", "PutInsightSelectors")
)
PASS_ROLE = "iam:PassRole"
CHANGES = {RESTART, UPDATE, EVENTS, INSIGHTS, PASS_ROLE}


def changes(document: dict[str, Any]) -> set[str]:
    """What a policy of the guardian's role lets it change of the trail."""
    actions = [each["Action"] for each in document["Statement"]]
    return CHANGES & {one for each in actions for one in ([each] if isinstance(each, str) else each)}


# remediation: what the role may change
RIGHTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing, to notify": ({"mode": "notify"}, set()),
    "nothing, in a dry run": ({"dryRun": True}, set()),
    "nothing, in a dry run of some fields": ({"dryRun": True, "fields": ["EventSelectors"]}, set()),
    "a restart": ({"fields": []}, {RESTART}),
    "selectors": ({"fields": ["EventSelectors"]}, {RESTART, EVENTS}),
    "insights": ({"fields": ["InsightSelectors"]}, {RESTART, INSIGHTS}),
    "the bucket": ({"fields": ["S3BucketName"]}, {RESTART, UPDATE}),
    "the log group": (
        {"fields": ["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"]},
        {RESTART, UPDATE, PASS_ROLE},
    ),
    "everything": ({}, CHANGES),
}


ARNS: dict[str, Any] = dict.fromkeys(
    (
        *("trail_arn", "delivery_role_arn", "desired_state_arn", "ledger_arn", "alerts_topic_arn"),
        *("alerts_key_arn", "last_resort_topic_arn", "log_group_arn", "dead_letters_arn"),
    ),
    "arn",
)


@pytest.mark.parametrize("case", RIGHTS)
def test_the_role_may_change_what_the_stack_allows_and_nothing_else(case: str) -> None:
    section, rights = RIGHTS[case]
    remediation = Remediation.model_validate(section)
    document = policies.guardian_role(
        may_restart=remediation.acts,
        fields=remediation.may_put_back if remediation.acts else (),
        **ARNS,
    )
    assert changes(document) == rights


@pytest.mark.parametrize(
    ("section", "rights"),
    [
        ({"dryRun": True, "fields": ["KmsKeyId"]}, set()),
        ({"fields": []}, {RESTART}),
        ({"fields": ["S3BucketName", "EventSelectors"]}, {RESTART, UPDATE, EVENTS}),
    ],
)
def test_function_and_role_are_told_the_same(section: dict[str, Any], rights: set[str]) -> None:
    made = run_program(wire_config("least", remediation=section))
    assert changes(json.loads(made.one("RolePolicy", "guardian").inputs["policy"])) == rights
    read = Environment.read(made.one("Function").inputs["environment"]["variables"]).remit
    assert read.fields == set(section["fields"])
    assert read.mode == ("dry-run" if section.get("dryRun") else "restore")


def test_the_stack_and_the_guardian_know_the_same_fields_and_limits() -> None:
    assert tuple(field.key for field in fields.FIELDS) == TRAIL_FIELDS
    assert (limits.GRACE_S, limits.BUDGET_REPAIRS, limits.BUDGET_MINUTES) == (
        remit.GRACE_S,
        remit.REPAIRS,
        remit.WINDOW_MIN,
    )


def test_there_is_time_for_the_longest_grace() -> None:
    """Half a minute for a stop, the grace time, the longer wait of who knows nobody, and time to put back and tell."""
    from guardian import stops, upkeep

    from components.guardian import TIMEOUT_S

    assert stops.FIRST_S + limits.GRACE_S[1] + upkeep.NAMELESS_WAIT_S + upkeep.REPAIR_S < TIMEOUT_S


# -- reserved concurrency


def test_nothing_is_reserved_and_nothing_is_asked_unless_somebody_wants_it() -> None:
    made = recorded("least")
    assert "reservedConcurrentExecutions" not in made.one("Function").inputs
    assert not [token for token in made.invokes if "Quota" in token]


def settings(**data: Any) -> Settings:
    given = {"homeRegion": "eu-west-1", "emails": ["a@example.com"], "remediation": {"reservedConcurrency": 5}}
    return Settings.parse({**given, **data}, stack="prod", source="test")


@pytest.mark.parametrize(("limit", "at_most"), [(105, ""), (104, "at most 4"), (10, "leave it out")])
def test_what_the_account_cannot_reserve_is_refused(monkeypatch: pytest.MonkeyPatch, limit: int, at_most: str) -> None:
    answer = SimpleNamespace(value=float(limit))
    monkeypatch.setattr(aws.servicequotas, "get_service_quota", lambda **_: answer)
    if not at_most:
        check_concurrency(settings())
        return
    with pytest.raises(SettingsError) as caught:
        check_concurrency(settings())
    (problem,) = caught.value.problems
    assert (problem.key, problem.value) == ("remediation.reservedConcurrency", "5")
    assert f"its limit is {limit:,} executions" in problem.problem
    assert at_most in (problem.allowed or "")


def test_each_region_with_a_guardian_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    limits_by_region = {"eu-west-1": 1000.0, "us-east-1": 10.0}
    monkeypatch.setattr(
        aws.servicequotas,
        "get_service_quota",
        lambda *, region, **_: SimpleNamespace(value=limits_by_region[region]),
    )
    with pytest.raises(SettingsError, match="can reserve in us-east-1: its limit is 10 executions") as caught:
        check_concurrency(settings(trail={"layout": "per-region"}, regions=["eu-west-1", "us-east-1"]))
    assert len(caught.value.problems) == 1


def test_it_is_refused_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_program, "LAMBDA_QUOTA", 10.0)
    monitors: list[RecordingMonitor] = []
    with pytest.raises(pulumi.RunError, match="reservedConcurrency: is more than this account can reserve"):
        run_program(wire_config("least", remediation={"reservedConcurrency": 5}), into=monitors.append)
    assert {each.type for each in monitors[0].registrations.values()} == {"pulumi:pulumi:Stack"}


def test_a_quota_that_cannot_be_read_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(recorded_program, "LAMBDA_QUOTA", None)
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    made = run_program(wire_config("off", remediation={"mode": "restore", "reservedConcurrency": 5}))
    assert made.one("Function").inputs["reservedConcurrentExecutions"] == 5
    (warning,) = warned
    assert "remediation.reservedConcurrency was not checked beforehand" in warning
    assert "AccessDenied" in warning


def test_with_remediation_off_there_is_nothing_to_reserve() -> None:
    made = run_program(wire_config("off", remediation={"mode": "off", "reservedConcurrency": 5}))
    assert not [token for token in made.invokes if "Quota" in token]
