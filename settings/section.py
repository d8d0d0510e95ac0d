"""What the sections of the settings have in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A section of the settings. `EXAMPLE` is how it is written, for messages."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)
    EXAMPLE: ClassVar[str] = "{}"
