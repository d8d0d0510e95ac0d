"""The guardian in the program: what it hears, what it is made of, what catches what it misses, and when it goes."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
from ministack.services import eventbridge

from tests.support.recorded_program import ROOT, Registration, run_program
from tests.support.reference_stacks import recorded, wire_config

# R1.3 of the requirements, and the selector call that came later.
OPERATIONS = [
    *("StopLogging", "StartLogging", "UpdateTrail", "DeleteTrail", "CreateTrail", "RemoveTags", "AddTags"),
    *("PutEventSelectors", "PutInsightSelectors"),
]
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:guardian-1a2b3c4"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:guardian-dead-letters-1a2b3c4"

ACTORS: dict[str, dict[str, Any]] = {
    "root": {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"},
    "IAM user": {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": "arn:aws:iam::111122223333:user/mallory",
        "userName": "mallory",
    },
    "role": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:session",
        "arn": "arn:aws:sts::111122223333:assumed-role/admin/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/admin"}},
    },
    "the guardian's own role": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/guardian-1a2b3c4/guardian-1a2b3c4",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/guardian-1a2b3c4"}},
    },
    "AWS service": {"type": "AWSService", "invokedBy": "controltower.amazonaws.com"},
    "another account": {"type": "AWSAccount", "accountId": "444455556666"},
    "nobody known": {},
}


def rule_matches(event: dict[str, Any]) -> bool:
    """What EventBridge's TestEventPattern would answer, by an evaluator that is not ours."""
    pattern = recorded("full").one("EventRule", "guardian").inputs["eventPattern"]
    status, _, body = eventbridge._test_event_pattern({"Event": json.dumps(event), "EventPattern": pattern})
    assert status == 200, body
    return json.loads(body)["Result"]


def event(operation: str, actor: dict[str, Any], **changes: Any) -> dict[str, Any]:
    detail = {
        "eventVersion": "1.11",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": operation,
        "awsRegion": "eu-west-1",
        "userIdentity": actor,
        "requestParameters": {"name": "trailwarden-full"},
        "eventType": "AwsApiCall",
        "readOnly": False,
    }
    envelope = {
        "version": "0",
        "id": "11111111-2222-4333-8444-555555555555",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.cloudtrail",
        "account": "111122223333",
        "time": "2026-11-21T03:12:09Z",
        "region": "eu-west-1",
        "resources": [],
    }
    return {**envelope, "detail": {**detail, **changes.pop("detail", {})}, **changes}


def test_the_pattern() -> None:
    rule = recorded("full").one("EventRule", "guardian").inputs
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.cloudtrail"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": sorted(OPERATIONS)},
    }
    assert rule["state"] == "ENABLED"
    assert "eventBusName" not in rule, "CloudTrail's events come on the default bus"


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_rule_hears_everybody(operation: str, actor: str) -> None:
    assert rule_matches(event(operation, ACTORS[actor]))


HEARD = {
    "by ARN": {"detail": {"requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"}}},
    "with parameters left out": {"detail": {"requestParameters": None}},
    "that failed": {"detail": {"errorCode": "AccessDenied"}},
}
NOT_HEARD = {
    "a read": {"detail": {"eventName": "GetTrailStatus"}},
    "a list": {"detail": {"eventName": "DescribeTrails"}},
    "another service's call of that name": {"detail": {"eventSource": "cassandra.amazonaws.com"}},
    "another source": {"source": "aws.s3"},
    "somebody's own event": {"source": "my.app"},
    "a service event": {"detail-type": "AWS Service Event via CloudTrail"},
    "another spelling": {"detail": {"eventName": "stoplogging"}},
}


@pytest.mark.parametrize("change", HEARD)
def test_the_rule_hears_a_call(change: str) -> None:
    assert rule_matches(event("StopLogging", ACTORS["root"], **HEARD[change]))


@pytest.mark.parametrize("change", NOT_HEARD)
def test_the_rule_does_not_hear(change: str) -> None:
    assert not rule_matches(event("StopLogging", ACTORS["root"], **NOT_HEARD[change]))


def test_the_function() -> None:
    inputs = dict(recorded("full").one("Function").inputs)
    for key in ("tags", "description", "environment", "code"):
        assert inputs.pop(key)
    assert inputs == {
        "name": "guardian-1a2b3c4",
        "region": "eu-west-1",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "guardian.handler.handle",
        "timeout": 180,
        "memorySize": 256,
        "reservedConcurrentExecutions": 5,
        "role": "arn:aws:iam::111122223333:role/guardian-1a2b3c4",
        "loggingConfig": {"logGroup": "guardian-1a2b3c4", "logFormat": "JSON"},
    }


