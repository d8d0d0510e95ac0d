"""The program is deployed for real: every type, its outputs, and everything that can go wrong."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import NotLoopback, SandboxClient
from sandbox.deploy import CREATED, DeployError, Deployment, Progress, deploy
from sandbox.process import SandboxProcess

DATA = Path(__file__).resolve().parents[1] / "data" / "deploy"
HOME = "eu-west-1"
ACCOUNT = "000000000000"
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:things: [1, two, {{three: true}}]
"""


@pytest.fixture(scope="module")
def local_aws() -> Iterator[SandboxClient]:
    with SandboxProcess() as sandbox:
        yield sandbox.client


@pytest.fixture(scope="module")
def stack_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copyfile(DATA / "every_type" / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.test.yaml").write_text(STACK_FILE)
    return folder / "Pulumi.test.yaml"


@pytest.fixture(scope="module")
def progress() -> list[Progress]:
    return []


@pytest.fixture(scope="module")
def every_type(local_aws: SandboxClient, stack_file: Path, progress: list[Progress]) -> Deployment:
    return deploy(
        stack_file,
        endpoint_url=local_aws.endpoint_url,
        reset=True,
        program=DATA / "every_type",
        on_progress=progress.append,
    )


def written(folder: Path, source: str) -> Path:
    """A Pulumi program of one file."""
    (folder / "__main__.py").write_text(source)
    return folder


# -- every type


def test_every_type_of_the_table_was_made_and_told(every_type: Deployment, progress: list[Progress]) -> None:
    assert {done.token for done in progress} == set(CREATED)
    assert every_type.resources == len(progress) == 36  # three roles, two with a policy each; everything else once
    assert [done.count for done in progress] == list(range(1, 37))
    assert all(done.ms > 0 for done in progress)


def test_the_program_got_its_configuration_and_was_run_as_the_deploy_role(every_type: Deployment) -> None:
    assert every_type.outputs["config"] == [1, "two", {"three": True}]
    assert every_type.outputs["deployer"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/pulumi"
    assert (every_type.outputs["account"], every_type.outputs["dnsSuffix"]) == (ACCOUNT, "amazonaws.com")


def test_a_secret_output_is_not_told(every_type: Deployment) -> None:
    assert every_type.outputs["password"] == "[secret]"
    assert "not for the screen" not in json.dumps(every_type.outputs)


def _arn(service: str, rest: str, region: str = HOME) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("keyArn", lambda o: _arn("kms", f"key/{o['keyId']}")),
        ("aliasTargetKeyArn", lambda o: o["keyArn"]),
        ("bucketArn", lambda o: f"arn:aws:s3:::{o['ids']['bucket']}"),
        ("groupArn", lambda o: _arn("logs", f"log-group:{o['groupName']}")),  # without the `:*`
        ("roleArn", lambda o: f"arn:aws:iam::{ACCOUNT}:role/{o['roleName']}"),
        ("trailArn", lambda o: _arn("cloudtrail", "trail/every-type")),
        ("trailHome", lambda o: HOME),
        ("alarmArn", lambda o: _arn("cloudwatch", f"alarm:{o['alarmName']}")),
        ("topicArn", lambda o: _arn("sns", o["topicArn"].rpartition(":")[2])),
        ("topicOwner", lambda o: ACCOUNT),
        ("mailPending", lambda o: True),
        ("queueArn", lambda o: _arn("sqs", o["queueUrl"].rpartition("/")[2])),
        ("functionArn", lambda o: _arn("lambda", f"function:{o['functionName']}")),
        ("ruleArn", lambda o: _arn("events", f"rule/{o['ruleName']}")),
        ("parameterArn", lambda o: _arn("ssm", f"parameter/{o['parameterName']}")),
        ("tableArn", lambda o: _arn("dynamodb", f"table/{o['tableName']}")),
        ("scheduleArn", lambda o: _arn("scheduler", f"schedule/default/{o['scheduleName']}")),
    ],
)
def test_outputs_are_those_of_the_provider(every_type: Deployment, output: str, expected: Any) -> None:
    assert every_type.outputs[output] == expected(every_type.outputs)


