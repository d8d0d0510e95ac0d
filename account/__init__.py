"""Reading an AWS account: read-only, in parallel, every page, and never mistaking "not allowed to look" for "none".

`session` is the one place that makes clients. Each reader takes a session and answers with frozen values, wrapped as
`Found`, `Nothing` or `CouldNotLook`; what asks several regions answers `Across`, with what it saw and where it was
blind. The docstring of each names the IAM actions that it needs. Nothing here changes an account.
"""

from account.access import Access
from account.across import Across
from account.alarms import Alarm, FailedAction, alarms, failed_actions
from account.answers import Answer, CouldNotLook, Found, Nothing, found_or, short_principal
from account.arns import Arn, name_of, region_of
from account.buckets import Ageing, Bucket, Lock, bucket
from account.dashboards import Dashboard, dashboard
from account.functions import Function, code, function
from account.history import PastEvent, past_events
from account.identity import Identity, enabled_regions, identity
from account.insight_rules import InsightRule, insight_rules
from account.keys import MANAGED_BY_AWS, Key, key
from account.logs import LogGroup, MetricFilter, log_group, metric_filters
from account.metrics import Metric, sums
from account.mutes import MuteRule, mute_rules
from account.organizations import CLOUDTRAIL, trusted_services
from account.peers import by_owner, is_ours, owner_of
from account.policies import Principal, Verdict, may, role_may, service_context
from account.queues import Queue, queue
from account.quotas import (
    FILTERS_PER_LOG_GROUP,
    TRAILS_PER_REGION,
    UNRESERVED_AT_LEAST,
    Concurrency,
    concurrency,
)
from account.roles import Role, role
from account.rules import EventBus, Rule, Target, event_bus, rule
from account.schedules import Schedule, group_arn_of, schedules_of
from account.selectors import Selectors
from account.session import FALLBACK_REGION, Session, SessionError, session
from account.stores import Parameter, Table, parameter, table
from account.tagged import STACK_TAG, VERSION_TAG, Tagged, tagged
from account.topics import PENDING_FOR_H, Subscription, Topic, subscriptions, topic
from account.trails import Trail, TrailStatus, trail_status, trails

__all__ = [
    "CLOUDTRAIL",
    "FALLBACK_REGION",
    "FILTERS_PER_LOG_GROUP",
    "MANAGED_BY_AWS",
    "PENDING_FOR_H",
    "STACK_TAG",
    "TRAILS_PER_REGION",
    "UNRESERVED_AT_LEAST",
    "VERSION_TAG",
    "Access",
    "Across",
    "Ageing",
    "Alarm",
    "Answer",
    "Arn",
    "Bucket",
    "Concurrency",
    "CouldNotLook",
    "Dashboard",
    "EventBus",
    "FailedAction",
    "Found",
    "Function",
    "Identity",
    "InsightRule",
    "Key",
    "Lock",
    "LogGroup",
    "Metric",
    "MetricFilter",
    "MuteRule",
    "Nothing",
    "Parameter",
    "PastEvent",
    "Principal",
    "Queue",
    "Role",
    "Rule",
    "Schedule",
    "Selectors",
    "Session",
    "SessionError",
    "Subscription",
    "Table",
    "Tagged",
    "Target",
    "Topic",
    "Trail",
    "TrailStatus",
    "Verdict",
    "alarms",
    "bucket",
    "by_owner",
    "code",
    "concurrency",
    "dashboard",
    "enabled_regions",
    "event_bus",
    "failed_actions",
    "found_or",
    "function",
    "group_arn_of",
    "identity",
    "insight_rules",
    "is_ours",
    "key",
    "log_group",
    "may",
    "metric_filters",
    "mute_rules",
    "name_of",
    "owner_of",
    "parameter",
    "past_events",
    "queue",
    "region_of",
    "role",
    "role_may",
    "rule",
    "schedules_of",
    "service_context",
    "session",
    "short_principal",
    "subscriptions",
    "sums",
    "table",
    "tagged",
    "topic",
    "trail_status",
    "trails",
    "trusted_services",
]
