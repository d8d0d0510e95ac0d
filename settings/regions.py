"""The regions of AWS, and which of its partitions this program serves.

The list is the one of botocore's endpoints data (`cloudtrail` in every partition; a test compares the two). It is kept
here because reading it there would cost every command an import of botocore.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REGIONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "aws": MappingProxyType(
            {
                "af-south-1": "Africa (Cape Town)",
                "ap-east-1": "Asia Pacific (Hong Kong)",
                "ap-east-2": "Asia Pacific (Taipei)",
                "ap-northeast-1": "Asia Pacific (Tokyo)",
                "ap-northeast-2": "Asia Pacific (Seoul)",
                "ap-northeast-3": "Asia Pacific (Osaka)",
                "ap-south-1": "Asia Pacific (Mumbai)",
                "ap-south-2": "Asia Pacific (Hyderabad)",
                "ap-southeast-1": "Asia Pacific (Singapore)",
                "ap-southeast-2": "Asia Pacific (Sydney)",
                "ap-southeast-3": "Asia Pacific (Jakarta)",
                "ap-southeast-4": "Asia Pacific (Melbourne)",
                "ap-southeast-5": "Asia Pacific (Malaysia)",
                "ap-southeast-6": "Asia Pacific (New Zealand)",
                "ap-southeast-7": "Asia Pacific (Thailand)",
                "ca-central-1": "Canada (Central)",
                "ca-west-1": "Canada West (Calgary)",
                "eu-central-1": "Europe (Frankfurt)",
                "eu-central-2": "Europe (Zurich)",
                "eu-north-1": "Europe (Stockholm)",
                "eu-south-1": "Europe (Milan)",
                "eu-south-2": "Europe (Spain)",
                "eu-west-1": "Europe (Ireland)",
                "eu-west-2": "Europe (London)",
                "eu-west-3": "Europe (Paris)",
                "il-central-1": "Israel (Tel Aviv)",
                "me-central-1": "Middle East (UAE)",
                "me-south-1": "Middle East (Bahrain)",
                "mx-central-1": "Mexico (Central)",
                "sa-east-1": "South America (Sao Paulo)",
                "us-east-1": "US East (N. Virginia)",
                "us-east-2": "US East (Ohio)",
                "us-west-1": "US West (N. California)",
                "us-west-2": "US West (Oregon)",
            }
        ),
        "aws-us-gov": MappingProxyType(
            {
                "us-gov-east-1": "AWS GovCloud (US-East)",
                "us-gov-west-1": "AWS GovCloud (US-West)",
            }
        ),
    }
)
"""Region code → the name a person knows, per supported partition."""

GLOBAL_REGION: Final[Mapping[str, str]] = MappingProxyType({"aws": "us-east-1", "aws-us-gov": "us-gov-west-1"})
"""Where the events of global services (IAM, sign-in) are recorded, per partition."""

UNSUPPORTED_PARTITIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "cn-": ("aws-cn", "AWS China"),
        "us-iso-": ("aws-iso", "AWS ISO (US)"),
        "us-isob-": ("aws-iso-b", "AWS ISOB (US)"),
        "eu-isoe-": ("aws-iso-e", "AWS ISOE (Europe)"),
        "us-isof-": ("aws-iso-f", "AWS ISOF"),
        "eusc-": ("aws-eusc", "AWS European Sovereign Cloud"),
    }
)
"""How the codes of a partition begin → its name and title. Refused by name: nobody has shown that trailwarden works
there (service principals and the home of global events differ)."""


def partition_of(region: str) -> str | None:
    """The supported partition a region belongs to, or None if no supported partition has it."""
    return next((partition for partition, regions in REGIONS.items() if region in regions), None)
