"""What is asked of AWS before anything is made: things that exist and are used as they are."""

import pulumi
import pulumi_aws as aws

from components.home import Home

# CloudWatch Logs User Guide, "Log classes": only this one has metric filters, and CloudTrail delivers to no other.
STANDARD = "STANDARD"


def check_log_group(name: str, *, home: Home) -> str:
    """The name of a log group that exists in the home region and that metric filters can work on.

    Raises RunError where there is none, where it is of another class, or where AWS does not let us look
    (logs:DescribeLogGroups).
    """
    try:
        found = aws.cloudwatch.get_log_group(name=name, region=home.region)
    except Exception as error:  # the SDK raises a plain Exception with the provider's text
        raise pulumi.RunError(f"trail.logGroup: {name} cannot be used in {home.region}: {error}") from None
    # Empty where the provider or a partition does not know classes: every group was Standard then.
    if found.log_group_class not in (STANDARD, "", None):
        raise pulumi.RunError(
            f"trail.logGroup: {name} is of the class {found.log_group_class}, on which no metric filter works; "
            f"name one of the class {STANDARD}, or leave logGroup out to have one made"
        )
    return name
