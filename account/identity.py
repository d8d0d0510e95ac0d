"""Who asks, and which account that is."""

from __future__ import annotations

from dataclasses import dataclass

from account.answers import Answer, Found, Nothing
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
        return self.alias.value if isinstance(self.alias, Found) else self.account_id


def identity(session: Session) -> Answer[Identity]:
    """The caller and the account. Needs no action; the alias needs iam:ListAccountAliases."""
    told = session.ask("sts", "GetCallerIdentity", what="the caller")
    if not isinstance(told, Found):
        return told
    arn = str(told.value["Arn"])
    parsed = Arn.parse(arn)
    return Found(
        Identity(
            account_id=str(told.value["Account"]),
            arn=arn,
            partition=parsed.partition if parsed else "aws",
            alias=account_alias(session),
        )
    )


def account_alias(session: Session) -> Answer[str]:
    """The account's alias. Needs iam:ListAccountAliases."""
    told = session.pages("iam", "ListAccountAliases", "AccountAliases", what="the account's alias")
    if not isinstance(told, Found):
        return told
    return Found(str(told.value[0])) if told.value else Nothing("the account's alias")


def enabled_regions(session: Session) -> Answer[tuple[str, ...]]:
    """The regions that are on in this account, in alphabetical order. Needs ec2:DescribeRegions."""
    told = session.pages("ec2", "DescribeRegions", "Regions", what="enabled regions")
    if not isinstance(told, Found):
        return told
    return Found(tuple(sorted(region["RegionName"] for region in told.value)))
