"""Event selectors as one comparable value, whichever of AWS's two spellings a trail uses.

Sources: CloudTrail API reference, EventSelector and AdvancedEventSelector; a trail records an event when any of its
selectors takes it, so more selectors never record less.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

_OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
_READ_ONLY = {"ReadOnly": "true", "WriteOnly": "false"}

Condition: TypeAlias = tuple[str, str, tuple[str, ...]]
"""Field, operator, values in alphabetical order."""
Selector: TypeAlias = frozenset[Condition]
"""Conditions that must all hold, as in an advanced selector; its name is only a label and left out."""
Selectors: TypeAlias = frozenset[Selector]

MANAGEMENT: Selector = frozenset({("eventCategory", "Equals", ("Management",))})
"""All management events, reads and writes, of every service."""


def selectors_of(answer: Mapping[str, Any]) -> Selectors:
    """From GetEventSelectors' answer: `EventSelectors`, `AdvancedEventSelectors`, or both. Total."""
    found: set[Selector] = set()
    for each in _mappings(answer.get("AdvancedEventSelectors")):
        found.add(frozenset(_conditions(each)))
    for each in _mappings(answer.get("EventSelectors")):
        found.update(_from_basic(each))
    return frozenset(found)


def management_gaps(selectors: Selectors) -> tuple[str, ...]:
    """Which management events are not recorded, in words; empty when all of them are."""
    if MANAGEMENT in selectors:
        return ()
    halves = {value for value in ("true", "false") if MANAGEMENT | {("readOnly", "Equals", (value,))} in selectors}
    if halves == {"true", "false"}:
        return ()
    management = [each for each in selectors if each >= MANAGEMENT]
    if not management:
        return ("no management events are recorded",)
    if halves:
        return (f"management events that {'write' if halves == {'true'} else 'only read'} are not recorded",)
    return ("some management events are left out",)


def described(selectors: Selectors) -> str:
    """`management events all`, `management events read only; 2 data selectors`: short enough for a line of a mail."""
    if not selectors:
        return "nothing is recorded"
    gaps = management_gaps(selectors)
    others = len([each for each in selectors if not each >= MANAGEMENT])
    words = [gaps[0] if gaps else "all management events"]
    if gaps == ("some management events are left out",):
        words[0] += f" ({', '.join(sorted(_left_out(selectors))) or 'by other conditions'})"
    return "; ".join(words + ([f"{others} selector{'' if others == 1 else 's'} of other events"] if others else []))


def _left_out(selectors: Selectors) -> set[str]:
    return {
        value
        for selector in selectors
        for field, operator, values in selector
        if (field, operator) == ("eventSource", "NotEquals")
        for value in values
    }


def _conditions(selector: Mapping[str, Any]) -> Iterator[Condition]:
    for field in _mappings(selector.get("FieldSelectors")):
        for operator in _OPERATORS:
            if values := _texts(field.get(operator)):
                yield (str(field.get("Field", "")), operator, values)


def _from_basic(selector: Mapping[str, Any]) -> Iterator[Selector]:
    kind = _READ_ONLY.get(str(selector.get("ReadWriteType", "All")))
    half: set[Condition] = {("readOnly", "Equals", (kind,))} if kind else set()
    if selector.get("IncludeManagementEvents", True) is not False:
        excluded = _texts(selector.get("ExcludeManagementEventSources"))
        yield MANAGEMENT | half | ({("eventSource", "NotEquals", excluded)} if excluded else set())
    for resource in _mappings(selector.get("DataResources")):
        of_type = {
            ("eventCategory", "Equals", ("Data",)),
            ("resources.type", "Equals", (str(resource.get("Type", "")),)),
        }
        # Two ARN parts less than a resource ("arn:aws:s3") stand for all of the type.
        values = tuple(each for each in _texts(resource.get("Values")) if each.count(":") > 2)
        yield frozenset(of_type | half | ({("resources.ARN", "StartsWith", values)} if values else set()))


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(sorted(each for each in value if isinstance(each, str))) if isinstance(value, list) else ()
