"""Events that a forwarder sent home from another region: their regions are those of the call."""

from typing import Any

import pytest

from tests.support.guardian_world import STOPPED_AT, FakeAws, deliver, sample


def forwarded(name: str, region: str = "us-west-2") -> dict[str, Any]:
    """A recorded event as it arrives on the home bus after it happened in another region."""
    event = sample(name)
    event["region"] = event["detail"]["awsRegion"] = region
    return event


def test_a_try_in_the_wrong_region_is_told_as_a_try():
    woken = deliver(forwarded("stop-refused-wrong-region"), FakeAws(is_logging=True))
    assert woken.raised is None
    assert woken.aws.calls == ["GetTrailStatus", "Publish"]
    assert woken.subject == "[high] StopLogging by mallory refused: InvalidHomeRegion - 111122223333 eu-west-1"
    assert "Nothing was changed; it is logging." in woken.body
    assert "us-west-2" in woken.row("Where")


@pytest.mark.parametrize("name", ["stop-by-name-iam-user", "put-event-selectors", "delete-trail"])
def test_a_trail_of_the_same_name_abroad_is_not_ours(name: str):
    event = forwarded(name)
    event["detail"]["requestParameters"] |= {
        key: "trailwarden-prod" for key in ("name", "trailName") if key in event["detail"]["requestParameters"]
    }
    event["detail"]["responseElements"] = None
    woken = deliver(event, FakeAws(is_logging=True, stopped_at=STOPPED_AT))
    assert woken.aws.calls == []
    assert woken.aws.mails == []


def test_links_lead_to_where_the_call_is_recorded():
    woken = deliver(forwarded("stop-refused-wrong-region"), FakeAws(is_logging=True))
    console = "https://us-west-2.console.aws.amazon.com/cloudtrailv2/home?region=us-west-2#/events"
    assert f"  {console}/0c8f1e9a-5d3b-4c1e-9a77-000000000020\n" in woken.body
    assert f"did in us-west-2:\n  {console}?AccessKeyId=AKIASAMPLEKEYMAL07Q4\n" in woken.body
    assert "https://eu-west-1" not in woken.body


def test_who_stopped_it_is_looked_for_at_home():
    """The message came from abroad; the stop cannot have."""
    woken = deliver(forwarded("stop-refused-wrong-region"), FakeAws(is_logging=False))
    home = "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events"
    assert f"{home}?EventName=StopLogging" in woken.body
    assert "https://us-west-2" in woken.body


@pytest.mark.parametrize("odd", ["evil.example/#", "us-west-2.evil", "", "US-WEST-2", 7, None])
def test_only_a_region_becomes_a_part_of_an_address(odd: Any):
    event = forwarded("stop-refused-wrong-region")
    event["detail"]["awsRegion"] = odd
    woken = deliver(event, FakeAws(is_logging=True))
    assert {line.split(".")[0] for line in woken.body.split() if line.startswith("https:")} == {"https://eu-west-1"}


def test_a_try_in_the_wrong_region_still_finds_the_trail_stopped():
    """The message is a hint like any other: the trail's state at home decides."""
    woken = deliver(forwarded("stop-refused-wrong-region"), FakeAws(is_logging=False))
    assert woken.aws.is_logging
    assert woken.subject.startswith("[critical] Trail found stopped, running again")


@pytest.mark.parametrize("name", ["stop-other-trail-by-arn", "stop-other-trail-by-name"])
def test_another_regions_own_trail_is_left_alone(name: str):
    woken = deliver(forwarded(name), FakeAws(is_logging=True))
    assert woken.aws.calls == []
    assert woken.answer
    assert woken.answer["outcome"] == "not ours"
