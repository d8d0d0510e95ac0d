"""What the wizard says of the last resort: a second mail to confirm, and telephones that need none."""

import io
from typing import Any

import pytest
from rich.console import Console

from settings import Settings
from wizard import show
from wizard.next_steps import next_steps

NUMBER = {"protocol": "sms", "endpoint": "+15555550123"}


def settings(**changes: Any) -> Settings:
    data = {"homeRegion": "eu-west-1", "emails": ["security@example.com"], "subscribers": [NUMBER], **changes}
    return Settings.parse(data, stack="prod", source="test")


def steps(ours: Settings) -> str:
    return "\n".join(next_steps(ours, is_new=False, new_addresses=ours.mail_addresses))


PLAIN = {"remediation": {"mode": "off"}, "alerts": {"explain": False}}
TWO_HOMES = {"trail": {"layout": "per-region"}, "regions": ["eu-west-1", "us-east-1"]}


@pytest.mark.parametrize(
    ("changes", "times", "names_last_resort"),
    [
        ({}, " twice", True),
        ({"remediation": {"mode": "notify"}}, " twice", True),
        ({"remediation": {"mode": "off"}}, " twice", True),
        (PLAIN, "", False),
        (TWO_HOMES, " 4 times", False),
        (PLAIN | TWO_HOMES, " twice", False),
    ],
    ids=str,
)
def test_each_address_confirms_once_for_every_topic(
    changes: dict[str, Any], times: str, names_last_resort: bool
) -> None:
    """Alerts and the last resort, if there is one, in each home region: as many as the program subscribes it to."""
    ours = settings(subscribers=[], **changes)
    text = steps(ours)
    assert f'Confirmation"{times} to each of\n  security@example.com' in text
    assert ("lastResortTopicArn" in text) is names_last_resort
    assert ("alertsTopicArn" in text) is (len(ours.home_regions) == 1)
    assert ("pulumi stack output nextSteps --stack prod" in text) is (len(ours.home_regions) > 1)
    mails = {"": 1, " twice": 2, " 4 times": 4}[times]
    two = settings(subscribers=[], emails=["a@example.com", "b@example.com"], **changes)
    assert two.plan().subscriptions - ours.plan().subscriptions == mails


def test_a_telephone_confirms_nothing() -> None:
    assert NUMBER["endpoint"] not in steps(settings())


@pytest.mark.parametrize(("subscribers", "is_said"), [([NUMBER], True), ([], False)])
def test_the_summary_tells_who_gets_text_messages(subscribers: list[Any], is_said: bool) -> None:
    out = io.StringIO()
    show.summary(Console(file=out, width=200), settings(subscribers=subscribers))
    lines = out.getvalue().splitlines()
    assert [line.split() for line in lines if "texts to" in line] == [["texts", "to", "+15555550123"]] * is_said
    assert not [line for line in lines if "mails to" in line and "+1" in line]


def test_the_summary_tells_of_any_address_and_of_what_can_wait() -> None:
    out = io.StringIO()
    ours = settings(burst={"severity": "low"}, alerts={"digest": {"hour": 6, "weekday": "friday"}})
    show.summary(Console(file=out, width=200), ours)
    said = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert "low Many calls from one address" in said
    assert "once a day low severity, and every friday what was held back; from 06:00 UTC" in said
