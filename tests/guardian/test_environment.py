"""The deployment's facts, and every mistake in them at once."""

import pytest
from common.errors import WrongEnvironmentError
from common.places import Role, Trail
from guardian.environment import Environment
from guardian.fields import FIELDS
from guardian.remit import Budget, Mode, Remit

from tests.support.guardian_world import VARIABLES, environment


def test_a_good_environment():
    read = environment()
    assert read.trail == Trail(
        arn=VARIABLES["TRAIL_ARN"],
        partition="aws",
        region="eu-west-1",
        account="111122223333",
        name="trailwarden-prod",
    )
    assert read.role == Role(account="111122223333", name="trailwarden-prod-guardian-1a2b3c4")
    assert (read.topic_region, read.stack, read.version) == ("eu-west-1", "prod", "0.1.0")
    every = frozenset(field.key for field in FIELDS)
    assert read.remit == Remit(mode=Mode.RESTORE, fields=every, grace_s=30, budget=Budget(repairs=5, minutes=15))


def test_a_short_list_of_fields():
    read = environment(FIELDS="S3BucketName,EventSelectors", MODE="dry-run", GRACE_SECONDS="60")
    assert read.remit.fields == {"S3BucketName", "EventSelectors"}
    assert (read.mode, read.remit.grace_s) == (Mode.DRY_RUN, 60)
    assert environment(FIELDS="none").remit.fields == frozenset()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRAIL_ARN", "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/t.r_a-il"),
        ("TRAIL_ARN", "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/trail"),
        ("GUARDIAN_ROLE_ARN", "arn:aws:iam::111122223333:role/a/path/of/names/role"),
        ("GUARDIAN_ROLE_ARN", "arn:aws:iam::000000000000:role/guardian+=,.@-x"),
        ("MODE", "notify"),
        ("BUDGET_REPAIRS", "100"),
        ("BUDGET_MINUTES", "1440"),
        ("WAIVED", "multi-region,management-reads"),
        ("WAIVED", ""),
        ("ADOPTED", "true"),
    ],
)
def test_other_good_values(variable, value):
    assert environment(**{variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRAIL_ARN", "trailwarden-prod"),
        ("TRAIL_ARN", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/x; rm -rf /"),
        ("TRAIL_ARN", "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/x"),
        ("TRAIL_ARN", VARIABLES["TRAIL_ARN"] + "\n"),
        ("ALERTS_TOPIC_ARN", "alerts"),
        ("LAST_RESORT_TOPIC_ARN", "arn:aws:sqs:eu-west-1:111122223333:last-resort"),
        ("GUARDIAN_ROLE_ARN", "arn:aws:iam::111122223333:user/guardian"),
        ("GUARDIAN_ROLE_ARN", "arn:aws:iam:eu-west-1:111122223333:role/guardian"),
        ("GUARDIAN_ROLE_ARN", "arn:aws:iam::111122223333:role/*"),
        ("DESIRED_STATE_ARN", "arn:aws:ssm:eu-west-1:111122223333:parameter/"),
        ("LEDGER_ARN", "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger/index/unsettled"),
        ("RULE_ARN", "arn:aws:events:eu-west-1:111122223333:rule/other-bus/guardian"),
        ("RULE_ARN", "arn:aws:events::111122223333:rule/guardian"),
        ("MODE", "off"),
        ("MODE", "Restore"),
        ("FIELDS", ""),
        ("FIELDS", "S3BucketName,"),
        ("FIELDS", "bucket"),
        ("FIELDS", "all,S3BucketName"),
        ("GRACE_SECONDS", "29"),
        ("GRACE_SECONDS", "61"),
        ("GRACE_SECONDS", "3e1"),
        ("GRACE_SECONDS", "\u0663\u0660"),
        ("BUDGET_REPAIRS", "0"),
        ("BUDGET_REPAIRS", "101"),
        ("BUDGET_MINUTES", "1441"),
        ("BUDGET_MINUTES", "-5"),
        ("STACK", ""),
        ("TRAILWARDEN_VERSION", ""),
        ("WAIVED", "logging"),
        ("WAIVED", "multi-region, validation"),
        ("ADOPTED", "yes"),
        ("ADOPTED", ""),
    ],
)
def test_a_wrong_value_is_named(variable, value):
    with pytest.raises(WrongEnvironmentError) as raised:
        environment(**{variable: value})
    (problem,) = raised.value.problems
    assert problem.startswith(f"{variable}: must be ")
    assert problem.endswith(f", not {value!r}")


def test_all_problems_at_once():
    with pytest.raises(WrongEnvironmentError) as raised:
        Environment.read({})
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        "TRAIL_ARN",
        "ALERTS_TOPIC_ARN",
        "LAST_RESORT_TOPIC_ARN",
        "GUARDIAN_ROLE_ARN",
        "DESIRED_STATE_ARN",
        "LEDGER_ARN",
        "RULE_ARN",
        "MODE",
        "FIELDS",
        "GRACE_SECONDS",
        "BUDGET_REPAIRS",
        "BUDGET_MINUTES",
        "RUNBOOKS",
        "STACK",
        "TRAILWARDEN_VERSION",
    ]
    assert str(raised.value).count("\n") == 15
    assert "MODE: must be restore or notify or dry-run, and is missing" in str(raised.value)
