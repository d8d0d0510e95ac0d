"""AWS Organizations: which services an organization trusts."""

from __future__ import annotations

from account.answers import Answer
from account.session import Session

CLOUDTRAIL = "cloudtrail.amazonaws.com"


def trusted_services(session: Session, region: str) -> Answer[frozenset[str]]:
    """The service principals that the organization of this account trusts; `Nothing` if it is in none.

    Needs organizations:ListAWSServiceAccessForOrganization, and answers in the management account only, or in that of a
    delegated administrator.
    """
    told = session.pages(
        "organizations",
        "ListAWSServiceAccessForOrganization",
        "EnabledServicePrincipals",
        region=region,
        what="the services that the organization trusts",
        none_if=("AWSOrganizationsNotInUseException",),
    )
    return told.map(lambda listed: frozenset(str(each["ServicePrincipal"]) for each in listed))
