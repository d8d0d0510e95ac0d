"""The answer as one HTML page, with bars of plain HTML and CSS.

Bars need no library: a plotting library would be the heaviest thing this project installs, or would put scripts into
a page about security. Every text of an event is escaped, because whoever makes a call chooses many of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from operate.backtest.result import SHOWN_ADDRESSES, Result, Row
from operate.page import page

MOST_BARS = 400
"""Bars of one plot; a longer past is drawn week by week."""


def as_page(result: Result) -> str:
    """The whole page."""
    body = [
        *_head(result),
        *_summary(result),
        *(line for row in result.rows if row.matched for line in _watch(row, result)),
        *_addresses(result),
    ]
    return page(f"backtest of {result.source}", body)


def _head(result: Result) -> Iterator[str]:
    counts = result.counts
    stack = f", stack {escape(result.stack)}" if result.stack else ""
    yield f"<h1>What the alarms would have done{stack}</h1>"
    span = f"{result.first} to {result.last}, {result.days} days" if result.first else "no events"
    yield f"<p>{escape(result.source)} · {span} · {counts.events:,} events in {counts.sources:,} files or slices</p>"
    for problem in counts.unread:
        yield f'<p class="loud">Not read: {escape(problem)}</p>'
    yield from _plot(counts.days, {}, result, label="all events")


def _summary(result: Result) -> Iterator[str]:
    yield "<table><tr><th>watch<th>severity<th>threshold<th class=n>events<th class=n>a day<th class=n>alarms"
    yield "<th class=n>mails<th>suggestion</tr>"
    for row in result.rows:
        watch = row.watch
        numbers = (row.matched, result.per_day(row.matched), len(row.alarms), row.mails)
        cells = "".join(f"<td class=n>{number:,.{1 if index == 1 else 0}f}" for index, number in enumerate(numbers))
        new = row.suggestion.threshold
        advice = "" if new is None else f"threshold {new:,}"
        yield (
            f"<tr><td>{escape(watch.name)}<td>{escape(watch.severity)}<td>{watch.threshold:,} in "
            f"{watch.period // 60} min{cells}<td>{advice}</tr>"
        )
    yield "</table>"
    for name, why in result.left_out.items():
        yield f'<p class="faint">{escape(name)} was not tried: {escape(why)}.</p>'


def _watch(row: Row, result: Result) -> Iterator[str]:
    watch, busiest = row.watch, row.windows.busiest
    yield f"<h2>{escape(watch.name)} · {escape(watch.title)}</h2>"
    alarms: dict[str, int] = {}
    for alarm in row.alarms:
        day = f"{alarm.at:%Y-%m-%d}"
        alarms[day] = alarms.get(day, 0) + 1
    yield from _plot(row.by_day, alarms, result, label="events a day; red: an alarm fired")
    peak = f" · most in one period: {busiest.after:,} at {busiest.at:%Y-%m-%d %H:%M} UTC" if busiest else ""
    yield f"<p>{row.matched:,} events · {len(row.alarms):,} alarms at {watch.threshold:,}{peak}</p>"
    new = row.suggestion.threshold
    yield f"<p><b>Threshold{'' if new is None else f' {new:,}'}</b>: {escape(row.suggestion.why)}</p>"
    yield from _shares("caller", row.callers, row.matched)
    yield from _shares("address", row.addresses, row.matched)
    for each in row.suppressions:
        yield f"<p><b>Suppress {escape(each.name)}</b>, {each.share:.0%} of the events: {escape(each.why)}</p>"
        yield f"<pre>{escape(each.pattern)}</pre>"


def _addresses(result: Result) -> Iterator[str]:
    top = result.counts.addresses.top(SHOWN_ADDRESSES)
    if top:
        yield "<h2>All events by address</h2>"
        yield from _shares("address", top, result.counts.events)
    if result.bursts is not None:
        bursts = result.bursts
        yield f"<h2>Most calls of one address in {bursts.burst.period // 60} min</h2>"
        yield from _shares(
            "address", [(f"{slot.address}, {slot.at}", slot.calls) for slot in bursts.slots], bursts.slots[0].calls
        )
        new = "" if bursts.suggested is None else f" {bursts.suggested:,}"
        yield f"<p><b>Burst threshold{new}</b>: {escape(bursts.why)}</p>"


def _shares(what: str, pairs: Sequence[tuple[str, int]], whole: int) -> Iterator[str]:
    yield f"<table><tr><th>{what}<th class=n>events<th>share</tr>"
    for name, count in pairs:
        bar = f'<span class="share" style="width:{12 * count / whole:.2f}rem"></span>'
        yield f"<tr><td>{escape(name)}<td class=n>{count:,}<td>{bar}{count / whole:.0%}</tr>"
    yield "</table>"


def _plot(by_day: Mapping[str, int], alarms: Mapping[str, int], result: Result, *, label: str) -> Iterator[str]:
    """A bar for each day of the range, or each week of a long one; a bar with an alarm in it is red."""
    if not (result.first and result.last):
        return
    step = 1 if result.days <= MOST_BARS else 7
    bars = [_bar(result.first + timedelta(days), step, by_day, alarms) for days in range(0, result.days, step)]
    most = max((count for _, count, _ in bars), default=0)
    if not most:
        return
    yield '<div class="plot">'
    for title, count, fired in bars:
        kind = ' class="alarm"' if fired else ""
        words = f"{title}: {count:,} events{f', {fired:,} alarms' if fired else ''}"
        yield f'<div{kind} style="height:{100 * count / most:.1f}%" title="{words}"></div>'
    yield "</div>"
    unit = "" if step == 1 else ", week by week"
    yield f'<div class="axis"><span>{result.first}</span><span>{label}{unit}; highest {most:,}</span>'
    yield f"<span>{result.last}</span></div>"


def _bar(first: date, step: int, by_day: Mapping[str, int], alarms: Mapping[str, int]) -> tuple[str, int, int]:
    days = [(first + timedelta(days)).isoformat() for days in range(step)]
    return days[0], sum(by_day.get(day, 0) for day in days), sum(alarms.get(day, 0) for day in days)
