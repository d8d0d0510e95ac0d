"""What `tests/data/deploy/every_type` deploys: the call that reads each resource back, and what it should answer."""

import json
from datetime import UTC, datetime
from typing import Any

HOME = "eu-west-1"
ACCOUNT = "000000000000"


READ_BACK = {
    "key": lambda aws, o: (
        aws("kms").describe_key(KeyId=o["keyId"])["KeyMetadata"]["Description"],
        aws("kms").get_key_rotation_status(KeyId=o["keyId"])["KeyRotationEnabled"],
        "cloudtrail.amazonaws.com" in aws("kms").get_key_policy(KeyId=o["keyId"], PolicyName="default")["Policy"],
    ),
    "versioning": lambda aws, o: aws("s3").get_bucket_versioning(Bucket=o["ids"]["bucket"])["Status"],
    "public access block": lambda aws, o: aws("s3").get_public_access_block(Bucket=o["ids"]["bucket"])[
        "PublicAccessBlockConfiguration"
    ],
    "encryption": lambda aws, o: [
        (rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == o["keyArn"], rule["BucketKeyEnabled"])
        for rule in aws("s3").get_bucket_encryption(Bucket=o["ids"]["bucket"])["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
    ],
    "ownership": lambda aws, o: aws("s3").get_bucket_ownership_controls(Bucket=o["ids"]["bucket"])["OwnershipControls"][
        "Rules"
    ],
    "lifecycle": lambda aws, o: [
        (rule["ID"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"])
        for rule in aws("s3").get_bucket_lifecycle_configuration(Bucket=o["ids"]["bucket"])["Rules"]
    ],
    "bucket tags": lambda aws, o: aws("s3").get_bucket_tagging(Bucket=o["ids"]["bucket"])["TagSet"],
    "log group": lambda aws, o: [
        (group["retentionInDays"], group["kmsKeyId"] == o["keyArn"])
        for group in aws("logs").describe_log_groups(logGroupNamePrefix=o["groupName"])["logGroups"]
    ],
    "metric filter": lambda aws, o: [
        (each["filterPattern"], each["metricTransformations"])
        for each in aws("logs").describe_metric_filters(logGroupName=o["groupName"])["metricFilters"]
    ],
    "alarm": lambda aws, o: [
        (alarm["Statistic"], alarm["Threshold"], alarm["TreatMissingData"], alarm["AlarmActions"] == [o["topicArn"]])
        for alarm in aws("cloudwatch").describe_alarms(AlarmNames=[o["alarmName"]])["MetricAlarms"]
    ],
    "mute rule": lambda aws, o: {
        key: value
        for key, value in aws("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=o["muteName"]).items()
        if key in {"Description", "Rule", "MuteTargets", "StartDate", "ExpireDate", "Status"}
    },
    "insight rule": lambda aws, o: [
        (rule["State"], json.loads(rule["Definition"])["LogGroupNames"] == [o["groupName"]])
        for rule in aws("cloudwatch").describe_insight_rules()["InsightRules"]
        if rule["Name"] == o["insightRuleName"]
    ],
    "dashboard": lambda aws, o: json.loads(
        aws("cloudwatch").get_dashboard(DashboardName=o["dashboardName"])["DashboardBody"]
    ),
    "trail": lambda aws, o: (
        {
            key: value
            for key, value in aws("cloudtrail").get_trail(Name=o["trailArn"])["Trail"].items()
            if key in {"IsMultiRegionTrail", "LogFileValidationEnabled", "HomeRegion", "CloudWatchLogsLogGroupArn"}
        }
        | {"IsLogging": aws("cloudtrail").get_trail_status(Name=o["trailArn"])["IsLogging"]}
    ),
    "topic": lambda aws, o: (
        aws("sns").get_topic_attributes(TopicArn=o["topicArn"])["Attributes"]["DisplayName"],
        "cloudwatch.amazonaws.com" in aws("sns").get_topic_attributes(TopicArn=o["topicArn"])["Attributes"]["Policy"],
    ),
    "queue": lambda aws, o: {
        key: value
        for key, value in aws("sqs")
        .get_queue_attributes(QueueUrl=o["queueUrl"], AttributeNames=["All"])["Attributes"]
        .items()
        if key in {"MessageRetentionPeriod", "VisibilityTimeout"}
    },
    "rule's target": lambda aws, o: [
        (each["Id"], each["Arn"], each["DeadLetterConfig"]["Arn"], each["RetryPolicy"])
        for each in aws("events").list_targets_by_rule(Rule=o["ruleName"])["Targets"]
    ],
    "permission": lambda aws, o: [
        (each["Sid"], each["Principal"])
        for each in json.loads(aws("lambda").get_policy(FunctionName=o["functionName"])["Policy"])["Statement"]
    ],
    "function": lambda aws, o: {
        key: value
        for key, value in aws("lambda").get_function_configuration(FunctionName=o["functionName"]).items()
        if key in {"Runtime", "Handler", "Timeout", "MemorySize", "Architectures"}
    },
    "on failure": lambda aws, o: (
        aws("lambda")
        .get_function_event_invoke_config(FunctionName=o["functionName"])["DestinationConfig"]["OnFailure"]
        .get("Destination")
    ),
    "parameter": lambda aws, o: {
        key: value
        for key, value in aws("ssm").get_parameter(Name=o["parameterName"])["Parameter"].items()
        if key in {"Type", "Value", "ARN"}
    },
    "table": lambda aws, o: (
        {
            key: value
            for key, value in aws("dynamodb").describe_table(TableName=o["tableName"])["Table"].items()
            if key == "KeySchema"
        }
        | {
            "indexes": [
                (each["IndexName"], each["KeySchema"][1]["AttributeName"], each["Projection"]["ProjectionType"])
                for each in aws("dynamodb").describe_table(TableName=o["tableName"])["Table"]["LocalSecondaryIndexes"]
            ],
            "ttl": aws("dynamodb").describe_time_to_live(TableName=o["tableName"])["TimeToLiveDescription"],
            "recovery": aws("dynamodb").describe_continuous_backups(TableName=o["tableName"])[
                "ContinuousBackupsDescription"
            ]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        }
    ),
    "schedule": lambda aws, o: [
        (each["ScheduleExpression"], each["State"], each["Target"])
        for each in [aws("scheduler").get_schedule(Name=o["scheduleName"])]
    ],
}
EXPECTED: dict[str, Any] = {
    "key": lambda o: ("evidence", True, True),
    "versioning": lambda o: "Enabled",
    "public access block": lambda o: dict.fromkeys(
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
    ),
    "encryption": lambda o: [(True, True)],
    "ownership": lambda o: [{"ObjectOwnership": "BucketOwnerEnforced"}],
    "lifecycle": lambda o: [("old", 30)],
    "bucket tags": lambda o: [{"Key": "made-by", "Value": "a test"}],
    "log group": lambda o: [(365, True)],
    "metric filter": lambda o: [
        (
            '{ $.eventName = "StopLogging" }',
            [{"metricName": "Stops", "metricNamespace": "every-type", "metricValue": "1", "defaultValue": 0.0}],
        )
    ],
    "mute rule": lambda o: {
        "Description": "the monthly release",
        "Rule": {
            "Schedule": {"Expression": "cron(0 2 * * SUN)", "Duration": "PT4H", "Timezone": "Europe/Berlin"},
        },
        "MuteTargets": {"AlarmNames": [o["alarmName"]]},
        "StartDate": datetime(2030, 1, 1, tzinfo=UTC),
        "ExpireDate": datetime(2030, 6, 30, 22, tzinfo=UTC),
        "Status": "SCHEDULED",
    },
    "insight rule": lambda o: [("ENABLED", True)],
    "dashboard": lambda o: {"widgets": [], "start": "-PT24H"},
    "alarm": lambda o: [("Sum", 1.0, "notBreaching", True)],
    "trail": lambda o: {
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "HomeRegion": HOME,
        "CloudWatchLogsLogGroupArn": f"{o['groupArn']}:*",
        "IsLogging": True,
    },
    "topic": lambda o: ("every type", True),
    "queue": lambda o: {"MessageRetentionPeriod": "1209600", "VisibilityTimeout": "30"},
    "rule's target": lambda o: [
        (
            o["targetId"],
            o["functionArn"],
            o["queueArn"],
            {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5},
        )
    ],
    "permission": lambda o: [(o["statementId"], {"Service": "events.amazonaws.com"})],
    "function": lambda o: {
        "Runtime": "python3.13",
        "Handler": "answer.handle",
        "Timeout": 10,
        "MemorySize": 256,
        "Architectures": ["arm64"],
    },
    "on failure": lambda o: o["queueArn"],
    "parameter": lambda o: {"Type": "String", "Value": '{"is": "wanted"}', "ARN": o["parameterArn"]},
    "table": lambda o: {
        "KeySchema": [{"AttributeName": "what", "KeyType": "HASH"}, {"AttributeName": "when", "KeyType": "RANGE"}],
        "indexes": [("open", "open", "ALL")],
        "ttl": {"AttributeName": "until", "TimeToLiveStatus": "ENABLED"},
        "recovery": "ENABLED",
    },
    "schedule": lambda o: [
        (
            "rate(5 minutes)",
            "ENABLED",
            {
                "Arn": o["functionArn"],
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{o['functionRole']}",
                "Input": '{"tick": true}',
                "DeadLetterConfig": {"Arn": o["queueArn"]},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 5},
            },
        )
    ],
}
