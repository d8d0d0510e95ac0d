"""What is looked up before anything is made, because AWS would refuse it half way through a deployment."""

from collections import Counter
from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from settings import Settings, SettingsError
from settings.limits import UNRESERVED_CONCURRENCY
from settings.problems import Problem

# "Concurrent executions" of Lambda, per region (Service Quotas).
_SERVICE, _QUOTA = "lambda", "L-B99A9384"
_CLOUDTRAIL = "cloudtrail.amazonaws.com"


def check_account(settings: Settings) -> None:
    """Whether adopted trails belong to the account that these credentials belong to. Nothing is asked without any.

    Raises SettingsError: filters and guardians would else be made around trails that are not there.
    """
    accounts = {site.baseline.account for site in settings.trails if site.baseline}
    if not accounts or (ours := aws.get_caller_identity().account_id) in accounts:
        return
    (theirs,) = accounts  # of one account, as the settings demand
    problem = Problem(
        f"configuration of stack {settings.stack}",
        "trail.baseline",
        None,
        f"is about trails of account {theirs}, and these credentials belong to account {ours}",
        allowed=f"credentials of account {theirs}, or another stack",
    )
    raise SettingsError([problem])


def find_organization(settings: Settings) -> str | None:
    """The id of the organization whose trail this stack makes. None, and nothing is asked, if it makes none.

    Raises SettingsError if this account cannot have such a trail, with everything that stands in the way. A delegated
    administrator is refused too: the trail would belong to the management account all the same, and what is done to it
    there would never reach the guardian's event rule here.
    """
    if not settings.trail.organization:
        return None
    try:
        found = aws.organizations.get_organization()
    except Exception as error:  # what Pulumi raises when AWS refuses a look-up
        raise SettingsError(
            [
                _no_organization(
                    settings,
                    f"cannot be made, because the organization cannot be looked up: {error}",
                    allowed="an account of an organization, with rights to organizations:DescribeOrganization, "
                    "ListAccounts, ListRoots and ListAWSServiceAccessForOrganization; or leave it out",
                )
            ]
        ) from None
    ours = aws.get_caller_identity().account_id
    if problems := [_no_organization(settings, problem, allowed=do) for problem, do in _obstacles(found, ours)]:
        raise SettingsError(problems)
    return found.id


def _obstacles(found: aws.organizations.GetOrganizationResult, account: str) -> Iterator[tuple[str, str]]:
    """(what stands in the way, what to do) for an organization's trail."""
    owner = found.master_account_id
    if account != owner:
        problem = (
            f"belongs to the management account {owner}, which alone hears what is done to it, and these credentials "
            f"belong to account {account}, be it a delegated administrator or not"
        )
        yield problem, f"credentials of account {owner}; or leave it out"
        return  # only the management account is told the rest
    if found.feature_set != "ALL":
        yield (
            f"needs all features of organization {found.id}, which has consolidated billing alone",
            "aws organizations enable-all-features, and every account's consent",
        )
    elif _CLOUDTRAIL not in found.aws_service_access_principals:
        yield (
            f"needs CloudTrail to be a trusted service of organization {found.id}",
            f"aws organizations enable-aws-service-access --service-principal {_CLOUDTRAIL}",
        )


def _no_organization(settings: Settings, problem: str, *, allowed: str) -> Problem:
    return Problem(f"configuration of stack {settings.stack}", "trail.organization", "true", problem, allowed=allowed)


def check_concurrency(settings: Settings) -> None:
    """Whether the account can reserve so many executions for each guardian. Nothing is asked if none are reserved.

    Raises SettingsError. Needs servicequotas:GetServiceQuota; without it, a warning says what was not looked at. What
    other functions have reserved is not in the quota: AWS may still refuse, and says so.
    """
    each = settings.remediation.reserved_concurrency
    if each is None or not settings.has_guardian:
        return
    guardians = Counter(site.region for site in settings.trails)
    problems = [problem for region, count in guardians.items() if (problem := _problem(settings, region, count, each))]
    if problems:
        raise SettingsError(problems)


def _problem(settings: Settings, region: str, guardians: int, each: int) -> Problem | None:
    try:
        quota = aws.servicequotas.get_service_quota(service_code=_SERVICE, quota_code=_QUOTA, region=region)
    except Exception as error:  # what Pulumi raises when AWS refuses a look-up
        pulumi.log.warn(f"remediation.reservedConcurrency was not checked beforehand in {region}: {error}")
        return None
    limit, most = int(quota.value), (int(quota.value) - UNRESERVED_CONCURRENCY) // guardians
    if each <= most:
        return None
    raise_it = (
        f"aws service-quotas request-service-quota-increase --service-code {_SERVICE} --quota-code {_QUOTA} "
        f"--desired-value {max(1000, guardians * each + UNRESERVED_CONCURRENCY)} --region {region}"
    )
    return Problem(
        f"configuration of stack {settings.stack}",
        "remediation.reservedConcurrency",
        str(each),
        f"is more than this account can reserve in {region}: its limit is {limit:,} executions, "
        f"and Lambda keeps {UNRESERVED_CONCURRENCY} for functions without a reservation",
        allowed=f"at most {most}" if most > 0 else f"leave it out, or have the quota raised first ({raise_it})",
    )
