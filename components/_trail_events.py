"""The EventBridge pattern that hears the calls which change a trail."""

import json

from settings.trail_calls import TRAIL_CALLS


def event_pattern(*, made_in: str | None = None) -> str:
    """The rule's pattern: these operations, whoever calls them; with `made_in` only calls made in that region.

    No condition on the caller: root and IAM users have no session issuer, so a condition on it would make them
    invisible, and leaving our own role out would hide whoever takes that role over. No condition on the trail's name
    either: callers use its name or its ARN, and CloudTrail leaves request parameters out of oversized events.
    """
    return json.dumps(
        {
            **({"region": [made_in]} if made_in else {}),
            "source": ["aws.cloudtrail"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["cloudtrail.amazonaws.com"],
                "eventName": list(TRAIL_CALLS),
            },
        }
    )
