"""The kinds of values of trail options. They work as those of `settings.kinds` do."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from settings import names
from settings import trail_checks as checks
from settings.kinds import Text, choice, whole
from settings.problems import CheckError

BucketName = Annotated[str, Text, AfterValidator(names.bucket_name)]
LogGroupName = Annotated[str, Text, AfterValidator(names.log_group_name)]
KeyArn = Annotated[str, Text, AfterValidator(names.key_arn)]
LifecycleDays = Annotated[int, whole(checks.LIFECYCLE_DAYS), AfterValidator(checks.lifecycle_days)]
LockDays = Annotated[int, whole(checks.LOCK_DAYS), AfterValidator(checks.lock_days)]
ArchiveClass = Annotated[str, choice(*checks.ARCHIVE_CLASSES), AfterValidator(checks.archive_class)]
LockMode = Annotated[str, choice(*checks.LOCK_MODES), AfterValidator(checks.lock_mode)]


def _mapping(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    raise CheckError("must be a mapping", value=value, allowed="a mapping, such as {team: security}")


def _listed(value: Any) -> tuple[Any, ...]:
    if isinstance(value, list | tuple):
        return tuple(value)
    raise CheckError("must be a list", value=value, allowed="a list, also if it is of one")


Management = Annotated[str, choice(*checks.MANAGEMENT), AfterValidator(checks.management)]
Half = Annotated[str, choice(*checks.HALVES), AfterValidator(checks.half)]
DataType = Annotated[str, choice(*checks.DATA_TYPES), AfterValidator(checks.data_type)]
ArnBeginning = Annotated[str, Text, AfterValidator(checks.arn_beginning)]
ArnBeginnings = Annotated[tuple[ArnBeginning, ...], BeforeValidator(_listed)]
Insight = Annotated[str, choice(*checks.INSIGHTS), AfterValidator(checks.insight)]
Insights = Annotated[tuple[Insight, ...], BeforeValidator(_listed)]
TagKey = Annotated[str, Text, AfterValidator(checks.tag_key)]
TagValue = Annotated[str, Text, AfterValidator(checks.tag_value)]
Tags = Annotated[Mapping[TagKey, TagValue], BeforeValidator(_mapping), AfterValidator(checks.tags)]
