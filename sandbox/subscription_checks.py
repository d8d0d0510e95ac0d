"""What SNS refuses of a subscription's attributes and the emulator takes.

Sources: SNS API reference, Subscribe and SetSubscriptionAttributes; SNS Developer Guide, "Filter policy constraints",
"Raw message delivery" and "Dead-letter queues". The texts are worded after AWS's, which no reference lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SCOPES = ("MessageAttributes", "MessageBody")
RAW_PROTOCOLS = frozenset({"firehose", "http", "https", "sqs"})


def refused(attributes: Mapping[str, str], *, protocol: str, topic_arn: str) -> str | None:
    """Why SNS refuses these attributes of a subscription to a topic, or None."""
    checks: dict[str, Callable[[str], Iterator[str]]] = {
        "FilterPolicy": lambda text: _filter(text, attributes.get("FilterPolicyScope", SCOPES[0])),
        "FilterPolicyScope": _scope,
        "RawMessageDelivery": lambda text: _raw(text, protocol),
        "RedrivePolicy": lambda text: _dead_letters(text, topic_arn),
    }
    for name, check in checks.items():
        if (text := attributes.get(name)) and (problem := next(check(text), None)):
            return f"Invalid parameter: {name}: {problem}"
    return None


def _filter(text: str, scope: str) -> Iterator[str]:
    try:
        policy = json.loads(text)
    except ValueError:
        yield "failed to parse JSON"
        return
    if not isinstance(policy, dict):
        yield "must be an object"
        return
    yield from _unfit(policy, nested=scope == "MessageBody")


def _unfit(policy: Mapping[str, Any], *, nested: bool) -> Iterator[str]:
    for key, wanted in policy.items():
        if isinstance(wanted, dict) and nested:
            yield from _unfit(wanted, nested=True)
        elif not isinstance(wanted, list) or not wanted:
            yield f'"{key}" must be an {"object or an " if nested else ""}array'


def _scope(text: str) -> Iterator[str]:
    if text not in SCOPES:
        yield f"must be one of {', '.join(SCOPES)}"


def _raw(text: str, protocol: str) -> Iterator[str]:
    if text not in ("true", "false"):
        yield "must be true or false"
    elif text == "true" and protocol not in RAW_PROTOCOLS:
        yield f"Delivery protocol [{protocol}] does not support raw message delivery"


def _dead_letters(text: str, topic_arn: str) -> Iterator[str]:
    try:
        target = json.loads(text)["deadLetterTargetArn"]
    except (ValueError, KeyError, TypeError):
        yield "must be JSON with deadLetterTargetArn"
        return
    parts, topic = str(target).split(":"), topic_arn.split(":")
    if len(parts) != 6 or parts[2] != "sqs" or parts[3:5] != topic[3:5]:
        yield "deadLetterTargetArn must be a queue in the topic's account and region"
