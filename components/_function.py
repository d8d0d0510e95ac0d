"""A function of ours: Python on Lambda under its rights, and where calls go that fail for good."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components._function_rights import FunctionRights
from components.home import Home
from settings.version import VERSION

# The longest that Lambda keeps trying: a late repair or mail is better than none.
CALL_EVENT_AGE_S, CALL_RETRIES = 21_600, 2


def make_function(
    name: str,
    *,
    home: Home,
    rights: FunctionRights,
    does: str,
    handler: str,
    code: pulumi.Archive,
    timeout_s: int,
    memory_mb: int,
    reserved_concurrency: int | None = None,
    environment: Mapping[str, pulumi.Input[str]],
    failures_to: pulumi.Input[str],
    keeps_failures: bool = False,
    after: Sequence[pulumi.Resource] = (),
    parent: pulumi.Resource,
) -> tuple[aws.lambda_.Function, aws.lambda_.FunctionEventInvokeConfig]:
    """The function, and what becomes of its failed calls: handed on to `failures_to`, a topic's or a queue's ARN.

    With `keeps_failures` they are kept in its dead-letter queue as well. `does` is what it is for, in a few words;
    `environment` stands beside what every function is told. Lambda tries both destinations before it accepts them, and
    a first call must find its rights: so it is made after those, and `after` whatever else it needs.
    """
    kept = aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=rights.dead_letters.arn) if keeps_failures else None
    function = aws.lambda_.Function(
        name,
        name=rights.function_name,
        region=home.region,
        description=f"{does} (trailwarden {home.stack}).",
        runtime="python3.13",
        architectures=["arm64"],
        handler=handler,
        code=code,
        timeout=timeout_s,
        memory_size=memory_mb,
        reserved_concurrent_executions=reserved_concurrency,
        role=rights.role.arn,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_group=rights.log_group.name, log_format="JSON"),
        dead_letter_config=kept,
        environment=aws.lambda_.FunctionEnvironmentArgs(
            variables={
                "ALERTS_TOPIC_ARN": rights.reports_to.topic_arn,
                "LEDGER_ARN": rights.ledger.table.arn,
                "STACK": home.stack,
                "TRAILWARDEN_VERSION": VERSION,
                **environment,
            }
        ),
        tags=home.tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            delete_before_replace=True,  # its name is taken
            depends_on=[rights.policy, rights.reports_to.policy, *after],
        ),
    )
    return function, _hand_on(name, function, region=home.region, to=failures_to, parent=parent)


def _hand_on(
    name: str, function: aws.lambda_.Function, *, region: str, to: pulumi.Input[str], parent: pulumi.Resource
) -> aws.lambda_.FunctionEventInvokeConfig:
    on_failure = aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(destination=to)
    return aws.lambda_.FunctionEventInvokeConfig(
        name,
        region=region,
        function_name=function.name,
        maximum_event_age_in_seconds=CALL_EVENT_AGE_S,
        maximum_retry_attempts=CALL_RETRIES,
        destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(on_failure=on_failure),
        opts=pulumi.ResourceOptions(parent=parent),
    )
