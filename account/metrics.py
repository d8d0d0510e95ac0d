"""Sums of CloudWatch metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from account.answers import Answer
from account.session import Session

_PERIOD_S = 300


@dataclass(frozen=True)
class Metric:
    """One metric, as CloudWatch names it. `dimensions` are (name, value) pairs."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


def sums(
    session: Session, region: str, metrics: Sequence[Metric], *, since: datetime, until: datetime
) -> Answer[Mapping[Metric, float | None]]:
    """The sum of each metric over a time; None where there was no data. Needs cloudwatch:GetMetricData, which costs."""
    asked = [
        {
            "Id": f"m{n}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
                },
                "Period": _PERIOD_S,
                "Stat": "Sum",
            },
        }
        for n, metric in enumerate(metrics)
    ]
    told = session.pages(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        region=region,
        what="metrics",
        params={"MetricDataQueries": asked, "StartTime": since, "EndTime": until},
    )
    return told.map(lambda results: _totals(results, metrics))


def _totals(results: Iterable[Mapping[str, Any]], metrics: Sequence[Metric]) -> Mapping[Metric, float | None]:
    totals: dict[Metric, float | None] = dict.fromkeys(metrics)
    for result in results:
        values = result.get("Values") or ()
        metric = metrics[int(str(result["Id"])[1:])]
        if values:
            totals[metric] = (totals[metric] or 0.0) + sum(values)
    return totals
