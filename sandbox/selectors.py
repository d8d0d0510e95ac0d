"""Which management events a trail's event selectors let through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def wants(record: Mapping[str, Any], selectors: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether a trail with these selectors (basic or advanced, None for the default) records this management event.

    Data events are not recorded here, so selectors for them let nothing through.
    """
    if record.get("eventCategory", "Management") != "Management":
        return False
    if selectors is None:
        return True
    return any(_advanced(record, one) if "FieldSelectors" in one else _basic(record, one) for one in selectors)


def _basic(record: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    if not selector.get("IncludeManagementEvents", True):
        return False
    if record.get("eventSource") in (selector.get("ExcludeManagementEventSources") or ()):
        return False
    kind = selector.get("ReadWriteType", "All")
    return kind == "All" or (kind == "ReadOnly") == bool(record.get("readOnly", False))


def _advanced(record: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    return all(_field(record, condition) for condition in selector["FieldSelectors"])


def _field(record: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    value = _value(record, condition["Field"])
    tests = {
        "Equals": lambda wanted: value in wanted,
        "NotEquals": lambda wanted: value not in wanted,
        "StartsWith": lambda wanted: value.startswith(tuple(wanted)),
        "NotStartsWith": lambda wanted: not value.startswith(tuple(wanted)),
        "EndsWith": lambda wanted: value.endswith(tuple(wanted)),
        "NotEndsWith": lambda wanted: not value.endswith(tuple(wanted)),
    }
    return all(test(condition[name]) for name, test in tests.items() if condition.get(name))


def _value(record: Mapping[str, Any], field: str) -> str:
    found: Any = {"eventCategory": "Management", **record}
    for step in field.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, bool):
        return str(found).lower()
    return found if isinstance(found, str) else ""
