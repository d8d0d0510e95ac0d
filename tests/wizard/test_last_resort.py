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


@pytest.mark.parametrize(("mode", "is_said"), [("restore", True), ("notify", True), ("off", False)])
def test_each_address_confirms_twice_where_there_is_a_last_resort(mode: str, is_said: bool) -> None:
    text = steps(settings(remediation={"mode": mode}))
    assert ('Confirmation" twice to each of' in text) is is_said
    assert ("lastResortTopicArn" in text) is is_said
    assert "security@example.com" in text


def test_a_telephone_confirms_nothing() -> None:
    assert NUMBER["endpoint"] not in steps(settings())


@pytest.mark.parametrize(("subscribers", "is_said"), [([NUMBER], True), ([], False)])
def test_the_summary_tells_who_gets_text_messages(subscribers: list[Any], is_said: bool) -> None:
    out = io.StringIO()
    show.summary(Console(file=out, width=200), settings(subscribers=subscribers))
    lines = out.getvalue().splitlines()
    assert [line.split() for line in lines if "texts to" in line] == [["texts", "to", "+15555550123"]] * is_said
    assert not [line for line in lines if "mails to" in line and "+1" in line]
