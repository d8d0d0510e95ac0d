"""The desired state: what the trail should be, as the guardian reads it at run time."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.evidence import Evidence
from components.home import Home

VERSION = 1


def document(*, bucket: str, key_arn: str, log_group_arn: str, role_arn: str) -> dict[str, Any]:
    """What the trail should be, and nothing else. `AuditTrail` makes it so; the guardian keeps it so.

    Whether and how the guardian acts is not in it: whoever can write the parameter must not be able to lower that.
    """
    return {
        "version": VERSION,
        "trail": {
            "IsLogging": True,
            "IsMultiRegionTrail": True,
            "IncludeGlobalServiceEvents": True,
            "IsOrganizationTrail": False,
            "LogFileValidationEnabled": True,
            "S3BucketName": bucket,
            "S3KeyPrefix": "",
            "SnsTopicName": "",
            "KmsKeyId": key_arn,
            "CloudWatchLogsLogGroupArn": f"{log_group_arn}:*",
            "CloudWatchLogsRoleArn": role_arn,
            "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
            "InsightSelectors": [],
        },
    }


def text(**facts: Any) -> str:
    """The document as SSM keeps it: a standard parameter holds 4 KB (SSM API reference, PutParameter)."""
    return json.dumps(document(**facts), separators=(",", ":"))


class DesiredState(pulumi.ComponentResource):
    """An SSM parameter that holds the document.

    The trail is made after it. So it changes before the trail does, and a guardian that meets a deployment half way
    knows where it leads.
    """

    parameter: aws.ssm.Parameter

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        evidence: Evidence,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:DesiredState", name, {}, opts)
        self.parameter = aws.ssm.Parameter(
            name,
            region=home.region,
            description=f"What the audit trail should be; the guardian keeps it so (trailwarden {home.stack}).",
            type="String",
            # No secret is in it, and a preview should show what would change.
            insecure_value=pulumi.Output.all(
                bucket=evidence.bucket.id,
                key_arn=evidence.key.arn,
                log_group_arn=evidence.log_group.arn,
                role_arn=evidence.role.arn,
            ).apply(lambda facts: text(**facts)),
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"parameterName": self.parameter.name})
