"""The Lambda handler: what the run is given of the real world."""

import functools
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config

from guardian.environment import Environment
from guardian.kit import ClientFor, Kit, Log
from guardian.retry import Clock
from guardian.run import Run

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
    """Look at the trail because of `event`, put it right, tell people what there is to tell.

    Answers {"outcome", "operation", "trigger", "eventId", "gapMs", "restartMs", "settings", "mails", …}; all of it is
    in the log too. `outcome` is about logging, `settings` about the rest (None when it was not looked at). Raises
    NotReported when people could not be told (the log then holds the report), else NotRestored or NotPutBack when the
    trail is not known to be as it should.
    """
    kit = Kit.begin(
        event, environment=environment, client_for=client_for, clock=clock, log=log, remaining_s=remaining_s
    )
    return Run(kit).answer()


@functools.cache
def _client(service: str, region: str) -> Any:
    """Made when first needed and kept while the function is warm. Retries are ours: they know the time that is left."""
    # The ledger is help, not a condition, and the only one asked before a restart: it gets little time.
    connect_s, read_s = (1, 1.5) if service == "dynamodb" else (2, 4)
    config = Config(
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"total_max_attempts": 1},
        user_agent_extra="trailwarden-guardian",
    )
    return boto3.client(service, region_name=region, config=config)


def _log(record: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(record, default=str) + "\n")
    sys.stdout.flush()
