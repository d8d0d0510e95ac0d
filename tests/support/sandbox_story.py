"""A guarded trail in the sandbox, made by plain boto3 calls: bucket, log group, trail, filter, alarm, topic, rule.

Every grant is one entry of a policy, so that a test can leave out exactly one and see what breaks.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox import SandboxClient

T = TypeVar("T")
ACCOUNT = "000000000000"
DEADLINE_S = 30.0

# Restarts the trail that an EventBridge event or an alarm message is about, and reports to the alerts topic.
GUARDIAN = """
import json, os
import boto3

def handle(event, context):
    boto3.client("cloudtrail").start_logging(Name=os.environ["TRAIL_ARN"])
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject="restarted", Message=json.dumps(event))
"""


def wait_for(what: str, look: Callable[[], T | None], *, deadline_s: float = DEADLINE_S) -> T:
    """The first answer of `look` that is not None, False or empty; fails when the deadline passes."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"did not happen within {deadline_s} s: {what}")


def archive(source: str) -> bytes:
    """A Lambda archive with one module `index`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        entry = zipfile.ZipInfo("index.py")
        entry.external_attr = 0o644 << 16
        zipped.writestr(entry, source)
    return buffer.getvalue()


def policy(*statements: dict[str, Any]) -> str:
    """A policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


