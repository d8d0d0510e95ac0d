"""A Pulumi program with one resource of every type that the sandbox creates, and their outputs as exports."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws

identity = aws.get_caller_identity_output()
partition = aws.get_partition_output()
account = identity.account_id
config = pulumi.Config()
region = pulumi.Config("aws").require("region")
tags = {"made-by": "a test"}
HERE = Path(__file__).parent
TRAIL = "every-type"
trail_arn = pulumi.Output.format("arn:{0}:cloudtrail:{1}:{2}:trail/{3}", partition.partition, region, account, TRAIL)


def document(*statements):
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusts(*services):
    principal = {"Service": [f"{service}.amazonaws.com" for service in services]}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def all_of(account_id):
    return pulumi.Output.format("arn:aws:iam::{0}:root", account_id)


key = aws.kms.Key(
    "key",
    description="evidence",
    enable_key_rotation=True,
    deletion_window_in_days=7,
    policy=document(
        {"Effect": "Allow", "Principal": {"AWS": all_of(account)}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": ["cloudtrail.amazonaws.com", f"logs.{region}.amazonaws.com"]},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt*", "kms:Encrypt*", "kms:ReEncrypt*", "kms:Describe*"],
            "Resource": "*",
        },
    ),
    tags=tags,
)
alias = aws.kms.Alias("alias", target_key_id=key.key_id)

bucket = aws.s3.Bucket("files", force_destroy=True, tags=tags)
versioning = aws.s3.BucketVersioning(
    "versioning",
    bucket=bucket.id,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
block = aws.s3.BucketPublicAccessBlock(
    "block",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
encryption = aws.s3.BucketServerSideEncryptionConfiguration(
    "encryption",
    bucket=bucket.id,
    rules=[
        aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=(
                aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                    sse_algorithm="aws:kms", kms_master_key_id=key.arn
                )
            ),
            bucket_key_enabled=True,
        )
    ],
)
ownership = aws.s3.BucketOwnershipControls(
    "ownership",
    bucket=bucket.id,
    rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
)
lifecycle = aws.s3.BucketLifecycleConfiguration(
    "lifecycle",
    bucket=bucket.id,
    rules=[
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="old",
            status="Enabled",
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=30
            ),
        )
    ],
)
object_lock = aws.s3.BucketObjectLockConfiguration(
    "files",
    bucket=bucket.id,
    rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
        default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(mode="GOVERNANCE", days=1)
    ),
    opts=pulumi.ResourceOptions(depends_on=[versioning]),
)
bucket_policy = aws.s3.BucketPolicy(
    "policy",
    bucket=bucket.id,
    policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": bucket.arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.format("{0}/AWSLogs/{1}/*", bucket.arn, account),
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ),
)

group = aws.cloudwatch.LogGroup("audit", retention_in_days=365, kms_key_id=key.arn, skip_destroy=True, tags=tags)
delivery = aws.iam.Role("delivery", assume_role_policy=trusts("cloudtrail"), tags=tags)
delivery_policy = aws.iam.RolePolicy(
    "delivery",
    role=delivery.name,
    policy=document(
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": pulumi.Output.format("{0}:log-stream:{1}_CloudTrail_{2}*", group.arn, account, region),
        }
    ),
)
trail = aws.cloudtrail.Trail(
    "trail",
    name=TRAIL,
    s3_bucket_name=bucket.id,
    cloud_watch_logs_group_arn=pulumi.Output.format("{0}:*", group.arn),
    cloud_watch_logs_role_arn=delivery.arn,
    kms_key_id=key.arn,
    is_multi_region_trail=True,
    enable_log_file_validation=True,
    event_selectors=[aws.cloudtrail.TrailEventSelectorArgs(read_write_type="All", include_management_events=True)],
    tags=tags,
    opts=pulumi.ResourceOptions(depends_on=[bucket_policy, delivery_policy]),
)

metric = aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
    namespace="every-type", name="Stops", value="1", default_value="0"
)
metric_filter = aws.cloudwatch.LogMetricFilter(
    "stops",
    log_group_name=group.name,
    pattern='{ $.eventName = "StopLogging" }',
    metric_transformation=metric,
)
teller = aws.iam.Role("teller", assume_role_policy=trusts("sns"))
topic = aws.sns.Topic("alerts", display_name="every type", sqs_failure_feedback_role_arn=teller.arn, tags=tags)
topic_policy = aws.sns.TopicPolicy(
    "alerts",
    arn=topic.arn,
    policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic.arn,
        }
    ),
)
mail = aws.sns.TopicSubscription("mail", topic=topic.arn, protocol="email", endpoint="security@example.com")
alarm = aws.cloudwatch.MetricAlarm(
    "stops",
    namespace=metric.namespace,
    metric_name=metric.name,
    period=300,
    evaluation_periods=1,
    statistic="Sum",
    threshold=1,
    comparison_operator="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
    alarm_description="Somebody stopped the trail.",
    alarm_actions=[topic.arn],
    tags=tags,
    opts=pulumi.ResourceOptions(depends_on=[metric_filter]),
)

mute = aws.cloudwatch.AlarmMuteRule(
    "release",
    description="the monthly release",
    rule=aws.cloudwatch.AlarmMuteRuleRuleArgs(
        schedule=aws.cloudwatch.AlarmMuteRuleRuleScheduleArgs(
            expression="cron(0 2 * * SUN)", duration="PT4H", timezone="Europe/Berlin"
        )
    ),
    mute_targets=aws.cloudwatch.AlarmMuteRuleMuteTargetsArgs(alarm_names=[alarm.name]),
    start_date="2030-01-01T00:00:00Z",
    expire_date="2030-06-30T22:00:00Z",
    tags=tags,
)
insight_rule = aws.cloudwatch.ContributorInsightRule(
    "callers",
    rule_name="callers",
    rule_state="ENABLED",
    rule_definition=group.name.apply(
        lambda name: json.dumps(
            {
                "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
                "LogGroupNames": [name],
                "LogFormat": "JSON",
                "Contribution": {"Keys": ["$.sourceIPAddress"], "Filters": []},
                "AggregateOn": "Count",
            }
        )
    ),
    tags=tags,
)
dashboard = aws.cloudwatch.Dashboard(
    "page", dashboard_name="every-type", dashboard_body=json.dumps({"widgets": [], "start": "-PT24H"})
)

queue = aws.sqs.Queue(
    "failed",
    message_retention_seconds=1_209_600,
    sqs_managed_sse_enabled=True,
    visibility_timeout_seconds=30,
    tags=tags,
)
runner = aws.iam.Role("runner", assume_role_policy=trusts("lambda", "scheduler"))
runner_policy = aws.iam.RolePolicy(
    "runner",
    role=runner.name,
    policy=document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.arn}),
)
function = aws.lambda_.Function(
    "answer",
    runtime="python3.13",
    architectures=["arm64"],
    handler="answer.handle",
    role=runner.arn,
    timeout=10,
    memory_size=256,
    code=pulumi.AssetArchive(
        {"answer.py": pulumi.FileAsset(str(HERE / "answer.py")), "data/hello.txt": pulumi.StringAsset("hello")}
    ),
    environment=aws.lambda_.FunctionEnvironmentArgs(variables={"GREETING": pulumi.Output.secret("good morning")}),
    logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=group.name),
    tags=tags,
)
rule = aws.cloudwatch.EventRule(
    "stops",
    description="a stop",
    event_pattern='{"source": ["aws.cloudtrail"]}',
    state="ENABLED",
    tags=tags,
)
target = aws.cloudwatch.EventTarget(
    "stops",
    rule=rule.name,
    arn=function.arn,
    dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=queue.arn),
    retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(maximum_event_age_in_seconds=3600, maximum_retry_attempts=5),
)
permission = aws.lambda_.Permission(
    "events",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="events.amazonaws.com",
    source_arn=rule.arn,
)
on_failure = aws.lambda_.FunctionEventInvokeConfig(
    "answer",
    function_name=function.name,
    maximum_retry_attempts=1,
    maximum_event_age_in_seconds=600,
    destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
        on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(destination=queue.arn)
    ),
    opts=pulumi.ResourceOptions(depends_on=[runner_policy]),
)
queue_policy = aws.sqs.QueuePolicy(
    "failed",
    queue_url=queue.url,
    policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}},
        }
    ),
)

parameter = aws.ssm.Parameter(
    "wanted", type="String", insecure_value='{"is": "wanted"}', description="state", tags=tags
)
table = aws.dynamodb.Table(
    "memory",
    billing_mode="PAY_PER_REQUEST",
    hash_key="what",
    range_key="when",
    attributes=[aws.dynamodb.TableAttributeArgs(name=name, type="S") for name in ("what", "when", "open")],
    local_secondary_indexes=[
        aws.dynamodb.TableLocalSecondaryIndexArgs(name="open", range_key="open", projection_type="ALL")
    ],
    ttl=aws.dynamodb.TableTtlArgs(attribute_name="until", enabled=True),
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
    tags=tags,
)
item = aws.dynamodb.TableItem(
    "note",
    table_name=table.name,
    hash_key="what",
    range_key="when",
    item='{"what": {"S": "a note"}, "when": {"S": "now"}, "text": {"S": "kept"}}',
)
schedule = aws.scheduler.Schedule(
    "ticks",
    description="every now and then",
    schedule_expression="rate(5 minutes)",
    flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
    state="ENABLED",
    target=aws.scheduler.ScheduleTargetArgs(
        arn=function.arn,
        role_arn=runner.arn,
        input='{"tick": true}',
        dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=queue.arn),
        retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=300, maximum_retry_attempts=5
        ),
    ),
)

ids = {
    "key": key, "alias": alias, "bucket": bucket, "versioning": versioning, "block": block, "encryption": encryption,
    "ownership": ownership, "lifecycle": lifecycle, "bucketPolicy": bucket_policy, "group": group, "role": delivery,
    "rolePolicy": delivery_policy, "trail": trail, "filter": metric_filter, "topic": topic, "topicPolicy": topic_policy,
    "mail": mail, "alarm": alarm, "queue": queue, "queuePolicy": queue_policy, "function": function, "rule": rule,
    "target": target, "permission": permission, "onFailure": on_failure,
    "parameter": parameter, "table": table, "schedule": schedule,
}  # fmt: skip
pulumi.export("ids", {name: resource.id for name, resource in ids.items()})
pulumi.export("account", account)
pulumi.export("dnsSuffix", partition.dns_suffix)
pulumi.export("deployer", identity.arn)
pulumi.export("keyArn", key.arn)
pulumi.export("keyId", key.key_id)
pulumi.export("aliasName", alias.name)
pulumi.export("aliasTargetKeyArn", alias.target_key_arn)
pulumi.export("bucketArn", bucket.arn)
pulumi.export("groupName", group.name)
pulumi.export("groupArn", group.arn)
pulumi.export("roleName", delivery.name)
pulumi.export("roleArn", delivery.arn)
pulumi.export("rolePolicyName", delivery_policy.name)
pulumi.export("trailArn", trail.arn)
pulumi.export("trailHome", trail.home_region)
pulumi.export("filterName", metric_filter.name)
pulumi.export("alarmName", alarm.name)
pulumi.export("alarmArn", alarm.arn)
pulumi.export("muteName", mute.name)
pulumi.export("insightRuleName", insight_rule.rule_name)
pulumi.export("dashboardName", dashboard.dashboard_name)
pulumi.export("topicArn", topic.arn)
pulumi.export("topicOwner", topic.owner)
pulumi.export("mailArn", mail.arn)
pulumi.export("mailPending", mail.pending_confirmation)
pulumi.export("queueUrl", queue.url)
pulumi.export("queueArn", queue.arn)
pulumi.export("functionName", function.name)
pulumi.export("functionArn", function.arn)
pulumi.export("functionRole", runner.name)
pulumi.export("ruleName", rule.name)
pulumi.export("ruleArn", rule.arn)
pulumi.export("targetId", target.target_id)
pulumi.export("statementId", permission.statement_id)
pulumi.export("parameterName", parameter.name)
pulumi.export("parameterArn", parameter.arn)
pulumi.export("tableName", table.name)
pulumi.export("tableArn", table.arn)
pulumi.export("scheduleName", schedule.name)
pulumi.export("scheduleArn", schedule.arn)
pulumi.export("password", pulumi.Output.secret("not for the screen"))
pulumi.export("config", config.require_object("things"))
