"""Where an event rule sends what it hears: retried as long as EventBridge does, then kept."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

# The longest that EventBridge keeps trying: late news is better than none.
EVENT_AGE_S, RETRIES = 86_400, 185


def send(
    name: str,
    rule: aws.cloudwatch.EventRule,
    *,
    to: pulumi.Input[str],
    region: str,
    dead_letters: aws.sqs.Queue,
    role_arn: pulumi.Input[str] | None = None,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> aws.cloudwatch.EventTarget:
    """Make the target `to` of a rule, an ARN: made `after` the rights without which the first event would be lost."""
    return aws.cloudwatch.EventTarget(
        name,
        region=region,
        rule=rule.name,
        arn=to,
        role_arn=role_arn,
        retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=EVENT_AGE_S, maximum_retry_attempts=RETRIES
        ),
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead_letters.arn),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
    )
