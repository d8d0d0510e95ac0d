"""Where things of a deployment are: an account's region, a trail, a role."""

from typing import NamedTuple, Self, TypeAlias

from common.variables import Arn


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


class Role(NamedTuple):
    """A role without its path: names are unique in an account, and an assumed-role ARN does not show the path."""

    account: str
    name: str
