"""What the sections of the settings have in common."""

import types
import typing
from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A section of the settings. `EXAMPLE` is how it is written, for messages."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)
    EXAMPLE: ClassVar[str] = "{}"


def section_of(field: FieldInfo) -> type[Section] | None:
    """The section behind a field: itself, or the element of its list or mapping; None for plain values."""
    pending = [field.annotation]
    while pending:
        annotation = pending.pop()
        if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
            if issubclass(annotation, Section):
                return annotation
        else:
            pending.extend(typing.get_args(annotation))
    return None


def section_at(section: type[Section], path: Sequence[str | int]) -> type[Section] | None:
    """The section in which the last step of `path` stands, going down from `section`; indices are passed over.

    None where the path leads through something that is no section.
    """
    found: type[Section] | None = section
    for step in path[:-1]:
        if found is None:
            return None
        if isinstance(step, str):
            fields = {field.alias or name: field for name, field in found.model_fields.items()}
            found = section_of(fields[step]) if step in fields else None
    return found
