"""Deployed for real: a change of our topic or of our alarms rings, the same done to anybody else's does not."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.deploy import Deployment, deploy
from sandbox.process import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
HOME = "eu-west-1"
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [{HOME}]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {{self-delivery: {{}}, self-alarms-logs: {{}}}}
  trailwarden:sourceIps: [{{name: office, cidr: 203.0.113.0/24}}]
  trailwarden:remediation: {{mode: restore}}
  trailwarden:alerts: {{explain: false}}
  trailwarden:evidence: disposable
"""
QUIET_S = 960.0  # longer than a period: what the deployment itself rang is over
DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def local_aws() -> Iterator[SandboxClient]:
    with SandboxProcess(clock_behind_s=QUIET_S) as sandbox:
        yield sandbox.client


@pytest.fixture(scope="module")
def deployed(local_aws: SandboxClient, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("project")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.own.yaml").write_text(STACK_FILE)
    made = deploy(folder / "Pulumi.own.yaml", endpoint_url=local_aws.endpoint_url)
    local_aws.settle()
    local_aws.advance_clock(QUIET_S)
    return made


def state(local_aws: SandboxClient, alarm: str) -> str:
    (found,) = local_aws.aws("cloudwatch", region=HOME).describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return found["StateValue"]


def wait_for(local_aws: SandboxClient, alarm: str, wanted: str) -> str:
    deadline = time.monotonic() + DEADLINE_S
    while (now := state(local_aws, alarm)) != wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    return now


def allow_all(topic: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "SNS:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy}


def test_the_filters_hold_the_names_that_aws_gave(local_aws: SandboxClient, deployed: Deployment) -> None:
    filters = local_aws.aws("logs", region=HOME).describe_metric_filters(logGroupName=deployed.outputs["logGroupName"])
    patterns = " ".join(each["filterPattern"] for each in filters["metricFilters"])
    for arn in (deployed.outputs["alertsTopicArn"], deployed.outputs["signalsTopicArn"]):
        assert f'"*:{arn.rpartition(":")[2]}"' in patterns
    assert deployed.outputs["alarmNames"]["office"] in patterns, "the only alarm that does not begin with watch-"


def test_only_a_change_of_our_topic_rings(local_aws: SandboxClient, deployed: Deployment) -> None:
    alarm = deployed.outputs["alarmNames"]["self-delivery"]
    assert wait_for(local_aws, alarm, "OK") == "OK", "what the deployment rang is over"
    sns = local_aws.aws("sns", region=HOME)
    sns.set_topic_attributes(**allow_all(sns.create_topic(Name="shop-orders")["TopicArn"]))
    local_aws.settle()
    local_aws.advance_clock(0)  # alarms are judged now
    assert state(local_aws, alarm) == "OK", "somebody else's topic"
    sns.set_topic_attributes(**allow_all(deployed.outputs["alertsTopicArn"]))
    assert wait_for(local_aws, alarm, "ALARM") == "ALARM"


def test_an_alarm_hidden_among_others_is_missed_by_nobody(local_aws: SandboxClient, deployed: Deployment) -> None:
    names = deployed.outputs["alarmNames"]
    cloudwatch = local_aws.aws("cloudwatch", region=HOME)
    assert wait_for(local_aws, names["self-alarms-logs"], "OK") == "OK"
    cloudwatch.disable_alarm_actions(AlarmNames=["cpu-high", "disk-full"])
    local_aws.settle()
    local_aws.advance_clock(0)
    assert state(local_aws, names["self-alarms-logs"]) == "OK", "somebody else's alarms"
    cloudwatch.delete_alarms(AlarmNames=["cpu-high", names["office"]])
    assert wait_for(local_aws, names["self-alarms-logs"], "ALARM") == "ALARM"