@dataclass
class Story:
    """Names, ARNs and makers of one guarded trail. Change a policy before `make`, or call single makers."""

    client: SandboxClient
    region: str = "eu-west-1"
    name: str = "guarded"
    pattern: str = '{ ($.eventName = "StopLogging") }'
    threshold: int = 1
    mail: str = "ops@example.com"
    without: frozenset[str] = field(default_factory=frozenset)

    def aws(self, service: str, **kwargs: Any) -> Any:
        """A boto3 client of the account's root, in the story's region."""
        return self.client.aws(service, **{"region": self.region, **kwargs})

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}"

    @property
    def trail_arn(self) -> str:
        return self.arn("cloudtrail", f"trail/{self.name}")

    @property
    def group(self) -> str:
        return f"/trail/{self.name}"

    @property
    def group_arn(self) -> str:
        return self.arn("logs", f"log-group:{self.group}:*")

    @property
    def bucket(self) -> str:
        return f"{self.name}-logs"

    @property
    def alerts_arn(self) -> str:
        return self.arn("sns", f"{self.name}-alerts")

    @property
    def delivery_role_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}-delivery"

    @property
    def alarm_arn(self) -> str:
        return self.arn("cloudwatch", f"alarm:{self.name}")

    @property
    def function_arn(self) -> str:
        return self.arn("lambda", f"function:{self.name}-guardian")

    @property
    def rule_arn(self) -> str:
        return self.arn("events", f"rule/{self.name}")

    def make(self) -> Story:
        """All of it, the trail logging, nothing confirmed."""
        self.make_bucket()
        self.make_log_group()
        self.make_delivery_role()
        self.make_topic()
        self.make_function()
        self.make_trail()
        self.make_watch()
        self.make_rule()
        self.client.settle()
        return self

    def make_bucket(self) -> None:
        s3 = self.aws("s3")
        # us-east-1 is the region without a name for S3.
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region}} if self.region != "us-east-1" else {}
        s3.create_bucket(Bucket=self.bucket, **place)
        s3.put_bucket_policy(Bucket=self.bucket, Policy=self.bucket_policy())

    def bucket_policy(self) -> str:
        who = {"Service": "cloudtrail.amazonaws.com"}
        here = {"aws:SourceArn": self.trail_arn}
        acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
        statements = {
            "bucket acl": {
                "Principal": who,
                "Action": "s3:GetBucketAcl",
                "Resource": f"arn:aws:s3:::{self.bucket}",
                "Condition": {"StringEquals": here},
            },
            "bucket write": {
                "Principal": who,
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{self.bucket}/AWSLogs/{ACCOUNT}/*",
                "Condition": {"StringEquals": here | acl},
            },
            "bucket owner": {
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{self.bucket}",
            },
        }
        return policy(*(one for key, one in statements.items() if key not in self.without))

    def make_log_group(self) -> None:
        self.aws("logs").create_log_group(logGroupName=self.group)

    def make_role(self, name: str, service: str, statements: dict[str, dict[str, Any]]) -> str:
        iam = self.aws("iam")
        trust = policy({"Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        granted = [one for key, one in statements.items() if key not in self.without]
        if granted:
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(*granted))
        return arn

    def make_delivery_role(self) -> None:
        trusted = "lambda.amazonaws.com" if "delivery trust" in self.without else "cloudtrail.amazonaws.com"
        streams = f"{self.group_arn.removesuffix(':*')}:log-stream:{ACCOUNT}_CloudTrail_{self.region}*"
        self.make_role(
            f"{self.name}-delivery",
            trusted,
            {
                "create stream": {"Action": "logs:CreateLogStream", "Resource": streams},
                "put events": {"Action": "logs:PutLogEvents", "Resource": streams},
            },
        )

    def make_topic(self) -> None:
        sns = self.aws("sns")
        key = {"KmsMasterKeyId": self.make_key()}
        sns.create_topic(Name=f"{self.name}-alerts", Attributes=key)
        sns.set_topic_attributes(TopicArn=self.alerts_arn, AttributeName="Policy", AttributeValue=self.topic_policy())
        sns.subscribe(TopicArn=self.alerts_arn, Protocol="email", Endpoint=self.mail)

    def topic_policy(self) -> str:
        statements = {
            "topic owner": {
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": ["sns:Publish", "sns:Subscribe"],
                "Resource": self.alerts_arn,
            },
            "topic cloudwatch": {
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": self.alerts_arn,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": self.arn("cloudwatch", "alarm:*")},
                },
            },
            "topic events": {
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": self.alerts_arn,
            },
        }
        return policy(*(one for key, one in statements.items() if key not in self.without))

    def make_key(self) -> str:
        use = ["kms:Decrypt", "kms:GenerateDataKey*"]
        statements = {
            "key owner": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
            "key cloudwatch": {"Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": use, "Resource": "*"},
            "key events": {"Principal": {"Service": "events.amazonaws.com"}, "Action": use, "Resource": "*"},
        }
        document = policy(*(one for key, one in statements.items() if key not in self.without))
        return self.aws("kms").create_key(Policy=document)["KeyMetadata"]["Arn"]

    def make_function(self, source: str = GUARDIAN) -> None:
        role = self.make_role(
            f"{self.name}-guardian",
            "lambda.amazonaws.com",
            {
                "restart": {"Action": "cloudtrail:StartLogging", "Resource": self.trail_arn},
                "report": {"Action": "sns:Publish", "Resource": self.alerts_arn},
                "report key": {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"},
            },
        )
        functions = self.aws("lambda")
        functions.create_function(
            FunctionName=f"{self.name}-guardian",
            Runtime="python3.13",
            Role=role,
            Handler="index.handle",
            Timeout=30,
            Code={"ZipFile": archive(source)},
            Environment={"Variables": {"TRAIL_ARN": self.trail_arn, "TOPIC_ARN": self.alerts_arn}},
        )
        for service, source_arn in (("events", self.rule_arn), ("sns", self.alerts_arn)):
            if f"permission {service}" not in self.without:
                functions.add_permission(
                    FunctionName=f"{self.name}-guardian",
                    StatementId=service,
                    Action="lambda:InvokeFunction",
                    Principal=f"{service}.amazonaws.com",
                    SourceArn=source_arn,
                )

    def make_trail(self, **changes: Any) -> None:
        """The trail, logging. `changes` go into CreateTrail."""
        trail = self.aws("cloudtrail")
        trail.create_trail(**self.trail_parameters() | changes)
        trail.start_logging(Name=self.name)

    def trail_parameters(self) -> dict[str, Any]:
        return {
            "Name": self.name,
            "S3BucketName": self.bucket,
            "IsMultiRegionTrail": True,
            "EnableLogFileValidation": True,
            "CloudWatchLogsLogGroupArn": self.group_arn,
            "CloudWatchLogsRoleArn": self.delivery_role_arn,
        }

    def make_watch(self, **changes: Any) -> None:
        """Metric filter and alarm. `changes` go into PutMetricAlarm."""
        self.aws("logs").put_metric_filter(
            logGroupName=self.group,
            filterName=self.name,
            filterPattern=self.pattern,
            metricTransformations=[{"metricName": "Matches", "metricNamespace": self.name, "metricValue": "1"}],
        )
        self.aws("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": self.name,
                "AlarmDescription": "somebody stopped the trail",
                "MetricName": "Matches",
                "Namespace": self.name,
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": self.threshold,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [self.alerts_arn],
            }
            | changes
        )

    def make_rule(self, *, target_arn: str | None = None, state: str = "ENABLED", **target: Any) -> None:
        """A rule on the trail's operations, with one target (the function)."""
        events = self.aws("events")
        pattern = {
            "source": ["aws.cloudtrail"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": ["StopLogging", "DeleteTrail"]},
        }
        events.put_rule(Name=self.name, EventPattern=json.dumps(pattern), State=state)
        events.put_targets(Rule=self.name, Targets=[{"Id": "1", "Arn": target_arn or self.function_arn, **target}])

    # -- what happened

    def user(self, name: str = "mallory", actions: str = "cloudtrail:*") -> dict[str, str]:
        """An IAM user with own keys, as arguments for `SandboxClient.aws`."""
        iam = self.aws("iam")
        iam.create_user(UserName=name)
        document = policy({"Action": actions, "Resource": "*"})
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    def records(self, **wanted: Any) -> list[dict[str, Any]]:
        """Records delivered to the log group, in order, whose top-level fields are as `wanted`."""
        self.client.settle()
        logs = self.aws("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=self.group)
        found = [json.loads(event["message"]) for page in pages for event in page["events"]]
        return [one for one in found if all(one.get(key) == value for key, value in wanted.items())]

    def is_logging(self) -> bool:
        return self.aws("cloudtrail").get_trail_status(Name=self.trail_arn)["IsLogging"]

    def alarm(self) -> dict[str, Any]:
        return self.aws("cloudwatch").describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]
