"""All that AWS's description of a thing says about how it acts, beside the facts that have names of their own. Pure.

The rest is compared whole, in AWS's own words, and not field by field: what the API learns tomorrow is then seen
without a new version. What says only what is so anyway is left out, so that it does not matter whether AWS states it.
"""

from collections.abc import Collection, Mapping
from typing import Any

_ANYWAY: Mapping[str, Any] = {
    "ApplyOnTransformedLogs": False,
    "ManagedRule": False,
    "OnlyStartEvaluatingAfterWarmUpPeriodEnds": False,
    "ReturnData": True,
    "applyOnTransformedLogs": False,
    "bearerTokenAuthenticationEnabled": False,
    "logGroupClass": "STANDARD",
    "unit": "None",
}
"""Defaults that AWS may state or leave out (API references of InsightRule, LogGroup, MetricDataQuery, MetricFilter,
MetricTransformation, WarmUpConfiguration)."""
_SHOWN_ONLY = frozenset({"Label"})
"""What a graph shows and no alarm looks at (API reference of MetricDataQuery)."""


def rest(described: Mapping[str, Any], *, apart_from: Collection[str]) -> dict[str, Any]:
    """Fields and values that say something, without those that are `apart_from`."""
    return _telling({field: value for field, value in described.items() if field not in apart_from})


def _telling(value: Any) -> Any:
    if isinstance(value, Mapping):
        known = ((field, _telling(inner)) for field, inner in value.items() if field not in _SHOWN_ONLY)
        return {field: inner for field, inner in known if not _says_nothing(field, inner)}
    return [_telling(each) for each in value] if isinstance(value, list) else value


def _says_nothing(field: str, value: Any) -> bool:
    if value is None or value in ("", [], {}):
        return True
    return field in _ANYWAY and value == _ANYWAY[field]
