"""The setting of many calls from any single address, and what follows from it."""

import hashlib
from typing import Any, ClassVar, Final

from pydantic import Field

from settings.kinds import AlarmName, Period, Severity, Threshold
from settings.limits import MAX_INSIGHT_RULE_NAME
from settings.section import Section
from settings.version import VERSION
from settings.watches import in_words

ANY_ADDRESS: Final = "any-address"
"""What the watch is called beside the names of sets and ranges; no other may be called so."""
TITLE: Final = "Many calls from one address"
WHY: Final = "A leaked key, a scanner or a machine gone wild makes more calls than people do."

# `sourceIPAddress` holds an address, or the name of a service (`cloudformation.amazonaws.com`, `AWS Internal`). These
# nine beginnings keep every IPv4 address and the global IPv6 ones (2000::/3), and no name. A filter takes ten values
# (CloudWatch User Guide, "Contributor Insights rule syntax").
BEGINNINGS: Final = tuple("123456789")


class Burst(Section):
    """An alarm on many calls from any single address, whichever it is.

    It counts with a Contributor Insights rule, which sees each address by itself; calls that a service of AWS makes
    carry its name instead of an address and are not counted. No auditor accepts it in place of an event set.
    """

    EXAMPLE: ClassVar[str] = "{threshold: 500}"
    threshold: Threshold = Field(default=500, description="Calls from one address within one period.")
    period: Period = Field(default=300, description="One period, in seconds.")
    severity: Severity = Field(default="medium", description="critical, high, medium or low.")
    alarm_name: AlarmName | None = Field(default=None, description="The alarm's name, instead of prefix and name.")

    @property
    def name(self) -> str:
        """What it is called among the watches."""
        return ANY_ADDRESS

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        return TITLE

    @property
    def kind(self) -> str:
        """What it is among the watches: no filter, and so no `pattern`."""
        return ANY_ADDRESS

    @property
    def pattern(self) -> None:
        """None: it counts by address, and not by what an event says."""
        return

    def description(self, *, stack: str) -> str:
        """The alarm's description. What a telephone shows first comes first."""
        return (
            f"[{self.severity}] {TITLE}. {WHY} Raised by at least {self.threshold:,} calls from "
            f"any single address in {in_words(self.period)}. Stack {stack}, trailwarden {VERSION}."
        )


def insight_rule_name(stack: str, suffix: str) -> str:
    """The physical name of a trail's Contributor Insights rule, which AWS does not make up. `suffix`: the site's."""
    name = f"{ANY_ADDRESS}-{stack}{suffix}"
    if len(name) <= MAX_INSIGHT_RULE_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_INSIGHT_RULE_NAME - 9]}-{digest}"


def insight_rule_definition(log_group_name: str) -> dict[str, Any]:
    """What a trail's rule counts: events by source address, where that is an address."""
    key = "$.sourceIPAddress"
    return {
        "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
        "LogGroupNames": [log_group_name],
        "LogFormat": "JSON",
        "Contribution": {"Keys": [key], "Filters": [{"Match": key, "StartsWith": list(BEGINNINGS)}]},
        "AggregateOn": "Count",
    }


def insight_rule_metric(rule_name: str) -> str:
    """What the alarm reads of a rule: the count of the busiest address."""
    return f'INSIGHT_RULE_METRIC("{rule_name}", "MaxContributorValue")'
