"""Numbers that no filter of ours writes: a metric below zero was written by somebody else, to hide what counts.

PutMetricData is no management event, so no trail tells of it. CloudWatch charges for each metric that is read, so they
are read once an hour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from common.steps import Step
from common.text import clean

from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes
from guardian.sweep import Condition

ACTION = "cloudwatch:GetMetricData"
_HOUR = timedelta(hours=1)
_SETTLES = timedelta(minutes=10)
"""After so long what was written in the last minute of an hour can be read."""
_AT_ONCE = 500  # queries in one GetMetricData (its API reference)

Metric = tuple[str, str]
"""Namespace and name."""


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether an hour is over that was not when the sweep came `last`; nobody knows without that."""
    return last is not None and _hour_of(last) < _hour_of(now)


def forged(things: Iterable[Thing], eyes: Eyes, *, now: datetime) -> Iterator[Condition]:
    """One condition for each metric of the filters among `things` that was below zero in the last hour.

    Raises NotSeenError.
    """
    filters = sorted((each for each in things if each.kind == "filter"), key=lambda each: each.region)
    for region, group in groupby(filters, key=lambda each: each.region):
        metrics = sorted({(str(each.facts["namespace"]), str(each.facts["metric"])) for each in group})
        for first in range(0, len(metrics), _AT_ONCE):
            for metric, hour, lowest in _lowest(metrics[first : first + _AT_ONCE], region, eyes, now=now):
                if lowest < 0:
                    yield _condition(metric, hour, lowest, region=region)


def _lowest(
    metrics: Sequence[Metric], region: str, eyes: Eyes, *, now: datetime
) -> Iterator[tuple[Metric, datetime, float]]:
    """The lowest number of each metric in the last hour that is over."""
    cloudwatch = eyes.client_for("cloudwatch", region)
    queries = [
        {"Id": f"m{place}", "MetricStat": {"Metric": _named(metric), "Period": 3600, "Stat": "Minimum"}}
        for place, metric in enumerate(metrics)
    ]
    until = _hour_of(now)
    answers = eyes.all(
        ACTION,
        partial(cloudwatch.get_metric_data, MetricDataQueries=queries, StartTime=until - _HOUR, EndTime=until),
        items="MetricDataResults",
        token=("NextToken", "NextToken"),
    )
    for answer in answers:
        metric = metrics[int(answer["Id"][1:])]
        for hour, lowest in zip(answer.get("Timestamps", []), answer.get("Values", []), strict=True):
            yield metric, hour, lowest


def _condition(metric: Metric, hour: datetime, lowest: float, *, region: str) -> Condition:
    namespace, name = (clean(part, 80) for part in metric)
    return Condition(
        key=f"forged#{region}#{namespace}#{name}#{hour:%Y-%m-%dT%H}",
        title=f"Metric {name} was forged: {lowest:g}",
        sentence=f"Metric {name} of {namespace} was {lowest:g} in the hour from {hour:%Y-%m-%d %H:%M} UTC. Its filter "
        f"writes 0 and 1, so somebody wrote it to keep the sum, and its alarm, below the threshold.",
        severity="critical",
        steps=(
            Step("Read in the log group what its filter matched in that hour: no alarm told of it."),
            Step(
                "See who has cloudwatch:PutMetricData, such as agents on servers, and give it with the condition "
                "cloudwatch:namespace. CloudTrail records the call as a data event only."
            ),
        ),
        lasts=False,
    )


def _named(metric: Metric) -> Mapping[str, Any]:
    return {"Namespace": metric[0], "MetricName": metric[1]}


def _hour_of(at: datetime) -> datetime:
    """The end of the last hour that can be read."""
    return (at - _SETTLES).replace(minute=0, second=0, microsecond=0)