def test_ids_are_those_of_the_provider(every_type: Deployment) -> None:
    outputs, ids = every_type.outputs, every_type.outputs["ids"]
    assert ids == {
        "key": outputs["keyId"],
        "alias": outputs["aliasName"],
        **dict.fromkeys(
            ["bucket", "versioning", "block", "encryption", "ownership", "lifecycle", "bucketPolicy"],
            outputs["bucketArn"].removeprefix("arn:aws:s3:::"),
        ),
        "group": outputs["groupName"],
        "role": outputs["roleName"],
        "rolePolicy": f"{outputs['roleName']}:{outputs['rolePolicyName']}",
        "trail": outputs["trailArn"],
        "filter": outputs["filterName"],
        "alarm": outputs["alarmName"],
        "topic": outputs["topicArn"],
        "topicPolicy": outputs["topicArn"],
        "mail": outputs["mailArn"],
        "queue": outputs["queueUrl"],
        "queuePolicy": outputs["queueUrl"],
        "function": outputs["functionName"],
        "rule": outputs["ruleName"],
        "target": f"{outputs['ruleName']}-{outputs['targetId']}",
        "permission": outputs["statementId"],
        "onFailure": outputs["functionName"],
        "parameter": outputs["parameterName"],
        "table": outputs["tableName"],
        "schedule": f"default/{outputs['scheduleName']}",
    }


@pytest.mark.parametrize("output", ["aliasName", "groupName", "filterName", "alarmName", "functionName", "ruleName"])
def test_generated_names_end_in_seven_hexadecimal_digits(every_type: Deployment, output: str) -> None:
    digits = every_type.outputs[output].rpartition("-")[2]
    assert len(digits) == 7
    assert set(digits) <= set("0123456789abcdef")


