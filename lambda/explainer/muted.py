"""What came while planned changes muted alarms, for the summary of the week: CloudWatch counted it all the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from explainer.alarms import Alarm, every, rang
from explainer.facts import Mute, Watch
from explainer.kit import Kit
from explainer.windows import Window

MINUTE_S = 60
"""CloudWatch keeps values of one minute for 15 days."""
_AT_ONCE = 10
"""Metrics in one call: their minutes of a week stay below what one GetMetricData may look at."""


@dataclass(kw_only=True)
class Muted:
    """What a planned change muted in some time. `events` and `rang` count by watch; `is_known` says whether CloudWatch
    could be asked for everything.
    """

    mute: Mute
    windows: list[Window]
    events: Counter[str] = field(default_factory=Counter)
    rang: Counter[str] = field(default_factory=Counter)
    is_known: bool = True

    @property
    def is_worth_telling(self) -> bool:
        """Something came, or nobody knows."""
        return bool(self.events.total() or self.rang.total() or not self.is_known)


def muted_between(first: datetime, last: datetime, *, kit: Kit) -> list[Muted]:
    """What each planned change muted from `first` up to `last`. Asks nothing where there was no window."""
    found = [
        Muted(mute=mute, windows=windows)
        for mute in kit.facts.mutes
        if (windows := _parts(mute.windows.between(first, last), first, last))
    ]
    if not found:
        return []
    names = {name for one in found for name in one.mute.watches}
    _count_events(found, [watch for name, watch in kit.facts.watches.items() if name in names], kit, first, last)
    _count_rings(found, kit, first, last)
    return [one for one in found if one.is_worth_telling]


def _parts(windows: Iterable[Window], first: datetime, last: datetime) -> list[Window]:
    """The parts of windows that lie in a span; those that overlap made one."""
    parts: list[Window] = []
    for window in windows:
        start, end = max(window.start, first), min(window.end, last)
        if start >= end:
            continue
        if parts and start <= parts[-1].end:
            parts[-1] = Window(parts[-1].start, max(parts[-1].end, end))
        else:
            parts.append(Window(start, end))
    return parts


def _is_in(at: datetime, windows: Iterable[Window]) -> bool:
    return any(window.start <= at < window.end for window in windows)


def _count_events(found: list[Muted], watches: list[Watch], kit: Kit, first: datetime, last: datetime) -> None:
    """By the metrics of the filters, minute by minute. Needs cloudwatch:GetMetricData."""
    counted = [watch for watch in watches if watch.kind != "any-address"]  # an insight rule writes no metric
    for start in range(0, len(counted), _AT_ONCE):
        some = counted[start : start + _AT_ONCE]
        values = _values(some, kit, first, last)
        for one in found:
            one.is_known = one.is_known and values is not None
            for index, at, value in values or []:
                if some[index].name in one.mute.watches and _is_in(at, one.windows):
                    one.events[some[index].name] += round(value)


def _values(
    watches: list[Watch], kit: Kit, first: datetime, last: datetime
) -> list[tuple[int, datetime, float]] | None:
    """(which watch, which minute, how many) of all that was counted; None when CloudWatch does not say."""
    request: dict[str, Any] = {
        "MetricDataQueries": [
            {
                "Id": f"w{index}",
                "MetricStat": {
                    "Metric": {"Namespace": kit.environment.namespace, "MetricName": watch.metric},
                    "Period": MINUTE_S,
                    "Stat": "Sum",
                },
            }
            for index, watch in enumerate(watches)
        ],
        "StartTime": first,
        "EndTime": last,
    }
    found: list[tuple[int, datetime, float]] = []
    while True:
        answer = kit.ask(lambda: kit.cloudwatch.get_metric_data(**request))
        if answer.value is None:
            return None
        for result in answer.value.get("MetricDataResults", []):
            index = int(str(result["Id"])[1:])
            pairs = zip(result.get("Timestamps", []), result.get("Values", []), strict=True)
            found += [(index, at.astimezone(UTC), float(value)) for at, value in pairs]
        if not answer.value.get("NextToken"):
            return found
        request["NextToken"] = answer.value["NextToken"]


def _count_rings(found: list[Muted], kit: Kit, first: datetime, last: datetime) -> None:
    """By the histories of the alarms. Needs cloudwatch:DescribeAlarms and cloudwatch:DescribeAlarmHistory."""
    answer = every(kit.cloudwatch, ask=kit.ask)
    alarms = {watch.name: alarm for alarm in answer.value or [] if (watch := kit.watch_of(alarm))}
    times = {name: _rang(alarm, kit, first, last) for name, alarm in alarms.items() if _is_muted(name, found)}
    for one in found:
        for name in sorted(one.mute.watches):
            moments = times.get(name)
            one.is_known = one.is_known and moments is not None
            one.rang[name] += sum(_is_in(at, one.windows) for at in moments or [])


def _is_muted(name: str, found: Iterable[Muted]) -> bool:
    return any(name in one.mute.watches for one in found)


def _rang(alarm: Alarm, kit: Kit, first: datetime, last: datetime) -> list[datetime] | None:
    return rang(kit.cloudwatch, alarm.name, first=first, last=last, ask=kit.ask).value
