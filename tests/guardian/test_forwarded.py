"""Events that a forwarder sent home from another region: their regions are those of the call."""

from typing import Any

import pytest

from tests.support.guardian_world import FakeAws, deliver, sample


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
