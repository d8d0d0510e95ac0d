"""What a stack's settings make in AWS, counted without Pulumi. A test compares it with the recorded program."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from settings.sites import TrailSite
from settings.subscribers import Recipient

if TYPE_CHECKING:
    from settings.trail import TrailSettings

HEALTH_FILTERS = 1
"""Metric filters that watch the watching: the canary's."""
HEALTH_ALARMS = ("dead-letters", "errors", "throttles", "unkept", "silence", "heartbeat", "canary")
"""Alarms that watch the watching, by what they watch."""
EXPLAINER_ALARMS = (
    "explainer-dead-letters",
    "explainer-errors",
    "explainer-silence",
    "explainer-throttles",
    "explainer-undelivered",
    "explainer-unkept",
)
"""Alarms that watch the explainer."""

_TRAIL = (
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:cloudtrail/trail:Trail",
)
_KEY = ("aws:kms/key:Key", "aws:kms/alias:Alias")
_BUCKET = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketPolicy:BucketPolicy",
)
_OBJECT_LOCK = ("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",)
_LOG_GROUP = ("aws:cloudwatch/logGroup:LogGroup",)
_TOPIC = ("aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy")
# The signals topic and the alerts topic; one key for both unless it is given.
_CHANNELS = 2 * _TOPIC
_DELIVERY_STATUS = (
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    *2 * _LOG_GROUP,
)
_WATCH = ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "aws:cloudwatch/metricAlarm:MetricAlarm")
_BURST = (
    "aws:cloudwatch/contributorInsightRule:ContributorInsightRule",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
)
_MUTE = ("aws:cloudwatch/alarmMuteRule:AlarmMuteRule",)
_SUBSCRIPTION = ("aws:sns/topicSubscription:TopicSubscription",)
# The queue of one subscription, and the alarm on it.
_DEAD_LETTERS = (
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
)
_GUARDIAN = (
    "aws:ssm/parameter:Parameter",
    "aws:dynamodb/tableItem:TableItem",
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/logGroup:LogGroup",
    # one for the function, one for the schedule; the function's has one policy for the trail and one for the rest
    *2 * ("aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"),
    "aws:iam/rolePolicy:RolePolicy",
    "aws:lambda/function:Function",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    # one for the rule, one for the signals topic
    *2 * ("aws:lambda/permission:Permission",),
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    *_SUBSCRIPTION,
)
_LEDGER = ("aws:dynamodb/table:Table",)
_RULES_MAY_CALL = ("aws:lambda/permission:Permission",)
_EVENT_RULE = ("aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget")
_EXPLAINER = (
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/logGroup:LogGroup",
    # one for the function, one for the schedule
    *2 * ("aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"),
    "aws:lambda/function:Function",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:lambda/permission:Permission",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    *_SUBSCRIPTION,
    *len(EXPLAINER_ALARMS) * ("aws:cloudwatch/metricAlarm:MetricAlarm",),
)
_LAST_RESORT = (
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    # who needs no confirmation and no telephone
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    *_SUBSCRIPTION,
)
_ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm",)
_HEALTH = (len(HEALTH_ALARMS) - 2) * _ALARM
# Heartbeat and canary: only where the trail records calls that read, as the guardian's looks at it.
_HEARD = (*2 * _ALARM, *HEALTH_FILTERS * ("aws:cloudwatch/logMetricFilter:LogMetricFilter",))
# Beside the rules.
_FORWARDER = (
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
)


