"""Asking AWS itself: TestMetricFilter runs a pattern over messages, read-only and free of charge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from account import Access
from filterpattern import MAX_TEST_MESSAGES
from operate.events import Event
from operate.reach import NotReachedError, reach

MAX_MESSAGE_BYTES = 256 * 1024
"""Larger events never reach CloudWatch Logs (CloudTrail User Guide, Quotas), so nobody is asked about them."""
MAX_BATCH_BYTES = 512 * 1024
"""Well below the megabyte that CloudWatch Logs takes as one batch of log events (PutLogEvents)."""


class LiveError(Exception):
    """AWS did not answer the question; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An event on which AWS and trailwarden do not agree."""

    event: Event
    ours: bool
    aws: bool


def logs_client(access: Access) -> Any:
    """A CloudWatch Logs client that works, in whichever region: patterns mean the same in all. Raises LiveError."""
    try:
        session, _ = reach(access)
    except NotReachedError as error:
        raise LiveError(str(error)) from error
    return session.client("logs")


def batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Events in groups that one call takes."""
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(event.text.encode("utf-8", "replace"))
        if batch and (len(batch) == MAX_TEST_MESSAGES or size + length > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def ask_aws(client: Any, pattern: str, messages: Sequence[str]) -> list[bool | None]:
    """For each message whether it matches, by AWS's word; None where it is too large to be asked about.

    Needs logs:TestMetricFilter. Raises LiveError if AWS refuses the pattern or does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    small = [n for n, message in enumerate(messages) if len(message.encode("utf-8", "replace")) <= MAX_MESSAGE_BYTES]
    answers: list[bool | None] = [None] * len(messages)
    if not small:
        return answers
    try:
        reply = client.test_metric_filter(filterPattern=pattern, logEventMessages=[messages[n] for n in small])
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code == "InvalidParameterException":
            raise LiveError(f"AWS refuses the pattern that trailwarden takes: {text}") from error
        raise LiveError(f"TestMetricFilter: {code}: {text} It needs the action logs:TestMetricFilter.") from error
    except BotoCoreError as error:
        raise LiveError(f"TestMetricFilter: {error}") from error
    matched = {match["eventNumber"] for match in reply["matches"]}  # counted from 1
    for position, n in enumerate(small, start=1):
        answers[n] = position in matched
    return answers
