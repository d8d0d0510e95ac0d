"""CloudWatch dashboards: which alarms one shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One dashboard. `alarm_arns` are of all its alarm widgets; empty too where its body cannot be read."""

    name: str
    alarm_arns: frozenset[str]


def dashboard(session: Session, name: str, region: str) -> Answer[Dashboard]:
    """A dashboard by its name. Needs cloudwatch:GetDashboard.

    Dashboards belong to the account: any region shows all of them (CloudWatch User Guide, "Using Amazon CloudWatch
    dashboards"). `region` is where to ask.
    """
    told = session.ask(
        "cloudwatch",
        "GetDashboard",
        region=region,
        what=f"dashboard {name}",
        none_if=("ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"),
        params={"DashboardName": name},
    )
    return told.map(lambda answer: Dashboard(name=name, alarm_arns=_alarms(str(answer.get("DashboardBody") or ""))))


def _alarms(body: str) -> frozenset[str]:
    try:
        widgets: Any = json.loads(body)["widgets"]
        properties = [each["properties"] for each in widgets if each.get("type") == "alarm"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()
    return frozenset(
        str(arn) for each in properties if isinstance(each, Mapping) for arn in each.get("alarms") or () if arn
    )