REMIT: dict[str, dict[str, str]] = {
    "full": {
        "MODE": "restore",
        "FIELDS": "all",
        "GRACE_SECONDS": "40",
        "BUDGET_REPAIRS": "8",
        "BUDGET_MINUTES": "20",
        "RUNBOOKS": "docs/{page}",
    },
    "notify": {
        "MODE": "notify",
        "FIELDS": "all",
        "GRACE_SECONDS": "30",
        "BUDGET_REPAIRS": "5",
        "BUDGET_MINUTES": "15",
        "RUNBOOKS": "docs/{page}",
    },
}


@pytest.mark.parametrize("stack", REMIT)
def test_the_environment_is_small_and_exact(stack: str) -> None:
    from settings.version import VERSION

    variables = recorded(stack).one("Function").inputs["environment"]["variables"]
    assert variables == {
        "TRAIL_ARN": f"arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-{stack}",
        "ALERTS_TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:alerts-1a2b3c4",
        "LAST_RESORT_TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:last-resort-1a2b3c4",
        **REMIT[stack],
        "STACK": stack,
        "TRAILWARDEN_VERSION": VERSION,
        "GUARDIAN_ROLE_ARN": "arn:aws:iam::111122223333:role/guardian-1a2b3c4",
        "DESIRED_STATE_ARN": "arn:aws:ssm:eu-west-1:111122223333:parameter/desired-state-1a2b3c4",
        "LEDGER_ARN": "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger-1a2b3c4",
        "RULE_ARN": "arn:aws:events:eu-west-1:111122223333:rule/guardian-1a2b3c4",
    }
    # Lambda counts all names and values together (Lambda Developer Guide, quotas: 4 KB).
    assert sum(len(key) + len(value) for key, value in variables.items()) < 4096


def archived() -> dict[str, Path]:
    code = recorded("full").one("Function").inputs["code"]
    assert isinstance(code, pulumi.AssetArchive)
    return {path: Path(asset.path) for path, asset in code.assets.items() if isinstance(asset, pulumi.FileAsset)}


