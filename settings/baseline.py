"""The baseline: what an adopted trail should be, as its owner says and not as it was found."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from settings import arns
from settings.kinds import Switch, Text
from settings.problems import CheckError
from settings.section import Section
from settings.selectors import ALL_MANAGEMENT, checked_selectors, record_looks_at_trails, unrecorded
from settings.trail_kinds import BucketName, KeyArn

INSIGHTS: Final = ("ApiCallRateInsight", "ApiErrorRateInsight")
"""CloudTrail API reference, InsightSelector."""


def _insights(value: Any) -> tuple[str, ...]:
    allowed = f"a list of {' and '.join(INSIGHTS)}"
    if not isinstance(value, list | tuple):
        raise CheckError("must be a list", value=value, allowed=allowed)
    if wrong := [each for each in value if each not in INSIGHTS]:
        raise CheckError("is not a kind of Insights events", value=wrong[0], allowed=allowed)
    return tuple(sorted(set(value)))


LogGroup = Annotated[str, Text, AfterValidator(arns.log_group)]
RoleArn = Annotated[str, Text, AfterValidator(arns.role)]
Prefix = Annotated[str, Text, AfterValidator(arns.prefix)]
DeliveryTopic = Annotated[str, Text, AfterValidator(arns.topic)]
Selectors = Annotated[tuple[Mapping[str, Any], ...], BeforeValidator(checked_selectors)]
Insights = Annotated[tuple[str, ...], BeforeValidator(_insights)]


class Baseline(Section):
    """What one adopted trail should be. The guardian compares the trail with it, and never with what it found."""

    EXAMPLE: ClassVar[str] = (
        "{logGroup: aws-cloudtrail-logs, deliveryRole: 'arn:aws:iam::111122223333:role/delivery', bucket: acme-logs}"
    )
    log_group: LogGroup = Field(
        description="Name or ARN of the log group that the trail writes to, in the trail's home region. Filters and "
        "alarms are put on it; a trail without one has to be given one first."
    )
    delivery_role: RoleArn = Field(description="ARN of the role with which CloudTrail writes to the log group.")
    bucket: BucketName = Field(description="Name of the bucket that the trail writes to.")
    prefix: Prefix = Field(default="", description="What the keys in the bucket begin with, before `AWSLogs`.")
    kms_key: KeyArn | None = Field(default=None, description="ARN of the key that encrypts the log files, if there is.")
    delivery_topic: DeliveryTopic | None = Field(
        default=None, description="Name or ARN of the topic that is told of each log file, if there is."
    )
    multi_region: Switch = Field(default=True, description="Whether the trail records all regions.")
    global_events: Switch = Field(default=True, description="Whether the trail records IAM and other global services.")
    organization: Switch = Field(default=False, description="Whether it is the trail of an organization.")
    recursive_logging: Switch = Field(
        default=True, description="Whether CloudTrail's own deliveries of files are recorded, where data events are."
    )
    validation: Switch = Field(default=True, description="Whether log files come with digests that prove them.")
    selectors: Selectors = Field(
        default=ALL_MANAGEMENT,
        description="Event selectors, basic or advanced, as GetEventSelectors shows them. Left out: all management "
        "events.",
    )
    insights: Insights = Field(
        default=(), description=f"Insights events that are recorded: {' and '.join(f'`{each}`' for each in INSIGHTS)}."
    )

    @model_validator(mode="after")
    def _as_cloudtrail_allows(self) -> "Baseline":
        if self.multi_region and not self.global_events:
            raise CheckError(
                "is refused by CloudTrail for a trail of all regions", value=False, allowed="true", key="globalEvents"
            )
        return self

    @property
    def log_group_name(self) -> str:
        """The log group's name, without the rest of its ARN."""
        return self.log_group.rpartition(":log-group:")[2]

    @property
    def account(self) -> str:
        """The account of the trail: that of its delivery role."""
        found = arns.parsed(self.delivery_role)
        assert found
        return found.account

    @property
    def records_reads(self) -> bool:
        """Whether the guardian's own looks at the trail are recorded, calls that only read."""
        return record_looks_at_trails(self.selectors)

    @property
    def waived(self) -> frozenset[str]:
        """What this baseline gives up of the guardian's floor, by the names in `lambda/guardian/remit.py`."""
        given_up = {
            "multi-region": not self.multi_region,
            "global-events": not self.global_events,
            "validation": not self.validation,
        }
        return frozenset(name for name, is_given_up in given_up.items() if is_given_up) | unrecorded(self.selectors)