@dataclass(frozen=True)
class Plan:
    """How many resources of which kind. `resources` is keyed by Pulumi's type token, in alphabetical order."""

    resources: Mapping[str, int]

    @property
    def total(self) -> int:
        """All custom resources."""
        return sum(self.resources.values())

    def count(self, token: str) -> int:
        """How many of one type token; 0 if there are none."""
        return self.resources.get(token, 0)

    @property
    def trails(self) -> int:
        """CloudTrail trails."""
        return self.count("aws:cloudtrail/trail:Trail")

    @property
    def filters(self) -> int:
        """Metric filters."""
        return self.count("aws:cloudwatch/logMetricFilter:LogMetricFilter")

    @property
    def alarms(self) -> int:
        """CloudWatch alarms."""
        return self.count("aws:cloudwatch/metricAlarm:MetricAlarm")

    @property
    def topics(self) -> int:
        """SNS topics."""
        return self.count("aws:sns/topic:Topic")

    @property
    def subscriptions(self) -> int:
        """SNS subscriptions, the guardian's own among them."""
        return self.count("aws:sns/topicSubscription:TopicSubscription")

    @property
    def functions(self) -> int:
        """Lambda functions."""
        return self.count("aws:lambda/function:Function")

    @property
    def rules(self) -> int:
        """EventBridge rules."""
        return self.count("aws:cloudwatch/eventRule:EventRule")

    @property
    def schedules(self) -> int:
        """EventBridge schedules."""
        return self.count("aws:scheduler/schedule:Schedule")

    @property
    def tables(self) -> int:
        """DynamoDB tables."""
        return self.count("aws:dynamodb/table:Table")

    @property
    def queues(self) -> int:
        """SQS queues."""
        return self.count("aws:sqs/queue:Queue")

    @property
    def keys(self) -> int:
        """KMS keys."""
        return self.count("aws:kms/key:Key")

    @property
    def log_groups(self) -> int:
        """Log groups."""
        return self.count("aws:cloudwatch/logGroup:LogGroup")

    @property
    def buckets(self) -> int:
        """S3 buckets."""
        return self.count("aws:s3/bucket:Bucket")


def make_plan(
    sites: Sequence[TrailSite],
    *,
    trail: "TrailSettings",
    watches: int,
    told: Sequence[Recipient],
    told_at_last: Sequence[Recipient],
    forwarded: Sequence[int],
    has_guardian: bool,
    explains: bool = False,
    event_rules: int = 0,
    has_burst: bool = False,
    mutes: int = 0,
    has_dashboard: bool = False,
    has_own_key: bool = True,
    logs_deliveries: bool = False,
) -> Plan:
    """The plan for these trails with the options of `trail`, so many watches on each, people and machines on each
    topic, and a forwarder with so many rules for each of `forwarded`.
    """
    tokens: list[str] = []
    for _ in {site.region for site in sites}:
        tokens += [*_CHANNELS, *_subscriptions(told), *has_own_key * _KEY, *logs_deliveries * _DELIVERY_STATUS]
        tokens += [*_LAST_RESORT, *_subscriptions(told_at_last)] if has_guardian or explains else []
    for site in sites:
        tokens += [*(() if site.is_adopted else _of_trail(trail)), *watches * _WATCH, *has_burst * _BURST]
        tokens += mutes * _MUTE
        tokens += [*_GUARDIAN, *_HEALTH, *(_HEARD if site.records_reads else ())] if has_guardian else []
        tokens += _LEDGER if has_guardian or explains else ()
        if explains:
            tokens += [*_EXPLAINER, *event_rules * _EVENT_RULE, *(_RULES_MAY_CALL if event_rules else ())]
    tokens += [token for rules in forwarded for token in (*_FORWARDER, *rules * _EVENT_RULE)]
    tokens += has_dashboard * ("aws:cloudwatch/dashboard:Dashboard",)
    return Plan(MappingProxyType({token: tokens.count(token) for token in sorted(set(tokens))}))


def _subscriptions(told: Iterable[Recipient]) -> list[str]:
    return [token for each in told for token in (*_SUBSCRIPTION, *each.has_dead_letters * _DEAD_LETTERS)]


def _of_trail(trail: "TrailSettings") -> Iterator[str]:
    """A trail and what of its evidence does not exist yet."""
    yield from _TRAIL
    if not trail.kms_key:
        yield from _KEY
    if not trail.bucket:
        yield from (*_BUCKET, *(_OBJECT_LOCK if trail.object_lock else ()))
    if not trail.log_group:
        yield from _LOG_GROUP
    if trail.delivery_topic:
        yield from _TOPIC
