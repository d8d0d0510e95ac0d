"""How large AWS lets things become that grow with a stack: with its regions, its sets, whoever is told.

What people write is held to the limits before anything is made (`settings.room_rules`); the rest by a test that
measures the largest stack there can be. Lengths are characters where a page says so, else bytes.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from settings.explaining import MAX_EVENT_PATTERN
from settings.limits import MAX_ALARM_DESCRIPTION, MAX_DISPLAY_NAME, MAX_PARAMETER

# IAM User Guide, "IAM and AWS STS quotas": all inline policies of one role together, white space not counted. Cannot be
# raised. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_INLINE_POLICIES: Final = 10_240
# The same page: a role's trust policy. It can be raised, but nobody should have to ask.
MAX_TRUST_POLICY: Final = 2_048
# Lambda, "Lambda quotas": all environment variables of a function together, names included.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_ENVIRONMENT: Final = 4_096
# CloudWatch, "CloudWatch quotas": widgets of a dashboard, metrics of one graph and of all together.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
MAX_WIDGETS: Final = 500
MAX_METRICS_OF_GRAPH: Final = 500
MAX_METRICS_OF_DASHBOARD: Final = 2_500
# "Dashboard body structure and syntax", properties of an alarm status widget.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
MAX_ALARMS_OF_WIDGET: Final = 100
# CloudTrail User Guide, "Logging data events": values of all advanced selectors of a trail together.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
MAX_SELECTOR_VALUES: Final = 500
# DynamoDB Developer Guide, "Constraints in Amazon DynamoDB": an item, names of attributes included.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ITEM: Final = 409_600

SIZES: Final[Mapping[tuple[str, str], int]] = MappingProxyType(
    {
        # S3, PutBucketPolicy. https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
        ("BucketPolicy", "policy"): 20_480,
        # CloudWatch, PutInsightRule "RuleDefinition".
        ("ContributorInsightRule", "ruleDefinition"): 8_192,
        ("EventRule", "description"): 512,
        ("EventRule", "eventPattern"): MAX_EVENT_PATTERN,
        ("Function", "description"): 256,
        # KMS, PutKeyPolicy. https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
        ("Key", "description"): 8_192,
        ("Key", "policy"): 32_768,
        ("MetricAlarm", "alarmDescription"): MAX_ALARM_DESCRIPTION,
        ("Parameter", "description"): 1_024,
        ("Parameter", "insecureValue"): MAX_PARAMETER,
        # SQS, "Quotas related to policies": bytes.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
        ("QueuePolicy", "policy"): 8_192,
        ("Role", "assumeRolePolicy"): MAX_TRUST_POLICY,
        ("Role", "description"): 1_000,
        ("TableItem", "item"): MAX_ITEM,
        ("Topic", "displayName"): MAX_DISPLAY_NAME,
        # SNS, "Amazon SNS endpoints and quotas": the access policy of a topic.
        # https://docs.aws.amazon.com/general/latest/gr/sns.html
        ("TopicPolicy", "policy"): 30_720,
    }
)
"""Bytes of an input, by the class name of the resource and the input's name on the wire."""

NAMES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Bucket": 63,
        "ContributorInsightRule": 128,
        "EventRule": 64,
        "Function": 64,
        "LogMetricFilter": 512,
        "MetricAlarm": 255,
        "Queue": 80,
        "Role": 64,
        "RolePolicy": 128,
        "Schedule": 64,
        "Topic": 256,
    }
)
"""Characters of a physical name, by the class name of the resource: as the SDK's models have it, or IAM's quotas."""
