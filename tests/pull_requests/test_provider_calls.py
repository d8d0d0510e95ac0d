"""What the real provider calls and a deployment into the sandbox does not: refreshing, undoing drift, deleting.

One row per resource type, written down from what is known and documented of the provider, never seen on AWS. A type
that the program does not know yet has to be thought through here before it can be deployed.
"""

import json
from pathlib import Path

import pytest

from sandbox.deploy.creators import CREATED

POLICIES = Path(__file__).resolve().parents[2] / "docs" / "policies"

# Service and operations; what only reads is enough for a preview that refreshes.
CALLS: dict[str, str] = {
    "cloudtrail/trail": "cloudtrail: CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging PutEventSelectors "
    "PutInsightSelectors AddTags RemoveTags DescribeTrails GetTrailStatus GetEventSelectors GetInsightSelectors "
    "ListTags",
    "cloudwatch/alarmMuteRule": "cloudwatch: PutAlarmMuteRule GetAlarmMuteRule DeleteAlarmMuteRule TagResource "
    "UntagResource ListTagsForResource",
    "cloudwatch/contributorInsightRule": "cloudwatch: PutInsightRule DescribeInsightRules EnableInsightRules "
    "DisableInsightRules DeleteInsightRules TagResource UntagResource ListTagsForResource",
    "cloudwatch/dashboard": "cloudwatch: PutDashboard GetDashboard DeleteDashboards",
    "cloudwatch/eventRule": "events: PutRule DescribeRule EnableRule DisableRule DeleteRule TagResource UntagResource "
    "ListTagsForResource",
    "cloudwatch/eventTarget": "events: PutTargets ListTargetsByRule RemoveTargets",
    "cloudwatch/logGroup": "logs: CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy "
    "AssociateKmsKey DisassociateKmsKey DeleteLogGroup TagResource UntagResource ListTagsForResource",
    "cloudwatch/logMetricFilter": "logs: PutMetricFilter DescribeMetricFilters DeleteMetricFilter",
    "cloudwatch/metricAlarm": "cloudwatch: PutMetricAlarm DescribeAlarms DeleteAlarms TagResource UntagResource "
    "ListTagsForResource",
    "dynamodb/table": "dynamodb: CreateTable DescribeTable DescribeContinuousBackups DescribeTimeToLive UpdateTable "
    "UpdateContinuousBackups UpdateTimeToLive DeleteTable TagResource UntagResource ListTagsOfResource",
    "dynamodb/tableItem": "dynamodb: PutItem GetItem UpdateItem DeleteItem",
    # Before it deletes a role it looks for instance profiles and takes policies from it, its own and others'.
    "iam/role": "iam: CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole "
    "ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole DetachRolePolicy DeleteRolePolicy "
    "DeleteRole DeleteRolePermissionsBoundary",
    "iam/rolePolicy": "iam: PutRolePolicy GetRolePolicy DeleteRolePolicy",
    "kms/alias": "kms: CreateAlias ListAliases UpdateAlias DeleteAlias",
    # EnableKey: a key that somebody disabled is drift, and the provider switches it on.
    "kms/key": "kms: CreateKey DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags EnableKey "
    "EnableKeyRotation DisableKeyRotation UpdateKeyDescription PutKeyPolicy ScheduleKeyDeletion TagResource "
    "UntagResource",
    # Code signing that somebody asked for is drift, too.
    "lambda/function": "lambda: CreateFunction GetFunction GetFunctionCodeSigningConfig ListVersionsByFunction "
    "UpdateFunctionCode UpdateFunctionConfiguration PutFunctionConcurrency DeleteFunctionConcurrency "
    "DeleteFunctionCodeSigningConfig DeleteFunction TagResource UntagResource ListTags",
    "lambda/functionEventInvokeConfig": "lambda: PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig "
    "DeleteFunctionEventInvokeConfig",
    "lambda/permission": "lambda: AddPermission GetPolicy RemovePermission",
    # Tags by the calls of S3 Control, since version 7.13 of pulumi-aws. It falls back to the older ones where it may
    # not, and each refusal would count in `unauthorized-api-calls`.
    "s3/bucket": "s3: CreateBucket ListBucket DeleteBucket TagResource UntagResource ListTagsForResource "
    "PutBucketTagging GetBucketTagging GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation "
    "GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketVersioning "
    "GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration "
    "GetReplicationConfiguration",
    "s3/bucketLifecycleConfiguration": "s3: PutLifecycleConfiguration GetLifecycleConfiguration",
    "s3/bucketObjectLockConfiguration": "s3: PutBucketObjectLockConfiguration GetBucketObjectLockConfiguration",
    "s3/bucketOwnershipControls": "s3: PutBucketOwnershipControls GetBucketOwnershipControls",
    "s3/bucketPolicy": "s3: PutBucketPolicy GetBucketPolicy DeleteBucketPolicy",
    "s3/bucketPublicAccessBlock": "s3: PutBucketPublicAccessBlock GetBucketPublicAccessBlock",
    "s3/bucketServerSideEncryptionConfiguration": "s3: PutEncryptionConfiguration GetEncryptionConfiguration",
    "s3/bucketVersioning": "s3: PutBucketVersioning GetBucketVersioning",
    "scheduler/schedule": "scheduler: CreateSchedule GetSchedule UpdateSchedule DeleteSchedule",
    "sns/topic": "sns: CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic TagResource UntagResource "
    "ListTagsForResource",
    "sns/topicPolicy": "sns: SetTopicAttributes GetTopicAttributes",
    "sns/topicSubscription": "sns: Subscribe GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe "
    "ListSubscriptionsByTopic",
    "sqs/queue": "sqs: CreateQueue GetQueueAttributes GetQueueUrl SetQueueAttributes DeleteQueue TagQueue UntagQueue "
    "ListQueueTags",
    "sqs/queuePolicy": "sqs: SetQueueAttributes GetQueueAttributes",
    "ssm/parameter": "ssm: PutParameter GetParameter GetParameters DescribeParameters DeleteParameter "
    "AddTagsToResource RemoveTagsFromResource ListTagsForResource",
}
# What the policy holds besides, and for whom.
BESIDES = {
    "cloudtrail:LookupEvents": "check: who changed it",
    "cloudwatch:DisableAlarmActions": "a person, for the time of a work",
    "cloudwatch:EnableAlarmActions": "the same",
    "iam:CreateServiceLinkedRole": "CloudTrail, for an organization",
    "iam:PassRole": "AWS, where a service gets a role",
    "kms:CancelKeyDeletion": "a person, before anything else",
    "lambda:UpdateFunctionEventInvokeConfig": "the provider, where the configuration was made by hand",
    "sns:PutDataProtectionPolicy": "a person, to take a policy away that masks alerts",
}


def actions(name: str) -> set[str]:
    statements = json.loads((POLICIES / f"{name}.json").read_text(encoding="utf-8"))["Statement"]
    return {
        action
        for each in statements
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }


def needed(kind: str) -> set[str]:
    service, _, operations = CALLS[kind].partition(": ")
    return {f"{service}:{operation}" for operation in operations.split()}


def test_every_type_of_the_program_is_thought_through() -> None:
    assert {token.removeprefix("aws:").rpartition(":")[0] for token in CREATED} == CALLS.keys()


@pytest.mark.parametrize("kind", CALLS)
def test_who_deploys_may_make_refresh_change_and_delete_it(kind: str) -> None:
    assert needed(kind) - actions("deploy-role") - actions("read-role") == set()


def test_a_preview_may_refresh_everything() -> None:
    reads = {
        each for kind in CALLS for each in needed(kind) if each.split(":")[1].startswith(("Get", "List", "Describe"))
    }
    assert reads - actions("read-role") == set()


def test_who_deploys_may_do_nothing_else() -> None:
    every = {each for kind in CALLS for each in needed(kind)}
    assert actions("deploy-role") - every == BESIDES.keys() & actions("deploy-role")
    assert BESIDES.keys() <= actions("deploy-role") | actions("read-role")
