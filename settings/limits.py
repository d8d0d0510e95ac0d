"""What AWS and Pulumi accept, each number beside the page it came from. Tests compare them with the SDK's own model."""

import re
from typing import Final

# CloudWatch Logs, PutRetentionPolicy "retentionInDays".
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

# CloudWatch, PutMetricAlarm. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
# 10, 20 and 30 s exist too, but only for high-resolution metrics: metric filters write one value a minute.
PERIOD_STEP_S: Final = 60
MIN_PERIOD_S: Final = 60
# Seven days are possible from a period of one hour on. More than a day would stay silent for too long: an alarm acts
# only when its state changes.
MAX_PERIOD_S: Final = 86_400
MIN_THRESHOLD: Final = 1
# AWS takes any double. Beyond this no account makes as many calls in one period, so it is a slip of the keyboard.
MAX_THRESHOLD: Final = 1_000_000_000
MAX_ALARM_NAME: Final = 255
MAX_ALARM_DESCRIPTION: Final = 1024

# CloudWatch, PutAlarmMuteRule. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
MAX_MUTED_ALARMS: Final = 100
MAX_TIME_ZONE: Final = 50

# CloudWatch, PutInsightRule. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutInsightRule.html
MAX_INSIGHT_RULE_NAME: Final = 128

# CloudWatch Logs, PutMetricFilter "MetricTransformation".
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
MAX_METRIC_NAME: Final = 255
MAX_METRIC_NAMESPACE: Final = 255
METRIC_TEXT: Final = re.compile(r"[^:*$]*")

# CloudTrail, CreateTrail "Name". https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
MIN_TRAIL_NAME: Final = 3
MAX_TRAIL_NAME: Final = 128
TRAIL_NAME: Final = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")

# Systems Manager, PutParameter "Value" of a standard parameter: 4 KB. The guardian's desired state holds the selectors
# of a trail and, in at most 1,800 characters, everything else.
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
MAX_PARAMETER: Final = 4096
MAX_SELECTORS: Final = MAX_PARAMETER - 1800

# SNS, CreateTopic. https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
MAX_TOPIC_NAME: Final = 256
TOPIC_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
# https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html
MAX_DISPLAY_NAME: Final = 100

# RFC 5321, sections 4.5.3.1.1 to 4.5.3.1.3. https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1
MAX_EMAIL: Final = 254
MAX_EMAIL_LOCAL_PART: Final = 64

# ITU-T E.164, the form in which SNS takes a telephone number.
# https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html
PHONE_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")

# Pulumi: "alphanumeric, hyphens, underscores, or periods", at most 100 characters.
# https://www.pulumi.com/docs/iac/concepts/stacks/
MAX_STACK_NAME: Final = 100
STACK_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")

# Ours: a watch's name becomes part of a logical name, of a metric's name and of a mail's subject.
MAX_WATCH_NAME: Final = 50
WATCH_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MAX_TITLE: Final = 120

# "Tag naming limits and requirements". IAM tells keys apart without regard to case, CloudTrail wants a value.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
MAX_TAGS: Final = 50
OWN_TAGS: Final = 2
"""Tags that a resource of ours has besides those of the settings: stack and version."""
MAX_TAG_KEY: Final = 128
MAX_TAG_VALUE: Final = 256

# S3 User Guide, "Managing Object Lock": the longest retention period is 100 years.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
MAX_LOCK_DAYS: Final = 36_500
# Ours, for lifecycle rules: S3 takes any number of days. Beyond a century it is a slip of the keyboard.
MAX_LIFECYCLE_DAYS: Final = 36_500

# PCI DSS 10.5.1 and the CIS benchmarks: a year of audit history.
AUDITED_DAYS: Final = 365

# S3 User Guide, "General purpose bucket naming rules".
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET_NAME: Final = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

# CloudWatch Logs, CreateLogGroup.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
LOG_GROUP_NAME: Final = re.compile(r"[\w./#-]{1,512}", re.ASCII)

# KMS Developer Guide, "Key identifiers": a key's ARN. CloudTrail answers with it whatever it was given.
# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
KEY_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(?:mrk-)?[0-9a-f-]{32,36}")
# AWS names no limit for an endpoint; servers commonly take URLs of this length.
MAX_URL: Final = 2048
# SNS delivery policies for HTTP/S. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
MAX_RETRIES: Final = 100
MAX_RETRY_DELAY_S: Final = 3600
MAX_RETRY_TOTAL_S: Final = 3600
# AWS names no highest rate; a topic of ours sends so few messages that more than this is a slip of the keyboard.
MAX_RATE: Final = 100_000
MAX_REASON: Final = 200
# SNS filter policies. https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MAX_FILTER_COMBINATIONS: Final = 150

# Ours: people forget what they have silenced.
LONGEST_SUPPRESSION_D: Final = 90
MAX_RUNBOOK_BASE: Final = 500

# Ours, and the guardian's own (lambda/guardian/remit.py says why); a test compares them.
GRACE_S: Final = (30, 60)
BUDGET_REPAIRS: Final = (1, 100)
BUDGET_MINUTES: Final = (1, 1440)
# 0 would switch the function off. The guardian works on one trail: more than a hundred calls at once are a slip.
# https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
RESERVED_CONCURRENCY: Final = (1, 100)
# Lambda keeps so many executions for functions that have none reserved, so a new account (limit 10) can reserve none.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED_CONCURRENCY: Final = 100
MAX_SAMPLES: Final = 16_384
"""Characters of the events that a custom set must match, and of those it must leave. Ours: Linux takes 131,072 bytes in
one variable of an environment (execve(2), MAX_ARG_STRLEN), and all of a stack's configuration travels in one."""
