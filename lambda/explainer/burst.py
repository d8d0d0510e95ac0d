"""The alarm on many calls from any single address: which address it was, and what it did."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from explainer.alarms import Alarm, Episode
from explainer.facts import Watch
from explainer.holding import since_mute
from explainer.kit import Kit
from explainer.ring import Ring
from explainer.search import Haul, search

NAMED = 5
"""Addresses that one mail is about, the busiest. More at once are no single address any more."""
# The alarm's data say seconds, and a rule counts by minutes.
_SLACK = timedelta(minutes=1)
# What the rule counts is text of the log; into a pattern goes nothing but an address.
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,45}", re.ASCII)


def ring_of(alarm: Alarm, watch: Watch, kit: Kit) -> Ring:
    """What explains an alarm."""
    return BurstRing(alarm, watch, kit) if alarm.rule else Ring(alarm, watch, kit)


@dataclass
class BurstRing(Ring):
    """The alarm of a Contributor Insights rule, in one call.

    The alarm knows how many calls the busiest address made, the rule which address that was, and the log what it did.
    """

    span: Episode | None = None

    def first(self, episode: Episode, *, is_test: bool = False) -> str:
        """As of any alarm; the address is looked for in the span that rang it, not in the wider one of late logs."""
        self.span = since_mute(episode, watch=self.watch, kit=self.kit)
        return super().first(self.span, is_test=is_test)

    def _search(self, start: datetime, end: datetime) -> Haul:
        """The calls of the addresses that reached the threshold. Needs cloudwatch:GetInsightRuleReport."""
        kit, span = self.kit, self.span
        request = {
            "RuleName": self.alarm.rule,
            "StartTime": span.start if span else start,
            "EndTime": span.end + _SLACK if span else end,
            "Period": self.watch.period_s,
            "MaxContributorCount": NAMED,
            "OrderBy": "Maximum",
        }
        answer = kit.ask(lambda: kit.cloudwatch.get_insight_rule_report(**request))
        if answer.value is None:
            return Haul(error_code=answer.error_code)
        found = busiest(
            answer.value, threshold=self.watch.threshold, is_certain=span is not None and span.value is not None
        )
        if not found:
            return Haul(is_complete=True)
        return search(
            kit.logs,
            log_group=kit.environment.log_group,
            patterns=[pattern_of(found)],
            start=start,
            end=end,
            ask=kit.ask,
            clock=kit.clock,
            until=kit.look_until,
        )


def busiest(report: Mapping[str, Any], *, threshold: int, is_certain: bool) -> tuple[str, ...]:
    """The addresses of a report (GetInsightRuleReport) that reached the threshold in one of its periods.

    Counts of contributors are approximate, so that of the busiest may lie below. Where it `is_certain` that one reached
    it, because the alarm rang for it, the busiest alone is named then.
    """
    most: dict[str, float] = {}
    for each in report.get("Contributors", []):
        address = str((each.get("Keys") or [""])[0])
        points = [float(point.get("ApproximateValue") or 0) for point in each.get("Datapoints") or []]
        if _ADDRESS.fullmatch(address):
            most[address] = max(points, default=float(each.get("ApproximateAggregateValue") or 0))
    reached = tuple(address for address, number in most.items() if number >= threshold)
    return reached or (tuple(sorted(most, key=lambda address: -most[address])[:1]) if is_certain else ())


def pattern_of(addresses: tuple[str, ...]) -> str:
    """The filter pattern of the calls of some addresses."""
    return "{ " + " || ".join(f'($.sourceIPAddress = "{each}")' for each in addresses) + " }"
