"""The members of a Query (or EC2) request, from its flattened fields: `Tags.member.1.Key=a` and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.aws import Shape


def members_of(shape: Shape, form: Mapping[str, str], *, ec2: bool) -> dict[str, Any]:
    """What was sent of an input shape, under its members' names. `ec2`: the dialect of that service."""
    return _structure(shape, "", form, ec2)


def typed(text: str, shape: Shape) -> Any:
    """A text as the boolean or whole number that a shape says it is."""
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long") and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return text


def _value(shape: Shape, field: str, form: Mapping[str, str], ec2: bool) -> Any:
    """The value at one field; None when it was not sent."""
    match shape.type_name:
        case "structure":
            return _structure(shape, f"{field}.", form, ec2) or None
        case "list":
            return _list(shape, field, form, ec2) or None
        case "map":
            return _map(shape, field, form, ec2) or None
    return typed(form[field], shape) if field in form else None


def _structure(shape: Shape, prefix: str, form: Mapping[str, str], ec2: bool) -> dict[str, Any]:
    sent = {field[len(prefix) :].split(".")[0] for field in form if field.startswith(prefix)}
    found = {
        name: _value(member, prefix + field, form, ec2)
        for name, member in shape.members.items()
        if (field := _field_name(name, member, ec2)) in sent
    }
    return {name: value for name, value in found.items() if value is not None}


def _list(shape: Shape, field: str, form: Mapping[str, str], ec2: bool) -> list[Any]:
    if not (ec2 or shape.serialization.get("flattened")):
        field = f"{field}.{shape.member.serialization.get('name', 'member')}"
    return [_value(shape.member, f"{field}.{number}", form, ec2) for number in _numbers(field, form)]


def _map(shape: Shape, field: str, form: Mapping[str, str], ec2: bool) -> dict[str, Any]:
    if not shape.serialization.get("flattened"):
        field = f"{field}.entry"
    key = shape.key.serialization.get("name", "key")
    value = shape.value.serialization.get("name", "value")
    return {
        form.get(f"{field}.{number}.{key}", ""): _value(shape.value, f"{field}.{number}.{value}", form, ec2)
        for number in _numbers(field, form)
    }


def _numbers(field: str, form: Mapping[str, str]) -> list[int]:
    """The numbers that follow a field, in order."""
    numbered = re.compile(re.escape(field) + r"\.([0-9]{1,6})(\.|\Z)")
    return sorted({int(found[1]) for one in form if (found := numbered.match(one))})


def _field_name(name: str, member: Shape, ec2: bool) -> str:
    given = member.serialization.get("name") or name
    if ec2:
        return member.serialization.get("queryName") or given[:1].upper() + given[1:]
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name") or given
    return given
