"""The Lambda handler: read → decide → act → read again → report.

The repair comes first and never waits for, or depends on, knowing who made it necessary.
"""

import functools
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config

from guardian.cause import Cause, parse
from guardian.decide import Finding, conclude, should_start, without_looking
from guardian.environment import Environment
from guardian.errors import NotReported, NotRestored
from guardian.report import Report, compose
from guardian.retry import Answer, Clock, call
from guardian.text import clean
from guardian.trail import read, restart

ClientFor = Callable[[str, str], Any]
"""A boto3 client for a service and a region."""

Log = Callable[[Mapping[str, Any]], None]
"""Takes one record; it becomes one line."""

# Parts of the time that is left when the handler starts: the last try of each step begins before its mark. What is
# left after the last keeps the whole inside Lambda's timeout even if that try then waits for its full read time-out.
_LOOK, _START, _READ_BACK, _TELL = 0.15, 0.55, 0.65, 0.85
_PUBLISH_WAIT_S = 0.5

SYSTEM_CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    monotonic=time.monotonic,
    sleep=time.sleep,
    jitter=random.random,
)


class Context(Protocol):
    """What is needed of the Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this call."""
        ...


def handle(event: object, context: Context) -> dict[str, Any]:
    """Entry point of the Lambda. Takes an event of any shape; answers what it found (see `guard`)."""
    return guard(
        event,
        environment=Environment.read(os.environ),
        client_for=_client,
        clock=SYSTEM_CLOCK,
        log=_log,
        remaining_s=context.get_remaining_time_in_millis() / 1000,
    )


def guard(
    event: object, *, environment: Environment, client_for: ClientFor, clock: Clock, log: Log, remaining_s: float
) -> dict[str, Any]:
    """Look at the trail because of `event`, start it if it is stopped, tell people what there is to tell.

    Answers {"outcome", "operation", "trigger", "eventId", "reported", "gapMs", "restartMs"}; all of it is in the log
    too. Raises NotReported when people could not be told (the log then holds the report), else NotRestored when the
    trail is not known to be logging although it should be.
    """
    noticed_at, began = clock.now(), clock.monotonic()
    cause = parse(event, environment=environment)
    finding = without_looking(cause) or _restore(
        cause,
        environment=environment,
        client_for=client_for,
        clock=clock,
        marks={mark: began + mark * remaining_s for mark in (_LOOK, _START, _READ_BACK)},
    )
    summary = _summary(finding, environment=environment, noticed_at=noticed_at)

    def say(level: str, message: str, **facts: Any) -> None:
        # Lambda's own log filter reads `timestamp` and `level`.
        log({"timestamp": clock.now().isoformat(), "level": level, "message": message, **summary, **facts})

    if finding.is_silent:
        say("INFO", f"silent: {finding.outcome}", reported=False)
        return {**summary, "reported": False}
    report = compose(finding, environment=environment, noticed_at=noticed_at, now=clock.now())
    answer = _publish(
        report, environment=environment, client_for=client_for, clock=clock, until=began + _TELL * remaining_s
    )
    if answer.error:
        told = {"subject": report.subject, "body": report.body, "severity": report.severity}
        message = f"the report could not be published to {environment.topic_arn}"
        say("ERROR", message, reported=False, error=answer.error_code, report=told)
        raise NotReported(environment.topic_arn, answer.error_code) from answer.error
    level = "ERROR" if finding.is_failure else "INFO"
    say(level, report.subject, reported=True, snsMessageId=answer.value)
    if finding.is_failure:
        raise NotRestored(environment.trail.arn, str(finding.outcome))
    return {**summary, "reported": True}


def _restore(
    cause: Cause, *, environment: Environment, client_for: ClientFor, clock: Clock, marks: Mapping[float, float]
) -> Finding:
    arn, mode = environment.trail.arn, environment.mode
    cloudtrail = client_for("cloudtrail", environment.trail.region)
    before = read(cloudtrail, arn, clock=clock, until=marks[_LOOK])
    if not should_start(before, mode=mode):
        return conclude(cause, mode=mode, before=before, after=before)
    attempt, after = restart(cloudtrail, arn, clock=clock, until=marks[_START], read_until=marks[_READ_BACK])
    return conclude(cause, mode=mode, before=before, attempt=attempt, after=after)


def _publish(
    report: Report, *, environment: Environment, client_for: ClientFor, clock: Clock, until: float
) -> Answer[str]:
    """The SNS message id. Attributes let a subscription's filter policy choose by severity, account, region, stack."""
    attributes = {
        "severity": report.severity,
        "account": environment.trail.account,
        "region": environment.trail.region,
        "stack": environment.stack,
    }
    request = {
        "TopicArn": environment.topic_arn,
        "Subject": report.subject,
        "Message": report.body,
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
    return call(
        lambda: client_for("sns", environment.topic_region).publish(**request)["MessageId"],
        clock=clock,
        until=until,
        first_wait_s=_PUBLISH_WAIT_S,
    )


def _summary(finding: Finding, *, environment: Environment, noticed_at: datetime) -> dict[str, Any]:
    cause, attempt = finding.cause, finding.attempt
    restarted_at = attempt.at if attempt else None
    return {
        "outcome": str(finding.outcome),
        "operation": cause.operation,
        "trigger": cause.trigger.name.lower(),
        "eventId": clean(cause.record.get("eventID"), 64),
        "trail": environment.trail.arn,
        "mode": str(environment.mode),
        "stack": environment.stack,
        "version": environment.version,
        "gapMs": None if finding.gap_s is None else round(finding.gap_s * 1000),
        "restartMs": round((restarted_at - noticed_at).total_seconds() * 1000) if restarted_at else None,
    }


@functools.cache
def _client(service: str, region: str) -> Any:
    """Made when first needed and kept while the function is warm. Retries are ours: they know the time that is left."""
    config = Config(
        connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}, user_agent_extra="trailwarden-guardian"
    )
    return boto3.client(service, region_name=region, config=config)


def _log(record: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(record, default=str) + "\n")
    sys.stdout.flush()
