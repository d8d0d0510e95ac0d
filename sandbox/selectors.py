"""Which events a trail's event selectors let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MANAGEMENT, DATA = "Management", "Data"


def wants(record: Mapping[str, Any], selectors: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether a trail with these selectors (basic or advanced, None for the default) records this event.

    Management and data events. The sandbox makes none of the latter itself; ready records may be emitted.
    """
    if selectors is None:
        return _category(record) == MANAGEMENT
    return any(_advanced(record, one) if "FieldSelectors" in one else _basic(record, one) for one in selectors)


def _category(record: Mapping[str, Any]) -> str:
    return record.get("eventCategory", MANAGEMENT)


def _basic(record: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    kind = selector.get("ReadWriteType", "All")
    if kind != "All" and (kind == "ReadOnly") != bool(record.get("readOnly", False)):
        return False
    if _category(record) == DATA:
        return any(_names(resource, record) for resource in selector.get("DataResources") or ())
    if _category(record) != MANAGEMENT or not selector.get("IncludeManagementEvents", True):
        return False
    return record.get("eventSource") not in (selector.get("ExcludeManagementEventSources") or ())


def _names(resource: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """A value is the beginning of an ARN; one as short as `arn:aws:s3` stands for every resource of the type."""
    arns = tuple(_resources(record, "ARN", of_type=resource.get("Type", "")))
    return any(arn.startswith(value) for value in resource.get("Values") or () for arn in arns)


def _advanced(record: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    kind = next((one["Equals"][0] for one in selector["FieldSelectors"] if one["Field"] == "resources.type"), "")
    return all(_field(record, condition, of_type=kind) for condition in selector["FieldSelectors"])


def _field(record: Mapping[str, Any], condition: Mapping[str, Any], *, of_type: str) -> bool:
    value = _value(record, condition["Field"], of_type)
    tests = {
        "Equals": lambda wanted: value in wanted,
        "NotEquals": lambda wanted: value not in wanted,
        "StartsWith": lambda wanted: value.startswith(tuple(wanted)),
        "NotStartsWith": lambda wanted: not value.startswith(tuple(wanted)),
        "EndsWith": lambda wanted: value.endswith(tuple(wanted)),
        "NotEndsWith": lambda wanted: not value.endswith(tuple(wanted)),
    }
    return all(test(condition[name]) for name, test in tests.items() if condition.get(name))


def _value(record: Mapping[str, Any], field: str, of_type: str) -> str:
    if field.startswith("resources."):
        return next(_resources(record, field.removeprefix("resources."), of_type=of_type), "")
    found: Any = {"eventCategory": MANAGEMENT, "readOnly": False, **record}
    for step in field.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, bool):
        return str(found).lower()
    return found if isinstance(found, str) else ""


def _resources(record: Mapping[str, Any], key: str, *, of_type: str) -> Iterator[str]:
    """One fact (`type`, `ARN`) of each resource of a type that the event is about."""
    for resource in record.get("resources") or ():
        if resource.get("type") == of_type and isinstance(resource.get(key), str):
            yield resource[key]
