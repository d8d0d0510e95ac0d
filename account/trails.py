"""Trails: each once, whichever region shows it, with its status and what it records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from account.across import Across
from account.answers import Answer, Found, Nothing
from account.arns import Arn, plain_group_arn
from account.selectors import Selectors
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class TrailStatus:
    """Whether a trail logs, and how its deliveries went; times in UTC, errors empty when there is none.

    `LatestDeliveryError` does not cover time-outs (API reference, GetTrailStatus), so the age of a delivery counts too.
    """

    is_logging: bool
    started: datetime | None
    stopped: datetime | None
    delivered: datetime | None
    delivery_error: str
    logs_delivered: datetime | None
    logs_error: str
    notification_error: str
    digest_error: str


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One trail. `log_group_arn` has no `:*` at its end; what the trail does not have is empty."""

    arn: str
    name: str
    home_region: str
    is_multi_region: bool
    is_organization: bool
    has_global_events: bool
    validates_files: bool
    bucket: str
    bucket_prefix: str
    kms_key: str
    log_group_arn: str
    logs_role_arn: str
    topic_arn: str
    status: Answer[TrailStatus]
    selectors: Answer[Selectors]
    insights: Answer[tuple[str, ...]]

    @property
    def owner(self) -> str:
        """The account that made the trail, and the only one that can change it."""
        parsed = Arn.parse(self.arn)
        return parsed.account if parsed else ""


def trails(session: Session, regions: Iterable[str]) -> Across[Trail]:
    """Each trail that one of these regions shows: its own, and the copies ("shadows") of multi-region trails.

    Status and selectors are asked for in the trail's home region, wherever the copy was seen. Needs
    cloudtrail:DescribeTrails, GetTrailStatus, GetEventSelectors and GetInsightSelectors.
    """
    seen = Across.of(session.spread(lambda region: _described(session, region), regions))
    first = {str(raw["TrailARN"]): raw for raw in reversed(seen.found)}
    return Across(tuple(session.spread(lambda raw: _trail(session, raw), reversed(list(first.values())))), seen.blind)


def _described(session: Session, region: str) -> Answer[tuple[dict[str, Any], ...]]:
    return session.pages(
        "cloudtrail",
        "DescribeTrails",
        "trailList",
        region=region,
        what="trails",
        params={"includeShadowTrails": True},
    )


def _trail(session: Session, raw: Mapping[str, Any]) -> Trail:
    arn, home = str(raw["TrailARN"]), str(raw.get("HomeRegion") or "")
    status, selectors, insights = session.together(
        lambda: trail_status(session, arn, home),
        lambda: _selectors(session, arn, home),
        lambda: _insights(session, arn, home),
    )
    return Trail(
        arn=arn,
        name=str(raw.get("Name") or ""),
        home_region=home,
        is_multi_region=bool(raw.get("IsMultiRegionTrail")),
        is_organization=bool(raw.get("IsOrganizationTrail")),
        has_global_events=bool(raw.get("IncludeGlobalServiceEvents")),
        validates_files=bool(raw.get("LogFileValidationEnabled")),
        bucket=str(raw.get("S3BucketName") or ""),
        bucket_prefix=str(raw.get("S3KeyPrefix") or ""),
        kms_key=str(raw.get("KmsKeyId") or ""),
        log_group_arn=plain_group_arn(str(raw.get("CloudWatchLogsLogGroupArn") or "")),
        logs_role_arn=str(raw.get("CloudWatchLogsRoleArn") or ""),
        topic_arn=_topic_arn(raw),
        status=status,
        selectors=selectors,
        insights=insights,
    )


def trail_status(session: Session, trail_arn: str, home_region: str) -> Answer[TrailStatus]:
    """Whether a trail logs now. Needs cloudtrail:GetTrailStatus."""
    told = session.ask(
        "cloudtrail",
        "GetTrailStatus",
        region=home_region,
        what=f"status of {trail_arn}",
        none_if=("TrailNotFoundException",),
        params={"Name": trail_arn},
    )
    return told.map(
        lambda raw: TrailStatus(
            is_logging=bool(raw.get("IsLogging")),
            started=_time(raw.get("StartLoggingTime")),
            stopped=_time(raw.get("StopLoggingTime")),
            delivered=_time(raw.get("LatestDeliveryTime")),
            delivery_error=str(raw.get("LatestDeliveryError") or ""),
            logs_delivered=_time(raw.get("LatestCloudWatchLogsDeliveryTime")),
            logs_error=str(raw.get("LatestCloudWatchLogsDeliveryError") or ""),
            notification_error=str(raw.get("LatestNotificationError") or ""),
            digest_error=str(raw.get("LatestDigestDeliveryError") or ""),
        )
    )


def _selectors(session: Session, arn: str, home: str) -> Answer[Selectors]:
    told = session.ask(
        "cloudtrail",
        "GetEventSelectors",
        region=home,
        what=f"event selectors of {arn}",
        none_if=("TrailNotFoundException",),
        params={"TrailName": arn},
    )
    return told.map(
        lambda raw: Selectors(
            basic=tuple(raw.get("EventSelectors") or ()), advanced=tuple(raw.get("AdvancedEventSelectors") or ())
        )
    )


def _insights(session: Session, arn: str, home: str) -> Answer[tuple[str, ...]]:
    told = session.ask(
        "cloudtrail",
        "GetInsightSelectors",
        region=home,
        what=f"insight selectors of {arn}",
        none_if=("InsightNotEnabledException", "TrailNotFoundException"),
        params={"TrailName": arn},
    )
    kinds = told.map(lambda raw: tuple(_on_management(raw.get("InsightSelectors") or ())))
    return kinds.then(lambda known: Found(known) if known else Nothing(f"insight selectors of {arn}"))


def _on_management(selectors: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The kinds that are about management events, as those without a category are (API reference, InsightSelector)."""
    for each in selectors:
        if "Management" in (each.get("EventCategories") or ["Management"]):
            yield str(each["InsightType"])


def _topic_arn(raw: Mapping[str, Any]) -> str:
    """The topic that is told of each log file. `SnsTopicName`, the older field, may hold a name or an ARN."""
    told = str(raw.get("SnsTopicARN") or raw.get("SnsTopicName") or "")
    trail = Arn.parse(str(raw["TrailARN"]))
    if not told or told.startswith("arn:") or trail is None:
        return told
    return f"arn:{trail.partition}:sns:{trail.region}:{trail.account}:{told}"


def _time(raw: Any) -> datetime | None:
    return raw.astimezone(UTC) if isinstance(raw, datetime) else None