READ_BACK = {
    "key": lambda aws, o: (
        aws("kms").describe_key(KeyId=o["keyId"])["KeyMetadata"]["Description"],
        aws("kms").get_key_rotation_status(KeyId=o["keyId"])["KeyRotationEnabled"],
        "cloudtrail.amazonaws.com" in aws("kms").get_key_policy(KeyId=o["keyId"], PolicyName="default")["Policy"],
    ),
    "versioning": lambda aws, o: aws("s3").get_bucket_versioning(Bucket=o["ids"]["bucket"])["Status"],
    "public access block": lambda aws, o: aws("s3").get_public_access_block(Bucket=o["ids"]["bucket"])[
        "PublicAccessBlockConfiguration"
    ],
    "encryption": lambda aws, o: [
        (rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == o["keyArn"], rule["BucketKeyEnabled"])
        for rule in aws("s3").get_bucket_encryption(Bucket=o["ids"]["bucket"])["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
    ],
    "ownership": lambda aws, o: aws("s3").get_bucket_ownership_controls(Bucket=o["ids"]["bucket"])["OwnershipControls"][
        "Rules"
    ],
    "lifecycle": lambda aws, o: [
        (rule["ID"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"])
        for rule in aws("s3").get_bucket_lifecycle_configuration(Bucket=o["ids"]["bucket"])["Rules"]
    ],
    "bucket tags": lambda aws, o: aws("s3").get_bucket_tagging(Bucket=o["ids"]["bucket"])["TagSet"],
    "log group": lambda aws, o: [
        (group["retentionInDays"], group["kmsKeyId"] == o["keyArn"])
        for group in aws("logs").describe_log_groups(logGroupNamePrefix=o["groupName"])["logGroups"]
    ],
    "metric filter": lambda aws, o: [
        (each["filterPattern"], each["metricTransformations"])
        for each in aws("logs").describe_metric_filters(logGroupName=o["groupName"])["metricFilters"]
    ],
    "alarm": lambda aws, o: [
        (alarm["Statistic"], alarm["Threshold"], alarm["TreatMissingData"], alarm["AlarmActions"] == [o["topicArn"]])
        for alarm in aws("cloudwatch").describe_alarms(AlarmNames=[o["alarmName"]])["MetricAlarms"]
    ],
    "mute rule": lambda aws, o: {
        key: value
        for key, value in aws("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=o["muteName"]).items()
        if key in {"Description", "Rule", "MuteTargets", "StartDate", "ExpireDate", "Status"}
    },
    "insight rule": lambda aws, o: [
        (rule["State"], json.loads(rule["Definition"])["LogGroupNames"] == [o["groupName"]])
        for rule in aws("cloudwatch").describe_insight_rules()["InsightRules"]
        if rule["Name"] == o["insightRuleName"]
    ],
    "dashboard": lambda aws, o: json.loads(
        aws("cloudwatch").get_dashboard(DashboardName=o["dashboardName"])["DashboardBody"]
    ),
    "trail": lambda aws, o: (
        {
            key: value
            for key, value in aws("cloudtrail").get_trail(Name=o["trailArn"])["Trail"].items()
            if key in {"IsMultiRegionTrail", "LogFileValidationEnabled", "HomeRegion", "CloudWatchLogsLogGroupArn"}
        }
        | {"IsLogging": aws("cloudtrail").get_trail_status(Name=o["trailArn"])["IsLogging"]}
    ),
    "topic": lambda aws, o: (
        aws("sns").get_topic_attributes(TopicArn=o["topicArn"])["Attributes"]["DisplayName"],
        "cloudwatch.amazonaws.com" in aws("sns").get_topic_attributes(TopicArn=o["topicArn"])["Attributes"]["Policy"],
    ),
    "queue": lambda aws, o: {
        key: value
        for key, value in aws("sqs")
        .get_queue_attributes(QueueUrl=o["queueUrl"], AttributeNames=["All"])["Attributes"]
        .items()
        if key in {"MessageRetentionPeriod", "VisibilityTimeout"}
    },
    "rule's target": lambda aws, o: [
        (each["Id"], each["Arn"], each["DeadLetterConfig"]["Arn"], each["RetryPolicy"])
        for each in aws("events").list_targets_by_rule(Rule=o["ruleName"])["Targets"]
    ],
    "permission": lambda aws, o: [
        (each["Sid"], each["Principal"])
        for each in json.loads(aws("lambda").get_policy(FunctionName=o["functionName"])["Policy"])["Statement"]
    ],
    "function": lambda aws, o: {
        key: value
        for key, value in aws("lambda").get_function_configuration(FunctionName=o["functionName"]).items()
        if key in {"Runtime", "Handler", "Timeout", "MemorySize", "Architectures"}
    },
    "on failure": lambda aws, o: (
        aws("lambda")
        .get_function_event_invoke_config(FunctionName=o["functionName"])["DestinationConfig"]["OnFailure"]
        .get("Destination")
    ),
    "parameter": lambda aws, o: {
        key: value
        for key, value in aws("ssm").get_parameter(Name=o["parameterName"])["Parameter"].items()
        if key in {"Type", "Value", "ARN"}
    },
    "table": lambda aws, o: (
        {
            key: value
            for key, value in aws("dynamodb").describe_table(TableName=o["tableName"])["Table"].items()
            if key == "KeySchema"
        }
        | {
            "indexes": [
                (each["IndexName"], each["KeySchema"][1]["AttributeName"], each["Projection"]["ProjectionType"])
                for each in aws("dynamodb").describe_table(TableName=o["tableName"])["Table"]["LocalSecondaryIndexes"]
            ],
            "ttl": aws("dynamodb").describe_time_to_live(TableName=o["tableName"])["TimeToLiveDescription"],
            "recovery": aws("dynamodb").describe_continuous_backups(TableName=o["tableName"])[
                "ContinuousBackupsDescription"
            ]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        }
    ),
    "schedule": lambda aws, o: [
        (each["ScheduleExpression"], each["State"], each["Target"])
        for each in [aws("scheduler").get_schedule(Name=o["scheduleName"])]
    ],
}
EXPECTED: dict[str, Any] = {
    "key": lambda o: ("evidence", True, True),
    "versioning": lambda o: "Enabled",
    "public access block": lambda o: dict.fromkeys(
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
    ),
    "encryption": lambda o: [(True, True)],
    "ownership": lambda o: [{"ObjectOwnership": "BucketOwnerEnforced"}],
    "lifecycle": lambda o: [("old", 30)],
    "bucket tags": lambda o: [{"Key": "made-by", "Value": "a test"}],
    "log group": lambda o: [(365, True)],
    "metric filter": lambda o: [
        (
            '{ $.eventName = "StopLogging" }',
            [{"metricName": "Stops", "metricNamespace": "every-type", "metricValue": "1", "defaultValue": 0.0}],
        )
    ],
    "mute rule": lambda o: {
        "Description": "the monthly release",
        "Rule": {
            "Schedule": {"Expression": "cron(0 2 * * SUN)", "Duration": "PT4H", "Timezone": "Europe/Berlin"},
        },
        "MuteTargets": {"AlarmNames": [o["alarmName"]]},
        "StartDate": datetime(2030, 1, 1, tzinfo=UTC),
        "ExpireDate": datetime(2030, 6, 30, 22, tzinfo=UTC),
        "Status": "SCHEDULED",
    },
    "insight rule": lambda o: [("ENABLED", True)],
    "dashboard": lambda o: {"widgets": [], "start": "-PT24H"},
    "alarm": lambda o: [("Sum", 1.0, "notBreaching", True)],
    "trail": lambda o: {
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "HomeRegion": HOME,
        "CloudWatchLogsLogGroupArn": f"{o['groupArn']}:*",
        "IsLogging": True,
    },
    "topic": lambda o: ("every type", True),
    "queue": lambda o: {"MessageRetentionPeriod": "1209600", "VisibilityTimeout": "30"},
    "rule's target": lambda o: [
        (
            o["targetId"],
            o["functionArn"],
            o["queueArn"],
            {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5},
        )
    ],
    "permission": lambda o: [(o["statementId"], {"Service": "events.amazonaws.com"})],
    "function": lambda o: {
        "Runtime": "python3.13",
        "Handler": "answer.handle",
        "Timeout": 10,
        "MemorySize": 256,
        "Architectures": ["arm64"],
    },
    "on failure": lambda o: o["queueArn"],
    "parameter": lambda o: {"Type": "String", "Value": '{"is": "wanted"}', "ARN": o["parameterArn"]},
    "table": lambda o: {
        "KeySchema": [{"AttributeName": "what", "KeyType": "HASH"}, {"AttributeName": "when", "KeyType": "RANGE"}],
        "indexes": [("open", "open", "ALL")],
        "ttl": {"AttributeName": "until", "TimeToLiveStatus": "ENABLED"},
        "recovery": "ENABLED",
    },
    "schedule": lambda o: [
        (
            "rate(5 minutes)",
            "ENABLED",
            {
                "Arn": o["functionArn"],
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{o['functionRole']}",
                "Input": '{"tick": true}',
                "DeadLetterConfig": {"Arn": o["queueArn"]},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 5},
            },
        )
    ],
}


@pytest.mark.parametrize("what", READ_BACK)
def test_aws_has_what_the_program_asked_for(local_aws: SandboxClient, every_type: Deployment, what: str) -> None:
    def aws(service: str) -> Any:
        return local_aws.aws(service, region=HOME)

    assert READ_BACK[what](aws, every_type.outputs) == EXPECTED[what](every_type.outputs)


def test_the_function_runs_with_its_files_and_its_environment(local_aws: SandboxClient, every_type: Deployment) -> None:
    answer = local_aws.aws("lambda", region=HOME).invoke(
        FunctionName=every_type.outputs["functionName"], Payload=json.dumps({"hello": 1})
    )
    assert json.load(answer["Payload"]) == {"greeting": "good morning", "file": "hello", "event": {"hello": 1}}


# -- what is refused


def test_a_second_deploy_is_refused_until_the_sandbox_is_reset(
    local_aws: SandboxClient, every_type: Deployment, stack_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(DeployError, match=r"stack 'test' is already deployed .* --reset"):
        deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=DATA / "every_type")
    trails = local_aws.aws("cloudtrail", region=HOME).describe_trails()["trailList"]
    assert [trail["Name"] for trail in trails] == ["every-type"], "the refused deploy touched nothing"

    empty = written(tmp_path, "import pulumi\npulumi.export('answer', 42)\n")
    again = deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=empty, reset=True)
    assert (again.resources, again.outputs) == (0, {"answer": 42})
    assert local_aws.aws("cloudtrail", region=HOME).describe_trails()["trailList"] == []


def refused(local_aws: SandboxClient, stack_file: Path, program: Path) -> DeployError:
    """The error of a deploy into an emptied sandbox."""
    with pytest.raises(DeployError) as error:
        deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=program, reset=True)
    return error.value


PREFACE = "import pulumi, pulumi_aws as aws\n"

# Each line is wrong in a way of its own. Nothing waits for anything, so all of it is tried, and all of it is told.
WRONG = """\
aws.cloudwatch.LogStream("stream", log_group_name="there-is-none")
aws.sns.Topic("archived", archive_policy="{}")
aws.cloudwatch.LogMetricFilter("filter", log_group_name="none", pattern="", metric_transformation={"nmae": "x"})
aws.cloudtrail.Trail("trail", s3_bucket_name="there-is-none")
aws.get_availability_zones_output().names.apply(lambda names: names)
aws.sns.Topic.get("found", "arn:aws:sns:eu-west-1:1:alerts")
aws.sns.Topic("imported", opts=pulumi.ResourceOptions(import_="arn:aws:sns:eu-west-1:1:alerts"))
aws.sns.Topic("twice")
aws.sns.Topic("twice")
"""
REFUSALS = {
    "a type nobody thought of": "aws:cloudwatch/logStream:LogStream 'stream': the sandbox does not know this",
    "an input nobody passes on": "aws:sns/topic:Topic 'archived': the sandbox does not pass on archivePolicy",
    "a nested input nobody passes on": "'filter': the sandbox does not pass on metricTransformation.nmae; it knows ",
    "what AWS refuses": "aws:cloudtrail/trail:Trail 'trail': S3BucketDoesNotExistException: ",
    "a look-up nobody thought of": "aws:index/getAvailabilityZones:getAvailabilityZones: the sandbox does not know",
    "a resource to read": "aws:sns/topic:Topic 'found': the sandbox makes resources; it cannot read or import",
    "a resource to import": "aws:sns/topic:Topic 'imported': the sandbox makes resources; it cannot read or import",
    "a logical name twice": "two resources have the URN urn:pulumi:test::trailwarden::",
}


@pytest.fixture(scope="module")
def all_wrong(local_aws: SandboxClient, stack_file: Path, tmp_path_factory: pytest.TempPathFactory) -> DeployError:
    return refused(local_aws, stack_file, written(tmp_path_factory.mktemp("wrong"), PREFACE + WRONG))


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_names_type_and_logical_name(all_wrong: DeployError, what: str) -> None:
    assert [problem for problem in all_wrong.problems if REFUSALS[what] in problem], str(all_wrong)


def test_refusals_come_without_a_traceback_and_each_once(all_wrong: DeployError) -> None:
    assert all_wrong.traceback == ""
    assert len(all_wrong.problems) == len(set(all_wrong.problems)) == len(REFUSALS) + 1
    assert "--reset" in all_wrong.problems[-1]


@pytest.mark.parametrize(
    ("source", "says"),
    [("raise pulumi.RunError('first\\nsecond')", "first\nsecond"), ("pulumi.Config().require('nope')", "nope")],
    ids=["what the program refuses", "configuration that is not there"],
)
def test_the_programs_own_errors_are_told_in_its_words_and_need_no_reset(
    local_aws: SandboxClient, stack_file: Path, tmp_path: Path, source: str, says: str
) -> None:
    error = refused(local_aws, stack_file, written(tmp_path, f"import pulumi\n{source}\n"))
    assert len(error.problems) == 1
    assert says in error.problems[0]
    assert error.traceback == ""
    good = written(tmp_path, "import pulumi\npulumi.export('answer', 42)\n")
    assert deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=good).outputs == {"answer": 42}


