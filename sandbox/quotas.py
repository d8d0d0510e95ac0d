"""How many calls a second CloudTrail takes, and what it answers to more. Off until somebody asks for it.

On AWS the quotas always hold, per account and region. Here they are a switch: the sandbox's clock is turned over
waiting, and then a second holds calls that lie minutes apart on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox._emulator import Answer
from sandbox._patches import Request
from sandbox.answers import json_error
from sandbox.clock import Clock

# Calls a second: CloudTrail User Guide, "Quotas in AWS CloudTrail". No burst above them is documented.
_READS, _LOOKUPS, _OTHERS = 10, 2, 1
_RETRY_S = 1.0  # who is throttled waits about so long before the next try, and nobody should wait for that here


@dataclass
class _Bucket:
    """`tokens` calls that are free at `at` (epoch seconds)."""

    tokens: float
    at: float


class Quotas:
    """CloudTrail's quotas: a bucket of calls per account, region and kind of call, filled evenly as time passes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_on = False
        self._flood_ends, self._flooder = 0.0, ""
        self._buckets: dict[tuple[str, str, int], _Bucket] = {}

    @property
    def state(self) -> dict[str, object]:
        """`{"on": …, "flooded_until": …}`, the latter in epoch seconds, or None while nobody floods."""
        is_flooded = self._clock.now() < self._flood_ends
        return {"on": self._is_on, "flooded_until": self._flood_ends if is_flooded else None}

    def set(self, *, is_on: bool, flood_s: float = 0.0, flooder: str = "") -> None:
        """Let the quotas hold from now on, or no longer. For `flood_s` seconds only one access key's changes find room.

        So it is when `flooder` makes so many calls that each place is taken as soon as it is free.
        """
        self._is_on = is_on
        self._flood_ends, self._flooder = (self._clock.now() + flood_s, flooder) if is_on else (0.0, "")
        self._buckets.clear()
        self._clock.turn_for(_RETRY_S if is_on else None, asker="quotas")

    def clear(self) -> None:
        """Switch them off."""
        self.set(is_on=False)

    def refuse(self, request: Request, operation: str, *, access_key: str) -> Answer | None:
        """CloudTrail's ThrottlingException for a call too many, None for one that may go on."""
        if not self._is_on:
            return None
        now, quota = self._clock.now(), _quota(operation)
        if quota == _OTHERS and now < self._flood_ends and access_key != self._flooder:
            return _THROTTLED
        bucket = self._buckets.setdefault((request.account, request.region, quota), _Bucket(quota, now))
        bucket.tokens = min(quota, bucket.tokens + max(now - bucket.at, 0.0) * quota)
        bucket.at = now
        if bucket.tokens < 1:
            return _THROTTLED
        bucket.tokens -= 1
        return None


_THROTTLED = json_error("ThrottlingException", "Rate exceeded")


def _quota(operation: str) -> int:
    if operation == "LookupEvents":
        return _LOOKUPS
    return _READS if operation.startswith(("Get", "Describe", "List")) else _OTHERS
