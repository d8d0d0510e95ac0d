"""The settings of the guarded trail."""

from typing import ClassVar

from pydantic import Field

from settings.kinds import (
    RetentionDays,
    TrailMode,
    TrailName,
)
from settings.section import Section


class TrailSettings(Section):
    """The trail that is guarded."""

    EXAMPLE: ClassVar[str] = "{mode: create}"
    mode: TrailMode = Field(
        default="create", description="Where the trail comes from. `create`: this stack makes it, multi-region."
    )
    name: TrailName | None = Field(default=None, description="The trail's name. Left out: `trailwarden-<stack>`.")
    retention_days: RetentionDays = Field(
        default=365, description="How long the log group keeps an event, in days. Auditors ask for 365."
    )
