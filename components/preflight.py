"""What is looked up before anything is made, because AWS would refuse it half way through a deployment."""

import pulumi
import pulumi_aws as aws

from settings import SettingsError
from settings.limits import UNRESERVED_CONCURRENCY
from settings.problems import Problem

# "Concurrent executions" of Lambda, per region (Service Quotas).
_SERVICE, _QUOTA = "lambda", "L-B99A9384"


def check_concurrency(reserved: int | None, *, region: str, stack: str) -> None:
    """Whether the account can reserve so many executions for the guardian. Nothing is asked if none are reserved.

    Raises SettingsError. Needs servicequotas:GetServiceQuota; without it, a warning says what was not looked at. What
    other functions have reserved is not in the quota: AWS may still refuse, and says so.
    """
    if reserved is None:
        return
    try:
        quota = aws.servicequotas.get_service_quota(service_code=_SERVICE, quota_code=_QUOTA, region=region)
    except Exception as error:
        pulumi.log.warn(f"remediation.reservedConcurrency was not checked beforehand: {error}")
        return
    most = int(quota.value) - UNRESERVED_CONCURRENCY
    if reserved > most:
        raise SettingsError(
            [
                Problem(
                    f"configuration of stack {stack}",
                    "remediation.reservedConcurrency",
                    str(reserved),
                    f"is more than this account can reserve in {region}: its limit is {int(quota.value):,} executions, "
                    f"and Lambda keeps {UNRESERVED_CONCURRENCY} for functions without a reservation",
                    allowed=f"at most {most}"
                    if most > 0
                    else "leave it out, or have the quota raised first "
                    f"(aws service-quotas request-service-quota-increase --service-code {_SERVICE} "
                    f"--quota-code {_QUOTA} --desired-value 1000 --region {region})",
                )
            ]
        )
