"""What one stack file would deploy, as plain data in a fixed order.

Nothing in it changes unless the settings do, or a suppression ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.coverage import coverage, tally
from operate.report import words
from settings import PRICES, Bill, Price, Settings, block, monthly_bill


@dataclass(frozen=True)
class Snapshot:
    """Settings, and what follows from them."""

    settings: Settings
    bill: Bill
    over: tuple[str, ...]
    """What the settings say and time has undone, in sentences."""
    coverage: Mapping[tuple[str, str], tuple[int, int]]
    """(auditor, benchmark) → (controls passed, controls assessed)."""

    @property
    def people(self) -> dict[str, tuple[str, ...]]:
        """Who is told, and what each hears of: `alerts`, and `last-resort` where guardian or explainer can fail."""
        heard: dict[str, tuple[str, ...]] = {}
        for channel in ("alerts", "last-resort") if self.settings.has_ledger else ("alerts",):
            for recipient in self.settings.recipients(channel):
                name = words.person(recipient)
                heard[name] = (*heard.get(name, ()), channel)
        return heard

    @property
    def values(self) -> dict[str, Any]:
        """Every value of the settings by its path, such as `remediation.mode`; people and watches by their names."""
        found: dict[str, Any] = {}
        for key, given in block(self.settings).items():
            if key not in ("emails", "subscribers", "eventSets", "customSets", "sourceIps"):
                _flatten(found, key, given)
        found |= {f"told: {name}": channels for name, channels in self.people.items()}
        for each in self.settings.subscribers:
            more = each.model_dump(by_alias=True, exclude_defaults=True, exclude=_WHO)
            _flatten(found, f"told: {words.person(each.recipient)}", more)
        for watch in self.settings.watches:
            found[f"watch: {watch.name}"] = f"{watch.severity}, {words.alarm(watch)}"
        return found

    @property
    def details(self) -> dict[tuple[str, str], Any]:
        """(watch, what) → what else a watch is made of; it is worth telling only of watches that stay."""
        return {
            (watch.name, what): given
            for watch in self.settings.watches
            for what, given in (
                ("pattern", watch.pattern),
                ("metric", f"{watch.namespace} {watch.metric}"),
                ("alarm name", watch.alarm_name or "chosen by Pulumi"),
            )
        }


_WHO = {"protocol", "endpoint", "endpoint_secret", "gets"}
"""What `told` says of a subscriber already; an endpoint may hold a token."""


def take(
    settings: Settings,
    *,
    prices: Mapping[str, Price] = PRICES,
    log_gigabytes: float | None = None,
    now: datetime,
) -> Snapshot:
    """Everything a report says about one revision, on the day `now`."""
    return Snapshot(
        settings=settings,
        bill=monthly_bill(settings.plan(), prices=prices, log_gigabytes=log_gigabytes),
        over=settings.alerts.over(now=now),
        coverage=tally(coverage(settings.event_sets)),
    )


def _flatten(found: dict[str, Any], path: str, given: Any) -> None:
    if isinstance(given, Mapping) and given:
        for key, each in given.items():
            _flatten(found, f"{path}.{key}", each)
    elif isinstance(given, list) and given and all(isinstance(each, Mapping) and "name" in each for each in given):
        for each in given:
            _flatten(found, f"{path}[{each['name']}]", {key: value for key, value in each.items() if key != "name"})
    elif given not in ({}, []):
        found[path] = given
