"""What carries the tag of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from account.answers import Answer
from account.arns import Arn
from account.session import Session

STACK_TAG = "trailwarden:stack"
VERSION_TAG = "trailwarden:version"


@dataclass(frozen=True)
class Tagged:
    """One resource and its tags."""

    arn: str
    tags: Mapping[str, str]

    @property
    def stack(self) -> str:
        """The stack it belongs to."""
        return self.tags.get(STACK_TAG, "")

    @property
    def service(self) -> str:
        """`sns`, `lambda` …"""
        parsed = Arn.parse(self.arn)
        return parsed.service if parsed else ""

    @property
    def kind(self) -> str:
        """`service:kind`, such as `lambda:function`; only the service where the ARN has no kind."""
        parsed = Arn.parse(self.arn)
        if parsed is None:
            return ""
        return f"{parsed.service}:{parsed.kind}" if parsed.kind else parsed.service


def tagged(session: Session, region: str, stack: str | None = None) -> Answer[tuple[Tagged, ...]]:
    """What trailwarden made in a region, for one stack or for all. Needs tag:GetResources.

    The tagging API knows no IAM roles, metric filters, subscriptions and schedules: those are found through what they
    belong to.
    """
    wanted = {"Key": STACK_TAG, **({"Values": [stack]} if stack else {})}
    told = session.pages(
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        region=region,
        what="resources of trailwarden",
        params={"TagFilters": [wanted]},
    )
    return told.map(lambda listed: tuple(map(_tagged, listed)))


def _tagged(raw: Mapping[str, Any]) -> Tagged:
    tags = {tag["Key"]: tag["Value"] for tag in raw.get("Tags") or ()}
    return Tagged(str(raw["ResourceARN"]), MappingProxyType(tags))
