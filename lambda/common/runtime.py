"""What a function is given of the real world: clock, clients and log."""

import json
import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config

from common.retry import Clock

SYSTEM_CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    monotonic=time.monotonic,
    sleep=time.sleep,
    jitter=random.random,
)


ANSWER_S = 4
"""So long most answers are waited for."""


class Context(Protocol):
    """What is needed of the Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this call."""
        ...


def client(service: str, region: str, *, name: str, answer_s: float = ANSWER_S) -> Any:
    """A client of one service in one region. Retries are ours: they know the time that is left.

    `name` is the function's, which CloudTrail then shows in the user agent. An answer is waited for `answer_s` seconds.
    """
    # The ledger is help, not a condition, and the first that is asked: it gets little time.
    connect_s, read_s = (1, 1.5) if service == "dynamodb" else (2, answer_s)
    config = Config(
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"total_max_attempts": 1},
        user_agent_extra=f"trailwarden-{name}",
    )
    return boto3.client(service, region_name=region, config=config)


def log(record: Mapping[str, Any]) -> None:
    """One line of the function's log, as JSON."""
    sys.stdout.write(json.dumps(record, default=str) + "\n")
    sys.stdout.flush()
