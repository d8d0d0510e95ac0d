"""Everything of a deployment beside its trail, as AWS answers for it, and the inventory that was written of it."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from guardian.inventory.channels import who
from guardian.inventory.document import digest_of

REGION, FAR = "eu-west-1", "us-east-1"
ALERTS = "arn:aws:sns:eu-west-1:111122223333:alerts-5e6f708"
RULE, FAR_RULE = "guardian-7a8b9c0", "forward-us-east-1-1b2c3d4"
FUNCTION = "guardian-4c8e1f5"
FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:111122223333:function:{FUNCTION}"
ALARM, FILTER = "watch-trail-changes-0a1b2c3", "watch-trail-changes-4d5e6f7"
GROUP, KEY, BUCKET = "trail-log-group-1a2b3c4", "arn:aws:kms:eu-west-1:111122223333:key/1111", "trail-bucket-1a2b3c4"
OTHER_ALARM, MUTE = "watch-vpc-changes-8d9e0f1", "mute-release-2b3c4d5"
PLANNED: Mapping[str, Any] = {
    "expression": "cron(0 2 * * SUN)",
    "duration": "PT4H",
    "timezone": "Europe/Berlin",
    "start": None,
    "until": "2030-01-01T00:00:00Z",
    "mutes": [OTHER_ALARM],
}
INSIGHT_RULE, DEFINITION = "any-address-prod", {"LogGroupNames": [GROUP], "AggregateOn": "Count"}
ROLE = "trail-delivery-1a2b3c4"
SCHEDULE = "explainer-sweep-2c3d4e5"
ROLE_ARN, QUEUE_ARN = "arn:aws:iam::111122223333:role/explainer-sweep-1a2b3c4", "arn:queue"
QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/forward-us-east-1-dead-letters-5e6f708"
MAIL = "security@example.com"


def policy(sid: str, action: str | list[str], **more: Any) -> dict[str, Any]:
    """A policy with one statement."""
    statement = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def thing(kind: str, name: str, facts: Mapping[str, Any], *, region: str = REGION, **more: Any) -> dict[str, Any]:
    """A thing as the inventory's document has it."""
    return {"kind": kind, "name": name, "region": region, "facts": facts, **more}


def things() -> list[dict[str, Any]]:
    """One of each kind, as `FakeThings` has them."""
    return [
        thing(
            "alarm",
            ALARM,
            {
                "namespace": "trailwarden/prod",
                "metric": "TrailChanges",
                "dimensions": {},
                "threshold": 1.0,
                "period": 300,
                "missing": "notBreaching",
                "needed": 1,
                "actions": [ALERTS],
                "acts": True,
                "more": {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 30}},
            },
            mends=["acts"],
        ),
        thing(
            "filter",
            FILTER,
            {
                "pattern": '{ $.eventName = "x" }',
                "metric": "TrailChanges",
                "namespace": "trailwarden/prod",
                "value": "1",
                "more": {},
            },
            of=GROUP,
        ),
        thing("mutes", "our alarms", {"alarms": [ALARM, OTHER_ALARM], "rules": {MUTE: dict(PLANNED)}}),
        thing("log-group", GROUP, {"retention": 365, "key": KEY, "masked": [], "more": {}}),
        thing(
            "insight-rule",
            INSIGHT_RULE,
            {"enabled": True, "definition": json.dumps(DEFINITION), "more": {}},
            mends=["enabled"],
        ),
        thing(
            "topic",
            ALERTS,
            {"policy": json.dumps(policy("Alarms", "sns:Publish")), "key": KEY, "protection": ""},
            mends=["policy", "protection"],
        ),
        thing(
            "subscription",
            MAIL,
            {
                "who": who(protocol="email", endpoint=MAIL),
                "protocol": "email",
                "endpoint": MAIL,
                "filter": "",
                "scope": "MessageAttributes",
                "raw": False,
                "dead_letters": json.dumps({"deadLetterTargetArn": "arn:lost"}),
                "retries": "",
            },
            of=ALERTS,
            mends=["itself"],
        ),
        thing("key", KEY, {"policy": json.dumps(policy("Trail", "kms:Encrypt")), "state": "Enabled"}),
        thing(
            "bucket",
            BUCKET,
            {
                "policy": json.dumps(policy("Write", "s3:PutObject")),
                "versioning": "Enabled",
                "closed": True,
                "encryption": "aws:kms",
                "key": KEY,
                "ageing": ["files deleted after 2557 days", "old versions deleted after 2557 days"],
                "lock": "GOVERNANCE for 365 days",
            },
        ),
        thing(
            "role",
            ROLE,
            {
                "trust": json.dumps(policy("Trust", "sts:AssumeRole")),
                "policies": {"delivery": json.dumps(policy("Deliver", "logs:PutLogEvents"))},
                "attached": [],
                "boundary": "",
            },
        ),
        thing(
            "rule",
            RULE,
            {
                "enabled": True,
                "pattern": '{"source": ["aws.cloudtrail"]}',
                "targets": {FUNCTION_ARN: {"Id": "guardian"}},
            },
            mends=["enabled", "targets"],
        ),
        thing(
            "rule", FAR_RULE, {"enabled": True, "pattern": '{"source": ["aws.cloudtrail"]}', "targets": {}}, region=FAR
        ),
        thing(
            "schedule",
            SCHEDULE,
            {
                "enabled": True,
                "rate": "rate(5 minutes)",
                "window": "OFF",
                "starts": "",
                "ends": "",
                "target": FUNCTION_ARN,
                "role": ROLE_ARN,
                "message": "{}",
                "failures": QUEUE_ARN,
                "tries": [5, 300],
            },
        ),
        thing(
            "queue",
            QUEUE,
            {
                "policy": json.dumps(policy("Keep", "sqs:SendMessage")),
                "waiting": 0,
                "retention": 1_209_600,
                "largest": 262_144,
                "delay": 0,
                "key": "",
                "redrive": "",
            },
            region=FAR,
        ),
        thing(
            "function",
            FUNCTION,
            {
                "code": "c29tZSBjb2Rl",
                "environment": {"MODE": "restore"},
                "concurrency": None,
                "callers": ["events.amazonaws.com arn:rule"],
                "denied": [],
                "failures": "arn:queue",
                "tries": 2,
                "age": 3600,
                "key": "",
                "subnets": [],
                "memory": 256,
            },
        ),
    ]


