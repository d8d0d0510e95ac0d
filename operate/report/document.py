"""The report as plain data, for `--format json`. docs/report.md describes every key, and a test compares the two."""

from __future__ import annotations

from typing import Any

from operate.report.comparison import Comparison
from operate.report.snapshot import Snapshot
from settings.prices import READ, REGION


def as_document(now: Snapshot, comparison: Comparison | None) -> dict[str, Any]:
    """The report as JSON has it."""
    settings, plan = now.settings, now.settings.plan()
    return {
        "stack": settings.stack,
        "against": comparison.revision if comparison else None,
        "is_new": comparison is not None and comparison.before is None,
        "weaker": list(comparison.weaker) if comparison else [],
        "replacements": list(comparison.replacements) if comparison else [],
        "changes": [
            {"key": each.key, "before": each.before, "after": each.after}
            for each in (comparison.differences if comparison else ())
        ],
        "over": list(now.over),
        "home_region": settings.home_region,
        "regions": list(settings.regions),
        "trails": [{"name": site.name, "region": site.region} for site in settings.trails],
        "watches": [
            {
                "name": watch.name,
                "title": watch.title,
                "kind": watch.kind,
                "severity": watch.severity,
                "threshold": watch.threshold,
                "period": watch.period,
                "pattern": watch.pattern,
            }
            for watch in settings.alarming
        ],
        "people": {channel: list(people) for channel, people in now.people.items()},
        "remediation": settings.remediation.way,
        "evidence": settings.evidence,
        "resources": {"total": plan.total, "by_type": dict(plan.resources)},
        "cost": {
            "dollars_a_month": now.bill.dollars,
            "at_most": now.bill.at_most,
            "region": REGION,
            "prices_read": READ,
            "items": [
                {"for": item.what, "number": item.number, "dollars": item.dollars, "at_most": item.at_most}
                for item in now.bill.items
            ],
        },
        "coverage": [
            {"auditor": auditor, "benchmark": benchmark, "passed": passed, "assessed": assessed}
            for (auditor, benchmark), (passed, assessed) in now.coverage.items()
        ],
    }
