"""What CloudTrail refuses of event selectors and insight selectors.

Sources: CloudTrail API reference, PutEventSelectors, EventSelector, AdvancedFieldSelector, PutInsightSelectors; the
texts are worded after AWS's, which no reference lists.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.selectors import DATA, MANAGEMENT

OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
EXCLUDABLE = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
MAX_VALUES = 500  # "500 values for all conditions and selectors on a trail"
MAX_DATA_RESOURCES = 250
INSIGHTS = ("ApiCallRateInsight", "ApiErrorRateInsight")
INSIGHT_CATEGORIES = (MANAGEMENT, DATA)

_CATEGORY = "eventCategory"
_READ_WRITE = ("All", "ReadOnly", "WriteOnly")
_BASIC_TYPES = ("AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object")
# The fields a selector of each category may use, as the AdvancedFieldSelector page lists them for trails.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    MANAGEMENT: (
        "eventCategory",
        "eventSource",
        "readOnly",
        "eventName",
        "eventType",
        "sessionCredentialFromConsole",
        "userIdentity.arn",
    ),
    DATA: (
        "eventCategory",
        "eventSource",
        "readOnly",
        "eventName",
        "eventType",
        "sessionCredentialFromConsole",
        "userIdentity.arn",
        "resources.type",
        "resources.ARN",
    ),
    "NetworkActivity": (
        "eventCategory",
        "eventSource",
        "eventName",
        "errorCode",
        "vpcEndpointId",
    ),
}


def refuse_selectors(asked: Mapping[str, Any]) -> str | None:
    """Why CloudTrail refuses the selectors of a PutEventSelectors call (InvalidEventSelectorsException), or None."""
    basic, advanced = asked.get("EventSelectors") or (), asked.get("AdvancedEventSelectors") or ()
    return next(itertools.chain(_basic(basic), _advanced(advanced)), None)


def refuse_insights(asked: Sequence[Mapping[str, Any]], selectors: Sequence[Mapping[str, Any]] | None) -> str | None:
    """Why CloudTrail refuses insight selectors (InvalidInsightSelectorsException) on a trail, or None.

    One without `EventCategories` is about management events; the trail has to record what a selector is about.
    """
    wanted: dict[str, set[str]] = {category: set() for category in INSIGHT_CATEGORIES}
    for each in asked:
        if (kind := str(each.get("InsightType", ""))) not in INSIGHTS:
            return f"Invalid InsightType {kind!r}. Valid types are {', '.join(INSIGHTS)}."
        for category in each.get("EventCategories") or [MANAGEMENT]:
            if category not in wanted:
                return f"Invalid EventCategory {category!r}. Valid categories are {', '.join(INSIGHT_CATEGORIES)}."
            wanted[category].add(kind)
    recorded = _management_halves(selectors)
    if "ApiCallRateInsight" in wanted[MANAGEMENT] and "write" not in recorded:
        return "ApiCallRateInsight requires that the trail logs write management events."
    if wanted[MANAGEMENT] and not recorded:
        return "Insights events require that the trail logs management events."
    if wanted[DATA] and not _has_data_events(selectors):
        return "Insights events on data events require that the trail logs data events."
    return None


def _has_data_events(selectors: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether some selector takes data events, in either spelling."""
    for selector in selectors or ():
        categories = (each.get("Equals") for each in selector.get("FieldSelectors", ()) if each["Field"] == _CATEGORY)
        if selector.get("DataResources") or [DATA] in categories:
            return True
    return False


def _management_halves(selectors: Sequence[Mapping[str, Any]] | None) -> set[str]:
    """`read` and `write`, as far as some selector takes such management events."""
    if selectors is None:
        return {"read", "write"}
    found: set[str] = set()
    for selector in selectors:
        fields = {each["Field"]: each.get("Equals") or [] for each in selector.get("FieldSelectors", ())}
        if fields and fields.get("eventCategory") != [MANAGEMENT]:
            continue
        if not fields and not selector.get("IncludeManagementEvents", True):
            continue
        by_read_only = {"true": {"read"}, "false": {"write"}}.get(next(iter(fields.get("readOnly", ())), ""))
        by_kind = {"ReadOnly": {"read"}, "WriteOnly": {"write"}}.get(selector.get("ReadWriteType", ""))
        found |= by_read_only or by_kind or {"read", "write"}
    return found


def _basic(selectors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for selector in selectors:
        if (kind := selector.get("ReadWriteType", "All")) not in _READ_WRITE:
            yield f"ReadWriteType must be one of {', '.join(_READ_WRITE)}, not {kind!r}."
        if odd := set(selector.get("ExcludeManagementEventSources") or ()) - set(EXCLUDABLE):
            yield f"ExcludeManagementEventSources takes {' and '.join(EXCLUDABLE)}, not {', '.join(sorted(odd))}."
        resources = selector.get("DataResources") or ()
        if odd := {each.get("Type") for each in resources} - set(_BASIC_TYPES):
            yield f"DataResources takes {', '.join(_BASIC_TYPES)}, not {', '.join(sorted(map(str, odd)))}."
        if not selector.get("IncludeManagementEvents", True) and not resources:
            yield "A selector must include management events or data resources."
    if sum(len(each.get("Values") or ()) for one in selectors for each in one.get("DataResources") or ()) > (
        MAX_DATA_RESOURCES
    ):
        yield f"A trail takes at most {MAX_DATA_RESOURCES} data resources."


def _advanced(selectors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    values = 0
    for selector in selectors:
        fields = selector.get("FieldSelectors") or ()
        by_name: dict[str, Mapping[str, Any]] = {each.get("Field", ""): each for each in fields}
        yield from _conditions(fields)
        category = by_name.get("eventCategory", {}).get("Equals") or []
        if len(category) != 1 or category[0] not in _FIELDS:
            yield f"A selector needs eventCategory with Equals and one of {', '.join(_FIELDS)}."
            continue
        if odd := by_name.keys() - set(_FIELDS[category[0]]):
            yield f"A selector for {category[0]} events does not take the field {', '.join(sorted(odd))}."
        if category == [DATA] and len(by_name.get("resources.type", {}).get("Equals") or []) != 1:
            yield "A selector for Data events needs resources.type with Equals and one value."
        if (by_name.get("readOnly", {"Equals": ["true"]}).get("Equals") or []) not in (["true"], ["false"]):
            yield "readOnly takes Equals with true or false."
        values += sum(len(each.get(operator) or ()) for each in fields for operator in OPERATORS)
    if values > MAX_VALUES:
        yield f"A trail takes at most {MAX_VALUES} values in all its selectors, not {values}."


def _conditions(fields: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [each.get("Field", "") for each in fields]
    if twice := {name for name in names if names.count(name) > 1}:
        yield f"A selector names each field once: {', '.join(sorted(twice))}."
    for each in fields:
        if not any(each.get(operator) for operator in OPERATORS):
            yield f"The field {each.get('Field')!r} has no condition."
