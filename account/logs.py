"""Log groups and the metric filters on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from account.answers import Answer, Found, Nothing
from account.arns import Arn, plain_group_arn
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class MetricFilter:
    """One metric filter. AWS allows one transformation for each. `default_value` is None where none is set."""

    name: str
    log_group: str
    region: str
    pattern: str
    metric: str
    namespace: str
    value: str
    default_value: float | None
    unit: str
    dimensions: Mapping[str, str]
    created: datetime | None


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """One log group. `retention_days` is None where events are kept for ever; `log_class` is `STANDARD` and so on."""

    arn: str
    name: str
    region: str
    retention_days: int | None
    log_class: str
    kms_key: str
    stored_bytes: int
    filters: Answer[tuple[MetricFilter, ...]]


def log_group(session: Session, arn: str) -> Answer[LogGroup]:
    """The log group with this ARN, and its filters. Needs logs:DescribeLogGroups and logs:DescribeMetricFilters."""
    parsed = Arn.parse(plain_group_arn(arn))
    if parsed is None or parsed.kind != "log-group":
        return Nothing(arn)
    # A log group's ARN is known before it is there, so that one in another account can be named.
    name = parsed.name
    told = session.pages(
        "logs",
        "DescribeLogGroups",
        "logGroups",
        region=parsed.region,
        what=f"log group {name}",
        params={"logGroupNamePrefix": name},
    )
    same = told.map(lambda listed: [raw for raw in listed if raw["logGroupName"] == name and _is_same(raw, parsed)])
    return same.then(
        lambda groups: (
            Found(_group(groups[0], parsed, metric_filters(session, parsed.region, name)))
            if groups
            else Nothing(f"log group {name}")
        )
    )


def metric_filters(session: Session, region: str, log_group_name: str) -> Answer[tuple[MetricFilter, ...]]:
    """Every metric filter on a log group. Needs logs:DescribeMetricFilters."""
    told = session.pages(
        "logs",
        "DescribeMetricFilters",
        "metricFilters",
        region=region,
        what=f"metric filters of {log_group_name}",
        none_if=("ResourceNotFoundException",),
        params={"logGroupName": log_group_name},
    )
    return told.map(lambda listed: tuple(_filter(raw, region, log_group_name) for raw in listed))


def _is_same(raw: Mapping[str, Any], wanted: Arn) -> bool:
    """Whether this group is in the account that the ARN names: names are unique in one account only."""
    found = Arn.parse(plain_group_arn(str(raw.get("arn") or "")))
    return found is None or found.account == wanted.account


def _group(raw: Mapping[str, Any], arn: Arn, filters: Answer[tuple[MetricFilter, ...]]) -> LogGroup:
    return LogGroup(
        arn=f"arn:{arn.partition}:logs:{arn.region}:{arn.account}:{arn.resource}",
        name=arn.name,
        region=arn.region,
        retention_days=raw.get("retentionInDays"),
        log_class=str(raw.get("logGroupClass") or "STANDARD"),
        kms_key=str(raw.get("kmsKeyId") or ""),
        stored_bytes=int(raw.get("storedBytes") or 0),
        filters=filters,
    )


def _filter(raw: Mapping[str, Any], region: str, group: str) -> MetricFilter:
    made = (raw.get("metricTransformations") or [{}])[0]
    created = raw.get("creationTime")
    return MetricFilter(
        name=str(raw["filterName"]),
        log_group=str(raw.get("logGroupName") or group),
        region=region,
        pattern=str(raw.get("filterPattern") or ""),
        metric=str(made.get("metricName") or ""),
        namespace=str(made.get("metricNamespace") or ""),
        value=str(made.get("metricValue") or ""),
        default_value=made.get("defaultValue"),
        unit=str(made.get("unit") or ""),
        dimensions=MappingProxyType(dict(made.get("dimensions") or {})),
        created=datetime.fromtimestamp(created / 1000, UTC) if created else None,
    )
