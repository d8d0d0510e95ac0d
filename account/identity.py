"""Who asks, and which account that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer, Found, Nothing, found_or
from account.arns import Arn
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The caller: `arn` is a user's, a role session's or root's. `alias` is the account's name for sign-in."""

    account_id: str
    arn: str
    partition: str
    alias: Answer[str]

    @property
    def account(self) -> str:
        """The account for people: `acme-prod`, or its number."""
        return found_or(self.alias, self.account_id)


def identity(session: Session) -> Answer[Identity]:
    """The caller and the account. Needs no action; the alias needs iam:ListAccountAliases."""
    told = session.ask("sts", "GetCallerIdentity", what="the caller")
    return told.map(lambda raw: _identity(session, raw))


def _identity(session: Session, raw: Mapping[str, Any]) -> Identity:
    arn = str(raw["Arn"])
    parsed = Arn.parse(arn)
    return Identity(
        account_id=str(raw["Account"]),
        arn=arn,
        partition=parsed.partition if parsed else "aws",
        alias=_alias(session),
    )


def _alias(session: Session) -> Answer[str]:
    told = session.pages("iam", "ListAccountAliases", "AccountAliases", what="the account's alias")
    return told.then(lambda names: Found(str(names[0])) if names else Nothing("the account's alias"))


def enabled_regions(session: Session) -> Answer[tuple[str, ...]]:
    """The regions that are on in this account, in alphabetical order. Needs ec2:DescribeRegions."""
    told = session.pages("ec2", "DescribeRegions", "Regions", what="enabled regions")
    return told.map(lambda listed: tuple(sorted(region["RegionName"] for region in listed)))
