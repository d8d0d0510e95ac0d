"""Suppressions that have ended are said by whoever reads the settings."""

from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

import components
from settings import Settings
from settings.suppressing import over
from wizard.show import summary

TODAY = datetime.now(UTC)
WHO = '{ $.userIdentity.userName = "ci-robot" }'


def settings(**until: str) -> Settings:
    held = [{"name": name, "pattern": WHO, "reason": "r", "until": day} for name, day in until.items()]
    held.append({"name": "endless", "pattern": WHO, "reason": "r"})
    answers = {"homeRegion": "eu-west-1", "emails": ["a@example.com"], "alerts": {"suppressions": held}}
    return Settings.parse(answers, stack="prod", source="test")


def test_it_ends_as_its_day_begins() -> None:
    day = (TODAY + timedelta(days=9)).date()
    held = settings(ci=day.isoformat()).alerts.suppressions
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert over(held, now=midnight - timedelta(seconds=1)) == ()
    (said,) = over(held, now=midnight)
    assert said.startswith(f"Suppression ci ended on {day}")


def test_wizard_and_deployment_say_it() -> None:
    made = settings(ci="2026-01-31", lasting=(TODAY + timedelta(days=30)).date().isoformat())
    screen = StringIO()
    summary(Console(file=screen, width=400), made)
    steps = components.next_steps(made, topic_arns={"alerts": "arn:aws:sns:eu-west-1:111122223333:alerts"})
    for said in (screen.getvalue(), "\n".join(steps)):
        assert "Suppression ci ended on 2026-01-31" in said
        assert "lasting" not in said
        assert "endless" not in said
