"""The settings of the guarded trail."""

from typing import ClassVar

from pydantic import Field

from settings.kinds import (
    RetentionDays,
    TrailLayout,
    TrailMode,
    TrailName,
)
from settings.section import Section


class TrailSettings(Section):
    """The trail that is guarded."""

    EXAMPLE: ClassVar[str] = "{mode: create}"
    mode: TrailMode = Field(default="create", description="Where the trail comes from. `create`: the stack makes it.")
    layout: TrailLayout = Field(
        default="multi-region",
        description="`multi-region`: one trail in the home region sees all regions. `per-region`: each of `regions` "
        "has a trail, log group, filters, alarms, topics and guardian of its own, and other regions are not recorded.",
    )
    name: TrailName | None = Field(default=None, description="The trail's name. Left out: `trailwarden-<stack>`.")
    retention_days: RetentionDays = Field(
        default=365, description="How long the log group keeps an event, in days. Auditors ask for 365."
    )

    @property
    def sees_other_regions(self) -> bool:
        """Whether what happens outside of a trail's home region is recorded."""
        return self.layout == "multi-region"

    @property
    def records_reads(self) -> bool:
        """Whether calls that only read are recorded, the guardian's own looks among them."""
        return True

    @property
    def waived(self) -> frozenset[str]:
        """Demands of the guardian's floor that these settings give up, by their names in `lambda/guardian/floor.py`."""
        return frozenset()
