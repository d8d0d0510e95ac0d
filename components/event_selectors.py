"""What the trail records, in CloudTrail's own words: for the trail, and for the desired state that is held against it.

Source: CloudTrail API reference, AdvancedEventSelector and AdvancedFieldSelector.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from settings import DataEvents, TrailSettings

Field = dict[str, Any]
Selector = dict[str, Any]

OwnArns = Mapping[str, Sequence[pulumi.Input[str]]]
"""ARNs of what this stack makes, by resource type. Calls on them are left out of data events, or they would feed
themselves: a delivery is a call on the bucket, which is recorded and delivered; an alarm is a call on the topic."""

# Objects are what begins with the bucket; all else is the resource itself.
_LEFT_OUT_BY = {"AWS::S3::Object": "NotStartsWith"}
_READ_ONLY = {"read": "true", "write": "false"}

DEFAULT = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
"""What a trail records that nobody set selectors on."""


def advanced_selectors(options: TrailSettings, *, own: OwnArns) -> list[Selector]:
    """The advanced selectors of a trail; none for CloudTrail's default, which is all management events and no data.

    With any of them the management events have to be said, too: basic and advanced selectors exclude each other.
    """
    if options.management == "all" and not options.data_events:
        return []
    management = [] if options.management == "none" else [_management(options.management)]
    return [*management, *(_data(each, own=own.get(each.type, ())) for each in options.data_events)]


def as_desired(selectors: Sequence[Selector]) -> dict[str, Any]:
    """The selectors as GetEventSelectors would answer, and PutEventSelectors takes them."""
    return {"AdvancedEventSelectors": list(selectors)} if selectors else DEFAULT


def as_inputs(selectors: Iterable[Selector]) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgs] | None:
    """The selectors as inputs of a trail; None for the default.

    None, and not the default spelt out: setting selectors is a call that a new trail records, and `trail-tampering`
    would report, at every first deployment.
    """
    return [
        aws.cloudtrail.TrailAdvancedEventSelectorArgs(
            name=selector["Name"],
            field_selectors=[
                aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                    field=field["Field"],
                    equals=field.get("Equals"),
                    starts_withs=field.get("StartsWith"),
                    not_equals=field.get("NotEquals"),
                    not_starts_withs=field.get("NotStartsWith"),
                )
                for field in selector["FieldSelectors"]
            ],
        )
        for selector in selectors
    ] or None


def _management(half: str) -> Selector:
    return {
        "Name": f"Management events: {half}",
        "FieldSelectors": [_equals("eventCategory", "Management"), *_only_half(half)],
    }


def _data(events: DataEvents, *, own: Sequence[pulumi.Input[str]]) -> Selector:
    arn: Field = {"Field": "resources.ARN"}
    if events.only:
        arn["StartsWith"] = list(events.only)
    if own:
        arn[_LEFT_OUT_BY.get(events.type, "NotEquals")] = list(own)
    return {
        "Name": f"{events.type}: {events.record}",
        "FieldSelectors": [
            _equals("eventCategory", "Data"),
            _equals("resources.type", events.type),
            *_only_half(events.record),
            *([arn] if len(arn) > 1 else []),
        ],
    }


def _only_half(half: str) -> list[Field]:
    return [_equals("readOnly", _READ_ONLY[half])] if half in _READ_ONLY else []


def _equals(field: str, value: str) -> Field:
    return {"Field": field, "Equals": [value]}
