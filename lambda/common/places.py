"""Where things of a deployment are: an account's region, a trail, a role."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, kw_only=True)
class Place:
    """One region of one account."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, kw_only=True)
class Trail(Place):
    """A CloudTrail trail. Its region is its home region: only there can it be started."""

    arn: str
    name: str


class Role(NamedTuple):
    """A role without its path: names are unique in an account, and an assumed-role ARN does not show the path."""

    account: str
    name: str
