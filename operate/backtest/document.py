"""The answer as plain data, for `--json`. docs/backtest.md describes every key, and a test compares the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from operate.backtest.bursts import Bursts
from operate.backtest.result import QUANTILES, SHOWN_ADDRESSES, Result, Row

MOST_TIMES = 100
"""Alarms whose times are listed; the number of all stands beside."""


def as_document(result: Result) -> dict[str, Any]:
    """The answer as JSON has it."""
    counts = result.counts
    return {
        "source": result.source,
        "stack": result.stack,
        "first_day": result.first.isoformat() if result.first else None,
        "last_day": result.last.isoformat() if result.last else None,
        "days": result.days,
        "events": counts.events,
        "events_by_day": dict(sorted(counts.days.items())),
        "bytes_read": counts.size,
        "read": counts.sources,
        "outside_range": counts.outside,
        "not_events": counts.timeless,
        "unread": [*counts.unread, *([f"and {counts.unread_more} more"] if counts.unread_more else [])],
        "mail_addresses": result.addresses,
        "watches": [_watch(row, result) for row in result.rows],
        "left_out": dict(result.left_out),
        "addresses": {
            "different": len(counts.addresses),
            "is_exact": counts.addresses.is_exact,
            "events_of_one": _quantiles([count for _, count in counts.addresses.top()]),
            "top": _named(counts.addresses.top(SHOWN_ADDRESSES), counts.events),
        },
        "bursts": _bursts(result.bursts),
    }


def _bursts(bursts: Bursts | None) -> dict[str, Any] | None:
    if bursts is None:
        return None
    return {
        "threshold": bursts.burst.threshold,
        "period": bursts.burst.period,
        "alarms": bursts.alarms,
        "is_exact": bursts.is_exact,
        "suggested_threshold": bursts.suggested,
        "reason": bursts.why,
        "top": [{"address": slot.address, "at": slot.at, "calls": slot.calls} for slot in bursts.slots],
    }


def _watch(row: Row, result: Result) -> dict[str, Any]:
    watch, busiest = row.watch, row.windows.busiest
    return {
        "name": watch.name,
        "title": watch.title,
        "kind": watch.kind,
        "severity": watch.severity,
        "pattern": watch.pattern,
        "threshold": watch.threshold,
        "period": watch.period,
        "matched": row.matched,
        "matched_a_day": round(result.per_day(row.matched), 3),
        "matched_by_day": dict(row.by_day),
        "alarms": len(row.alarms),
        "alarm_times": [f"{alarm.at:%Y-%m-%dT%H:%MZ}" for alarm in row.alarms[:MOST_TIMES]],
        "busy_minutes_in_alarm": row.minutes_in_alarm,
        "suppressed": row.suppressed,
        "mails": row.mails,
        "sums": {
            **{f"p{round(share * 100)}": row.windows.quantile(share) for share in QUANTILES},
            "most": busiest.after if busiest else 0,
            "most_at": f"{busiest.at:%Y-%m-%dT%H:%MZ}" if busiest else None,
        },
        "callers": _named(row.callers, row.matched),
        "addresses": _named(row.addresses, row.matched),
        "is_exact": row.is_exact,
        "suggested_threshold": row.suggestion.threshold,
        "reason": row.suggestion.why,
        "suppressions": [
            {
                "name": each.name,
                "pattern": each.pattern,
                "events": each.events,
                "share": round(each.share, 4),
                "days": each.days,
                "why": each.why,
            }
            for each in row.suppressions
        ],
    }


def _named(pairs: Sequence[tuple[str, int]], whole: int) -> list[dict[str, Any]]:
    return [{"name": name, "events": count, "share": round(count / whole, 4) if whole else 0} for name, count in pairs]


def _quantiles(counts: Sequence[int]) -> dict[str, int]:
    ranked = sorted(counts)
    if not ranked:
        return {"p50": 0, "p90": 0, "p99": 0, "most": 0}
    found = {f"p{round(share * 100)}": ranked[min(int(share * len(ranked)), len(ranked) - 1)] for share in QUANTILES}
    return {**found, "most": ranked[-1]}
