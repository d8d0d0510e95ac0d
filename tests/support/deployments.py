"""`pulumi up` on a deployed stack, as the provider makes its calls, and every setting of a trail that it may change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.demo.attacks import Range

ALL_AND_DATA = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
        "ExcludeManagementEventSources": [],
    }
]
ADVANCED = [{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]


class Stack:
    """The desired state and the trail, changed as the provider does it."""

    def __init__(self, at: Range) -> None:
        self.at = at
        self._name = at.environment()["DESIRED_STATE_ARN"].partition(":parameter/")[2]

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.at.aws("ssm").get_parameter(Name=self._name)["Parameter"]["Value"])

    def up(self, **changed: Any) -> None:
        """`pulumi up`: the desired state first, then the trail's calls in the provider's order, the guardian awake."""
        trails, arn = self.at.aws("cloudtrail"), self.at.trail_arn
        document = self.document
        trail = document["trail"]
        if changed.keys() & {"EventSelectors", "AdvancedEventSelectors"}:
            trail = {key: value for key, value in trail.items() if not key.endswith("EventSelectors")}
        document["trail"] = trail | changed
        self.at.aws("ssm").put_parameter(Name=self._name, Value=json.dumps(document), Overwrite=True)
        update = {key: changed[key] for key in changed if not key.endswith("Selectors")}
        calls: Sequence[tuple[bool, Callable[[], Any]]] = (
            (bool(update), lambda: trails.update_trail(Name=arn, **update)),
            (True, lambda: trails.start_logging(Name=arn)),
            *(
                (key in changed, lambda key=key: trails.put_event_selectors(TrailName=arn, **{key: changed[key]}))
                for key in ("EventSelectors", "AdvancedEventSelectors")
            ),
            (
                "InsightSelectors" in changed,
                lambda: trails.put_insight_selectors(TrailName=arn, InsightSelectors=changed["InsightSelectors"]),
            ),
        )
        for _, call in [each for each in calls if each[0]]:
            call()
            self.at.sandbox.settle()  # the event wakes the guardian, which sees a deployment half way
        self.at.come_to_rest()


def another_bucket(at: Range) -> dict[str, Any]:
    s3 = at.aws("s3")
    policy = s3.get_bucket_policy(Bucket=at.bucket)["Policy"]
    s3.create_bucket(Bucket="other-bucket", CreateBucketConfiguration={"LocationConstraint": at.region})
    s3.put_bucket_policy(Bucket="other-bucket", Policy=policy.replace(at.bucket, "other-bucket"))
    return {"S3BucketName": "other-bucket"}


def a_prefix(at: Range) -> dict[str, Any]:
    s3, bucket = at.aws("s3"), at.trail()["S3BucketName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.put_bucket_policy(Bucket=bucket, Policy=policy.replace("/AWSLogs/", "/audit/AWSLogs/"))
    return {"S3KeyPrefix": "audit"}


def another_key(at: Range) -> dict[str, Any]:
    kms = at.aws("kms")
    policy = kms.get_key_policy(KeyId=at.trail()["KmsKeyId"], PolicyName="default")["Policy"]
    return {"KmsKeyId": kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]}


def another_log_group(at: Range) -> dict[str, Any]:
    """And another role, as a group of another name needs one."""
    logs, iam, trail = at.aws("logs"), at.aws("iam", region="us-east-1"), at.trail()
    logs.create_log_group(logGroupName="other-group")
    group = trail["CloudWatchLogsLogGroupArn"].replace(at.group, "other-group")
    trust = iam.get_role(RoleName=at.role("delivery"))["Role"]["AssumeRolePolicyDocument"]
    role = iam.create_role(RoleName="other-delivery", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    (name,) = iam.list_role_policies(RoleName=at.role("delivery"))["PolicyNames"]
    policy = iam.get_role_policy(RoleName=at.role("delivery"), PolicyName=name)["PolicyDocument"]
    text = json.dumps(policy).replace(at.group, "other-group")
    iam.put_role_policy(RoleName="other-delivery", PolicyName="delivery", PolicyDocument=text)
    return {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role}


# Each setting of the trail that a stack may change at all. What is below the guardian's floor it cannot.
DEPLOYMENTS: dict[str, Callable[[Range], Mapping[str, Any]]] = {
    "bucket": another_bucket,
    "prefix": a_prefix,
    "key": another_key,
    "no key": lambda at: {"KmsKeyId": ""},
    "log group and role": another_log_group,
    "organization": lambda at: {"IsOrganizationTrail": True},
    "no organization": lambda at: {"IsOrganizationTrail": False},
    "data events": lambda at: {"EventSelectors": ALL_AND_DATA},
    "advanced selectors": lambda at: {"AdvancedEventSelectors": ADVANCED},
    "insights": lambda at: {"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]},
}
