"""What stands on the dashboard: from plain facts of a deployment to the body that CloudWatch takes.

Source: CloudWatch API reference, "Dashboard Body Structure and Syntax". The grid is 24 columns wide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from filterpattern import TranslationError, to_insights
from settings import CANARY_METRIC, Watch
from settings.aws_sizes import MAX_ALARMS_OF_WIDGET, MAX_WIDGETS
from settings.checks import SEVERITIES

Widget = dict[str, Any]

SHOWN_EVENTS: Final = 20
_COLUMNS, _ROW = 24, 6
_FIELDS = "@timestamp, eventName, userIdentity.arn, sourceIPAddress, awsRegion, errorCode"


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a trail's rows show. `alarm_arns` are by what they watch, and hold every alarm of `watches`.

    `functions` are names of functions by what they are called here, `rule_name` the Contributor Insights rule.
    """

    title: str
    region: str
    namespace: str
    log_group_name: str
    watches: Sequence[Watch]
    alarm_arns: Mapping[str, str]
    functions: Mapping[str, str]
    guardian_log_group: str = ""
    rule_name: str = ""
    has_canary: bool = False


def body(sites: Sequence[Site], *, stack: str) -> dict[str, Any]:
    """The body of the dashboard of a stack.

    Each event set has a row: its metric, the state of its alarm, its last events. With more sets than CloudWatch has
    room for, the rows lose first the alarm (its state is at the top too), then the events, and at last the least severe
    sets their rows; what is left out is said.
    """
    rows = [(site, watch) for site in sites for watch in site.watches]
    fixed = [_head(stack, len(rows)), *(row for site in sites for row in _of_site(site))]
    room = MAX_WIDGETS - sum(len(row) for row in fixed) - 1  # one for what is left out
    per_row = next((each for each in (3, 2, 1) if each * len(rows) <= room), 0)
    left_out = 0
    if not per_row:
        rows.sort(key=lambda row: SEVERITIES.index(row[1].severity))
        left_out, rows, per_row = len(rows) - room, rows[:room], 1
    told = [[_text(f"**{left_out} event sets have no row here**: a dashboard has {MAX_WIDGETS} widgets.")]]
    watched = [_of_watch(site, watch, widgets=per_row, is_one_of_many=len(sites) > 1) for site, watch in rows]
    return {"start": "-PT24H", "widgets": list(_placed([*fixed, *watched, *(told if left_out else [])]))}


def _placed(rows: Sequence[Sequence[Widget]]) -> Iterator[Widget]:
    """Rows below each other, the widgets of each beside each other."""
    y = 0
    for row in rows:
        x = 0
        for widget in row:
            yield {**widget, "x": x, "y": y}
            x += widget["width"]
        y += max(widget["height"] for widget in row)


def _head(stack: str, sets: int) -> list[Widget]:
    return [
        _text(
            f"# trailwarden {stack}\n{sets} event sets. An alarm that rings is red; what to do about its mail is in "
            "docs/runbooks. Tables read the log group each time they are looked at, at the price of Logs Insights."
        )
    ]


