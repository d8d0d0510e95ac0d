"""The wizard against a local AWS: what it finds there, and whether the commands it prints do what they say."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from account import Found
from exits import Exit
from sandbox import SandboxClient
from settings import Settings
from tests.support.typist import DOWN, ENTER, UP, Step
from tests.support.wizard_bench import bench
from wizard.access import Access
from wizard.look import Sight, look
from wizard.verdicts import judge

HOME = "eu-west-1"
BUCKET = "bare-trail-logs"
STEPS: list[Step] = [
    ("Which trail should be guarded?", UP + ENTER),
    ("What should bare be?", ENTER),
    ("When somebody stops the trail?", DOWN + ENTER),
    ("Write it?", "y"),
]
FLAGS = {
    "regions": [HOME, "us-east-1"],
    "emails": ["security@example.com"],
    "eventSets": ["trail-changes"],
    "sourceIps": ["none"],
}


def make_a_bare_trail(sandbox: SandboxClient) -> None:
    """A trail of all regions that only writes to its bucket."""
    s3 = sandbox.aws("s3", region=HOME)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    trails = sandbox.aws("cloudtrail", region=HOME)
    trails.create_trail(Name="bare", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    trails.start_logging(Name="bare")


def typed(sandbox: SandboxClient, line: str) -> None:
    """What the AWS CLI would do with this line."""
    words = shlex.split(line)[1:]
    service, operation, *rest = words
    options = dict(zip([each.removeprefix("--") for each in rest[::2]], rest[1::2], strict=True))
    region = options.pop("region", "us-east-1")
    client: Any = sandbox.aws(service, region=region)
    method = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    names = {each.replace("-", "").casefold(): each for each in options}
    given: dict[str, Any] = {}
    for member, kind in shape.members.items():
        if text := options.get(names.get(member.casefold(), "")):
            given[member] = int(text) if kind.type_name == "integer" else text
    assert len(given) == len(options), line
    getattr(client, method)(**given)


def seen(sandbox: SandboxClient) -> Sight:
    found = look(Access(endpoint_url=sandbox.endpoint_url), home=HOME)
    assert isinstance(found, Sight)
    return found


def test_the_printed_commands_make_a_trail_that_can_be_adopted(
    sandbox: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    make_a_bare_trail(sandbox)
    project = bench(tmp_path)
    access = Access(endpoint_url=sandbox.endpoint_url)
    outcome = project.dialogue(STEPS, stack="prod", flags=FLAGS, access=access)
    assert outcome.code is Exit.OK
    assert [each.can_be_adopted for each in judge(seen(sandbox), stack="prod")] == [False]

    for line in outcome.out.splitlines():
        if line.startswith("    aws "):
            typed(sandbox, line)
    (verdict,) = judge(seen(sandbox), stack="prod")
    assert verdict.can_be_adopted
    assert isinstance(verdict.seen.group, Found)
    assert verdict.seen.group.value.retention_days == 365
    (site,) = Settings.from_stack_file(project.stack_file()).trails
    assert site.baseline is not None
    assert site.baseline.log_group == verdict.seen.group.value.name
    # The role lets CloudTrail write: a call is recorded in the new group.
    sandbox.aws("iam", region="us-east-1").create_user(UserName="mallory")
    sandbox.settle()
    logs = sandbox.aws("logs", region=HOME)
    events = logs.filter_log_events(logGroupName=site.baseline.log_group, filterPattern="{ $.eventName = CreateUser }")
    assert len(events["events"]) == 1
