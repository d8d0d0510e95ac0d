"""Event selectors as GetEventSelectors shows them: whether they are well formed, and which management events they miss.

Sources: CloudTrail API reference, EventSelector, AdvancedEventSelector and AdvancedFieldSelector. A trail records an
event when any of its selectors takes it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from settings import limits
from settings.problems import CheckError

ALL_MANAGEMENT: Final[tuple[Mapping[str, Any], ...]] = ({"ReadWriteType": "All", "IncludeManagementEvents": True},)
"""What a new trail records."""

READ_WRITE: Final = ("All", "ReadOnly", "WriteOnly")
_BASIC: Final = ("ReadWriteType", "IncludeManagementEvents", "DataResources", "ExcludeManagementEventSources")
_ADVANCED: Final = ("Name", "FieldSelectors")
_OPERATORS: Final = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
_MANAGEMENT: Final = frozenset({("eventCategory", "Equals", ("Management",))})
_EITHER: Final = (
    "a list of basic selectors, such as [{ReadWriteType: All, IncludeManagementEvents: true}], or of advanced ones, "
    "such as [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]"
)


def checked_selectors(value: Any) -> tuple[Mapping[str, Any], ...]:
    """The selectors, all basic or all advanced, as they are handed to PutEventSelectors. Raises CheckError."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(each, Mapping) for each in value):
        raise CheckError("must be a list of selectors", value=value, allowed=_EITHER)
    are_advanced = {"FieldSelectors" in each for each in value}
    if len(are_advanced) > 1:
        raise CheckError("mix basic and advanced selectors, and a trail has one kind", allowed=_EITHER)
    if (length := len(json.dumps(value, separators=(",", ":")))) > limits.MAX_SELECTORS:
        raise CheckError(
            f"have {length:,} characters, and what a guardian compares a trail with has to fit into a parameter",
            allowed=f"at most {limits.MAX_SELECTORS:,} characters as JSON",
        )
    for each in value:
        (_check_advanced if are_advanced == {True} else _check_basic)(each)
    return tuple(dict(each) for each in value)


def are_advanced(selectors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether they are advanced selectors."""
    return any("FieldSelectors" in each for each in selectors)


def unrecorded(selectors: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Which management events are missed, by the words of `lambda/guardian/floor.py`; a test compares the two.

    `management-reads` or `management-writes` are missed whole, or `management-sources` in part.
    """
    management = {each for selector in selectors for each in _conditions(selector) if each >= _MANAGEMENT}
    halves = {
        half
        for half, only in {"management-reads": "true", "management-writes": "false"}.items()
        if _MANAGEMENT in management or _MANAGEMENT | {("readOnly", "Equals", (only,))} in management
    }
    both = {"management-reads", "management-writes"}
    if halves == both or not management:
        return frozenset(both - halves)
    return frozenset(both - halves) if halves else frozenset({"management-sources"})


def record_looks_at_trails(selectors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the guardian's own GetTrailStatus is recorded, whatever its role is called."""
    return any(all(map(_holds, conditions)) for selector in selectors for conditions in _conditions(selector))


# A look of the guardian at a trail, in the words of advanced selectors.
_LOOK: Final = {
    "eventCategory": "Management",
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "GetTrailStatus",
    "eventType": "AwsApiCall",
    "readOnly": "true",
}


def _holds(condition: tuple[str, str, tuple[str, ...]]) -> bool:
    """Whether a condition holds for a look; what depends on the caller is not known to hold."""
    field, operator, values = condition
    if field not in _LOOK:
        return False
    text = _LOOK[field]
    matches = {
        "Equals": text in values,
        "StartsWith": text.startswith(values),
        "EndsWith": text.endswith(values),
    }
    return not matches[operator.removeprefix("Not")] if operator.startswith("Not") else matches[operator]


def _check_basic(selector: Mapping[str, Any]) -> None:
    if unknown := sorted(set(selector) - set(_BASIC)):
        raise CheckError("is nothing that a basic selector has", value=unknown[0], allowed=", ".join(_BASIC))
    kind = selector.get("ReadWriteType", "All")
    if kind not in READ_WRITE:
        raise CheckError("is not a ReadWriteType", value=kind, allowed=", ".join(READ_WRITE))
    if not isinstance(selector.get("IncludeManagementEvents", True), bool):
        raise CheckError("must be true or false", value=selector["IncludeManagementEvents"], key=None)
    for key in ("DataResources", "ExcludeManagementEventSources"):
        if not isinstance(selector.get(key, []), list | tuple):
            raise CheckError(f"is no list of {key}", value=selector[key])
    for resource in selector.get("DataResources", []):
        is_whole = isinstance(resource, Mapping) and set(resource) <= {"Type", "Values"} and "Type" in resource
        if not is_whole or not isinstance(resource.get("Values", []), list | tuple):
            raise CheckError("is no data resource", value=resource, allowed="{Type: 'AWS::S3::Object', Values: […]}")


def _check_advanced(selector: Mapping[str, Any]) -> None:
    if unknown := sorted(set(selector) - set(_ADVANCED)):
        raise CheckError("is nothing that an advanced selector has", value=unknown[0], allowed=", ".join(_ADVANCED))
    fields = selector["FieldSelectors"]
    if not isinstance(fields, list | tuple) or not fields:
        raise CheckError("is no list of field selectors", value=fields, allowed=_EITHER)
    for field in fields:
        if not isinstance(field, Mapping) or not isinstance(field.get("Field"), str):
            raise CheckError("names no Field", value=field, allowed=_EITHER)
        operators = set(field) - {"Field"}
        if not operators or not operators <= set(_OPERATORS):
            wrong = min(operators - set(_OPERATORS), default=field["Field"])
            raise CheckError("has no known operator", value=wrong, allowed=", ".join(_OPERATORS))
        for operator in operators:
            if not isinstance(field[operator], list | tuple) or not field[operator]:
                raise CheckError(f"is no list of values for {operator}", value=field[operator])
    if not any(field["Field"] == "eventCategory" for field in fields):
        raise CheckError("lack a condition on eventCategory, which CloudTrail wants in each advanced selector")


def _conditions(selector: Mapping[str, Any]) -> Iterable[frozenset[tuple[str, str, tuple[str, ...]]]]:
    """The management events that a selector takes, as conditions that must all hold. Labels are left out."""
    if "FieldSelectors" in selector:
        yield frozenset(
            (str(field["Field"]), operator, tuple(sorted(field[operator])))
            for field in selector["FieldSelectors"]
            for operator in _OPERATORS
            if operator in field
        )
    elif selector.get("IncludeManagementEvents", True):
        only = {"ReadOnly": "true", "WriteOnly": "false"}.get(str(selector.get("ReadWriteType", "All")))
        half = {("readOnly", "Equals", (only,))} if only else set()
        excluded = tuple(sorted(selector.get("ExcludeManagementEventSources", [])))
        yield _MANAGEMENT | half | ({("eventSource", "NotEquals", excluded)} if excluded else set())
