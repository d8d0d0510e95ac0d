"""The settings of a trail that can drift, and the call that puts each back. Pure.

Apart from the comparison itself, because a cold start needs the names before it looks at the trail, and no more.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple


class Call(StrEnum):
    """The operation that puts a field back."""

    UPDATE = "UpdateTrail"
    EVENTS = "PutEventSelectors"
    INSIGHTS = "PutInsightSelectors"


class Field(NamedTuple):
    """One comparable setting: its name in `Setup`, its `key` in the desired state, what people call it, and the call
    that changes it.

    Fields of one `group` make sense only together, and are sent together when UpdateTrail refuses the whole.
    `adds(wanted, actual)` is whether the trail then does more than was wanted: that is told, never undone, because
    undoing it would weaken the trail.
    """

    name: str
    key: str
    label: str
    call: Call
    group: str
    adds: Callable[[Any, Any], bool]


def _never(_wanted: object, _actual: object) -> bool:
    return False


def _switched_on(wanted: bool, actual: bool) -> bool:
    return actual and not wanted


def _given(wanted: str, actual: str) -> bool:
    return bool(actual) and not wanted


def _more(wanted: frozenset[Any], actual: frozenset[Any]) -> bool:
    return wanted < actual


_UPDATED: tuple[tuple[str, str, str, str, Callable[[Any, Any], bool]], ...] = (
    # name, key, label, group, adds
    ("is_multi_region", "IsMultiRegionTrail", "multi-region", "scope", _switched_on),
    ("has_global_events", "IncludeGlobalServiceEvents", "global service events", "scope", _switched_on),
    ("is_organization", "IsOrganizationTrail", "organization trail", "scope", _switched_on),
    ("validates_files", "LogFileValidationEnabled", "log file validation", "files", _switched_on),
    ("records_itself", "RecursiveLogging", "recursive logging", "own", _switched_on),
    ("bucket", "S3BucketName", "bucket", "bucket", _never),
    ("prefix", "S3KeyPrefix", "prefix in the bucket", "bucket", _never),
    ("topic", "SnsTopicName", "notification topic", "topic", _given),
    ("key", "KmsKeyId", "KMS key", "key", _given),
    ("log_group", "CloudWatchLogsLogGroupArn", "log group", "logs", _never),
    ("role", "CloudWatchLogsRoleArn", "delivery role", "logs", _never),
)
FIELDS = (
    *(
        Field(name=name, key=key, label=label, call=Call.UPDATE, group=group, adds=adds)
        for name, key, label, group, adds in _UPDATED
    ),
    Field(name="events", key="EventSelectors", label="event selectors", call=Call.EVENTS, group="events", adds=_more),
    Field(
        name="insights",
        key="InsightSelectors",
        label="insight selectors",
        call=Call.INSIGHTS,
        group="insights",
        adds=_more,
    ),
)
"""Every setting that can drift. `EventSelectors` is both of AWS's spellings."""
