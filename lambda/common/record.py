"""A CloudTrail record in words: where a call came from and what it asked for.

Total: whatever a record holds, a text comes out of it, and what a stranger chose passes `text.clean` on the way.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from common.places import Place
from common.shapes import as_mapping
from common.text import clean

_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}", re.ASCII)
_SHOWN_PARAMETERS = 8
_SDK_AGENT = ("aws-cli/", "aws-sdk-", "Boto3/", "Botocore/")
# The trail's name is said elsewhere; the rest is CloudTrail's own note that it left something out.
_NOT_ASKED = frozenset({"name", "trailName", "resourceId", "omitted", "originalSize", "reason"})


def region_of(record: Mapping[str, Any], place: Place) -> str:
    """The region where a call was made and is recorded; the place's own when the record does not say."""
    region = record.get("awsRegion")
    return region if isinstance(region, str) and _REGION.fullmatch(region) else place.region


def where(record: Mapping[str, Any], place: Place) -> str:
    """Address, tool, region and account of a call: `203.0.113.77 · aws-cli/2.31 · eu-west-1 · account 111122223333`."""
    parts = [clean(record.get("sourceIPAddress")), agent(record)]
    if endpoint := clean(record.get("vpcEndpointId"), 40):
        parts.append(f"through {endpoint}")
    parts.append(clean(record.get("awsRegion"), 30) or place.region)
    parts.append(f"account {clean(record.get('recipientAccountId'), 20) or place.account}")
    return " · ".join(dict.fromkeys(part for part in parts if part))  # a service is its own address and agent


def agent(record: Mapping[str, Any]) -> str:
    """What the call was made with; of AWS's own tools only the first word, the rest is about the computer."""
    if record.get("sessionCredentialFromConsole") == "true":  # set by AWS, while the agent is the caller's own word
        return "AWS console"
    told = clean(record.get("userAgent"), 80)
    return told.split(" ")[0] if told.startswith(_SDK_AGENT) else told


def parameters(record: Mapping[str, Any], *, without: frozenset[str] = _NOT_ASKED) -> str:
    """What a call asked for: `: isMultiRegionTrail false, …`; "" when it asked for nothing but `without`."""
    asked = as_mapping(record.get("requestParameters"))
    shown = [f"{clean(key, 40)} {_value(value)}" for key, value in asked.items() if key not in without]
    left_out = len(shown) - _SHOWN_PARAMETERS
    shown = shown[:_SHOWN_PARAMETERS] + ([f"and {left_out} more"] if left_out > 0 else [])
    return ": " + ", ".join(shown) if shown else ""


def is_trimmed(record: Mapping[str, Any]) -> bool:
    """Whether CloudTrail left the request's parameters out because the event was too large (CT "Quotas")."""
    return as_mapping(record.get("requestParameters")).get("omitted") is True


def _value(value: object) -> str:
    if isinstance(value, str):
        return clean(value, 160) or '""'
    try:
        return clean(json.dumps(value, separators=(",", ":")), 160)
    except (TypeError, ValueError, RecursionError):
        return "(not shown)"
