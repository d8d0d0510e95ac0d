"""The table from Pulumi token to creator: every type here becomes a real resource of the sandbox."""

from collections.abc import Mapping
from types import MappingProxyType

from sandbox.deploy._resource import Creator

from . import (
    _cloudtrail,
    _cloudwatch,
    _dynamodb,
    _events,
    _iam,
    _kms,
    _lambda,
    _logs,
    _s3,
    _scheduler,
    _sns,
    _sqs,
    _ssm,
)

CREATED: Mapping[str, Creator] = MappingProxyType(
    {
        "aws:cloudtrail/trail:Trail": _cloudtrail.trail,
        "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": _cloudwatch.mute_rule,
        "aws:cloudwatch/contributorInsightRule:ContributorInsightRule": _cloudwatch.insight_rule,
        "aws:cloudwatch/dashboard:Dashboard": _cloudwatch.dashboard,
        "aws:cloudwatch/eventRule:EventRule": _events.rule,
        "aws:cloudwatch/eventTarget:EventTarget": _events.target,
        "aws:cloudwatch/logGroup:LogGroup": _logs.group,
        "aws:cloudwatch/logMetricFilter:LogMetricFilter": _logs.metric_filter,
        "aws:cloudwatch/metricAlarm:MetricAlarm": _cloudwatch.metric_alarm,
        "aws:dynamodb/table:Table": _dynamodb.table,
        "aws:dynamodb/tableItem:TableItem": _dynamodb.table_item,
        "aws:iam/role:Role": _iam.role,
        "aws:iam/rolePolicy:RolePolicy": _iam.role_policy,
        "aws:kms/alias:Alias": _kms.alias,
        "aws:kms/key:Key": _kms.key,
        "aws:lambda/function:Function": _lambda.function,
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": _lambda.event_invoke_config,
        "aws:lambda/permission:Permission": _lambda.permission,
        "aws:s3/bucket:Bucket": _s3.bucket,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _s3.lifecycle,
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _s3.object_lock,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _s3.ownership_controls,
        "aws:s3/bucketPolicy:BucketPolicy": _s3.policy,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _s3.public_access_block,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _s3.encryption,
        "aws:s3/bucketVersioning:BucketVersioning": _s3.versioning,
        "aws:scheduler/schedule:Schedule": _scheduler.schedule,
        "aws:sns/topic:Topic": _sns.topic,
        "aws:sns/topicPolicy:TopicPolicy": _sns.topic_policy,
        "aws:sns/topicSubscription:TopicSubscription": _sns.subscription,
        "aws:sqs/queue:Queue": _sqs.queue,
        "aws:sqs/queuePolicy:QueuePolicy": _sqs.queue_policy,
        "aws:ssm/parameter:Parameter": _ssm.parameter,
    }
)
