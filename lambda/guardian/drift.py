"""Where a trail differs from its desired state. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from guardian.selectors import described
from guardian.setup import Setup


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


class Drift(NamedTuple):
    """One setting that is not as wanted; `adds` as in Field."""

    field: Field
    wanted: Any
    actual: Any
    adds: bool

    @property
    def told(self) -> str:
        """`multi-region: off, wanted on`. The actual value may be an attacker's choice: clean it before it is shown."""
        words = described if self.field.call is Call.EVENTS else _words
        return f"{self.field.label}: {words(self.actual)}, wanted {words(self.wanted)}"


def compare(wanted: Setup, actual: Setup) -> tuple[Drift, ...]:
    """Every difference, in the order of FIELDS."""
    pairs = ((field, getattr(wanted, field.name), getattr(actual, field.name)) for field in FIELDS)
    return tuple(
        Drift(field=field, wanted=should, actual=is_now, adds=field.adds(should, is_now))
        for field, should, is_now in pairs
        if should != is_now
    )


def to_undo(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """Those that weaken the trail, or lead its records elsewhere."""
    return tuple(drift for drift in drifts if not drift.adds)


def fingerprint(drifts: Iterable[Drift]) -> str:
    """The same text for the same drift, and another for every other: 16 hexadecimal digits."""
    facts = sorted([drift.field.name, _plain(drift.actual), _plain(drift.wanted)] for drift in drifts)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _plain(value: object) -> str:
    if isinstance(value, frozenset):
        return repr(sorted(repr(sorted(each)) if isinstance(each, frozenset) else each for each in value))
    return repr(value)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value) or "none"
