"""The settings of what raises an alarm: event sets, patterns of the stack's own, source addresses."""

from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from settings import checks
from settings.kinds import (
    AlarmName,
    Cidr,
    Match,
    MetricName,
    PatternText,
    Period,
    Severity,
    Threshold,
    Title,
    WatchName,
)
from settings.problems import CheckError
from settings.samples import Samples
from settings.section import Section


class EventSetSettings(Section):
    """What a stack changes about one event set. What is left out keeps the catalogue's value."""

    EXAMPLE: ClassVar[str] = "{} or {threshold: 10}"
    threshold: Threshold | None = Field(
        default=None, description="Matching events within one period that raise the alarm."
    )
    period: Period | None = Field(default=None, description="One period, in seconds.")
    severity: Severity | None = Field(default=None, description="critical, high, medium or low.")
    alarm_name: AlarmName | None = Field(default=None, description="The alarm's name, instead of prefix and set name.")
    metric_name: MetricName | None = Field(default=None, description="The metric's name, instead of the catalogue's.")


class CustomSet(Section):
    """A filter pattern of the stack's own."""

    EXAMPLE: ClassVar[str] = "{pattern: '{ $.eventName = \"GetSecretValue\" }'}"
    pattern: PatternText = Field(description="A CloudWatch Logs filter pattern, at most 1,024 characters.")
    title: Title | None = Field(default=None, description="What happened, in a few words. Left out: the set's name.")
    severity: Severity = Field(default="medium", description="critical, high, medium or low.")
    threshold: Threshold = Field(default=1, description="Matching events within one period that raise the alarm.")
    period: Period = Field(default=300, description="One period, in seconds.")
    alarm_name: AlarmName | None = Field(default=None, description="The alarm's name, instead of prefix and set name.")
    metric_name: MetricName | None = Field(
        default=None, description="The metric's name, instead of one made from the set's."
    )
    samples: Samples | None = Field(
        default=None,
        description="Events that the pattern has to match and such that it has to leave. A pattern that fails on one "
        "of them is refused, before anything is made. Left out: none.",
    )


def _several_in_one(cidr: str | tuple[str, ...]) -> CheckError | None:
    """What to say of blocks that stand in one text, None if that is not what is wrong."""
    if not isinstance(cidr, str):
        return None
    try:
        blocks = checks.cidr_blocks(cidr)
    except CheckError:
        return None
    return CheckError("holds several blocks", value=cidr, suggestion=f"[{', '.join(blocks)}]")


def _blocks(cidr: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.strip() for each in ((cidr,) if isinstance(cidr, str) else cidr))


class SourceIp(Section):
    """An alarm on many calls from one address or range, or from outside it."""

    EXAMPLE: ClassVar[str] = "{name: office, cidr: 203.0.113.0/24}"
    name: WatchName = Field(description="A name for the entry, such as `office`.")
    cidr: Cidr = Field(description="An address, a block in CIDR notation, or a list of them.")
    match: Match = Field(
        default="inside", description="`inside` counts calls from these addresses, `outside` calls from all others."
    )
    threshold: Threshold = Field(default=30, description="Calls within one period that raise the alarm.")
    period: Period = Field(default=300, description="One period, in seconds.")
    severity: Severity = Field(default="medium", description="critical, high, medium or low.")
    alarm_name: AlarmName | None = Field(
        default=None, description="The alarm's name, instead of prefix and entry name."
    )
    metric_name: MetricName | None = Field(
        default=None, description="The metric's name, instead of one made from the entry's."
    )

    @field_validator("cidr")
    @classmethod
    def _are_addresses(cls, cidr: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """What is wrong with the addresses alone is said beside what is wrong with the other fields."""
        try:
            checks.source_ip_pattern(_blocks(cidr), match="inside")
        except CheckError as error:
            raise _several_in_one(cidr) or error from None
        return cidr

    @model_validator(mode="after")
    def _blocks_fit_a_pattern(self) -> Self:
        try:
            self.pattern  # noqa: B018 - making it is the check
        except CheckError as error:
            error.key = "cidr"
            raise
        return self

    @property
    def blocks(self) -> tuple[str, ...]:
        """The addresses and blocks, one or many."""
        return _blocks(self.cidr)

    @property
    def pattern(self) -> str:
        """The filter pattern for this entry."""
        return checks.source_ip_pattern(self.blocks, match=self.match)
