"""The baseline of a trail to adopt: proposed from what the trail is, and never weaker than asked for without saying so.

What was found may be what somebody made of it last night. So each thing that is less than it should be is named, and
the baseline asks for what it should be unless a person says that it is meant so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from account import Selectors, Trail, found_or
from settings.selectors import ALL_MANAGEMENT, are_advanced, unrecorded
from wizard.log_groups import group_name, role_name
from wizard.verdicts import recorded_too_little

_ALL_ADVANCED: Final[Mapping[str, Any]] = {
    "Name": "Management events",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}

Keys = dict[str, Any]
"""One entry of `trail.baseline`, in the shape of an answers file."""


@dataclass(frozen=True)
class Weakness:
    """Something that a trail does less than it should: in words as it is, and as it should be."""

    is_: str
    should: str


def weaknesses(trail: Trail) -> tuple[Weakness, ...]:
    """What a strict baseline asks for and the trail does not do. That it records one region only is its nature."""
    found: list[Weakness] = []
    if not trail.validates_files:
        found.append(Weakness("log files are not validated", "validated log files"))
    selectors: Selectors | None = found_or(trail.selectors, None)
    if selectors is not None and unrecorded(_as_told(selectors)):
        words = recorded_too_little(selectors) or "records only part of the management events"
        found.append(Weakness(words, "all management events"))
    return tuple(found)


def baseline_of(trail: Trail, *, is_strict: bool, needs_group: bool = False) -> Keys:
    """What the trail should be. Strict: with what `weaknesses` misses; else as it is.

    With `needs_group` the log group and the role that somebody has yet to give it (`wizard/log_groups.py`).
    """
    selectors: Selectors | None = found_or(trail.selectors, None)
    as_told = ALL_MANAGEMENT if selectors is None else _as_told(selectors)
    optional: Keys = {
        "prefix": trail.bucket_prefix,
        "kmsKey": trail.kms_key,
        "deliveryTopic": trail.topic_arn,
        "insights": list(found_or(trail.insights, ())),
    }
    return {
        "logGroup": group_name(trail) if needs_group else trail.log_group_arn.rpartition(":log-group:")[2],
        "deliveryRole": _role_arn(trail) if needs_group else trail.logs_role_arn,
        "bucket": trail.bucket,
        **{key: value for key, value in optional.items() if value},
        "multiRegion": trail.is_multi_region,
        "globalEvents": trail.has_global_events,
        "organization": trail.is_organization,
        "validation": trail.validates_files or is_strict,
        "selectors": [dict(each) for each in (with_all_management(as_told) if is_strict else as_told)],
    }


def _role_arn(trail: Trail) -> str:
    partition = trail.arn.split(":")[1]
    return f"arn:{partition}:iam::{trail.owner}:role/{role_name(trail)}"


def with_all_management(selectors: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """These selectors with all management events, and with the data events that they have."""
    if not unrecorded(selectors):
        return selectors
    if are_advanced(selectors):
        return [_ALL_ADVANCED, *(each for each in selectors if not _is_of_management(each))]
    data = [{**each, "IncludeManagementEvents": False} for each in selectors if each.get("DataResources")]
    for each in data:
        each.pop("ExcludeManagementEventSources", None)
    return [*ALL_MANAGEMENT, *data]


def _as_told(selectors: Selectors) -> Sequence[Mapping[str, Any]]:
    """As GetEventSelectors shows them, without its empty lists."""
    told = selectors.advanced or selectors.basic
    return [plain(each) for each in told] or ALL_MANAGEMENT


def plain(value: Any) -> Any:
    """Plain lists and dicts, as they are written to a file; what is empty is left out."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items() if each not in ([], {}, None)}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def _is_of_management(selector: Mapping[str, Any]) -> bool:
    return any(
        field.get("Field") == "eventCategory" and "Management" in (field.get("Equals") or ())
        for field in selector.get("FieldSelectors") or ()
    )
