"""Suppressions and planned changes that have ended are said by whoever reads the settings."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from rich.console import Console

import components
from settings import Settings
from settings.suppressing import over
from wizard.show import summary

TODAY = datetime.now(UTC)
WHO = '{ $.userIdentity.userName = "ci-robot" }'
WINDOW = {"sets": ["vpc-changes"], "schedule": "cron(0 2 * * SUN)", "duration": "PT4H", "reason": "r"}


def parsed(**alerts: Any) -> Settings:
    answers = {
        "homeRegion": "eu-west-1",
        "emails": ["a@example.com"],
        "eventSets": ["trail-changes", "vpc-changes"],
        "alerts": alerts,
    }
    return Settings.parse(answers, stack="prod", source="test")


def settings(**until: str) -> Settings:
    held = [{"name": name, "pattern": WHO, "reason": "r", "until": day} for name, day in until.items()]
    return parsed(suppressions=[*held, {"name": "endless", "pattern": WHO, "reason": "r"}])


def test_it_ends_as_its_day_begins() -> None:
    day = (TODAY + timedelta(days=9)).date()
    held = settings(ci=day.isoformat()).alerts.suppressions
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert over(held, now=midnight - timedelta(seconds=1)) == ()
    (said,) = over(held, now=midnight)
    assert said.startswith(f"Suppression ci ended on {day}")


def test_a_planned_change_ends_by_the_clocks_of_its_zone() -> None:
    mutes = [
        {**WINDOW, "name": "weekly", "until": "2026-01-31", "timezone": "Asia/Tokyo"},
        {**WINDOW, "name": "once", "schedule": "at(2026-01-30T20:00)", "timezone": "America/New_York"},
        {**WINDOW, "name": "endless"},
    ]
    alerts = parsed(mutes=mutes).alerts
    ends = {"weekly": datetime(2026, 1, 30, 15, tzinfo=UTC), "once": datetime(2026, 1, 31, 5, tzinfo=UTC)}
    assert alerts.over(now=ends["weekly"] - timedelta(seconds=1)) == ()
    (said,) = alerts.over(now=ends["once"] - timedelta(seconds=1))
    assert said == (
        "Mute weekly ended on 2026-01-31, so its alarms act again: take it out of alerts.mutes, or give it a new "
        "`until`."
    )
    assert alerts.over(now=ends["once"])[1:] == (
        "Mute once was for at(2026-01-30T20:00) and is over: take it out of alerts.mutes.",
    )


def test_wizard_and_deployment_say_it() -> None:
    lasting = (TODAY + timedelta(days=30)).date().isoformat()
    made = parsed(
        suppressions=[
            {"name": "ci", "pattern": WHO, "reason": "r", "until": "2026-01-31"},
            {"name": "lasting", "pattern": WHO, "reason": "r", "until": lasting},
            {"name": "endless", "pattern": WHO, "reason": "r"},
        ],
        mutes=[
            {**WINDOW, "name": "release", "until": "2026-01-31"},
            {**WINDOW, "name": "lasting-release", "until": lasting},
        ],
    )
    screen = StringIO()
    summary(Console(file=screen, width=400), made)
    steps = components.next_steps(made, topic_arns={"alerts": "arn:aws:sns:eu-west-1:111122223333:alerts"})
    for said in (screen.getvalue(), "\n".join(steps)):
        assert "Suppression ci ended on 2026-01-31" in said
        assert "Mute release ended on 2026-01-31" in said
        assert "lasting" not in said
        assert "endless" not in said
