"""Which trail a CloudTrail record is about."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from common.places import Trail
from common.record import region_of
from common.shapes import as_mapping

SEEN = "seen#"
"""In the ledger, before an event's id: the guardian has dealt with it."""
CALL = "call#"
"""In the ledger, before a request's id: the guardian made that call itself."""

# "… is not authorized to perform: cloudtrail:StopLogging on resource: arn:…": names the trail where a refused call has
# no requestParameters. The last match counts, because an IAM path before it may hold nearly any character.
_RESOURCE = re.compile(r"on resource: (arn:[^\s:]+:cloudtrail:[^\s:]*:\d{12}:[^\s]+)", re.ASCII)


class Whose(StrEnum):
    """Which trail a CloudTrail event is about."""

    OURS = "ours"
    OTHER = "other"
    UNNAMED = "unnamed"  # refused, or cut out: a caller who pads the request hides its parameters (CT "Quotas")


def named_trail(record: Mapping[str, Any]) -> str:
    """The trail (name or ARN, as the caller wrote it) or other resource that a record is about; "" when it is not said.

    `name` for most operations, `trailName` for selectors, `resourceId` for tags (CloudTrail API, lower-cased first
    letters); then the answer's `trailARN`, then the text of a refusal.
    """
    asked, answered = as_mapping(record.get("requestParameters")), as_mapping(record.get("responseElements"))
    for value in (
        *(asked.get(key) for key in ("name", "trailName", "resourceId", "eventDataStore")),
        *(answered.get(key) for key in ("trailARN", "name")),
    ):
        if isinstance(value, str) and value:
            return value
    refusal = record.get("errorMessage")
    found = _RESOURCE.findall(refusal) if isinstance(refusal, str) else []
    return found[-1] if found else ""


def whose_trail(record: Mapping[str, Any], trail: Trail) -> Whose:
    """Whether a record is about this trail, by the name or ARN that it gives."""
    named = named_trail(record)
    if not named:
        return Whose.UNNAMED
    # Names are per region, and from another region AWS refuses what would change our trail
    # (InvalidHomeRegionException): what succeeded there by a bare name changed another trail, unless the answer names
    # ours.
    if not named.startswith("arn:") and region_of(record, trail) != trail.region and not record.get("errorCode"):
        answered = as_mapping(record.get("responseElements")).get("trailARN")
        is_ours = isinstance(answered, str) and answered.casefold() == trail.arn.casefold()
        return Whose.OURS if is_ours else Whose.OTHER
    # Compared without case: were CloudTrail lenient about it, an exact comparison would let a stop pass as somebody
    # else's. A stranger's trail that differs only in case costs a look at the status.
    ours = trail.arn if named.startswith("arn:") else trail.name
    return Whose.OURS if named.casefold() == ours.casefold() else Whose.OTHER
