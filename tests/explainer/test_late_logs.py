"""An alarm whose log is late, refuses, is slow, or is more than can be read: what is told, and what is made up for."""

import pytest
from explainer import handler, kit

from components.explainer import TIMEOUT_S
from tests.support.alarm_mails import POLICY, told
from tests.support.explainer_world import World, many, record
from tests.support.guardian_world import refusal


def test_a_log_that_is_late_makes_a_short_mail_and_one_follow_up():
    world = World(late_s=240)
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: details follow"]
    assert world.row("Missing") == "1 event that the alarm counted: not in the log yet; another mail tells the rest"
    world.sweep(after_s=60)
    assert len(world.published) == 1
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: PutUserPolicy by mallory"]
    world.sweep()
    assert len(world.published) == 2


def test_a_part_of_the_events_is_told_at_once_and_the_rest_once():
    world = World(late_s=100)
    world.happens(*many(5, within_s=100))
    world.deliver(world.rings(POLICY, 5.0))
    assert told(world) == ["[high] IAM policy changes: 2 x PutUserPolicy by mallory"]
    assert world.row("Missing").startswith("3 events that the alarm counted: not in the log yet")
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: 3 x PutUserPolicy by mallory"]


def test_what_the_log_never_shows_is_said_after_half_an_hour():
    world = World()
    world.deliver(world.rings(POLICY))
    for _ in range(6):
        world.sweep()
    assert told(world) == ["[high] IAM policy changes: details follow", "[high] Details not found: IAM policy changes"]
    for _ in range(3):
        world.sweep()
    assert len(world.published) == 2


@pytest.mark.parametrize("page", [1, 7, 500])
def test_empty_pages_are_read_over(page: int):
    world = World(page=page, empty_pages=True)
    world.happens(*many(9))
    world.happens(*(record("ListUsers", event_id=f"other-{n:04d}") for n in range(20)))
    world.deliver(world.rings(POLICY, 9.0))
    assert told(world) == ["[high] IAM policy changes: 9 x PutUserPolicy by mallory"]


def test_a_throttled_log_is_asked_again():
    world = World(refuse={"FilterLogEvents": [refusal("ThrottlingException") for _ in range(4)]})
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]


def test_a_log_that_stays_throttled_or_slow_makes_a_short_mail_in_time():
    world = World(refuse={"FilterLogEvents": [refusal("ThrottlingException") for _ in range(1000)]})
    world.happens(record())
    world.deliver(world.rings(POLICY), remaining_s=60)
    assert told(world) == ["[high] IAM policy changes: details follow"]
    assert world.row("Missing").startswith("the log could not be read to its end: Throttling")
    assert world.hands.passed_s < 60
    world.refuse.clear()
    world.sweep()
    assert told(world)[1:] == ["[high] Details: IAM policy changes: PutUserPolicy by mallory"]


def test_a_page_may_take_long_and_leaves_time_to_tell():
    """A client that gives up early would ask for the same slow page again and again."""
    search, other = (handler._client(service, "eu-west-1").meta.config for service in ("logs", "cloudwatch"))
    assert search.read_timeout == 20
    assert other.read_timeout < 5
    longest_s = search.connect_timeout + search.read_timeout
    assert kit.LOOK * TIMEOUT_S + longest_s + other.read_timeout < kit.TELL * TIMEOUT_S


def test_more_than_can_be_read_in_one_go_is_said():
    world = World(page=10)
    world.happens(*many(900))
    world.deliver(world.rings(POLICY, 900.0))
    assert told(world) == ["[high] IAM policy changes: 600 x PutUserPolicy by mallory"]
    assert "the numbers here are the least" in world.row("Missing")
    assert world.calls.count("FilterLogEvents") == 60


def test_a_refused_log_is_named():
    world = World(refuse={"FilterLogEvents": [refusal("AccessDeniedException")]})
    world.deliver(world.rings(POLICY))
    assert world.row("Missing").startswith("the log could not be read to its end: AccessDenied")


def test_copies_of_one_event_are_one_event():
    world = World()
    world.happens(record(), record(), record())
    world.deliver(world.rings(POLICY))
    assert told(world) == ["[high] IAM policy changes: PutUserPolicy by mallory"]
    assert "Not here" not in world.body
    world = World()
    world.happens(*many(40), *many(40))
    world.deliver(world.rings(POLICY, 40.0))
    assert told(world) == ["[high] IAM policy changes: 40 x PutUserPolicy by mallory"]