def test_a_program_that_breaks_shows_where(local_aws: SandboxClient, stack_file: Path, tmp_path: Path) -> None:
    error = refused(local_aws, stack_file, written(tmp_path, "def deep():\n    return 1 / 0\ndeep()\n"))
    assert error.problems == ("ZeroDivisionError: division by zero",)
    assert f'{tmp_path / "__main__.py"}", line 2, in deep' in error.traceback


def test_after_a_deploy_that_stopped_half_way_the_next_needs_a_reset(
    local_aws: SandboxClient, stack_file: Path, tmp_path: Path
) -> None:
    half = written(tmp_path, PREFACE + 'aws.sns.Topic("archived", archive_policy="{}")\n')
    assert "add --reset to the next deploy" in str(refused(local_aws, stack_file, half))
    with pytest.raises(DeployError, match="already deployed"):
        deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=half)


def test_what_the_program_prints_is_kept_apart(local_aws: SandboxClient, stack_file: Path, tmp_path: Path) -> None:
    source = "import sys\nprint('{\"done\": 1}')\nprint('loud', file=sys.stderr)\n"
    done = deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=written(tmp_path, source), reset=True)
    assert (done.resources, done.outputs) == (0, {})
    assert '{"done": 1}' in done.said
    assert "loud" in done.said