def test_the_archive_is_what_is_common_and_the_guardians_package_and_nothing_else() -> None:
    package = {
        path.relative_to(ROOT / "lambda").as_posix()
        for folder in ("lambda/common", "lambda/guardian")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert archived().keys() == package
    assert all(path.is_file() and path == ROOT / "lambda" / name for name, path in archived().items())


def test_the_archive_works_alone(tmp_path: Path) -> None:
    """As in Lambda: nothing of this repository but the archive, and boto3."""
    for name, path in archived().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(path.read_bytes())
    module, _, function = recorded("full").one("Function").inputs["handler"].rpartition(".")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {module}; assert callable({module}.{function})"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_handler_exists() -> None:
    module, _, function = recorded("full").one("Function").inputs["handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


def dependencies(each: Registration) -> set[tuple[str, str]]:
    return {(found.kind, found.name) for found in map(recorded("full").with_urn, each.depends_on)}


def test_the_rule_reaches_the_function_or_the_queue() -> None:
    target = recorded("full").one("EventTarget", "guardian")
    assert dict(target.inputs) == {
        "region": "eu-west-1",
        "rule": "guardian-1a2b3c4",
        "arn": FUNCTION,
        "retryPolicy": {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185},
        "deadLetterConfig": {"arn": QUEUE},
    }
    assert dependencies(target) >= {
        ("EventRule", "guardian"),
        ("Function", "guardian"),
        ("Permission", "guardian-rule"),
        ("QueuePolicy", "guardian-dead-letters"),
    }


def test_signals_reach_the_function_or_the_queue() -> None:
    subscription = recorded("full").one("TopicSubscription", "guardian")
    inputs = dict(subscription.inputs)
    assert json.loads(inputs.pop("redrivePolicy")) == {"deadLetterTargetArn": QUEUE}
    assert inputs == {
        "region": "eu-west-1",
        "topic": "arn:aws:sns:eu-west-1:111122223333:signals-1a2b3c4",
        "protocol": "lambda",
        "endpoint": FUNCTION,
    }
    assert dependencies(subscription) >= {
        ("Topic", "signals"),
        ("Function", "guardian"),
        ("Permission", "guardian-signals"),
        ("QueuePolicy", "guardian-dead-letters"),
    }


def test_failed_calls_reach_the_queue() -> None:
    config = recorded("full").one("FunctionEventInvokeConfig")
    assert dict(config.inputs) == {
        "region": "eu-west-1",
        "functionName": "guardian-1a2b3c4",
        "maximumEventAgeInSeconds": 21_600,
        "maximumRetryAttempts": 2,
        "destinationConfig": {"onFailure": {"destination": QUEUE}},
    }
    # Lambda refuses a destination that the role may not send to.
    assert ("RolePolicy", "guardian") in dependencies(recorded("full").one("Function"))
    assert ("Function", "guardian") in dependencies(config)


def test_the_queue() -> None:
    inputs = dict(recorded("full").one("Queue", "guardian-dead-letters").inputs)
    inputs.pop("tags")
    assert inputs == {"region": "eu-west-1", "messageRetentionSeconds": 1_209_600, "sqsManagedSseEnabled": True}
    assert (
        recorded("full")
        .one("QueuePolicy", "guardian-dead-letters")
        .inputs["queueUrl"]
        .endswith("/guardian-dead-letters-1a2b3c4")
    )


def test_only_its_rule_and_its_topic_may_call_the_function() -> None:
    permissions = {each.name: dict(each.inputs) for each in recorded("full").of("Permission")}
    common = {"region": "eu-west-1", "action": "lambda:InvokeFunction", "function": "guardian-1a2b3c4"}
    assert permissions == {
        "guardian-rule": {
            **common,
            "principal": "events.amazonaws.com",
            "sourceArn": "arn:aws:events:eu-west-1:111122223333:rule/guardian-1a2b3c4",
        },
        "guardian-signals": {
            **common,
            "principal": "sns.amazonaws.com",
            "sourceArn": "arn:aws:sns:eu-west-1:111122223333:signals-1a2b3c4",
        },
    }


def test_a_schedule_wakes_the_function_in_any_case() -> None:
    schedule = recorded("full").one("Schedule")
    inputs = dict(schedule.inputs)
    target = dict(inputs.pop("target"))
    assert inputs.pop("description")
    assert json.loads(target.pop("input")) == {
        "source": "aws.scheduler",
        "detail-type": "Scheduled Event",
        "time": "<aws.scheduler.scheduled-time>",
        "schedule": "<aws.scheduler.schedule-arn>",
        "inventory": recorded("full").registered_outputs[recorded("full").one("Inventory").urn]["digest"],
    }
    assert inputs == {
        "name": "guardian-1a2b3c4-sweep",
        "region": "eu-west-1",
        "scheduleExpression": "rate(5 minutes)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "state": "ENABLED",
    }
    assert target == {
        "arn": FUNCTION,
        "roleArn": "arn:aws:iam::111122223333:role/guardian-sweep-1a2b3c4",
        "retryPolicy": {"maximumEventAgeInSeconds": 300, "maximumRetryAttempts": 5},
        "deadLetterConfig": {"arn": QUEUE},
    }
    assert dependencies(schedule) >= {("Function", "guardian"), ("RolePolicy", "guardian-sweep"), ("Trail", "trail")}


def test_what_the_schedule_says_is_read_as_the_schedule() -> None:
    from guardian.cause import Trigger, parse

    from tests.support.guardian_world import environment

    message = json.loads(recorded("full").one("Schedule").inputs["target"]["input"])
    arn = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/guardian-1a2b3c4-sweep"
    cause = parse({**message, "schedule": arn}, environment=environment())
    assert (cause.trigger, cause.inventory, cause.schedule) == (Trigger.SCHEDULE, message["inventory"], arn)


def test_the_inventory_has_the_bucket_as_it_is_made() -> None:
    """In the words that the guardian makes of what S3 answers (tests/guardian/test_inventory.py)."""
    document = json.loads(json.loads(recorded("options").one("TableItem").inputs["item"])["document"]["S"])
    (facts,) = (thing["facts"] for thing in document["things"] if thing["kind"] == "bucket")
    key = recorded("options").one("Key", "trail-key")
    assert facts.pop("policy")
    assert facts.pop("key").endswith(f"key/{key.name}-1a2b3c4")
    assert facts == {
        "versioning": "Enabled",
        "closed": True,
        "encryption": "aws:kms",
        "ageing": [
            "files deleted after 2557 days",
            "files moved to DEEP_ARCHIVE after 90 days",
            "old versions deleted after 2557 days",
            "old versions moved to DEEP_ARCHIVE after 90 days",
        ],
        "lock": "GOVERNANCE for 365 days",
    }


def test_the_inventory_has_every_schedule_as_it_is_made() -> None:
    """The guardian's tells the inventory's digest, so of that one the message cannot be in it."""
    program = recorded("explained")
    document = json.loads(json.loads(program.one("TableItem").inputs["item"])["document"]["S"])
    listed = {thing["name"]: thing["facts"] for thing in document["things"] if thing["kind"] == "schedule"}
    made = [schedule.inputs for schedule in program.of("Schedule")]
    assert listed == {
        schedule.get("name", "explainer-sweep-1a2b3c4"): {
            "enabled": schedule["state"] == "ENABLED",
            "rate": schedule["scheduleExpression"],
            "window": schedule["flexibleTimeWindow"]["mode"],
            "starts": "",
            "ends": "",
            "target": target["arn"],
            "role": target["roleArn"],
            "failures": target["deadLetterConfig"]["arn"],
            "tries": [target["retryPolicy"][f"maximum{what}"] for what in ("RetryAttempts", "EventAgeInSeconds")],
            **({} if "name" in schedule else {"message": target["input"]}),
        }
        for schedule in made
        for target in [schedule["target"]]
    }
    assert len(listed) == 2


def test_a_name_that_is_not_known_yet_is_granted_by_its_beginning() -> None:
    """The rights come before the trail, the rule after it: Pulumi names it `guardian-` and seven digits."""
    assert "name" not in recorded("full").one("EventRule", "guardian").inputs
    assert ":rule/guardian-*" in recorded("full").one("RolePolicy", "guardian-inspection").inputs["policy"]


def test_the_function_is_called_as_its_role_so_that_its_arn_is_known_before_the_trail() -> None:
    """Whatever scheme of names a person chose."""
    recording = run_program(wire_config("full"), stack="full", autoname="acme-{}".format)
    assert recording.one("Function").inputs["name"] == "acme-guardian"
    assert ':function:acme-guardian"' in recording.one("RolePolicy", "guardian-sweep").inputs["policy"]


def test_the_ledger() -> None:
    inputs = dict(recorded("full").one("Table").inputs)
    inputs.pop("tags")
    assert inputs == {
        "region": "eu-west-1",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "trail",
        "rangeKey": "id",
        "attributes": [{"name": name, "type": "S"} for name in ("trail", "id", "unsettled")],
        "localSecondaryIndexes": [{"name": "unsettled", "rangeKey": "unsettled", "projectionType": "ALL"}],
        "ttl": {"attributeName": "expiresAt", "enabled": True},
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True},
    }


def test_the_ledger_has_what_the_guardian_asks_for() -> None:
    from common import ledger

    from components.ledger import UNSETTLED

    assert ledger.UNSETTLED == UNSETTLED


def desired_state(stack: str) -> dict[str, Any]:
    return json.loads(recorded(stack).one("Parameter").inputs["insecureValue"])


@pytest.mark.parametrize("stack", ["full", "notify"])
def test_the_guardian_accepts_the_desired_state_that_is_deployed(stack: str) -> None:
    from guardian.environment import Environment
    from guardian.wanted import Wanted, parse

    text = recorded(stack).one("Parameter").inputs["insecureValue"]
    wanted = parse(text, changed_at=None)
    assert isinstance(wanted, Wanted), wanted
    assert Environment.read(recorded(stack).one("Function").inputs["environment"]["variables"])
    assert len(text.encode()) < 4096, "a standard parameter holds 4 KB"


def test_the_desired_state_is_the_trail_as_it_is_deployed() -> None:
    """Were the two to differ, the guardian would undo every deployment."""
    trail, wanted = recorded("full").one("Trail").inputs, desired_state("full")["trail"]
    same = {
        "isMultiRegionTrail": "IsMultiRegionTrail",
        "includeGlobalServiceEvents": "IncludeGlobalServiceEvents",
        "isOrganizationTrail": "IsOrganizationTrail",
        "enableLogFileValidation": "LogFileValidationEnabled",
        "enableLogging": "IsLogging",
        "kmsKeyId": "KmsKeyId",
        "s3BucketName": "S3BucketName",
        "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        "cloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
    }
    assert trail.keys() - same.keys() == {"name", "region", "tags"}, "a new input belongs into the desired state"
    assert {key: trail[key] for key in same} == {key: wanted[theirs] for key, theirs in same.items()}
    unset = {"S3KeyPrefix": "", "SnsTopicName": "", "InsightSelectors": []}
    default = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
    assert {key: value for key, value in wanted.items() if key not in same.values()} == {**unset, **default}


def test_the_desired_state_is_written_before_the_trail_changes() -> None:
    assert ("Parameter", "desired-state") in dependencies(recorded("full").one("Trail"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("EventRule", "guardian"),
        ("EventTarget", "guardian"),
        ("TopicSubscription", "guardian"),
        ("Function", "guardian"),
        ("Schedule", "guardian-sweep"),
    ],
)
def test_the_guardian_goes_before_the_trail(kind: str, name: str) -> None:
    """What depends on something is destroyed before it: `pulumi destroy` must not be answered by a repair."""
    assert ("Trail", "trail") in dependencies(recorded("full").one(kind, name))
