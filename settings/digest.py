"""The setting of what can wait: a daily mail about what is of low severity, a weekly one about what was held back."""

from typing import ClassVar, Final

from pydantic import Field

from settings.kinds import Hour, Weekday
from settings.section import Section

DIGEST: Final = "digest"
"""The attribute `set` of these mails."""


class Digest(Section):
    """When the mails about what can wait are sent."""

    EXAMPLE: ClassVar[str] = "{hour: 7, weekday: monday}"
    hour: Hour = Field(default=7, description="The hour (UTC, 0 to 23) from which the day before is told.")
    weekday: Weekday = Field(
        default="monday", description="The day on which the seven days before are summed up, as a word."
    )
