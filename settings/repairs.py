"""What a single answer about the guardian's repairs must look like; functions as in `settings.checks`."""

from collections.abc import Sequence
from typing import Final

from settings import limits
from settings.checks import number
from settings.problems import CheckError, nearest

TRAIL_FIELDS: Final = (
    "IsMultiRegionTrail",
    "IncludeGlobalServiceEvents",
    "IsOrganizationTrail",
    "LogFileValidationEnabled",
    "RecursiveLogging",
    "S3BucketName",
    "S3KeyPrefix",
    "SnsTopicName",
    "KmsKeyId",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "EventSelectors",
    "InsightSelectors",
)
"""What can drift and be put back, in the words of GetTrail, GetEventSelectors and GetInsightSelectors. `EventSelectors`
stands for advanced selectors, too. A test compares them with the guardian's."""

# Fields that UpdateTrail takes only together with another (API UpdateTrail).
_NEEDS: Final = {
    "IsMultiRegionTrail": "IncludeGlobalServiceEvents",
    "CloudWatchLogsLogGroupArn": "CloudWatchLogsRoleArn",
    "CloudWatchLogsRoleArn": "CloudWatchLogsLogGroupArn",
}
GRACE: Final = "{} to {} seconds".format(*limits.GRACE_S)
REPAIRS: Final = "{} to {} repairs".format(*limits.BUDGET_REPAIRS)
WINDOW: Final = "{} to {:,} minutes".format(*limits.BUDGET_MINUTES)
CONCURRENCY: Final = "{} to {}; left out, nothing is reserved".format(*limits.RESERVED_CONCURRENCY)


def trail_field(raw: str) -> str:
    """The name of one setting of a trail that the guardian may put back."""
    name = raw.strip()
    if name in TRAIL_FIELDS:
        return name
    if name == "IsLogging":
        raise CheckError(
            "is not a field: a stopped trail is started in any case",
            value=raw,
            allowed="mode notify, if it must not be; " + ", ".join(TRAIL_FIELDS),
        )
    near = "EventSelectors" if name == "AdvancedEventSelectors" else nearest(name, TRAIL_FIELDS)
    raise CheckError("is not a setting of a trail", value=raw, allowed=", ".join(TRAIL_FIELDS), suggestion=near)


def trail_fields(names: Sequence[str]) -> tuple[str, ...]:
    """Settings that may be put back, each once, none without what AWS wants beside it."""
    for position, name in enumerate(names):
        if name in names[:position]:
            raise CheckError("is listed twice", value=name, allowed="each once")
    for name, other in _NEEDS.items():
        if name in names and other not in names:
            raise CheckError(f"{name} cannot be put back without {other}", allowed=f"both, or not {name}")
    return tuple(names)


def grace_seconds(raw: int | str) -> int:
    """How long the guardian waits before it believes that a setting was changed for good."""
    return _within(raw, limits.GRACE_S, GRACE)


def budget_repairs(raw: int | str) -> int:
    """How many repairs are told one by one."""
    return _within(raw, limits.BUDGET_REPAIRS, REPAIRS)


def budget_minutes(raw: int | str) -> int:
    """The window in which repairs are counted."""
    return _within(raw, limits.BUDGET_MINUTES, WINDOW)


def reserved_concurrency(raw: int | str) -> int:
    """How many calls of the guardian are kept free for it."""
    if raw == 0:
        raise CheckError(
            "would switch the guardian off: Lambda then turns every call away", value=0, allowed=CONCURRENCY
        )
    return _within(raw, limits.RESERVED_CONCURRENCY, CONCURRENCY)


def _within(raw: int | str, span: tuple[int, int], allowed: str) -> int:
    return number(raw, at_least=span[0], at_most=span[1], allowed=allowed)
