"""What pydantic finds wrong, in our words."""

from collections.abc import Mapping
from typing import Any

from settings.problems import CheckError, nearest
from settings.section import Section, section_at, section_of


def translated(error: Mapping[str, Any], *, model: type[Section] | None, example: str) -> CheckError:
    """One of `ValidationError.errors()`. `model` is what was validated, `example` shows how one is written."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, CheckError):
        return cause
    model = section_at(model, error["loc"]) if model else None
    fields = {field.alias or name: field for name, field in model.model_fields.items()} if model else {}
    name = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "extra_forbidden":
            return CheckError("there is no such key", allowed=", ".join(fields), suggestion=nearest(name, fields))
        case "missing":
            return CheckError(f"is missing; write for example {model.EXAMPLE if model else example}")
        case "model_type" | "dict_type" | "tuple_type":
            # A section inside a section, or a list of them; the last step of a list's element is its index.
            inner = section_of(fields[name]) if name in fields else model
            written = inner.EXAMPLE if inner else example
            if error["type"] == "tuple_type":
                return CheckError("must be a list", value=error["input"], allowed=f"a list, such as [{written}]")
            return CheckError("must be a mapping", value=error["input"], allowed=f"a mapping, such as {written}")
        case _:  # none known; the value is left out, pydantic's own words may quote it
            return CheckError("cannot be used", allowed=f"for example {example}" if example else None)
