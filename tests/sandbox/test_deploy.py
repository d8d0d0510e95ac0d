"""The program is deployed for real: every type, its outputs, and everything that can go wrong."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import NotLoopback, SandboxClient
from sandbox.deploy import CREATED, DeployError, Deployment, Progress, deploy
from sandbox.process import SandboxProcess
from tests.support.deployed_types import ACCOUNT, EXPECTED, HOME, READ_BACK

DATA = Path(__file__).resolve().parents[1] / "data" / "deploy"
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
