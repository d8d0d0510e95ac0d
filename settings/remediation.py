"""The settings of what happens when somebody stops or changes the trail."""

from typing import ClassVar

from pydantic import Field

from settings.kinds import (
    RemediationMode,
)
from settings.section import Section


class Remediation(Section):
    """What happens when somebody stops the trail."""

    EXAMPLE: ClassVar[str] = "{mode: restore}"
    mode: RemediationMode = Field(
        default="restore", description="`restore`: log again and tell people. `notify`: only tell them. `off`: neither."
    )
