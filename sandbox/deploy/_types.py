"""The resource types that the sandbox only records, and why. Every other type is created, or is an error."""

from collections.abc import Mapping
from types import MappingProxyType

# From the token to the reason, in words for the person who deploys and for docs/sandbox.md.
RECORDED_ONLY: Mapping[str, str] = MappingProxyType(
    {
        "aws:cloudwatch/contributorInsightRule:ContributorInsightRule": (
            "the emulator has no Contributor Insights: the rule counts nothing"
        ),
        "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": "the emulator has no alarm mute rules: nothing is muted",
    }
)
