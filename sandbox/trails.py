"""The trails that log, and what became of their deliveries."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox._emulator import Emulator
from sandbox.names import GLOBAL_REGION, GLOBAL_SERVICES
from sandbox.selectors import wants

_GLOBAL_SOURCES = frozenset(f"{service}.amazonaws.com" for service in GLOBAL_SERVICES)


@dataclass(frozen=True)
class LoggingTrail:
    """A trail that was logging at one moment, with what it said about delivery then."""

    arn: str
    account: str
    home_region: str
    is_multi_region: bool
    takes_global_events: bool
    bucket: str
    prefix: str
    kms_key: str
    log_group_arn: str
    role_arn: str
    topic: str
    selectors: Sequence[Mapping[str, Any]] | None

    def takes(self, record: Mapping[str, Any]) -> bool:
        """Whether the trail covers the record's region and its selectors want it."""
        region = record.get("awsRegion", "")
        if not (self.is_multi_region or region == self.home_region):
            return False
        is_global = region == GLOBAL_REGION and record.get("eventSource") in _GLOBAL_SOURCES
        return (self.takes_global_events or not is_global) and wants(record, self.selectors)


def logging_trails(emulator: Emulator, account: str) -> tuple[LoggingTrail, ...]:
    """The trails of an account that are logging now."""
    return tuple(
        LoggingTrail(
            arn=trail["TrailARN"],
            account=account,
            home_region=trail["HomeRegion"],
            is_multi_region=bool(trail.get("IsMultiRegionTrail")),
            takes_global_events=bool(trail.get("IncludeGlobalServiceEvents", True)),
            bucket=trail.get("S3BucketName", ""),
            prefix=trail.get("S3KeyPrefix", ""),
            kms_key=trail.get("KmsKeyId", ""),
            log_group_arn=trail.get("CloudWatchLogsLogGroupArn", ""),
            role_arn=trail.get("CloudWatchLogsRoleArn", ""),
            topic=trail.get("SnsTopicName") or "",
            selectors=selectors,
        )
        for trail, selectors in emulator.trails(account)
        if trail.get("IsLogging")
    )


@dataclass
class DeliveryStatus:
    """When a trail last delivered to its bucket and its log group (epoch seconds), or why it could not."""

    bucket_at: float | None = None
    bucket_error: str = ""
    logs_at: float | None = None
    logs_error: str = ""

    def as_answer(self) -> dict[str, Any]:
        """The fields it adds to GetTrailStatus."""
        fields = {
            "LatestDeliveryTime": self.bucket_at,
            "LatestDeliveryError": self.bucket_error,
            "LatestCloudWatchLogsDeliveryTime": self.logs_at,
            "LatestCloudWatchLogsDeliveryError": self.logs_error,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass
class DeliveryBook:
    """Delivery status by trail ARN."""

    by_arn: dict[str, DeliveryStatus] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, arn: str) -> DeliveryStatus:
        """The status of one trail; empty until something was delivered."""
        with self._lock:
            return self.by_arn.setdefault(arn, DeliveryStatus())

    def clear(self) -> None:
        """Forget all trails."""
        with self._lock:
            self.by_arn.clear()