def test_the_program_is_deployed_from_the_folder_it_is_in(
    local_aws: SandboxClient, stack_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "__init__.py").write_text("WHOSE = 'the copy'\n")
    program = written(tmp_path, "import pulumi\nfrom settings import WHOSE\npulumi.export('whose', WHOSE)\n")
    done = deploy(stack_file, endpoint_url=local_aws.endpoint_url, program=program, reset=True)
    assert done.outputs == {"whose": "the copy"}


# -- before anything runs


@pytest.mark.parametrize(
    "url", ["https://cloudtrail.eu-west-1.amazonaws.com", "http://192.0.2.1:4566", "http://0.0.0.0:1"]
)
def test_nothing_but_this_machine_is_deployed_to(stack_file: Path, url: str) -> None:
    with pytest.raises(NotLoopback):
        deploy(stack_file, endpoint_url=url)


def test_without_a_sandbox_the_command_that_starts_one_is_named(stack_file: Path) -> None:
    with pytest.raises(DeployError) as caught:
        deploy(stack_file, endpoint_url="http://127.0.0.1:9", program=DATA / "every_type")
    assert caught.value.problems == (
        "no sandbox answers at http://127.0.0.1:9; start one with: .venv/bin/python -m wizard sandbox start --port 9",
    )


def test_a_folder_without_a_program_is_refused(stack_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=r"__main__\.py\) is not there"):
        deploy(stack_file, endpoint_url="http://127.0.0.1:9", program=tmp_path)


def test_another_partition_is_refused_by_name(stack_file: Path) -> None:
    elsewhere = stack_file.with_name("Pulumi.gov.yaml")
    elsewhere.write_text(STACK_FILE.replace(HOME, "us-gov-west-1"))
    with pytest.raises(DeployError, match=r"us-gov-west-1: the sandbox only has the partition 'aws'"):
        deploy(elsewhere, endpoint_url="http://127.0.0.1:9")