def document(listed: list[dict[str, Any]] | None = None) -> str:
    """The inventory's text."""
    return json.dumps({"version": 1, "things": things() if listed is None else listed})


class Gone(Exception):
    """The code with which AWS says that there is no such thing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def mute(*alarms: str, expression: str = "cron(0 2 * * SUN)", zone: str = "", **more: Any) -> dict[str, Any]:
    """An alarm mute rule as GetAlarmMuteRule has it; of no alarms it mutes all."""
    schedule = {"Expression": expression, "Duration": "PT4H"} | ({"Timezone": zone} if zone else {})
    targets = {"MuteTargets": {"AlarmNames": list(alarms)}} if alarms else {}
    return {"Rule": {"Schedule": schedule}, "Status": "SCHEDULED", **targets, **more}


@dataclass
class FakeThings:
    """What AWS has. Tests change it; so does the guardian, by the few calls that it may make."""

    alarms: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            ALARM: {
                "AlarmName": ALARM,
                "Namespace": "trailwarden/prod",
                "MetricName": "TrailChanges",
                "Threshold": 1.0,
                "Period": 300,
                "TreatMissingData": "notBreaching",
                "EvaluationPeriods": 1,
                "AlarmActions": [ALERTS],
                "ActionsEnabled": True,
                "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 30},
            }
        }
    )
    mutes: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            MUTE: mute(OTHER_ALARM, zone="Europe/Berlin", ExpireDate=datetime(2030, 1, 1, tzinfo=UTC)),
            "shop": mute("shop-errors"),
        }
    )
    filters: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            FILTER: {
                "filterName": FILTER,
                "filterPattern": '{ $.eventName = "x" }',
                "metricTransformations": [
                    {"metricName": "TrailChanges", "metricNamespace": "trailwarden/prod", "metricValue": "1"}
                ],
            }
        }
    )
    group: dict[str, Any] = field(
        default_factory=lambda: {"logGroupName": GROUP, "retentionInDays": 365, "kmsKeyId": KEY}
    )
    insight_rules: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "other": {"Name": "other", "State": "DISABLED", "Definition": "{}"},
            INSIGHT_RULE: {
                "Name": INSIGHT_RULE,
                "State": "ENABLED",
                "Schema": "CloudWatchLogRule",
                "Definition": json.dumps(DEFINITION, indent=1),
            },
        }
    )
    numbers: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)
    """The lowest number of each hour, by metric."""
    topic_policy: Any = field(default_factory=lambda: policy("Alarms", "sns:Publish"))
    subscribers: list[tuple[str, str]] = field(default_factory=lambda: [("email", "Security@example.com")])
    subscription: dict[str, str] = field(
        default_factory=lambda: {"RedrivePolicy": '{"deadLetterTargetArn":"arn:lost"}', "RawMessageDelivery": "false"}
    )
    """The attributes of each subscription that is confirmed."""
    filtered: dict[str, str] = field(default_factory=dict)
    """Filter policies of single addresses."""
    pending: set[str] = field(default_factory=set)
    """Addresses that nobody has confirmed."""
    owner: str = "111122223333"
    """Whose the subscriptions are."""
    protection: str = ""
    key_policy: Any = field(default_factory=lambda: policy("Trail", "kms:Encrypt"))
    key_state: str = "Enabled"
    bucket_policy: Any = field(default_factory=lambda: policy("Write", ["s3:PutObject"]))
    versioning: str = "Enabled"
    block: dict[str, bool] | None = field(
        default_factory=lambda: dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )
    )
    encryption: dict[str, str] | None = field(
        default_factory=lambda: {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY.rpartition("/")[2]}
    )
    lifecycle: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {
                "ID": "tidy",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
            {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}},
            {
                "ID": "expire",
                "Status": "Enabled",
                "Filter": {},
                "Expiration": {"Days": 2557},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 2557},
            },
        ]
    )
    lock: dict[str, Any] | None = field(default_factory=lambda: {"Mode": "GOVERNANCE", "Years": 1})
    trust: Any = field(default_factory=lambda: policy("Trust", "sts:AssumeRole"))
    role_policies: dict[str, Any] = field(default_factory=lambda: {"delivery": policy("Deliver", "logs:PutLogEvents")})
    attached: list[str] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=lambda: {RULE: "ENABLED", FAR_RULE: "ENABLED"})
    rule_pattern: str = '{"source":["aws.cloudtrail"]}'
    targets: list[dict[str, Any]] = field(default_factory=lambda: [{"Id": "guardian", "Arn": FUNCTION_ARN}])
    waiting: int = 0
    queue: dict[str, str] = field(
        default_factory=lambda: {
            "MessageRetentionPeriod": "1209600",
            "MaximumMessageSize": "1048576",
            "DelaySeconds": "0",
            "SqsManagedSseEnabled": "true",
        }
    )
    """The attributes of each queue."""
    code: str = "c29tZSBjb2Rl"
    variables: dict[str, str] = field(default_factory=lambda: {"MODE": "restore"})
    concurrency: int | None = None
    configuration: dict[str, Any] = field(default_factory=lambda: {"MemorySize": 256})
    """More of what GetFunctionConfiguration answers."""
    failing: dict[str, int] = field(
        default_factory=lambda: {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}
    )
    """What becomes of calls that fail."""
    callers: Any = field(
        default_factory=lambda: policy(
            "Rule",
            "lambda:InvokeFunction",
            Principal={"Service": "events.amazonaws.com"},
            Condition={"ArnLike": {"AWS:SourceArn": "arn:rule"}},
        )
    )
    schedule: str = "ENABLED"
    waker: dict[str, Any] = field(
        default_factory=lambda: {
            "State": "ENABLED",
            "ScheduleExpression": "rate(5 minutes)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": datetime(2026, 1, 1, tzinfo=UTC),
            "Target": {
                "Arn": FUNCTION_ARN,
                "RoleArn": ROLE_ARN,
                "Input": "{}",
                "DeadLetterConfig": {"Arn": QUEUE_ARN},
                "RetryPolicy": {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 300},
            },
        }
    )
    inventory: str = field(default_factory=document)
    page: int = 1
    """How many things of a list stand on one page."""

    @property
    def digest(self) -> str:
        """What the deployment gave the schedule to tell."""
        return digest_of(document())

    def answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """What AWS answers; raises what it raises."""
        try:
            return copy.deepcopy(getattr(self, f"_{operation}")(**request))
        except Gone as gone:
            raise ClientError({"Error": {"Code": gone.code, "Message": ""}}, operation) from None

    # -- what is read

    def _describe_alarms(self, *, AlarmNames: list[str], NextToken: str = "0", **_: Any) -> dict[str, Any]:
        found = [self.alarms[name] for name in AlarmNames if name in self.alarms]
        return self._paged("MetricAlarms", found, NextToken, "NextToken")

    def _list_alarm_mute_rules(self, *, Statuses: list[str], NextToken: str = "0") -> dict[str, Any]:
        found = [
            {"AlarmMuteRuleArn": f"arn:aws:cloudwatch:{REGION}:111122223333:alarm-mute-rule:{name}"}
            for name, rule in self.mutes.items()
            if rule["Status"] in Statuses
        ]
        return self._paged("AlarmMuteRuleSummaries", found, NextToken, "NextToken")

    def _get_alarm_mute_rule(self, *, AlarmMuteRuleName: str) -> dict[str, Any]:
        return {"Name": AlarmMuteRuleName, **self.mutes[AlarmMuteRuleName]}

    def _describe_metric_filters(self, *, logGroupName: str, nextToken: str = "0") -> dict[str, Any]:
        assert logGroupName == GROUP
        return self._paged("metricFilters", list(self.filters.values()), nextToken, "nextToken")

    def _describe_log_groups(self, *, logGroupNamePrefix: str, nextToken: str = "0") -> dict[str, Any]:
        groups = [{"logGroupName": f"{GROUP}-other"}, self.group]
        return self._paged("logGroups", groups if logGroupNamePrefix == GROUP else [], nextToken, "nextToken")

    def _get_metric_data(
        self, *, MetricDataQueries: list[dict[str, Any]], StartTime: datetime, EndTime: datetime, NextToken: str = "0"
    ) -> dict[str, Any]:
        results: list[dict[str, Any]] = []
        for query in MetricDataQueries:
            stat = query["MetricStat"]
            assert (stat["Period"], stat["Stat"], EndTime - StartTime) == (3600, "Minimum", timedelta(hours=1))
            known = self.numbers.get(stat["Metric"]["MetricName"], [])
            known = [(at, value) for at, value in known if StartTime <= at < EndTime]
            times, values = [at for at, _ in known], [value for _, value in known]
            results.append({"Id": query["Id"], "Timestamps": times, "Values": values})
        return self._paged("MetricDataResults", results, NextToken, "NextToken")

    def _describe_insight_rules(self, *, NextToken: str = "0") -> dict[str, Any]:
        return self._paged("InsightRules", list(self.insight_rules.values()), NextToken, "NextToken")

    def _paged(self, key: str, found: list[Any], token: str, name: str) -> dict[str, Any]:
        first = int(token)
        more = {name: str(first + self.page)} if first + self.page < len(found) else {}
        return {key: found[first : first + self.page], **more}

    def _get_topic_attributes(self, *, TopicArn: str) -> dict[str, Any]:
        if self.topic_policy is None:
            raise Gone("NotFound")
        return {"Attributes": {"Policy": json.dumps(self.topic_policy), "KmsMasterKeyId": KEY}}

    def _list_subscriptions_by_topic(self, *, TopicArn: str, NextToken: str = "0") -> dict[str, Any]:
        found = [
            {
                "Protocol": protocol,
                "Endpoint": endpoint,
                "Owner": self.owner,
                "SubscriptionArn": "PendingConfirmation" if endpoint in self.pending else f"{ALERTS}:{endpoint}",
            }
            for protocol, endpoint in self.subscribers
        ]
        return self._paged("Subscriptions", found, NextToken, "NextToken")

    def _get_subscription_attributes(self, *, SubscriptionArn: str) -> dict[str, Any]:
        assert SubscriptionArn.startswith(ALERTS)
        if self.owner != FakeThings.owner:
            raise Gone("AuthorizationError")
        one = self.filtered.get(SubscriptionArn.rpartition(":")[2])
        return {"Attributes": {**self.subscription, **({"FilterPolicy": one} if one else {})}}

    def _get_data_protection_policy(self, *, ResourceArn: str) -> dict[str, Any]:
        return {"DataProtectionPolicy": self.protection} if self.protection else {}

    def _describe_key(self, *, KeyId: str) -> dict[str, Any]:
        return {"KeyMetadata": {"KeyState": self.key_state}}

    def _get_key_policy(self, *, KeyId: str, PolicyName: str) -> dict[str, Any]:
        return {"Policy": json.dumps(self.key_policy)}

    def _get_bucket_policy(self, *, Bucket: str) -> dict[str, Any]:
        if self.bucket_policy is None:
            raise Gone("NoSuchBucketPolicy")
        return {"Policy": json.dumps(self.bucket_policy)}

    def _get_bucket_versioning(self, *, Bucket: str) -> dict[str, Any]:
        if self.versioning == "no bucket":
            raise Gone("NoSuchBucket")
        return {"Status": self.versioning} if self.versioning else {}

    def _get_public_access_block(self, *, Bucket: str) -> dict[str, Any]:
        if self.block is None:
            raise Gone("NoSuchPublicAccessBlockConfiguration")
        return {"PublicAccessBlockConfiguration": self.block}

    def _get_bucket_encryption(self, *, Bucket: str) -> dict[str, Any]:
        if self.encryption is None:
            raise Gone("ServerSideEncryptionConfigurationNotFoundError")
        rules = [{"ApplyServerSideEncryptionByDefault": self.encryption, "BucketKeyEnabled": True}]
        return {"ServerSideEncryptionConfiguration": {"Rules": rules}}

    def _get_bucket_lifecycle_configuration(self, *, Bucket: str) -> dict[str, Any]:
        if not self.lifecycle:
            raise Gone("NoSuchLifecycleConfiguration")
        return {"Rules": self.lifecycle}

    def _get_object_lock_configuration(self, *, Bucket: str) -> dict[str, Any]:
        if self.lock is None:
            raise Gone("ObjectLockConfigurationNotFoundError")
        retention = {"Rule": {"DefaultRetention": self.lock}} if self.lock else {}
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **retention}}

    def _get_role(self, *, RoleName: str) -> dict[str, Any]:
        return {"Role": {"AssumeRolePolicyDocument": self.trust}}

    def _list_role_policies(self, *, RoleName: str) -> dict[str, Any]:
        return {"PolicyNames": list(self.role_policies)}

    def _get_role_policy(self, *, RoleName: str, PolicyName: str) -> dict[str, Any]:
        return {"PolicyDocument": self.role_policies[PolicyName]}

    def _list_attached_role_policies(self, *, RoleName: str) -> dict[str, Any]:
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in self.attached]}

    def _describe_rule(self, *, Name: str) -> dict[str, Any]:
        if not self.rules[Name]:
            raise Gone("ResourceNotFoundException")
        return {"Name": Name, "State": self.rules[Name], "EventPattern": self.rule_pattern}

    def _list_targets_by_rule(self, *, Rule: str) -> dict[str, Any]:
        return {"Targets": self.targets if Rule == RULE else []}

    def _get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        known = {
            "Policy": json.dumps(policy("Keep", "sqs:SendMessage")),
            "ApproximateNumberOfMessages": str(self.waiting),
            **self.queue,
        }
        return {"Attributes": {name: known[name] for name in AttributeNames if name in known}}

    def _get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:
        return {"CodeSha256": self.code, "Environment": {"Variables": self.variables}, **self.configuration}

    def _get_function_concurrency(self, *, FunctionName: str) -> dict[str, Any]:
        return {} if self.concurrency is None else {"ReservedConcurrentExecutions": self.concurrency}

    def _get_policy(self, *, FunctionName: str) -> dict[str, Any]:
        return {"Policy": json.dumps(self.callers)}

    def _get_function_event_invoke_config(self, *, FunctionName: str) -> dict[str, Any]:
        return {"DestinationConfig": {"OnFailure": {"Destination": "arn:queue"}}, **self.failing}

    def _get_schedule(self, *, Name: str) -> dict[str, Any]:
        if Name == SCHEDULE:
            if not self.waker:
                raise Gone("ResourceNotFoundException")
            return {"Name": Name, **self.waker}
        if not self.schedule:
            raise Gone("ResourceNotFoundException")
        return {"Name": Name, "State": self.schedule}

    # -- what is put back

    def _enable_alarm_actions(self, *, AlarmNames: list[str]) -> dict[str, Any]:
        for name in AlarmNames:
            self.alarms[name]["ActionsEnabled"] = True
        return {}

    def _enable_insight_rules(self, *, RuleNames: list[str]) -> dict[str, Any]:
        for name in RuleNames:
            self.insight_rules[name]["State"] = "ENABLED"
        return {"Failures": []}

    def _set_topic_attributes(self, *, TopicArn: str, AttributeName: str, AttributeValue: str) -> dict[str, Any]:
        assert (TopicArn, AttributeName) == (ALERTS, "Policy")
        self.topic_policy = json.loads(AttributeValue)
        return {}

    def _put_data_protection_policy(self, *, ResourceArn: str, DataProtectionPolicy: str) -> dict[str, Any]:
        assert ResourceArn == ALERTS
        self.protection = DataProtectionPolicy
        return {}

    def _subscribe(self, *, TopicArn: str, Protocol: str, Endpoint: str) -> dict[str, Any]:
        self.subscribers.append((Protocol, Endpoint))
        return {}

    def _enable_rule(self, *, Name: str) -> dict[str, Any]:
        self.rules[Name] = "ENABLED"
        return {}

    def _put_targets(self, *, Rule: str, Targets: list[dict[str, Any]]) -> dict[str, Any]:
        self.targets += Targets
        return {"FailedEntryCount": 0}
