"""Where things of a deployment are: an account's region, a trail, a role."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Self, TypeAlias

from common.variables import Arn

GLOBAL_REGION: Final[Mapping[str, str]] = MappingProxyType({"aws": "us-east-1", "aws-us-gov": "us-gov-west-1"})
"""Where the events of IAM and other global services are recorded, by partition; a test compares it with the settings'
own."""


class Region(NamedTuple):
    """One region of one account."""

    partition: str
    region: str
    account: str


class Trail(NamedTuple):
    """A CloudTrail trail. Its region is its home region: only there can it be started."""

    partition: str
    region: str
    account: str
    arn: str
    name: str

    @classmethod
    def of(cls, arn: Arn) -> Self:
        """The trail of an ARN."""
        return cls(partition=arn.partition, region=arn.region, account=arn.account, arn=arn.text, name=arn.name)


Place: TypeAlias = Region | Trail
"""What says where in AWS it is: a partition, a region and an account."""


def global_region(place: Place) -> str:
    """The region whose Event history knows what was done to IAM; the place's own where the partition is unknown."""
    return GLOBAL_REGION.get(place.partition, place.region)


class Role(NamedTuple):
    """A role without its path: names are unique in an account, and an assumed-role ARN does not show the path."""

    account: str
    name: str
