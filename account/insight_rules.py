"""Contributor Insights rules: what counts the calls of each address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from account.answers import Answer
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class InsightRule:
    """One rule. `definition` is what it counts, as CloudWatch keeps it; empty where that is no JSON object."""

    name: str
    region: str
    is_enabled: bool
    definition: Mapping[str, Any]


def insight_rules(session: Session, region: str) -> Answer[tuple[InsightRule, ...]]:
    """Every Contributor Insights rule of a region. Needs cloudwatch:DescribeInsightRules.

    One answer holds 500, and an account may have 100 in a region (CloudWatch User Guide, "CloudWatch quotas").
    """
    told = session.pages(
        "cloudwatch", "DescribeInsightRules", "InsightRules", region=region, what="Contributor Insights rules"
    )
    return told.map(lambda rules: tuple(_rule(raw, region) for raw in rules))


def _rule(raw: Mapping[str, Any], region: str) -> InsightRule:
    return InsightRule(
        name=str(raw["Name"]),
        region=region,
        is_enabled=raw.get("State") == "ENABLED",
        definition=MappingProxyType(_object(str(raw.get("Definition") or ""))),
    )


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
