"""The answer for a terminal: a table, and below it what could be better, with reasons."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from operate.backtest.result import QUANTILES, Result, Row
from operate.console import columns, printable
from operate.sets import COLOURS

ALWAYS_ON = 0.5
"""The share of busy minutes from which on an alarm is called one that never ends."""


def show(result: Result, console: Console) -> None:
    """Print the answer."""
    counts = result.counts
    span = f"{result.first} to {result.last}, {result.days} days" if result.first else "no events in this range"
    stack = f" · stack {result.stack}" if result.stack else ""
    console.print(Text(f"{printable(result.source)}{stack} · {span}", style="bold"))
    console.print(f"{counts.events:,} events in {counts.sources:,} files or slices, {counts.size / 1e6:,.1f} MB read")
    if counts.timeless:
        what = "is no CloudTrail record" if counts.timeless == 1 else "are no CloudTrail records"
        console.print(f"! {counts.timeless:,} of what was read {what} with a time: left out")
    console.print()
    _table(result, console)
    for row in result.rows:
        _details(row, console)
    _addresses(result, console)
    for name, why in result.left_out.items():
        console.print(f"? {name} was not tried: {why}")


def _table(result: Result, console: Console) -> None:
    people = f"mails to {result.addresses}" if result.addresses != 1 else "mails"
    head = ("", "severity", "threshold", "events", "a day", "alarms", people, "suggested")
    body = [
        (
            f"{_sign(row)} {row.watch.name}",
            row.watch.severity,
            f"{row.watch.threshold:,} in {row.watch.period // 60} min",
            f"{row.matched:,}",
            f"{result.per_day(row.matched):,.1f}",
            f"{len(row.alarms):,}",
            f"{row.mails:,}",
            f"{row.suggestion.threshold:,}" if row.suggestion.threshold is not None else "-",
        )
        for row in result.rows
    ]
    lines = columns([head, *body])
    console.print(Text("".join(lines[0]), style="dim"))
    for (name, severity, *rest), row in zip(lines[1:], result.rows, strict=True):
        console.print(Text.assemble(name, (severity, COLOURS[row.watch.severity]), *rest))
    console.print()


def _sign(row: Row) -> str:
    """`!` where something could be better."""
    return "!" if row.suggestion.threshold is not None or row.suppressions else " "


def _details(row: Row, console: Console) -> None:
    if not row.matched:
        return
    console.print(Text(row.watch.name, style="bold"))
    about = " " if row.is_exact else " (at least) "
    console.print(f"  callers{about}{_listed(row.callers, row.matched)}")
    console.print(f"  from{about}{_listed(row.addresses, row.matched)}")
    if row.watch.kind == "source-ip":
        sums = ", ".join(f"{share:.0%} at most {row.windows.quantile(share):,}" for share in QUANTILES)
        console.print(
            f"  sums over {row.watch.period // 60} min, of busy minutes: {sums}; most {row.windows.sums[-1]:,}"
        )
    if row.suppressed:
        console.print(f"  {row.suppressed:,} events are left out of mails by a suppression of the stack")
    if row.alarms:
        console.print(f"  alarms from {row.alarms[0].at:%Y-%m-%d %H:%M} to {row.alarms[-1].at:%Y-%m-%d %H:%M} UTC")
    if row.minutes_in_alarm > ALWAYS_ON * len(row.windows.sums) and row.watch.threshold > 1:
        console.print("  ! it was in ALARM most of the time, and says nothing new while it is")
    word = "threshold" if row.suggestion.threshold is None else f"threshold {row.suggestion.threshold:,}"
    console.print(f"  {word}: {row.suggestion.why}")
    for each in row.suppressions:
        console.print(f"  suppress {printable(each.name)}: -{each.share:.0%} of the events; {each.why}")
        console.print(f"    {printable(each.pattern, longest=1024)}")


def _listed(pairs: Sequence[tuple[str, int]], whole: int) -> str:
    return " · ".join(f"{printable(name, longest=60)} {count:,} ({count / whole:.0%})" for name, count in pairs)


def _addresses(result: Result, console: Console) -> None:
    addresses = result.counts.addresses
    if not len(addresses):
        return
    word = "" if addresses.is_exact else "more than "
    number = "one address" if len(addresses) == 1 else f"{word}{len(addresses):,} addresses"
    console.print(Text(f"all events come from {number}", style="bold"))
    console.print(f"  most from {_listed(addresses.top(5), result.counts.events)}")
    if result.bursts is not None:
        bursts = result.bursts
        busiest = bursts.slots[0]
        period = f"{bursts.burst.period // 60} min"
        console.print(
            f"  most of one address in {period}: {busiest.calls:,} by {printable(busiest.address)}, {busiest.at}"
        )
        word = "" if bursts.suggested is None else f" {bursts.suggested:,}"
        console.print(f"  burst threshold{word}: {bursts.why}")