def _of_site(site: Site) -> Iterator[list[Widget]]:
    """What a trail has beside its event sets: alarms, functions, the signs of life, the busiest addresses."""
    yield [_text(f"## {site.title}")]
    arns = list(site.alarm_arns.values())
    for begin in range(0, len(arns), MAX_ALARMS_OF_WIDGET):
        part = arns[begin : begin + MAX_ALARMS_OF_WIDGET]
        yield [_alarms(f"Alarms of {site.title}", part, width=_COLUMNS, height=3 + len(part) // 6)]
    if site.functions:
        yield list(_functions(site))
    arrives = ["AWS/Logs", "IncomingLogEvents", "LogGroupName", site.log_group_name]
    alive = [[*arrives, {"label": "events in the log group"}]]
    if site.has_canary:
        alive.append([site.namespace, CANARY_METRIC, {"label": "the guardian's own looks at the trail"}])
    row = [_metrics("Signs of life", alive, site=site, width=12 if site.rule_name else _COLUMNS)]
    if site.rule_name:
        row.append(_busiest(site))
    yield row


def _functions(site: Site) -> Iterator[Widget]:
    calls = [
        ["AWS/Lambda", metric, "FunctionName", name, {"label": f"{what}: {metric.lower()}"}]
        for what, name in site.functions.items()
        for metric in ("Invocations", "Errors", "Throttles")
    ]
    yield _metrics("Functions", calls, site=site, width=8 if site.guardian_log_group else _COLUMNS)
    if site.guardian_log_group:
        query = "fields @timestamp, level, message, incident | filter ispresent(reported)"
        yield _log("What the guardian did and told", query, group=site.guardian_log_group, region=site.region, width=16)


def _of_watch(site: Site, watch: Watch, *, widgets: int, is_one_of_many: bool) -> list[Widget]:
    """The row of one event set in at most so many widgets."""
    title = f"[{watch.severity}] {watch.title}" + (f" · {site.title}" if is_one_of_many else "")
    query = _query(watch) if widgets > 1 else None
    has_alarm = widgets > 2
    width = _COLUMNS - (4 if has_alarm else 0) - (12 if query else 0)
    metric = [[watch.namespace, watch.metric, {"label": "matching events"}]]
    row = [_metrics(title, metric, site=site, width=width, period=watch.period, threshold=watch.threshold)]
    if has_alarm:
        row.append(_alarms(watch.name, [site.alarm_arns[watch.name]], width=4, height=_ROW))
    if query:
        shown = f"Last {SHOWN_EVENTS} matching events: {watch.name}"
        row.append(_log(shown, query, group=site.log_group_name, region=site.region, width=12))
    return row


def _query(watch: Watch) -> str | None:
    """The events of a pattern in the language of Logs Insights; None where it cannot say that, or only AWS knows it."""
    if watch.pattern is None:
        return None
    try:
        text = to_insights(watch.pattern).text
    except TranslationError:
        return None
    return f"fields {_FIELDS} | {text}"


def _text(markdown: str) -> Widget:
    return {"type": "text", "width": _COLUMNS, "height": 2, "properties": {"markdown": markdown}}


def _alarms(title: str, arns: Sequence[str], *, width: int, height: int) -> Widget:
    return {
        "type": "alarm",
        "width": width,
        "height": height,
        "properties": {"title": title, "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"},
    }


def _metrics(
    title: str,
    metrics: Sequence[Sequence[Any]],
    *,
    site: Site,
    width: int,
    period: int = 300,
    threshold: int | None = None,
) -> Widget:
    properties: dict[str, Any] = {
        "title": title,
        "region": site.region,
        "view": "timeSeries",
        "stat": "Sum",
        "period": period,
        "metrics": [list(each) for each in metrics],
        "yAxis": {"left": {"min": 0}},
    }
    if threshold is not None:
        properties["annotations"] = {"horizontal": [{"label": "alarm", "value": threshold}]}
    return {"type": "metric", "width": width, "height": _ROW, "properties": properties}


def _busiest(site: Site) -> Widget:
    rule = {"ruleName": site.rule_name, "maxContributorCount": 10, "orderBy": "Sum"}
    return {
        "type": "metric",
        "width": 12,
        "height": _ROW,
        "properties": {
            "title": "Addresses with the most calls",
            "region": site.region,
            "view": "timeSeries",
            "period": 300,
            "insightRule": rule,
        },
    }


def _log(title: str, query: str, *, group: str, region: str, width: int) -> Widget:
    text = f"SOURCE '{group}' | {query} | sort @timestamp desc | limit {SHOWN_EVENTS}"
    return {
        "type": "log",
        "width": width,
        "height": _ROW,
        "properties": {"title": title, "region": region, "query": text, "view": "table"},
    }
